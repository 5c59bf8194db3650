"""One card for each place: what counts as one place, whose field counts, and that order never matters."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actions.directory.admission import guarded
from actions.directory.geo import Gazetteer, Place, distance_km, fold
from actions.directory.merge import Record, day, merged
from actions.directory.model import Eligibility, Service
from actions.directory.search import Directory
from actions.directory.traits import NEAR_KM, number

GAZETTEER = Gazetteer(
    [
        Place("leipzig", "Leipzig", "city", "leipzig", 51.34, 12.37, 600000),
        Place("leipzig-gruenau", "Leipzig-Grünau", "quarter", "leipzig", 51.31, 12.28),
        Place("chemnitz", "Chemnitz", "city", "chemnitz", 50.83, 12.92, 240000),
        Place("landkreis-leipzig", "Landkreis Leipzig", "district", "landkreis-leipzig"),
        Place("grimma", "Grimma", "municipality", "landkreis-leipzig", 51.24, 12.73, 28000),
        Place("sachsen", "Sachsen", "state"),
        Place("deutschland", "Deutschland", "country"),
    ]
)
PHONE, OTHER_PHONE = "+49 341 1234567", "+49 341 7654321"


def service(identity: str, **fields: object) -> Service:
    base = {
        "id": identity,
        "name": identity,
        "topics": ("doctor",),
        "kind": "meeting_place",
        "area": ("leipzig",),
        "city": "Leipzig",
    }
    return Service(**{**base, **fields})


def together(embedded: list[Service], *batches: list[Service]) -> dict[str, Service]:
    directory = Directory(embedded, GAZETTEER)
    for letter, batch in zip("uvwxyz", batches, strict=False):
        directory.adopt(f"{letter}:all", batch)
    return directory.services


# Which records are one place


def test_one_number_in_one_town_is_one_place() -> None:
    ours, theirs = service("a", phone=PHONE), service("u:1", phone="+49 (0)341 123-4567")
    assert list(together([ours], [theirs])) == ["a"]
    assert list(together([ours], [replace(theirs, phone=OTHER_PHONE)])) == ["a", "u:1"]


@pytest.mark.parametrize(
    ("city", "area", "one"),
    [
        ("Leipzig", ("leipzig",), True),
        ("Leipzig-Grünau", (), True),
        ("Leipzig, Zentrum", (), True),
        ("", (), True),
        ("", ("sachsen",), True),
        ("", ("leipzig-gruenau",), True),
        ("Chemnitz", ("leipzig",), False),
        ("", ("chemnitz",), False),
        ("", ("landkreis-leipzig",), False),
        ("Atlantis", (), False),
    ],
)
def test_towns_must_not_contradict_each_other(city: str, area: tuple[str, ...], one: bool) -> None:
    found = together([service("a", phone=PHONE)], [service("u:1", phone=PHONE, city=city, area=area)])
    assert (list(found) == ["a"]) is one


def test_a_town_lies_in_its_district() -> None:
    ours = service("a", phone=PHONE, city="", area=("landkreis-leipzig",))
    assert list(together([ours], [service("u:1", phone=PHONE, city="Grimma")])) == ["a"]


@pytest.mark.parametrize(
    "phone",
    [
        "110",
        "112",
        "115",
        "116117",
        "116 117",
        "0800 1110111",
        "+49 800 1110111",
        "0180 5123456",
        "+49 32 12345678",
        "",
    ],
)
def test_numbers_of_the_whole_country_join_nothing(phone: str) -> None:
    assert number(phone) == ""
    assert len(together([service("a", phone=phone)], [service("u:1", phone=phone)])) == 2


@pytest.mark.parametrize("phone", ["+49 341 1234567", "0341 1234567", "0049 341 123 45 67", "+49 (0) 341/1234567"])
def test_a_number_has_one_form(phone: str) -> None:
    assert number(phone) == "493411234567"


def test_one_name_within_75_metres_is_one_place() -> None:
    ours = service("Migrationsberatung", latitude=51.34, longitude=12.37)
    near = replace(ours, id="u:1", name="MIGRATIONS-BERATUNG", latitude=51.3406)  # 67 m
    assert distance_km(51.34, 12.37, 51.3406, 12.37) < NEAR_KM
    assert len(together([replace(ours, name="Migrations Beratung")], [near])) == 1
    assert len(together([ours], [replace(near, name="Asylberatung")])) == 2
    assert len(together([replace(ours, name=near.name)], [replace(near, latitude=51.3408)])) == 2  # 89 m


@pytest.mark.parametrize(
    ("latitude", "longitude"), [(51.3397, 12.37), (51.3403, 12.37), (51.34, 12.3704), (51.34, 12.3696)]
)
def test_no_border_of_our_grid_parts_neighbours(latitude: float, longitude: float) -> None:
    ours = service("a", name="Beratung", latitude=51.34 + (51.34 - latitude), longitude=12.37 + (12.37 - longitude))
    theirs = replace(ours, id="u:1", latitude=latitude, longitude=longitude)
    assert len(together([ours], [theirs])) == 1


def test_one_name_at_one_door_is_one_place_where_coordinates_lack() -> None:
    ours = service("Beratung", address_1="Lange Straße 3 a", postal_code="04109")
    theirs = replace(ours, id="u:1", address_1="Lange Str. 3a", latitude=51.34, longitude=12.37)
    assert len(together([ours], [theirs])) == 1
    assert len(together([ours], [replace(theirs, postal_code="04107")])) == 2
    assert len(together([ours], [replace(theirs, address_1="Lange Str. 5")])) == 2
    assert len(together([ours], [replace(theirs, name="Kleiderkammer")])) == 2
    far = replace(ours, latitude=51.30, longitude=12.37)
    assert len(together([far], [theirs])) == 2  # with coordinates on both sides these decide


def test_several_upstreams_become_one_without_an_embedded_record() -> None:
    found = together(
        [], [service("u:2", phone=PHONE)], [service("v:1", phone=PHONE)], [service("w:9", phone=OTHER_PHONE)]
    )
    assert sorted(found) == ["u:2", "w:9"]


def test_embedded_records_stay_as_the_editors_keep_them() -> None:
    found = together([service("a", phone=PHONE), service("b", phone=PHONE)], [])
    assert sorted(found) == ["a", "b"]


def test_a_number_of_two_records_joins_the_one_with_more_in_common() -> None:
    ours = [service("a", name="Frauenhaus", phone=PHONE), service("b", name="Sofortaufnahme", phone=PHONE)]
    theirs = service("u:1", name="Sofortaufnahme Leipzig", phone=PHONE, url="https://u.example")
    found = together(ours, [theirs])
    assert sorted(found) == ["a", "b"]
    assert (found["a"].url, found["b"].url) == ("", "https://u.example")
    assert sorted(together(ours, [replace(theirs, name="Zuflucht")])) == ["a", "b", "u:1"]


def test_a_switchboard_does_not_make_one_place_of_a_sources_offers() -> None:
    offers = [
        service(f"u:{n}", name=f"Kurs {n}", phone=PHONE, address_1=f"Weg {n}", postal_code="04109") for n in range(3)
    ]
    assert sorted(together([], offers)) == ["u:0", "u:1", "u:2"]
    assert sorted(together([service("a", name="Volkshochschule", phone=PHONE)], offers)) == ["a", "u:0", "u:1", "u:2"]
    # but the same name at the same door is one place, also within one source
    assert len(together([], [offers[0], replace(offers[0], id="u:9")])) == 1


def test_the_number_of_a_course_is_its_schools() -> None:
    school = service("a", name="Schule", phone=PHONE)
    course = service("u:1", name="Kurs A2", phone=PHONE, starts="2027-01-11")
    assert sorted(together([school], [course])) == ["a", "u:1"]


def test_what_is_joined_may_be_found_by_all_it_knows() -> None:
    """The name of one record and the coordinates of another: still no second card."""
    ours = service("a", name="Beratung", phone=PHONE, checked={"name": "2026-11"})
    moved = service(
        "u:1", name="Advice", phone=PHONE, latitude=51.34, longitude=12.37, address_1="Weg 1", postal_code="04109"
    )
    third = service("v:1", name="Beratung", latitude=51.34, longitude=12.37)
    assert list(together([ours], [moved])) == ["a"]
    assert sorted(together([ours], [], [third])) == ["a", "v:1"]
    assert list(together([ours], [moved], [third])) == ["a"]
    assert list(together([ours], [third], [moved])) == ["a"]  # what the joined place reaches is joined as well


def test_the_closest_place_is_joined_first() -> None:
    door = {"address_1": "Weg 1", "postal_code": "04109", "longitude": 12.37}
    near = service("a", name="Beratung", **{**door, "address_1": "Weg 3", "latitude": 51.3404})
    here = service("b", name="Beratung", **{**door, "latitude": 51.3396})
    theirs = service("u:1", name="Beratung", url="https://u.de", **{**door, "latitude": 51.34})
    found = together([near, here], [theirs])
    assert {name: bool(s.url) for name, s in found.items()} == {"a": False, "b": True}


def test_a_number_that_is_no_longer_shared_joins_again() -> None:
    directory = Directory([service("a", phone=PHONE)], GAZETTEER)
    directory.adopt("u:1", [service("u:1", phone=PHONE)])
    assert list(directory.services) == ["a"]
    directory.adopt("u:2", [service("u:2", phone=PHONE)])
    assert sorted(directory.services) == ["a", "u:1", "u:2"]
    directory.drop("u:2")
    assert list(directory.services) == ["a"]


def test_one_id_is_one_record_and_the_newest_version_counts() -> None:
    old = service("u:1", url="https://old.example", checked={"url": "2026-01-01"})
    new = replace(old, url="https://new.example", checked={"url": "2026-02-01"})
    for first, second in ((old, new), (new, old)):
        directory = Directory([], GAZETTEER)
        directory.adopt("u:one", [first])
        directory.adopt("u:two", [second])
        assert directory.services == {"u:1": new}
        directory.drop("u:one" if first is new else "u:two")
        assert directory.services == {"u:1": old}


# Whose field counts


def both(ours: dict[str, object], theirs: dict[str, object]) -> Service:
    """Our record and an upstream's of the same place, made one."""
    return merged([Record(service("a", **ours)), Record(service("u:1", **theirs), "u")])


