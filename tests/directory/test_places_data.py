"""The gazetteer files on their own: plain YAML, no product code but the distance of two points."""

from __future__ import annotations

import pathlib
from collections import Counter

import pytest
import yaml

from actions.directory.geo import distance_km

DATA = pathlib.Path(__file__).resolve().parents[2] / "data"
KINDS = {"city", "municipality", "district", "quarter", "state", "country", "region"}
CITIES = {"chemnitz": "14511", "dresden": "14612", "leipzig": "14713"}
# municipalities of each district since 1 January 2023 (Jahnatal made Mittelsachsen's 53 to 52)
MUNICIPALITIES = {
    "landkreis-bautzen": 57,
    "erzgebirgskreis": 59,
    "landkreis-goerlitz": 53,
    "landkreis-leipzig": 30,
    "landkreis-meissen": 28,
    "landkreis-mittelsachsen": 52,
    "landkreis-nordsachsen": 30,
    "landkreis-saechsische-schweiz-osterzgebirge": 36,
    "vogtlandkreis": 37,
    "landkreis-zwickau": 33,
    "chemnitz": 1,
    "dresden": 1,
    "leipzig": 1,
}
SCRIPTS = {"ar": "\u0600-\u06ff", "uk": "\u0400-\u04ff"}


@pytest.fixture(scope="module")
def places() -> list[dict]:
    return yaml.safe_load((DATA / "places.yml").read_text(encoding="utf-8"))["places"]


@pytest.fixture(scope="module")
def postcodes() -> dict[str, dict]:
    return yaml.safe_load((DATA / "postcodes.yml").read_text(encoding="utf-8"))["postcodes"]


def towns(places: list[dict]) -> list[dict]:
    return [p for p in places if p["kind"] in ("city", "municipality")]


def test_ids_are_unique_ascii_slugs(places):
    ids = [p["id"] for p in places]
    assert [i for i, n in Counter(ids).items() if n > 1] == []
    assert [i for i in ids if not i.isascii() or i != i.lower() or not i.replace("-", "").isalnum()] == []


def test_kinds_and_required_keys(places):
    for p in places:
        assert p["kind"] in KINDS, p["id"]
        assert {"id", "name", "kind", "names"} <= set(p), p["id"]
        # Only a quarter may have no point: it counts as its city.
        assert {"lat", "lon"} <= set(p) or (p["kind"] == "quarter" and not {"lat", "lon"} & set(p)), p["id"]
    assert {p["id"] for p in places if p["kind"] in ("state", "country")} == {"sachsen", "deutschland"}


def test_418_municipalities_each_in_its_district(places):
    assert len(towns(places)) == 418
    assert {p["id"] for p in places if p["kind"] == "city"} == set(CITIES)
    assert Counter(p["district"] for p in towns(places)) == MUNICIPALITIES


def test_every_district_exists(places):
    known = {p["id"] for p in places if p["kind"] in ("district", "city")}
    assert known == set(MUNICIPALITIES)
    assert [p["id"] for p in places if p["kind"] not in ("state", "country") and p["district"] not in known] == []


def test_districts_and_cities_carry_their_official_key(places):
    keys = {p["id"]: p["ags"] for p in places if "ags" in p}
    assert set(keys) == set(MUNICIPALITIES)
    assert len(set(keys.values())) == 13 and all(len(k) == 5 and k.startswith("14") for k in keys.values())
    assert {i: keys[i] for i in CITIES} == CITIES


def test_coordinates_lie_in_saxony(places, postcodes):
    points = {p["id"]: p for p in places if p["kind"] != "country" and "lat" in p} | postcodes
    assert [i for i, p in points.items() if not (50.1 <= p["lat"] <= 51.7 and 11.8 <= p["lon"] <= 15.1)] == []


def test_quarters_belong_to_the_three_cities(places):
    quarters = Counter(p["district"] for p in places if p["kind"] == "quarter")
    assert set(quarters) == set(CITIES) and min(quarters.values()) >= 25


def test_a_quarter_is_called_after_its_city_and_lies_in_it(places):
    cities = {p["id"]: p for p in places if p["kind"] == "city"}
    for p in places:
        if p["kind"] == "quarter":
            city = cities[p["district"]]
            assert p["name"].startswith(city["name"] + "-"), p["id"]
            assert "lat" not in p or distance_km(p["lat"], p["lon"], city["lat"], city["lon"]) < 14, p["id"]


def test_municipalities_lie_among_their_own_district(places):
    """One whose five nearest are all of other districts is most likely in the wrong one; these two lie at a corner."""
    municipalities = towns(places)
    alone = set()
    for p in municipalities:
        near = sorted(
            (distance_km(p["lat"], p["lon"], q["lat"], q["lon"]), q["id"], q["district"])
            for q in municipalities
            if q is not p
        )[:5]
        if p["kind"] != "city" and p["district"] not in {district for _, _, district in near}:
            alone.add(p["id"])
    assert alone == {"colditz", "geithain"}


