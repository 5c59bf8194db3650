"""From an HSDS service to our record: every rule of the contract, and nothing that the feed does not say."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from actions.directory.freshness import shown
from actions.directory.geo import Gazetteer, fold
from actions.directory.hours import BERLIN
from actions.directory.hsds_export import Context, full
from actions.directory.hsds_terms import Terms as ExportTerms
from actions.directory.model import Eligibility, Service, load_kinds, load_records, service_from_record
from actions.directory.sources.contact import email_address, phone_number, web_address
from actions.directory.sources.hsds_area import Areas
from actions.directory.sources.hsds_models import HsdsService
from actions.directory.sources.hsds_service import NO_KIND, NO_PLACE, NO_TOPIC, Mapper, Refused
from actions.directory.sources.hsds_terms import load_terms
from actions.directory.validation import PHONE, SHELTERS

ROOT = Path(__file__).parents[3]
FULL = json.loads((ROOT / "tests/contracts/hsds_feed/service_full.json").read_text(encoding="utf-8"))
TODAY = date(2026, 11, 24)
GAZETTEER = Gazetteer.load(ROOT / "data/places.yml", ROOT / "data/postcodes.yml")
TERMS = load_terms()
MAPPER = Mapper(TERMS, Areas(GAZETTEER, TERMS), "feed.example", "https://feed.example", TODAY)


def results(record: dict[str, Any]) -> list[Service | str]:
    found = MAPPER.services(HsdsService.parse_obj(record))
    return [str(result) if isinstance(result, Refused) else result for result in found]


def service(**changes: Any) -> Service:
    (found,) = results({**deepcopy(FULL), **changes})
    assert isinstance(found, Service), found
    return found


def term(name: str, taxonomy: str = "", **more: str) -> dict[str, Any]:
    return {"id": name, "taxonomy_term": {"id": f"id of {name}", "name": name, "taxonomy": taxonomy, **more}}


def place(number: int = 1, *, town: str = "Dresden", code: str = "01067", **location: Any) -> dict[str, Any]:
    address = {"address_1": "Musterstraße 1", "city": town, "postal_code": code, "country": "DE"}
    return {"id": f"s{number}", "location": {
        "id": f"l{number}", "location_type": "physical",
        "addresses": [{**address, "state_province": "", "address_type": "physical", **location.pop("address", {})}],
        **location,
    }}  # fmt: skip


def at(*places: dict[str, Any], areas: list[str] | None = None, **changes: Any) -> list[Service | str]:
    rows = [{"id": "a", "name": name} for name in areas or []]
    return results({**deepcopy(FULL), "service_at_locations": list(places), "service_areas": rows, **changes})


def area(*places: dict[str, Any], areas: list[str] | None = None) -> tuple[str, ...] | str:
    (found,) = at(*places, areas=areas)
    return found.area if isinstance(found, Service) else found


# Optional fields


def test_a_record_with_the_required_fields_and_a_topic_is_enough() -> None:
    bare = {"id": "1", "name": "N", "status": "active", "attributes": [term("german_course")]}
    (found,) = results({**bare, "service_areas": [{"name": "Sachsen"}]})
    assert isinstance(found, Service)
    empty = Service(id="x", name="x", topics=("x",), kind="x")
    filled = {f for f in Service.__dataclass_fields__ if getattr(found, f) != getattr(empty, f)}
    assert filled == {"id", "name", "topics", "kind", "area", "sources"}
    assert found.sources[0]["seen"] == "undated"


OPTIONAL = [key for key in FULL if key not in ("id", "name", "status", "attributes")]


@pytest.mark.parametrize("value", [None, "", [], {}, 7, "text", [None], [7], [{}], True, {"id": 1}], ids=repr)
@pytest.mark.parametrize("key", OPTIONAL)
def test_an_optional_field_may_be_anything(key: str, value: Any) -> None:
    (found,) = results({**deepcopy(FULL), key: value})
    assert isinstance(found, Service) and found.name == FULL["name"]


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        return [p for key, item in value.items() for p in [(*path, key), *_paths(item, (*path, key))]]
    return [p for n, item in enumerate(value) for p in _paths(item, (*path, n))] if isinstance(value, list) else []


NEEDED = {("id",), ("name",), ("status",)}


@pytest.mark.parametrize("path", [p for p in _paths(FULL) if p not in NEEDED and p[0] != "attributes"], ids=str)
def test_every_nested_field_may_be_null(path: tuple[Any, ...]) -> None:
    record = deepcopy(FULL)
    holder = record
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = None
    assert all(isinstance(found, Service) for found in results(record))


@pytest.mark.parametrize("path", [(), *(p for p in _paths(FULL) if isinstance(p[-1], int))], ids=str)
def test_unknown_fields_are_ignored(path: tuple[Any, ...]) -> None:
    record = deepcopy(FULL)
    holder: Any = record
    for key in path:
        holder = holder[key]
    # the second is of version 2, the others of later ones
    holder |= {"colour": "blue", "eligibility": [{"eligibility": "x"}], "capacities": [], "additional_urls": [{}]}
    assert results(record) == results(FULL)


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-9, 99), st.floats(), st.text(max_size=9), st.just("2026-06-30")),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(sorted({*FULL, "number", "city"})), inner, max_size=4),
    ),
    max_leaves=8,
)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(OPTIONAL)), json_values, max_size=6))
def test_whatever_a_feed_writes_is_no_error(changes: dict[str, Any]) -> None:
    assert results({**deepcopy(FULL), **changes})


def test_markup_is_no_text() -> None:
    found = service(
        name="Beratung &amp; <b>Hilfe</b>", description="<p>Eins</p>\n<p>Zwei&nbsp;drei</p><script>alert(1)</script>",
        alert="&lt;b&gt;zu&lt;/b&gt; \u202e\x07 3 &lt; 4",
    )  # fmt: skip
    assert (found.name, found.description, found.alert) == ("Beratung & Hilfe", "Eins Zwei drei", "zu 3 < 4")


def test_the_name_fits_a_card() -> None:
    assert len(service(name="x" * 5000).name) == 200


# Topics, kind, confidence


@pytest.mark.parametrize(
    ("attributes", "topics", "kind"),
    [
        ([term("german_course")], ("german_course",), "language_course"),
        ([term("German-Course")], ("german_course",), "language_course"),
        ([term("x", id="addiction")], ("addiction",), "addiction_counselling"),
        ([term("x", code="recognition")], ("recognition",), "recognition_office"),
        ([term("Rechtsberatung")], ("legal_advice",), "legal_clinic"),
        ([term("LEGAL AID")], ("legal_advice",), "legal_clinic"),
        ([term("x"), term("Frauenhaus")], ("domestic_violence",), "womens_shelter"),
        ([term("find_job"), term("Jobcenter")], ("find_job",), "job_centre"),
        ([term("doctor"), term("Medical help without insurance")], ("doctor",), "medical_aid"),
        ([term("school"), term("school"), term("childcare"), term("library")], ("school", "childcare"), "library"),
        ([term("crisis_suicide"), term("helpline")], ("crisis_suicide",), "helpline"),
        # one word is a topic and a kind: the vocabulary tells
        ([term("housing_problem"), term("reception_centre", "our kinds")], ("housing_problem",), "reception_centre"),
        ([term("reception_centre", "topics"), term("public_office")], ("reception_centre",), "public_office"),
    ],
)
def test_terms_are_topics_and_kinds(attributes: list[dict[str, Any]], topics: tuple[str, ...], kind: str) -> None:
    found = service(attributes=attributes)
    assert (found.topics, found.kind) == (topics, kind)


def test_terms_of_the_location_count_too_and_six_topics_are_enough() -> None:
    many = [term(topic) for topic in "doctor school childcare addiction religion transport".split()]
    here = {**place(), "attributes": [term("recognition"), term("helpline")]}
    (found,) = at(here, attributes=many)
    assert isinstance(found, Service)
    assert (len(found.topics), found.kind) == (6, "helpline")


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [([], NO_TOPIC), ([term("Unknown")], NO_TOPIC), ([term("greet")], NO_TOPIC), ([{"id": "x"}], NO_TOPIC),
     ([term("helpline")], NO_TOPIC), ([term("school")], NO_KIND), ([term("schooling")], NO_TOPIC)],
)  # fmt: skip
def test_without_a_topic_or_kind_there_is_no_card(attributes: list[dict[str, Any]], reason: str) -> None:
    assert results({**deepcopy(FULL), "attributes": attributes}) == [reason]


@pytest.mark.parametrize("grade", ["high", "medium", "low"])
def test_the_feed_grades_its_records(grade: str) -> None:
    ours = term(f"confidence:{grade}", "wegweiser-confidence", code=grade)
    assert service(attributes=[*FULL["attributes"], ours]).confidence == grade
    assert service(attributes=[*FULL["attributes"], {**term("confidence"), "value": grade}]).confidence == grade
    assert service(confidence=grade).confidence == grade


def test_the_lowest_grade_counts_and_a_vouched_record_is_sure() -> None:
    low = term("confidence:low", "wegweiser-confidence")
    assert service(attributes=[*FULL["attributes"], low], confidence="high").confidence == "low"
    assert (service().confidence, service(assured_date=None).confidence) == ("high", "medium")
    assert service(assured_date="2027-01-01").confidence == "medium"
    assert service(confidence="certain").confidence == "high"


def test_low_gives_no_number_address_or_hours() -> None:
    found = service(confidence="low", description="Tel. 0351 123456", fees_description="siehe Aushang", alert="x")
    assert (found.phone, found.email, found.address_1, found.postal_code, found.hours) == ("",) * 5
    assert (found.hours_note, found.latitude, found.description) == ("", None, "")
    assert (found.url, found.area, found.cost, found.alert) == (FULL["url"], ("dresden",), "siehe Aushang", "x")
    assert {"phone", "address", "hours", "email"}.isdisjoint(found.checked)
    assert shown(found, TODAY).warning == "unconfirmed"


# Status, alert, dates


@pytest.mark.parametrize(
    ("said", "status"),
    [("active", "active"), ("Active", "active"), ("inactive", "inactive"), ("defunct", "defunct"),
     ("temporarily closed", "inactive"), ("paused for now", "inactive")],
)  # fmt: skip
def test_status(said: str, status: str) -> None:
    assert service(status=said).status == status


def test_alert_and_a_pause_are_kept() -> None:
    paused = service(status="temporarily closed")
    assert (paused.notes, paused.alert) == ("Temporarily closed.", "KW 47 nur telefonisch")
    assert service(alert=None).alert == ""
    assert len(service(alert="x " * 1000).alert) <= 300


def test_what_is_gone_has_no_door_or_number() -> None:
    found = service(status="defunct")
    assert (found.phone, found.email, found.url, found.address_1, found.hours) == ("",) * 5
    assert service(status="inactive").phone != ""


@pytest.mark.parametrize(
    ("assured", "modified", "seen"),
    [("2026-06-30", "2026-11-01T07:30:00Z", "2026-06-30"), (None, "2026-11-01T07:30:00Z", "2026-11-01"),
     ("", "2026-11-01", "2026-11-01"), ("2026-06", None, "2026-06"), ("2025", None, "2025"), (None, None, ""),
     ("30.06.2026", None, ""), ("2026-13-01", None, ""), ("2030-01-01", "2026-01-02", "2026-01-02"),
     ("1970-01-01", None, ""), ("0001-01-01T00:00:00", "2026-01-02 10:00:00", "2026-01-02")],
)  # fmt: skip
def test_when_it_was_checked(assured: str | None, modified: str | None, seen: str) -> None:
    found = service(assured_date=assured, last_modified=modified)
    assert set(found.checked.values()) == ({seen} if seen else set())
    assert found.sources[0]["seen"] == (seen or "undated")
    assert shown(found, TODAY).warning == {"2025": "old", "": "undated"}.get(seen, "")


def test_only_what_is_there_is_dated() -> None:
    found = service(
        phones=[], service_at_locations=[], schedules=[], languages=[], email=None, url=None, organization={}
    )
    assert set(found.checked) == {"name", "description", "cost", "eligibility"}
    assert found.sources[0]["supports"] == list(found.checked)


# Phone, mail, web


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("+49 351 0000000", "+49 351 0000000"), ("0351 123456", "+49 351 123456"), ("0351/123 45 67", "+49 351 1234567"),
        ("(0351) 12 34 56", "+49 351 123456"), ("+49 (0) 351 / 123456", "+49 351 123456"), ("+49.341.1234", "+49 341 1234"),
        ("+49 (0)351-4881-0", "+49 351 48810"), ("0049 351 123456", "+49 351 123456"), ("+49351123456", "+49 351 123456"),
        ("03511234567", "+49 351 1234567"), ("0351 123456/57", "+49 351 123456"), ("0351 1234, 0172 1", "+49 351 1234"),
        ("0351-123456 oder 0351-99", "+49 351 123456"), ("Tel.: 0341 123456", "+49 341 123456"), ("112", "112"),
        ("116 117", "116117"), ("0800 111 0 111", "0800 1110111"), ("+49 800 1110111", "0800 1110111"), ("115", "115"),
        ("01731234567", "+49 173 1234567"), ("035204 12345", "+49 35204 12345"), ("+49 0351 1234", "+49 351 1234"),
        # not safe: another country, no area code, a code that cannot be told from the number, words, dear numbers
        ("+43 1 234567", ""), ("+44 20 7946 0000", ""), ("020 7946 0000", ""), ("1234567", ""), ("03520412345", ""),
        ("0351", ""), ("", ""), ("nach Vereinbarung", ""), ("0341 123456 ext 5", ""), ("0900 123456", ""),
        ("0180 5 123456", ""), ("+49 351 12345678901234", ""), ("0000000", ""), ("+49", ""), ("0351 12", ""),
    ],
)  # fmt: skip
def test_phone_numbers(written: str, number: str) -> None:
    assert phone_number(written) == number
    assert number == "" or PHONE.fullmatch(number)


@given(st.text("+0123456789 ()/-.,;oderTl", max_size=24))
def test_a_phone_number_has_the_form_or_is_none(written: str) -> None:
    found = phone_number(written)
    assert found == "" or PHONE.fullmatch(found)


def numbers(*rows: tuple[str, str]) -> list[dict[str, str]]:
    return [{"id": "p", "number": number, "type": kind} for number, kind in rows]


def test_the_nearest_voice_number_counts() -> None:
    mine, here, house = (numbers((f"0351 {n}000", "")) for n in (1, 2, 3))
    desk = [{"id": "c", "name": "Erika Mustermann", "phones": numbers(("0351 4000", "voice"))}]
    everything = {"phones": mine, "contacts": desk}
    assert [s.phone for s in at({**place(phones=house), "phones": here}, **everything)] == ["+49 351 2000"]  # type: ignore[union-attr]
    assert [s.phone for s in at(place(phones=house), **everything)] == ["+49 351 1000"]  # type: ignore[union-attr]
    everything["phones"] = []
    assert [s.phone for s in at(place(phones=house), **everything)] == ["+49 351 3000"]  # type: ignore[union-attr]
    (found,) = at(place(), **everything)
    assert isinstance(found, Service) and found.phone == "+49 351 4000" and "Mustermann" not in repr(found)


def test_fax_is_no_phone_and_an_organizations_number_is_not_the_services() -> None:
    rows = numbers(("0351 1000", "fax"), ("0351 2000", "textphone"), ("unknown", "voice"), ("0351 4000", "cell"))
    assert service(phones=rows).phone == "+49 351 4000"
    assert service(phones=numbers(("0351 1000", "Fax")), service_at_locations=[]).phone == ""
    assert service(phones=numbers(("0351 1000", "voice,fax"))).phone == "+49 351 1000"
    organization = {**FULL["organization"], "phones": numbers(("0351 5000", ""))}
    assert service(phones=[], service_at_locations=[], organization=organization).phone == ""


def test_mail_and_web() -> None:
    assert email_address("kein Mail", "mailto:A.b@Example.ORG") == "A.b@example.org"
    assert [email_address(t) for t in ("a@b", "a b@c.de", "<a@b.de>", "")] == ["", "", "", ""]
    assert web_address("www.example.org", "https://example.org/a?b=1") == "https://example.org/a?b=1"
    bad = ("javascript:alert(1)", "ftp://x.de", "https://u:p@x.de/", "http://x", "https://x.de/<b>", "")
    assert [web_address(t) for t in bad] == [""] * len(bad)
    found = service(email=None, url="")
    assert (found.email, found.url) == ("info@example.org", "https://www.example.org")


# Languages, interpreters, cost, access, appointments


@pytest.mark.parametrize(
    ("rows", "codes"),
    [
        ([{"code": "ar"}, {"code": "AR"}], ("ar",)),
        ([{"code": c} for c in ("ara", "prs", "pes", "fas", "kmr", "tir", "ukr", "deu", "ger", "pus")],
         ("ar", "fa", "ku", "ti", "uk", "de", "ps")),
        ([{"code": c} for c in ("ar-SY", "zh_Hans", "de-AT")], ("ar", "zh", "de")),
        ([{"code": "ckb"}, {"code": "rom"}], ("ckb", "rom")),
        ([{"name": "Arabic"}, {"name": "dari"}, {"name": "Türkisch"}, {"name": "Tigrinya"}], ("ar", "fa", "tr", "ti")),
        ([{"code": "ku", "name": "Kurdish (Sorani)"}, {"code": "kur", "name": "Kurdish"}, {"code": "ku"}], ("ckb", "ku")),
        ([{"code": "und"}, {"code": "mul"}, {"code": "x"}, {"code": "Arabisch"}, {"name": "Klingonisch"}, {}], ()),
        ([{"code": "qq", "name": "?"}], ("qq",)),
    ],
)  # fmt: skip
def test_languages(rows: list[dict[str, str]], codes: tuple[str, ...]) -> None:
    assert service(languages=rows, service_at_locations=[]).languages == codes


def test_languages_of_the_place_are_added() -> None:
    here = place(languages=[{"id": "l", "code": "uk"}, {"id": "l", "code": "ar"}])
    assert [s.languages for s in at(here)] == [("ar", "fa", "uk")]  # type: ignore[union-attr]


def test_a_language_through_an_interpreter_is_not_spoken() -> None:
    rows = [{"code": "ar", "note": "mit Dolmetscher"}, {"code": "uk", "note": "ohne Dolmetscher"}]
    found = service(languages=rows, interpretation_services=None, service_at_locations=[])
    assert (found.languages, found.interpreters) == (("uk",), True)


@pytest.mark.parametrize(
    ("text", "there"),
    [("Dolmetschen nach Absprache", True), ("SprInt", True), ("Yes, on request", True), ("", False), (None, False),
     ("keine", False), ("Nein", False), ("None", False), ("Not available", False), ("n/a", False), ("0", False),
     ("Kein Dolmetschen möglich", False), ("unbekannt", False), ("no interpreters", False)],
)  # fmt: skip
def test_interpreters(text: str | None, there: bool) -> None:
    assert service(interpretation_services=text).interpreters is there


def price(**fields: Any) -> dict[str, Any]:
    return {"id": "c", **fields}


@pytest.mark.parametrize(
    ("fees", "options", "cost", "free"),
    [
        ("kostenlos", [], "kostenlos", True), ("Free of charge.", [], "Free of charge.", True), ("", [], "", False),
        ("Die Beratung ist kostenlos und vertraulich", [], "Die Beratung ist kostenlos und vertraulich", True),
        ("kostenlos für Kinder", [], "kostenlos für Kinder", False), ("5 Euro", [], "5 Euro", False),
        (None, [price(amount=0)], "", True), (None, [price(amount="0.00", option="Standard")], "Standard", True),
        (None, [price(amount=0), price(amount=5, currency="eur", option="Erwachsene")], "Erwachsene 5 EUR", False),
        (None, [price(amount=2.5, currency="EUR")], "2.5 EUR", False),
        (None, [price(amount_description="kostenfrei")], "kostenfrei", True),
        (None, [price(option="auf Spendenbasis")], "auf Spendenbasis", False), (None, [price()], "", False),
        ("10 Euro", [price(amount=0)], "10 Euro", False), ("kostenlos", [price(amount=3)], "kostenlos", False),
        (None, [price(amount=9, valid_to="2025-12-31"), price(amount=0, valid_from="2026-01-01")], "", True),
        (None, [price(amount=0, valid_from="2027-01-01")], "", False),
    ],
)  # fmt: skip
def test_cost(fees: str | None, options: list[dict[str, Any]], cost: str, free: bool) -> None:
    found = service(fees_description=fees, cost_options=options)
    assert (found.cost, found.free) == (cost, free)


@pytest.mark.parametrize(
    ("text", "there"),
    [("Rampe, barrierefreies WC", True), ("rollstuhlgerecht", True), ("Wheelchair accessible", True), ("Step-free", True),
     ("Der Zugang ist barrierefrei.", True), ("barrierefreies WC", False), ("nicht rollstuhlgerecht", False), ("", False),
     ("teilweise barrierefrei", False), ("keine Rampe", False), ("Not wheelchair accessible", False), ("Aufzug", False),
     ("No ramp", False), ("Induktionsschleife", False)],
)  # fmt: skip
def test_wheelchair(text: str, there: bool) -> None:
    assert [s.wheelchair for s in at(place(accessibility=[{"id": "x", "description": text}]))] == [there]  # type: ignore[union-attr]
    assert [s.wheelchair for s in at(place(accessibility=[{"id": "x", "details": text}]))] == [there]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "needed"),
    [("nach Vereinbarung", True), ("Nur mit Termin", True), ("Bitte Termin vereinbaren", True), ("By appointment only", True),
     ("Terminvereinbarung per Telefon", True), ("An appointment is required.", True), ("nach telefonischer Absprache", True),
     ("ohne Termin", False), ("kein Termin nötig", False), ("Walk-in or by appointment", False), ("", False), (None, False),
     ("offene Sprechstunde, auch nach Vereinbarung", False), ("No appointment needed", False), ("Antrag stellen", False),
     ("Anmeldung ist nicht erforderlich", False)],
)  # fmt: skip
def test_by_appointment(text: str | None, needed: bool) -> None:
    assert service(application_process=text).by_appointment is needed


@pytest.mark.parametrize(
    ("schedules", "needed"),
    [
        ([{"id": "s", "schedule_link": "https://example.org/termine"}], True),
        ([{"id": "s", "schedule_link": "https://example.org/online-terminvergabe?x=1"}], True),
        ([{"id": "s", "schedule_link": "https://example.org/terminal/kurse"}], False),
        ([{"id": "s", "description": "Termine nach Vereinbarung"}], True),
        ([{"id": "s", "description": "wechselnde Zeiten"}], False),
        ([*FULL["schedules"], {"id": "s", "schedule_link": "https://example.org/termine"}], False),
    ],
)
def test_schedules_can_say_that_an_appointment_is_needed(schedules: list[dict[str, Any]], needed: bool) -> None:
    assert service(schedules=schedules, application_process=None).by_appointment is needed


@pytest.mark.parametrize(
    ("low", "high", "ages"),
    [(27, None, (27, None)), ("27", "65.0", (27, 65)), (None, None, (None, None)), (0, 3, (0, 3)), (30, 10, (None, None)),
     (-1, 200, (None, None)), ("ab 27", None, (None, None)), (float("nan"), float("inf"), (None, None))],
)  # fmt: skip
def test_ages(low: Any, high: Any, ages: tuple[int | None, int | None]) -> None:
    found = service(minimum_age=low, maximum_age=high, eligibility_description="").eligibility
    assert (found.minimum_age, found.maximum_age) == ages
    assert found == Eligibility(minimum_age=ages[0], maximum_age=ages[1])


# Hours at places


def test_the_hours_of_the_place_go_before_those_of_the_service() -> None:
    there = [{"freq": "WEEKLY", "byday": "SA", "opens_at": "10:00", "closes_at": "12:00"}]
    assert [s.hours for s in at({**place(), "schedules": there})] == ["Sa 10:00-12:00"]  # type: ignore[union-attr]
    assert [s.hours[:5] for s in at(place(schedules=there))] == ["Mo-Th"]  # type: ignore[union-attr]
    assert [s.hours for s in at(place(schedules=there), schedules=[])] == ["Sa 10:00-12:00"]  # type: ignore[union-attr]


# Places


def test_a_record_for_each_location() -> None:
    found = at(place(1), place(2, town="Leipzig", code="04109"), place(1), areas=["Dresden", "Leipzig"])
    base = f"hsds:feed.example:{FULL['id']}"
    assert [(s.id, s.city, s.area) for s in found if isinstance(s, Service)] == [
        (f"{base}:l1", "Dresden", ("dresden",)), (f"{base}:l2", "Leipzig", ("leipzig",)),
    ]  # fmt: skip


def test_a_single_location_needs_no_id_of_its_own() -> None:
    postal = place(2, location_type="postal")
    virtual = place(3, location_type="virtual")
    unknown = {"id": "s4", "location_id": "l4"}
    assert [s.id for s in at(place(1), postal, virtual, unknown)] == [f"hsds:feed.example:{FULL['id']}"]  # type: ignore[union-attr]


def test_of_several_locations_those_in_saxony_stay() -> None:
    found = at(place(1), place(2, town="Berlin", code="10115"))
    assert [s if isinstance(s, str) else s.id[-3:] for s in found] == [":l1", NO_PLACE]


def test_only_physical_addresses_are_shown() -> None:
    here = place()
    letter = {**here["location"]["addresses"][0], "address_type": "postal", "address_1": "Postfach 1"}
    here["location"]["addresses"].insert(0, letter)
    assert [s.address_1 for s in at(here)] == ["Musterstraße 1"]  # type: ignore[union-attr]
    here["location"]["addresses"].pop()
    (found,) = at(here, areas=["Dresden"])
    assert isinstance(found, Service) and (found.address_1, found.postal_code, found.area) == ("", "", ("dresden",))


def test_a_second_line_of_the_address_is_kept() -> None:
    assert [s.address_1 for s in at(place(address={"address_2": "Haus B"}))] == ["Musterstraße 1, Haus B"]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("town", "code", "more", "expected"),
    [
        ("Dresden", "01067", {}, ("dresden",)),
        ("", "01067", {}, ("dresden",)),
        ("Dresden", "", {"state_province": "Sachsen"}, ("dresden",)),
        ("Dresden", None, {"country": ""}, ("dresden",)),
        ("Stadt Dresden", "", {}, ("dresden",)),
        ("Dresden-Neustadt", "", {}, ("dresden",)),
        ("Meissen", "01662", {}, ("meissen",)),
        ("Drážďany", "", {}, ("dresden",)),
        ("Dresden", "01001", {}, ("dresden",)),
        ("Dresden", "1067", {}, ("dresden",)),
        ("Dresden", 1067, {"country": "Deutschland"}, ("dresden",)),
        ("Freiberg", "09599", {}, ("freiberg",)),
        ("Freiberg", "", {"state_province": "SN"}, ("freiberg",)),
        ("Freiberg", "", {"state_province": "Mittelsachsen"}, ("freiberg",)),
        ("Auerbach", "08209", {}, ("auerbach-vogtland",)),
        # a name that other states or towns have, too
        ("Freiberg", "", {}, NO_PLACE),
        ("Auerbach", "", {"state_province": "Sachsen"}, NO_PLACE),
        # elsewhere
        ("Berlin", "10115", {}, NO_PLACE),
        ("Freiberg", "71691", {}, NO_PLACE),
        ("Halle", "06108", {"state_province": "Sachsen-Anhalt"}, NO_PLACE),
        ("Freiberg", "", {"state_province": "Baden-Württemberg"}, NO_PLACE),
        ("Dresden", "ST3 4PL", {"country": "GB"}, NO_PLACE),
        ("Dresden", "ST3 4PL", {"country": ""}, NO_PLACE),
        ("Palmer", "01069", {"country": "US", "state_province": "MA"}, NO_PLACE),
        ("Palmer", "01069", {"country": "", "state_province": "MA"}, NO_PLACE),
        ("", "", {}, NO_PLACE),
    ],
)
def test_towns(town: str, code: Any, more: dict[str, str], expected: tuple[str, ...] | str) -> None:
    assert area(place(address={"city": town, "postal_code": code, **more})) == expected


def test_coordinates_tell_towns_of_one_name_apart() -> None:
    auerbach = GAZETTEER.get("auerbach-erzgebirge")
    assert auerbach is not None
    here = {"latitude": auerbach.latitude, "longitude": auerbach.longitude}
    named = {"city": "Auerbach", "postal_code": "", "state_province": "Sachsen"}
    assert area(place(address=named, **here)) == ("auerbach-erzgebirge",)
    # and a city's name in a feed without countries is no proof against its coordinates
    stoke = {"city": "Dresden", "postal_code": "", "country": ""}
    assert area(place(address=stoke, latitude=52.97, longitude=-2.14)) == NO_PLACE


def test_a_postal_code_of_several_towns_is_all_of_them_unless_the_name_tells() -> None:
    code, row = next((c, r) for c, r in GAZETTEER.postcodes.items() if len(r.get("places", ())) > 1)
    assert set(area(place(town="", code=code))) == set(row["places"])
    first = GAZETTEER.get(row["places"][0])
    assert first is not None and area(place(town=first.name, code=code)) == (first.id,)


@pytest.mark.parametrize(
    ("latitude", "longitude", "kept"),
    [(51.05, 13.74, True), ("51.05", "13.74", True), (13.74, 51.05, False), (0, 0, False), (None, 13.74, False),
     (52.52, 13.4, False), (999, 13.74, False), ("x", 13.74, False)],
)  # fmt: skip
def test_coordinates_must_lie_near_their_town(latitude: Any, longitude: Any, kept: bool) -> None:
    (found,) = at(place(latitude=latitude, longitude=longitude))
    assert isinstance(found, Service) and found.area == ("dresden",)
    assert (found.latitude, found.longitude) == ((51.05, 13.74) if kept else (None, None))


BERLIN_PLACE = place(town="Berlin", code="10115")


@pytest.mark.parametrize(
    ("names", "inside", "outside"),
    [
        (["Dresden"], ("dresden",), ("dresden",)),
        (["Leipzig"], ("leipzig",), ("leipzig",)),
        (["Dresden", "Leipzig und Chemnitz"], ("dresden", "leipzig", "chemnitz"), ("dresden", "leipzig", "chemnitz")),
        (["Landkreis Bautzen"], ("landkreis-bautzen",), ("landkreis-bautzen",)),
        (["Stadt Leipzig"], ("leipzig",), ("leipzig",)),
        (["Sachsen"], ("dresden", "sachsen"), ("sachsen",)),
        (["Saxony"], ("dresden", "sachsen"), ("sachsen",)),
        (["Deutschland"], ("dresden", "deutschland"), ("deutschland",)),
        (["bundesweit"], ("dresden", "deutschland"), ("deutschland",)),
        (["Nationwide"], ("dresden", "deutschland"), ("deutschland",)),
        (["Berlin"], ("dresden",), NO_PLACE),
        (["Freiberg"], ("freiberg",), NO_PLACE),
        (["Auerbach"], ("dresden",), NO_PLACE),
        ([], ("dresden",), NO_PLACE),
    ],
)
def test_service_areas(names: list[str], inside: Any, outside: Any) -> None:
    assert area(place(), areas=names) == inside
    assert area(BERLIN_PLACE, areas=names) == outside


def test_another_country_is_not_ours_even_when_it_says_nationwide() -> None:
    bristol = place(address={"city": "Bristol", "postal_code": "BS1 4ND", "country": "GB"})
    for name in ("Nationwide", "National", "Dresden", "Germany"):
        assert area(bristol, areas=[name]) == NO_PLACE


def test_without_an_address_the_area_decides() -> None:
    assert area(areas=["Chemnitz"]) == ("chemnitz",)
    assert area(areas=["Deutschland"]) == ("deutschland",)
    assert area(areas=["Nationwide"]) == NO_PLACE  # of which nation?
    assert area() == NO_PLACE


@pytest.mark.parametrize(
    ("row", "expected"),
    [({"extent": "01067 01069, 04109", "extent_type": "text"}, ("dresden", "leipzig")), ({"extent": "04109"}, ("leipzig",)),
     ({"extent": '{"type": "Point", "coordinates": [13.01067, 04109]}'}, NO_PLACE),
     ({"extent": "04109", "extent_type": "geojson"}, NO_PLACE), ({"extent": "Dresden", "extent_type": "text"}, ("dresden",)),
     ({"name": "10115"}, NO_PLACE), ({"extent": "10115", "extent_type": "text"}, NO_PLACE)],
)  # fmt: skip
def test_extents(row: dict[str, str], expected: Any) -> None:
    found = results({**deepcopy(FULL), "service_at_locations": [], "service_areas": [{"id": "a", **row}]})
    assert [s.area if isinstance(s, Service) else s for s in found] == [expected]


def test_a_place_has_service_areas_of_its_own() -> None:
    here = {**place(1), "service_areas": [{"id": "a", "name": "Landkreis Meißen"}]}
    assert area(here, areas=["Leipzig"]) == ("landkreis-meissen",)


# Shelters


@pytest.mark.parametrize(
    "changes",
    [{"attributes": [term("Frauenhaus")]}, {"attributes": [term("domestic_violence"), term("womens_shelter")]},
     {"attributes": [term("domestic_violence")], "name": "Frauenschutzhaus Dresden"},
     {"attributes": [term("domestic_violence")], "alternate_name": "Women's refuge"}],
)  # fmt: skip
def test_the_door_of_a_shelter_is_not_read(changes: dict[str, Any]) -> None:
    found = service(**changes)
    assert (found.address_1, found.postal_code, found.city, found.latitude, found.longitude) == ("", "", "", None, None)
    assert (found.phone, found.area) == ("+49 351 0000001", ("dresden",))
    assert "address" not in found.checked


def test_counselling_keeps_its_door() -> None:
    assert service(attributes=[term("domestic_violence")]).address_1 != ""
    assert service(name="Tierschutzhaus").address_1 != ""


# Our own words


def test_the_vocabularies_of_our_own_export() -> None:
    ours = [
        term("x", "wegweiser-record", code="id"), term("x", "wegweiser-kinds", code="meeting_place"),
        term("x", "wegweiser-topics", code="women_girls"), term("x", "wegweiser-audience", code="women"),
        *(term("x", "wegweiser-statuses", code=code) for code in ("ukraine", "aliens")),
        *(term("x", "wegweiser-features", code=code) for code in ("childcare", "by_appointment", "telephone_only", "free")),
    ]  # fmt: skip
    found = service(attributes=ours, fees_description="siehe Aushang", cost_options=[])
    assert (found.topics, found.kind) == (("women_girls",), "meeting_place")
    assert (found.eligibility.gender, found.eligibility.statuses) == ("women", ("ukraine",))
    assert found.childcare and found.by_appointment and found.telephone_only and found.free
    plain = service()
    assert not (plain.childcare or plain.by_appointment or plain.telephone_only)


def test_our_own_export_comes_back_as_it_was() -> None:
    titles = {topic: f"title of {topic}" for topic in TERMS.topics.values()}
    context = Context(
        ExportTerms(load_kinds(ROOT / "data/services"), titles), GAZETTEER, datetime(2026, 11, 24, 12, tzinfo=BERLIN)
    )
    same = (
        "name topics kind status confidence organization languages interpreters free childcare wheelchair telephone_only "
        "eligibility alternate_name url"
    ).split()
    count = 0
    for row in load_records(ROOT / "data/services"):
        ours = service_from_record(row)
        if ours.confidence == "low" or not ours.active:
            continue
        (found,) = results(full(ours, context))
        assert isinstance(found, Service), (ours.id, found)
        assert {n: getattr(found, n) for n in same} == {n: getattr(ours, n) for n in same}
        own = {place.id for place in GAZETTEER.candidates(found.city)} if found.city else set()
        assert set(ours.area) <= set(found.area) <= set(ours.area) | own
        may = shown(ours, TODAY)
        assert found.phone.replace(" ", "") == (ours.phone.replace(" ", "") if may.phone else ""), ours.id
        assert found.hours == "" or found.hours == ours.hours, ours.id
        assert found.address_1 == (ours.address_1 if may.address and ours.kind not in SHELTERS else "")
        count += 1
    assert count > 200


# The vocabulary


def test_the_terms_are_ours_and_mean_one_thing() -> None:
    content = yaml.safe_load((ROOT / "data/hsds_terms.yml").read_text(encoding="utf-8"))
    kinds = load_kinds(ROOT / "data/services")
    intents = {next(iter(i)) for i in yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))["intents"]}
    assert set(content["topics"]) <= intents
    assert {topic for row in load_records(ROOT / "data/services") for topic in row["topics"]} <= set(content["topics"])
    assert set(content["kinds"]) | set(content["kind_of_topic"].values()) <= set(kinds)
    assert set(content["kind_of_topic"]) <= set(content["topics"])
    words_of_kinds = {k: [*labels.values(), *content["kinds"].get(k, [])] for k, labels in kinds.items()}
    for words in (content["topics"], words_of_kinds, content["languages"]["names"]):
        meanings: dict[str, set[str]] = {}
        for meaning, spellings in words.items():
            for spelling in (meaning, *spellings):
                meanings.setdefault(fold(spelling), set()).add(meaning)
        assert {word: found for word, found in meanings.items() if len(found) > 1} == {}
    assert all(len(code) == 2 for code in content["languages"]["iso"])