def test_each_field_is_the_newer_ones() -> None:
    found = both(
        {"phone": PHONE, "email": "a@a.de", "checked": {"phone": "2026-05", "email": "2024"}},
        {"phone": OTHER_PHONE, "email": "u@u.de", "checked": {"phone": "2026-04-30", "email": "2025-01-01"}},
    )
    assert (found.phone, found.email) == (PHONE, "u@u.de")
    assert found.checked == {"phone": "2026-05", "email": "2025-01-01"}


@pytest.mark.parametrize(("ours", "theirs"), [("2026-05-01", "2026-05-01"), ("2026-05", "2026-05-01"), ("", "")])
def test_the_upstream_wins_ties(ours: str, theirs: str) -> None:
    checked = [{"url": value} if value else {} for value in (ours, theirs)]
    found = both({"url": "https://a.de", "checked": checked[0]}, {"url": "https://u.de", "checked": checked[1]})
    assert found.url == "https://u.de"


def test_nothing_said_is_no_value() -> None:
    found = both(
        {"phone": PHONE, "languages": ("de", "ar"), "checked": {"phone": "2020"}}, {"checked": {"name": "2026"}}
    )
    assert (found.phone, found.languages, found.checked["phone"]) == (PHONE, ("de", "ar"), "2020")


def test_a_whole_date_for_every_form() -> None:
    assert [day(x) for x in ("2026", "2026-05", "2026-05-17", "")] == ["2026-01-01", "2026-05-01", "2026-05-17", ""]