@pytest.mark.parametrize(
    ("place", "district"),
    [
        ("colditz", "landkreis-leipzig"),
        ("geithain", "landkreis-leipzig"),
        ("penig", "landkreis-mittelsachsen"),
        ("jahnatal", "landkreis-mittelsachsen"),
        ("augustusburg", "landkreis-mittelsachsen"),
        ("gornau", "erzgebirgskreis"),
        ("hartenstein", "landkreis-zwickau"),
        ("neumark", "vogtlandkreis"),
        ("muegeln", "landkreis-nordsachsen"),
        ("schkeuditz", "landkreis-nordsachsen"),
        ("wilsdruff", "landkreis-saechsische-schweiz-osterzgebirge"),
        ("radebeul", "landkreis-meissen"),
        ("moritzburg", "landkreis-meissen"),
        ("hoyerswerda", "landkreis-bautzen"),
        ("boxberg", "landkreis-goerlitz"),
    ],
)
def test_towns_at_the_border_of_a_district(places, place, district):
    assert {p["id"]: p.get("district") for p in places}[place] == district


def test_postcodes_lead_to_municipalities_and_back(places, postcodes):
    ids = {p["id"] for p in towns(places)}
    reached = set()
    assert len(postcodes) == 383
    for code, entry in postcodes.items():
        assert isinstance(code, str) and len(code) == 5 and code.isdigit()
        assert ("place" in entry) != ("places" in entry), code
        of_code = entry.get("places") or [entry["place"]]
        assert set(of_code) <= ids and len(set(of_code)) == len(of_code), code
        reached |= set(of_code)
    assert reached == ids
    assert postcodes["07952"]["place"] == "pausa-muehltroff" and postcodes["07985"]["place"] == "elsterberg"


def test_municipalities_lie_near_their_postal_codes(places, postcodes):
    points = {p["id"]: p for p in towns(places)}
    for code, entry in postcodes.items():
        for i in entry.get("places") or [entry["place"]]:
            assert distance_km(entry["lat"], entry["lon"], points[i]["lat"], points[i]["lon"]) < 16, (code, i)


def test_a_postal_code_crosses_the_border_of_a_district_only_at_augustusburg(places, postcodes):
    district = {p["id"]: p["district"] for p in towns(places)}
    mixed = {c for c, e in postcodes.items() if len({district[i] for i in e.get("places", [])}) > 1}
    assert mixed == {"09573"}


def test_names_of_reception_centres_have_their_source_in_the_directory(places):
    """What stands under `centres` is named, with sources, by a record of data/services about the same town."""
    records = {}
    for file in sorted((DATA / "services").glob("*.yml")):
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
        records |= {row["id"]: row for row in content.get("services", ())}
    found = {record: (p, names) for p in places for record, names in p.get("centres", {}).items()}
    assert len(found) >= 4
    for record, (place, names) in found.items():
        row = records[record]
        text = " ".join(_texts(row)).casefold()
        town = next(p for p in places if p["id"] == (place["district"] if place["kind"] == "quarter" else place["id"]))
        assert town["name"].casefold() in text and row["sources"], record
        assert names[0].casefold() in text, record


def _texts(value):
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif value is not None:
        yield str(value)


@pytest.mark.parametrize("language", sorted(SCRIPTS))
def test_names_for_every_municipality_and_district(places, language):
    low, high = SCRIPTS[language].split("-")
    for p in towns(places) + [p for p in places if p["kind"] in ("district", "state")]:
        letters = [c for c in p["names"].get(language, "") if c.isalpha()]
        assert letters and all(low <= c <= high for c in letters), p["id"]


def test_spellings_are_lists_of_distinct_texts(places):
    for p in places:
        for key in ("aliases", "spellings"):
            forms = p.get(key, [])
            assert all(isinstance(f, str) and f.strip() == f and f for f in forms), p["id"]
            assert len(set(forms)) == len(forms), p["id"]
            assert key == "spellings" or p["name"] not in forms, p["id"]


def test_a_plain_city_name_is_not_also_a_district_or_quarter(places):
    plain = {"Leipzig", "Dresden", "Chemnitz", "Zwickau", "Bautzen", "Görlitz", "Meißen", "Plauen"}
    for p in places:
        if p["kind"] in ("district", "quarter"):
            assert not plain & {p["name"], *p.get("aliases", [])}, p["id"]


SORBIAN = {
    "bautzen": "Budyšin",
    "crostwitz": "Chrósćicy",
    "hoyerswerda": "Wojerecy",
    "kamenz": "Kamjenc",
    "wittichenau": "Kulow",
    "radibor": "Radwor",
    "panschwitz-kuckau": "Pančicy-Kukow",
    "weisswasser": "Běła Woda",
    "schleife": "Slepo",
    "bad-muskau": "Mužakow",
    "rietschen": "Rěčicy",
    "niesky": "Niska",
    "goerlitz": "Zhorjelc",
    "loebau": "Lubij",
}


def test_sorbian_names(places):
    forms = {p["id"]: {p["name"], *p.get("aliases", []), *p["names"].values()} for p in places}
    assert {i: n for i, n in SORBIAN.items() if n not in forms[i]} == {}


def test_each_file_names_its_licence():
    heads = {
        n: (DATA / n).read_text(encoding="utf-8").split("\nplaces:")[0][:1200] for n in ("places.yml", "postcodes.yml")
    }
    assert (
        "CC BY 4.0" in heads["places.yml"] and "GeoNames" in heads["places.yml"] and "Destatis" in heads["places.yml"]
    )
    assert "ODbL" in heads["postcodes.yml"] and "OpenStreetMap" in heads["postcodes.yml"]
