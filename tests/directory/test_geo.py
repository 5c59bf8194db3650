"""Places by spelling, postal code and coordinates, and how an area lies to a place."""

from __future__ import annotations

from pathlib import Path

import pytest

from actions.directory.geo import Gazetteer, Place, distance_km, fold, likeliest

PLACES = [
    Place(
        "landkreis-leipzig", "Landkreis Leipzig", "district", "landkreis-leipzig", 51.15, 12.55, 260000, ("Leipzig",)
    ),
    Place("leipzig", "Leipzig", "city", "leipzig", 51.34, 12.37, 600000, ("Leipsig",), {"ar": "لايبزيغ"}, ("لايبزك",)),
    Place("leipzig-nord", "Nord", "quarter", "leipzig", 51.38, 12.38),
    Place("grimma", "Grimma", "municipality", "landkreis-leipzig", 51.24, 12.73, 28000),
    Place("neustadt-a", "Neustadt", "municipality", "landkreis-a", 51.02, 14.21, 12000),
    Place("neustadt-b", "Neustadt", "municipality", "vogtlandkreis", 50.48, 12.33, 1000),
    Place("neustadt-q", "Neustadt", "quarter", "dresden", 51.07, 13.75),
    Place("ohne-punkt", "Ohnepunkt", "municipality", "landkreis-a"),
    Place("sachsen", "Sachsen", "state"),
    Place("deutschland", "Deutschland", "country"),
]
POSTCODES = {
    "04109": {"place": "leipzig"},
    "01844": {"places": ["neustadt-a", "neustadt-b"]},
    "09999": {"place": "nowhere"},
}
PLACE = {p.id: p for p in PLACES}


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer(PLACES, POSTCODES)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Görlitz", "gorlitz"),
        ("GROẞENHAIN", "Grossenhain"),
        ("Großenhain", "GROSSENHAIN"),
        ("Annaberg-Buchholz", "annaberg  buchholz"),
        ("Łódź", "lodz"),
        ("IŞIK", "isik"),
        ("لايبزيك", "لایبزیک"),
        ("أوشاتس", "اوشاتس"),
        ("مدينة", "مدينه"),
        ("لايـبزيغ", "لايبزيغ"),
        ("Ле́йпциг", "лейпциг"),
        (" Bad  Düben. ", "bad duben"),
    ],
)
def test_fold_makes_one_of_many_spellings(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_fold_keeps_different_names_apart() -> None:
    assert len({fold(n) for n in ("Leipzig", "Leisnig", "لايبزيغ", "Лейпциг")}) == 4


def test_a_city_goes_before_its_landkreis(gazetteer: Gazetteer) -> None:
    assert [p.id for p in gazetteer.candidates("leipzig")] == ["leipzig", "landkreis-leipzig"]


def test_the_larger_town_goes_first_then_the_quarter(gazetteer: Gazetteer) -> None:
    assert [p.id for p in gazetteer.candidates("NEUSTADT")] == ["neustadt-a", "neustadt-b", "neustadt-q"]


@pytest.mark.parametrize("name", ["Leipsig", "لايبزيغ", "لايبزك", "LEIPZIG"])
def test_aliases_names_and_spellings_lead_to_the_place(gazetteer: Gazetteer, name: str) -> None:
    assert gazetteer.candidates(name)[0].id == "leipzig"


def test_an_unknown_name_has_no_candidates(gazetteer: Gazetteer) -> None:
    assert gazetteer.candidates("Berlin") == []
    assert gazetteer.candidates("") == []


def test_postal_codes(gazetteer: Gazetteer) -> None:
    assert [p.id for p in gazetteer.by_postcode("04109")] == ["leipzig"]
    assert [p.id for p in gazetteer.by_postcode("01844")] == ["neustadt-a", "neustadt-b"]
    assert gazetteer.by_postcode("10115") == []
    assert gazetteer.by_postcode("09999") == []  # a code whose place is not known


def test_nearest_is_a_town_not_a_quarter_or_district(gazetteer: Gazetteer) -> None:
    near = gazetteer.nearest(51.38, 12.38)
    assert near is not None and near.id == "leipzig"


def test_nearest_ends_at_fifteen_kilometres(gazetteer: Gazetteer) -> None:
    degree = distance_km(51.0, 12.37, 52.0, 12.37)
    inside, outside = 51.34 + 14.9 / degree, 51.34 + 15.1 / degree
    near = gazetteer.nearest(inside, 12.37)
    assert near is not None and near.id == "leipzig"
    assert gazetteer.nearest(outside, 12.37) is None
    assert gazetteer.nearest(0.0, 0.0) is None


def test_distance_leipzig_dresden() -> None:
    assert distance_km(51.3397, 12.3731, 51.0504, 13.7373) == pytest.approx(100.4, abs=1)
    assert distance_km(51.0, 12.0, 51.0, 12.0) == 0


@pytest.mark.parametrize(
    ("area", "place", "scope"),
    [
        (("leipzig",), "leipzig", "place"),
        (("leipzig",), "leipzig-nord", "place"),  # a quarter belongs to its city
        (("leipzig-nord",), "leipzig", "elsewhere"),
        (("leipzig", "sachsen"), "leipzig", "place"),
        (("landkreis-leipzig",), "grimma", "district"),
        (("landkreis-leipzig",), "landkreis-leipzig", "place"),
        (("grimma",), "landkreis-leipzig", "district"),
        (("grimma",), "leipzig", "elsewhere"),
        (("landkreis-leipzig",), "leipzig", "elsewhere"),
        (("sachsen",), "grimma", "state"),
        (("deutschland",), "grimma", "country"),
        (("deutschland", "sachsen"), "grimma", "state"),
        (("sachsen",), None, "state"),
        (("deutschland",), None, "country"),
        (("leipzig",), None, "elsewhere"),
        ((), "leipzig", "elsewhere"),
    ],
)
def test_scope_of_an_area(gazetteer: Gazetteer, area: tuple[str, ...], place: str | None, scope: str) -> None:
    assert gazetteer.scope_of(area, PLACE[place] if place else None) == scope


def test_display_falls_back_to_german() -> None:
    assert PLACE["leipzig"].display("ar") == "لايبزيغ"
    assert PLACE["leipzig"].display("uk") == "Leipzig"


def test_get_without_an_id(gazetteer: Gazetteer) -> None:
    assert gazetteer.get(None) is None
    assert gazetteer.get("nowhere") is None


def test_a_quarter_without_a_point_lies_where_its_city_does() -> None:
    city = Place("leipzig", "Leipzig", "city", "leipzig", 51.34, 12.37, 600000)
    unknown = Place("leipzig-nord", "Leipzig-Nord", "quarter", "leipzig")
    known = Place("leipzig-ost", "Leipzig-Ost", "quarter", "leipzig", 51.35, 12.42)
    lost = Place("nowhere-ost", "Ost", "quarter", "nowhere")
    found = Gazetteer([unknown, known, lost, city])  # in whatever order
    assert {p.id: (p.latitude, p.longitude) for p in found.places.values()} == {
        "leipzig-nord": (51.34, 12.37),
        "leipzig-ost": (51.35, 12.42),
        "nowhere-ost": (None, None),
        "leipzig": (51.34, 12.37),
    }
    assert found.scope_of(("leipzig",), found.get("leipzig-nord")) == "place"
    assert found.scope_of(("landkreis-leipzig",), found.get("leipzig-nord")) == "elsewhere"
    assert [p.latitude for p in found.candidates("Leipzig-Nord")] == [51.34]


def test_a_municipality_without_a_point_stays_without(gazetteer: Gazetteer) -> None:
    place = gazetteer.get("ohne-punkt")
    assert place is not None and (place.latitude, place.longitude) == (None, None)


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("Gablenz", True),
        ("gablenz", True),
        ("Chemnitz-Gablenz", True),
        ("Габленц", True),
        ("Adelsberg", False),
        ("Gab", False),
        ("", False),
    ],
)
def test_own_names_and_their_words(name: str, called: bool) -> None:
    place = Place(
        "q", "Chemnitz-Gablenz", "quarter", "chemnitz", aliases=("Adelsberg",), names={"uk": "Габленц (Хемніц)"}
    )
    assert place.is_called(name) is called