def test_what_the_merged_record_keeps_of_ours() -> None:
    found = both(
        {"kind": "welcome_centre", "topics": ("doctor", "medicine"), "area": ("sachsen",), "notes": "for editors"},
        {"kind": "meeting_place", "topics": ("vaccination", "doctor"), "area": ("leipzig",)},
    )
    assert (found.id, found.kind, found.area, found.notes) == ("a", "welcome_centre", ("sachsen",), "for editors")
    assert found.topics == ("doctor", "medicine", "vaccination")


def test_eligibility_cost_and_flags_of_whoever_says_something() -> None:
    found = both(
        {"eligibility": Eligibility(gender="women"), "childcare": True},
        {"cost": "5 €", "wheelchair": True, "checked": {"eligibility": "2026"}},
    )
    assert (found.eligibility.gender, found.cost, found.childcare, found.wheelchair) == ("women", "5 €", True, True)
    paid = both({"free": True, "checked": {"cost": "2024"}}, {"cost": "20 €", "checked": {"cost": "2026"}})
    assert (paid.free, paid.cost) == (False, "20 €")


def test_all_sources_once() -> None:
    ours, theirs = {"url": "https://a.de", "seen": "2024"}, {"url": "https://u.de", "seen": "2026"}
    found = both({"sources": (ours,)}, {"sources": (theirs, ours)})
    assert found.sources == (ours, theirs)


