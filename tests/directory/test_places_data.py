"""The gazetteer files on their own: plain YAML, no product code."""

from __future__ import annotations

import pathlib
from collections import Counter

import pytest
import yaml

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
        assert {"id", "name", "kind", "lat", "lon", "names"} <= set(p), p["id"]
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
    points = {p["id"]: p for p in places if p["kind"] != "country"} | postcodes
    assert [i for i, p in points.items() if not (50.1 <= p["lat"] <= 51.7 and 11.8 <= p["lon"] <= 15.1)] == []


def test_quarters_belong_to_the_three_cities(places):
    quarters = Counter(p["district"] for p in places if p["kind"] == "quarter")
    assert set(quarters) == set(CITIES) and min(quarters.values()) >= 12


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


def test_each_file_names_its_licence():
    heads = {
        n: (DATA / n).read_text(encoding="utf-8").split("\nplaces:")[0][:1200] for n in ("places.yml", "postcodes.yml")
    }
    assert (
        "CC BY 4.0" in heads["places.yml"] and "GeoNames" in heads["places.yml"] and "Destatis" in heads["places.yml"]
    )
    assert "ODbL" in heads["postcodes.yml"] and "OpenStreetMap" in heads["postcodes.yml"]