def test_a_landkreis_is_not_called_like_its_city() -> None:
    district = Place("landkreis-leipzig", "Landkreis Leipzig", "district", "landkreis-leipzig")
    assert not district.is_called("Leipzig") and district.is_called("landkreis leipzig")


def test_the_own_name_goes_before_a_part_of_a_larger_town() -> None:
    village = Place("gablenz", "Gablenz", "municipality", "landkreis-goerlitz", population=1600)
    town = Place(
        "crimmitschau", "Crimmitschau", "municipality", "landkreis-zwickau", population=18000, aliases=("Gablenz",)
    )
    quarter = Place("chemnitz-gablenz", "Chemnitz-Gablenz", "quarter", "chemnitz")
    region = Place("land", "Gablenz", "region", population=99999)
    assert [p.id for p in likeliest([region, town, quarter, village], "Gablenz")] == [
        "gablenz",
        "chemnitz-gablenz",
        "crimmitschau",
        "land",
    ]
    assert [p.id for p in Gazetteer([town, village]).candidates("GABLENZ")] == ["gablenz", "crimmitschau"]
    assert likeliest([], "Gablenz") == []


def test_loading_reads_centres_as_spellings_and_missing_points_as_none(tmp_path: Path) -> None:
    (tmp_path / "places.yml").write_text(
        "places:\n"
        "- {id: dresden, name: Dresden, kind: city, district: dresden, lat: 51.05, lon: 13.74, names: {},\n"
        "   spellings: [Дрезден], centres: {a: [Stauffenbergallee], b: [Zeltlager, Messe]}}\n"
        "- {id: dresden-nord, name: Dresden-Nord, kind: quarter, district: dresden, names: {}}\n"
        "- {id: leer, name: Leer, kind: municipality, centres: null}\n",
        encoding="utf-8",
    )
    (tmp_path / "codes.yml").write_text('postcodes:\n  "01067": {place: dresden}\n', encoding="utf-8")
    found = Gazetteer.load(tmp_path / "places.yml", tmp_path / "codes.yml")
    assert found.places["dresden"].spellings == ("Дрезден", "Stauffenbergallee", "Zeltlager", "Messe")
    assert found.candidates("stauffenbergallee") == [found.places["dresden"]]
    assert found.places["dresden-nord"].latitude == 51.05
    assert found.places["leer"].spellings == ()