def test_an_address_is_never_mixed() -> None:
    ours = {"address_1": "Alter Weg 1", "postal_code": "04109", "checked": {"address": "2024"}}
    theirs = {"address_1": "Neuer Weg 2", "postal_code": "", "latitude": 51.3, "longitude": 12.3}
    moved = both(ours, {**theirs, "checked": {"address": "2026"}})
    assert (moved.address_1, moved.postal_code, moved.latitude) == ("Neuer Weg 2", "", 51.3)
    stayed = both({**ours, "checked": {"address": "2026"}}, {**theirs, "checked": {"address": "2024"}})
    assert (stayed.address_1, stayed.latitude) == ("Alter Weg 1", None)
    same = both(ours, {**ours, "latitude": 51.3, "longitude": 12.3, "checked": {}})
    assert (same.address_1, same.latitude, same.checked["address"]) == ("Alter Weg 1", 51.3, "2024")


def test_hours_come_with_their_note_and_their_appointment() -> None:
    found = both(
        {"hours": "Mo 10:00-12:00", "hours_note": "ring twice", "by_appointment": True, "checked": {"hours": "2024"}},
        {"hours": "Tu 10:00-12:00", "checked": {"hours": "2026"}},
    )
    assert (found.hours, found.hours_note, found.by_appointment) == ("Tu 10:00-12:00", "", False)
    noted = both({"hours_note": "in the holidays only"}, {})
    assert noted.hours_note == "in the holidays only"


CONTACTS = {
    "phone": PHONE, "email": "l@l.de", "hours": "Mo 10:00-12:00", "address_1": "Weg 1", "postal_code": "04109",
    "latitude": 51.3, "longitude": 12.3, "by_appointment": True, "hours_note": "note",
}  # fmt: skip


def test_nothing_to_act_on_comes_out_of_a_low_record() -> None:
    fresh = dict.fromkeys(("phone", "email", "hours", "address", "url"), "2026-11")
    for low, sure in ((0, 1), (1, 0)):
        sides: list[dict[str, object]] = [{}, {}]
        sides[low] = {**CONTACTS, "confidence": "low", "url": "https://l.de", "checked": fresh}
        sides[sure] = {"confidence": "medium"}
        found = both(sides[0], sides[1])
        assert {name: getattr(found, name) for name in CONTACTS} == {
            **dict.fromkeys(("phone", "email", "hours", "address_1", "postal_code", "hours_note"), ""),
            **dict.fromkeys(("latitude", "longitude")),
            "by_appointment": False,
        }
        assert (found.confidence, found.url) == ("medium", "https://l.de")
        assert set(found.checked) == {"url"}
    assert both({"confidence": "low"}, {**CONTACTS, "confidence": "low"}).phone == ""


def test_a_sure_record_lifts_a_low_one() -> None:
    found = both({"confidence": "low"}, {"confidence": "high", "phone": PHONE})
    assert (found.confidence, found.phone) == ("high", PHONE)


@pytest.mark.parametrize(
    ("ours", "theirs", "status"),
    [
        (("active", "2026-01"), ("inactive", "2026-02-01"), "inactive"),
        (("active", "2026-03"), ("inactive", "2026-02-01"), "active"),
        (("active", "2026-02-01"), ("inactive", "2026-02-01"), "inactive"),
        (("active", "2026-02"), ("inactive", ""), "active"),
        (("defunct", "2026-03"), ("active", "2026-02-01"), "defunct"),
        (("inactive", "2025"), ("active", "2026-02-01"), "active"),
    ],
)
def test_closed_or_open_is_what_the_newer_record_says(
    ours: tuple[str, str], theirs: tuple[str, str], status: str
) -> None:
    sides = [{"status": s, "checked": {"description": when} if when else {}} for s, when in (ours, theirs)]
    assert both(sides[0], sides[1]).status == status


def test_half_a_rumour_closes_nothing() -> None:
    assert both({}, {"status": "inactive", "confidence": "low", "checked": {"name": "2026"}}).status == "active"


def test_a_closed_place_is_no_longer_found_but_still_known() -> None:
    directory = Directory([service("a", phone=PHONE, checked={"phone": "2026-01"})], GAZETTEER)
    directory.adopt("u:x", [service("u:1", phone=PHONE, status="inactive", checked={"phone": "2026-02-01"})])
    assert directory.services["a"].status == "inactive"
    known = directory.get("u:1")
    assert known is not None and known.id == "a"
    directory.drop("u:x")
    assert directory.services["a"].active and directory.get("u:1") is None


def test_no_source_gives_a_hidden_door_away() -> None:
    door = {"address_1": "Weg 1", "postal_code": "04109", "latitude": 51.3, "longitude": 12.3, "phone": PHONE}
    for ours in ({"kind": "womens_shelter"}, {"telephone_only": True, "city": ""}):
        found = both({**ours, "phone": PHONE}, {**door, "kind": "meeting_place"})
        assert (found.address_1, found.postal_code, found.latitude, found.longitude) == ("", "", None, None)
        assert found.telephone_only is bool(ours.get("telephone_only"))
    assert together([], [service("u:1", **{**door, "kind": "womens_shelter"})]) == {}


# Properties

DATES = st.sampled_from(["", "2024", "2026-05", "2026-05-01", "2026-10-20"])
FIELDS = ("name", "description", "address", "phone", "email", "url", "hours", "languages", "cost", "eligibility")
SPOTS = (("", ""), ("Weg 1", "04109"), ("Str. 2", "04109"))
# A chain in which neighbours are within 75 m, and a point far off.
POINTS = ((None, None), (51.34, 12.37), (51.3405, 12.37), (51.341, 12.37), (50.83, 12.92))


@st.composite
def services(draw: st.DrawFn, identity: str) -> Service:
    street, code = draw(st.sampled_from(SPOTS))
    latitude, longitude = draw(st.sampled_from(POINTS))
    dates = {name: draw(DATES) for name in draw(st.sets(st.sampled_from(FIELDS), max_size=4))}
    return Service(
        id=identity,
        name=draw(st.sampled_from(["Beratung", "beratung", "Kleiderkammer", "Haus der Beratung"])),
        topics=tuple(draw(st.sets(st.sampled_from(["doctor", "medicine", "school"]), min_size=1))),
        # no source brings a shelter (tests/security/test_upstream.py)
        kind=draw(st.sampled_from(["welcome_centre", "meeting_place", *["womens_shelter"] * identity.startswith("e")])),
        status=draw(st.sampled_from(["active", "active", "active", "inactive"])),
        confidence=draw(st.sampled_from(["low", "medium", "medium", "high"])),
        area=draw(st.sampled_from([(), ("leipzig",), ("sachsen",), ("chemnitz",)])),
        city=draw(st.sampled_from(["", "Leipzig", "Leipzig", "Chemnitz"])),
        address_1=street,
        postal_code=code,
        latitude=latitude,
        longitude=longitude,
        phone=draw(st.sampled_from(["", PHONE, OTHER_PHONE, "116117", "0800 1110111"])),
        email=draw(st.sampled_from(["", "a@a.de", "b@b.de"])),
        url=draw(st.sampled_from(["", "https://a.de", "https://b.de"])),
        hours=draw(st.sampled_from(["", "Mo 10:00-12:00", "24/7"])),
        by_appointment=draw(st.booleans()),
        languages=draw(st.sampled_from([(), ("de",), ("ar", "de")])),
        cost=draw(st.sampled_from(["", "5 €"])),
        starts=draw(st.sampled_from(["", "", "", "2027-01-11"])),
        telephone_only=draw(st.sampled_from([False, False, False, True])),
        eligibility=draw(st.sampled_from([Eligibility(), Eligibility(gender="women")])),
        checked={name: value for name, value in dates.items() if value},
        sources=({"url": f"https://{identity.replace(':', '.')}.de", "seen": "undated", "supports": ["name"]},),
    )


@st.composite
def embedded_and_batches(draw: st.DrawFn) -> tuple[list[Service], dict[str, list[Service]]]:
    embedded = [draw(services(f"e{n}")) for n in range(draw(st.integers(0, 3)))]
    batches = {}
    for key in ("u:1", "u:2", "v:1", "w"):
        # the ids of u:1 and u:2 overlap: one source, two batches
        ids = sorted(draw(st.sets(st.integers(0, 3), max_size=3)))
        batches[key] = [draw(services(f"{key[0]}:{n}")) for n in ids]
    return embedded, batches


def adopted(embedded: list[Service], batches: dict[str, list[Service]]) -> Directory:
    directory = Directory(embedded, GAZETTEER)
    for key, batch in batches.items():
        directory.adopt(key, batch)
    return directory


@settings(max_examples=100, deadline=None)
@given(embedded_and_batches(), st.randoms(use_true_random=False))
def test_order_never_matters(given_: tuple[list[Service], dict[str, list[Service]]], chance) -> None:
    embedded, batches = given_
    expected = adopted(embedded, batches).services
    shuffled = {
        key: chance.sample(batches[key], len(batches[key])) for key in chance.sample(list(batches), len(batches))
    }
    assert adopted(chance.sample(embedded, len(embedded)), shuffled).services == expected


@settings(max_examples=100, deadline=None)
@given(embedded_and_batches(), embedded_and_batches(), st.randoms(use_true_random=False))
def test_coming_and_going_leaves_no_trace(first, second, chance) -> None:
    """Whatever came before, the directory is what it would be with the present batches alone."""
    embedded, batches = first
    directory = adopted(embedded, second[1])
    for key in chance.sample(list(batches), len(batches)):
        directory.adopt(key, batches[key])
    expected = adopted(embedded, batches)
    assert directory.services == expected.services
    for key in batches:
        directory.adopt(key, batches[key])  # idempotent
    assert directory.services == expected.services
    for key in chance.sample(list(batches), len(batches)):
        directory.drop(key)
    assert directory.services == {service.id: service for service in embedded}


@settings(max_examples=100, deadline=None)
@given(embedded_and_batches())
def test_nothing_is_invented_and_nothing_lost(given_) -> None:
    embedded, batches = given_
    directory = adopted(embedded, batches)
    members: dict[str, list[Service]] = {}
    for record in [*embedded, *(s for batch in batches.values() for s in batch)]:
        face = directory.get(record.id)
        assert face is not None and directory.services[face.id] is face
        members.setdefault(face.id, []).append(record)
    assert set(members) == set(directory.services)
    for name, face in directory.services.items():
        group = members[name]
        kept = next((record for record in group if record.id.startswith("e") and guarded(record)), None)
        if kept is not None:  # people in danger are sent there: no source changes it, and what is unsure says so itself
            assert face == kept
            continue
        assert all(topic in face.topics for r in group if r.id.startswith("e") for topic in r.topics)
        assert sum(record.id.startswith("e") for record in group) <= 1
        for field in ("name", "status", "confidence", "kind", "area", "address_1", "city", "postal_code", "latitude",
                      "phone", "email", "url", "hours", "languages", "cost", "eligibility", "starts"):  # fmt: skip
            value = getattr(face, field)
            assert value in ("", None, (), Eligibility()) or value in [getattr(r, field) for r in group]
        for field, when in face.checked.items():
            value = getattr(face, {"address": "address_1"}.get(field, field))
            dated = [
                getattr(r, {"address": "address_1"}.get(field, field)) for r in group if r.checked.get(field) == when
            ]
            protected = face.telephone_only or any(r.kind == "womens_shelter" for r in group)
            assert value in dated or (protected and not value)
        if len({r.id for r in group}) > 1:
            sure = [r for r in group if r.confidence != "low"]
            for field in ("phone", "email", "hours", "address_1"):
                assert getattr(face, field) in ["", *(getattr(r, field) for r in sure)]


def one_by_name(a: Service, b: Service) -> bool:
    """The rule of the issue, written down a second time."""
    if fold(a.name) != fold(b.name):
        return False
    if a.latitude is not None and b.latitude is not None:
        return distance_km(a.latitude, a.longitude or 0, b.latitude, b.longitude or 0) < NEAR_KM
    return bool(a.address_1) and (a.address_1, a.postal_code) == (b.address_1, b.postal_code)


@settings(max_examples=100, deadline=None)
@given(embedded_and_batches())
def test_never_two_cards_for_one_place(given_) -> None:
    found = adopted(*given_).services
    for a, b in combinations(found.values(), 2):
        assert not one_by_name(a, b) or (a.id[0] == b.id[0] == "e")


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from("euvw"), min_size=2, max_size=4, unique=True).flatmap(
    lambda names: st.tuples(*(services(f"{name}:1") for name in names))
))  # fmt: skip
def test_one_record_of_each_source_with_one_number_is_one_card(rows) -> None:
    rows = [replace(r, phone=PHONE, city="Leipzig", confidence="high", starts="", telephone_only=False) for r in rows]
    embedded = [r for r in rows if r.id.startswith("e")]
    found = adopted(embedded, {f"{r.id[0]}:k": [r] for r in rows if not r.id.startswith("e")}).services
    assert len(found) == 1


@settings(max_examples=200, deadline=None)
@given(st.tuples(services("e:1"), services("u:1"), services("v:1")), st.permutations(range(3)))
def test_merging_is_idempotent_and_blind_to_order(rows, order) -> None:
    records = [Record(row, row.id[0] if row.id[0] != "e" else "") for row in rows]
    face = merged(records)
    assert merged([records[i] for i in order]) == face
    assert merged([Record(face)]) == face
    assert merged([*records, *records[1:]]) == face
