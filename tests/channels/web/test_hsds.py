"""Our HSDS API over real HTTP, with the real directory behind it, against the published HSDS 3.0 schemas."""

from __future__ import annotations

import contextlib
import json
import re
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from jsonschema import Draft202012Validator, FormatChecker
from rasa.core.run import configure_app
from sanic import Sanic

from actions.directory.freshness import shown
from actions.directory.geo import Gazetteer
from actions.directory.hours import BERLIN
from actions.directory.hsds_query import Feed
from actions.directory.hsds_terms import identity
from actions.directory.model import Service, load_kinds, load_records, service_from_record
from actions.directory.validation import PHONE_IN_TEXT, SHELTERS
from bot.channels.web import hsds
from bot.channels.web.hsds_parameters import LISTS
from bot.channels.web.site import site_blueprint
from tests.fakes.running import running
from tests.fakes.web_client import check_error

ROOT = Path(__file__).parents[3]
DATA = ROOT / "data"
CONTRACTS = ROOT / "tests" / "contracts" / "hsds"
NOW = datetime(2026, 11, 23, 10, tzinfo=BERLIN)
SERVICES = [service_from_record(record) for record in load_records(DATA / "services")]
TOPICS = {"find_housing": "Finding a flat"}
PUBLISHED = json.loads((CONTRACTS / "service.json").read_text("utf-8"))
# The compiled schema of a service holds those of what it is made of.
PLACE = PUBLISHED["properties"]["service_at_locations"]["items"]
TERM = PUBLISHED["properties"]["attributes"]["items"]["properties"]["taxonomy_term"]
SCHEMAS = {
    "service": PUBLISHED,
    "service_list": json.loads((CONTRACTS / "service_list.json").read_text("utf-8")),
    "organization_list": json.loads((CONTRACTS / "organization_list.json").read_text("utf-8")),
    "organization": PUBLISHED["properties"]["organization"],
    "service_at_location": PLACE,
    "taxonomy": TERM["properties"]["taxonomy_detail"],
    "taxonomy_term": TERM,
    "page": json.loads((CONTRACTS / "openapi.json").read_text("utf-8"))["components"]["schemas"]["Page"],
}
VALIDATORS = {name: Draft202012Validator(schema, format_checker=FormatChecker()) for name, schema in SCHEMAS.items()}


class Clock:
    """A clock that tests move."""

    now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer.load(DATA / "places.yml", DATA / "postcodes.yml")


@pytest.fixture(scope="module")
def feed(gazetteer: Gazetteer) -> Feed:
    foreign = Service("integreat:leipzig:1", "Not ours", ("find_housing",), "helpline", confidence="high")
    return Feed([*SERVICES, foreign], gazetteer, load_kinds(DATA / "services"), TOPICS, {"ar": "Arabic"}.get)


@contextlib.contextmanager
def serving(feed: Any, clock: Any, public_url: str = "") -> Iterator[httpx.Client]:
    """Rasa's own app with the site and the HSDS API, in a thread of its own."""
    Sanic.test_mode = True
    app = configure_app([], enable_api=False, use_uvloop=False)
    app.blueprint(site_blueprint())
    app.blueprint(hsds.hsds_blueprint(feed, clock, public_url))
    with running(app) as port, httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
        yield client


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def http(feed: Feed, clock: Clock) -> Iterator[httpx.Client]:
    with serving(feed, clock) as client:
        yield client


def check(name: str, thing: Any) -> None:
    faults = [f"{thing.get('id')}: {list(e.absolute_path)} {e.message}" for e in VALIDATORS[name].iter_errors(thing)]
    assert faults == []


def items(http: httpx.Client, resource: str, **query: Any) -> list[dict[str, Any]]:
    """Everything of a list, page by page, with every envelope checked."""
    found: list[dict[str, Any]] = []
    number = 1
    while True:
        response = http.get(f"/hsds/{resource}", params={"per_page": 500, **query, "page": number})
        assert response.status_code == 200, response.text
        page = response.json()
        check("page", page)
        found += page["contents"]
        assert page["size"] == len(page["contents"]) <= int(query.get("per_page", 500))
        assert (page["page_number"], page["first_page"]) == (number, number == 1)
        assert page["last_page"] is (number == page["total_pages"])
        assert page["empty"] is (not page["contents"])
        if page["last_page"]:
            assert page["total_items"] == len(found)
            return found
        number += 1


def everything(thing: Any) -> Iterator[tuple[str, Any]]:
    """Every key with its value, however deep."""
    if isinstance(thing, dict):
        for key, value in thing.items():
            yield key, value
            yield from everything(value)
    elif isinstance(thing, list):
        for value in thing:
            yield from everything(value)


def own_id(service: dict[str, Any]) -> str:
    return next(a["value"] for a in service["attributes"] if a["taxonomy_term"]["code"] == "id")


def terms(service: dict[str, Any], taxonomy: str) -> set[str]:
    found = [a["taxonomy_term"] for a in service["attributes"]]
    return {term["code"] for term in found if term["taxonomy"] == taxonomy}


@pytest.fixture(scope="module")
def full(http: httpx.Client) -> dict[str, dict[str, Any]]:
    """The whole directory by our own ids."""
    return {own_id(service): service for service in items(http, "services", full="true")}


def test_the_whole_directory_is_valid(full: dict[str, dict[str, Any]]) -> None:
    assert set(full) == {service.id for service in SERVICES}  # and none of an upstream
    for service in full.values():
        check("service", service)


def test_the_schema_would_say_what_is_wrong() -> None:
    """The check can fail: an id that is no UUID, a status of ours, a number as text."""
    good = {"id": identity("service", "x"), "name": "x", "status": "active"}
    check("service", good)
    for bad in ({"id": "x"}, {"status": "closed"}, {"minimum_age": "18"}, {"phones": [{"id": good["id"]}]}):
        with pytest.raises(AssertionError):
            check("service", {**good, **bad})


def test_small_pages_are_the_same_as_large_ones(http: httpx.Client, full: dict[str, dict[str, Any]]) -> None:
    assert items(http, "services", full="true", per_page=97) == list(full.values())
    ids = [service["id"] for service in items(http, "services", per_page=41)]
    assert ids == [service["id"] for service in full.values()]


def test_single_services_are_those_of_the_list(http: httpx.Client, full: dict[str, dict[str, Any]]) -> None:
    for service in list(full.values())[::20]:
        assert http.get(f"/hsds/services/{service['id']}").json() == service
        assert http.get(f"/hsds/services/{service['id'].upper()}").json() == service


def test_listed_services_are_valid_and_have_no_lists(http: httpx.Client, full: dict[str, dict[str, Any]]) -> None:
    found = items(http, "services")
    for service, whole in zip(found, full.values(), strict=True):
        check("service_list", service)
        assert service == {key: value for key, value in whole.items() if not isinstance(value, list)}


def test_default_page_has_fifty(http: httpx.Client) -> None:
    page = http.get("/hsds/services").json()
    assert (page["size"], page["total_pages"]) == (50, -(-len(SERVICES) // 50))
    after = http.get("/hsds/services", params={"page": page["total_pages"] + 1}).json()
    assert (after["contents"], after["empty"], after["last_page"], after["first_page"]) == ([], True, True, False)


def test_nothing_found_is_one_empty_page(http: httpx.Client) -> None:
    page = http.get("/hsds/services", params={"search": "qqqq"}).json()
    assert page == {
        "total_items": 0, "total_pages": 1, "page_number": 1, "size": 0,
        "first_page": True, "last_page": True, "empty": True, "contents": [],
    }  # fmt: skip


def test_minimal_is_one_page_of_ids_and_dates(http: httpx.Client, full: dict[str, dict[str, Any]]) -> None:
    page = http.get("/hsds/services", params={"minimal": "true"}).json()
    assert (page["size"], page["total_pages"]) == (len(SERVICES), 1)
    for row, whole in zip(page["contents"], full.values(), strict=True):
        when = whole.get("last_modified")
        assert row == {"id": whole["id"], **({"last_modified": when, "modified_date": when} if when else {})}


def test_other_lists_and_objects_are_valid(http: httpx.Client) -> None:
    for resource, schema in (
        ("organizations", "organization_list"),
        ("taxonomies", "taxonomy"),
        ("taxonomy_terms", "taxonomy_term"),
        ("service_at_locations", "service_at_location"),
    ):
        found = items(http, resource, per_page=83)
        assert len({thing["id"] for thing in found}) == len(found) > 5
        for thing in found:
            check(schema, thing)
        single = http.get(f"/hsds/{resource}/{found[-1]['id']}").json()
        check(schema.removesuffix("_list"), single)
        assert single.items() >= {k: v for k, v in found[-1].items() if k != "service"}.items()


@pytest.mark.parametrize(
    ("query", "schema"), [({"full": "true"}, "service_list"), ({"full_service": "true"}, "service")]
)
def test_organizations_with_their_services(http: httpx.Client, query: dict[str, str], schema: str) -> None:
    found = items(http, "organizations", **query)
    for organization in found:
        check("organization", organization)
        for service in organization["services"]:
            check(schema, service)
            assert service["organization_id"] == organization["id"]
    assert sum(len(organization["services"]) for organization in found) == sum(bool(s.organization) for s in SERVICES)
    single = http.get(f"/hsds/organizations/{found[3]['id']}", params={"full_service": query.get("full_service", "0")})
    assert single.json() == found[3]


def test_places_with_their_services(http: httpx.Client, full: dict[str, dict[str, Any]]) -> None:
    found = items(http, "service_at_locations", full="true")
    shown_there = [service for service in full.values() if "service_at_locations" in service]
    assert len(found) == len(shown_there) > 50
    for place, whole in zip(found, shown_there, strict=True):
        check("service", place["service"])
        assert [{k: v for k, v in place.items() if k != "service"}] == whole["service_at_locations"]
        assert place["service"] == {k: v for k, v in whole.items() if k != "service_at_locations"}


def test_no_field_is_empty_and_every_id_is_used_once(full: dict[str, dict[str, Any]]) -> None:
    # HSDS requires these, so an unknown one is empty text.
    required = {"postal_code", "state_province", "previous_value"}
    for service in full.values():
        empty = [key for key, value in everything(service) if value in ("", None, [], {}) and key not in required]
        assert empty == [], service["name"]
    shared = {"taxonomy_term", "organization"}
    ids = [
        value["id"]
        for service in full.values()
        for key, values in everything({"service": service})
        if key not in shared
        for value in (values if isinstance(values, list) else [values])
        if isinstance(value, dict) and "id" in value
    ]
    assert len(set(ids)) == len(ids) > 3000


def test_ids_never_change(full: dict[str, dict[str, Any]]) -> None:
    """Other systems keep them."""
    assert full["adb-chemnitz"]["id"] == "b17dabad-2821-5f41-819b-92b69105c80a"
    assert full["adb-chemnitz"]["organization_id"] == "e77809d5-7272-5138-a0db-a6e5ffda1fb2"
    topics = [a["taxonomy_term_id"] for a in full["adb-chemnitz"]["attributes"] if a["link_type"] == "topic"]
    assert topics == ["af11bad2-fc30-5438-9da5-5ec377a23286"]


@pytest.mark.parametrize("service", SERVICES, ids=lambda s: s.id)
def test_nothing_is_exported_that_a_card_may_not_show(service: Service, full: dict[str, dict[str, Any]]) -> None:
    may, found = shown(service, NOW.date()), full[service.id]
    text = json.dumps({k: v for k, v in found.items() if k != "url"}, ensure_ascii=False)
    told = {
        "phone": [p["number"] for p in found.get("phones", [])],
        "email": [found["email"]] if "email" in found else [],
        "hours": sorted({s["description"] for s in found.get("schedules", [])}),
        "address_1": [
            a["address_1"] for p in found.get("service_at_locations", []) for a in p["location"]["addresses"]
        ],
    }
    permitted = {"phone": may.phone, "email": may.email, "hours": may.hours, "address_1": may.address}
    for name, values in told.items():
        value = getattr(service, name)
        assert values == ([value] if value and permitted[name] else []), name
        if value and not permitted[name] and not (name == "hours" and len(value) < 6):
            assert value not in text, name
    assert found.get("url", "") == service.url
    assert ("alert" in found) is bool(may.warning)
    assert terms(found, "wegweiser-confidence") == {service.confidence}
    assert terms(found, "wegweiser-topics") == set(service.topics)
    assert terms(found, "wegweiser-kinds") == {service.kind}
    assert terms(found, "wegweiser-statuses") == set(service.eligibility.statuses)
    assert found.get("assured_date", "") == (may.checked if len(may.checked) == 10 else "")
    newest = max(service.checked.values(), default="")
    assert found.get("last_modified", "")[:10] == (newest if len(newest) == 10 else "")


def test_low_confidence_has_no_number_anywhere(full: dict[str, dict[str, Any]]) -> None:
    low = [full[service.id] for service in SERVICES if service.confidence == "low"]
    assert len(low) > 50
    for service in low:
        written = [v for k, v in everything(service) if isinstance(v, str) and not k.endswith("id") and "://" not in v]
        assert [text for text in written if PHONE_IN_TEXT.search(text)] == []
        assert not {"phones", "schedules", "contacts", "service_at_locations", "email"} & set(service)


def test_shelters_have_no_door(full: dict[str, dict[str, Any]]) -> None:
    shelters = [full[service.id] for service in SERVICES if service.kind in SHELTERS]
    assert any("phones" in shelter for shelter in shelters)
    for shelter in shelters:
        assert not {"email", "contacts", "service_at_locations"} & set(shelter)


def test_confidence_is_named_as_other_systems_look_for_it(full: dict[str, dict[str, Any]]) -> None:
    for service in SERVICES:
        names = [a["taxonomy_term"]["name"] for a in full[service.id]["attributes"]]
        assert f"confidence:{service.confidence}" in names


def test_lines(http: httpx.Client, full: dict[str, dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    query = {"format": "ndjson", "full": "true", "page": 3, "per_page": 5}
    response = http.get("/hsds/services", params=query)
    assert response.headers["content-type"] == "application/x-ndjson"
    assert [json.loads(line) for line in response.text.splitlines()] == list(full.values())
    again = http.get("/hsds/services", params=query, headers={"If-None-Match": response.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    monkeypatch.setattr(hsds, "AT_ONCE", 10)  # as a long list is sent
    streamed = http.get("/hsds/services", params=query)
    assert streamed.headers["transfer-encoding"] == "chunked" and "etag" not in streamed.headers
    assert streamed.text == response.text
    assert streamed.headers["access-control-allow-origin"] == "*"
    head = http.head("/hsds/services", params=query)
    assert (head.status_code, head.content, head.headers["content-type"]) == (200, b"", "application/x-ndjson")
    assert http.get("/hsds/services", params={"format": "ndjson", "search": "qqqq"}).content == b""


# filters


@pytest.mark.parametrize(
    "words", ["Leipzig", "mietrecht", "ausländerbehörde dresden", "AUSLANDERBEHORDE", "Finding a flat"]
)
def test_search(http: httpx.Client, words: str) -> None:
    found = items(http, "services", search=words)
    if words in ("Leipzig", "Finding a flat"):
        assert 10 < len(found) < len(SERVICES)
    if words == "Finding a flat":
        expected = {identity("service", s.id) for s in SERVICES if "find_housing" in s.topics}
        assert expected <= {service["id"] for service in found}
    if words == "ausländerbehörde dresden":
        assert found and all("dresden" in json.dumps(s, ensure_ascii=False).casefold() for s in found)
    if words == "AUSLANDERBEHORDE":
        offices = {identity("service", s.id) for s in SERVICES if s.kind == "immigration_office"}
        assert offices <= {service["id"] for service in found}


def test_terms_and_taxonomies(http: httpx.Client, full: dict[str, dict[str, Any]]) -> None:
    taxonomies = {t["name"]: t["id"] for t in items(http, "taxonomies")}
    assert {"wegweiser-topics", "wegweiser-confidence"} <= set(taxonomies)
    for taxonomy, code in (
        ("wegweiser-topics", "find_housing"), ("wegweiser-confidence", "low"), ("wegweiser-kinds", "helpline"),
        ("wegweiser-statuses", "tolerated"), ("wegweiser-audience", "women"), ("wegweiser-features", "free"),
        ("wegweiser-record", "warning"),
    ):  # fmt: skip
        listed = items(http, "taxonomy_terms", taxonomy_id=taxonomies[taxonomy])
        assert {term["taxonomy"] for term in listed} == {taxonomy}
        term = next(term for term in listed if term["code"] == code)
        expected = [s["id"] for s in full.values() if code in terms(s, taxonomy)]
        assert 0 < len(expected) < len(full)
        assert [s["id"] for s in items(http, "services", taxonomy_term_id=term["id"])] == expected
        expected = [s["id"] for s in full.values() if terms(s, taxonomy)]
        assert [s["id"] for s in items(http, "services", taxonomy_id=taxonomies[taxonomy])] == expected
    detail = http.get(f"/hsds/taxonomy_terms/{term['id']}").json()
    assert detail["taxonomy_detail"]["id"] == detail["taxonomy_id"] == taxonomies["wegweiser-record"]
    assert items(http, "taxonomy_terms", parent_id=term["id"]) == []
    every = items(http, "taxonomy_terms")
    assert items(http, "taxonomy_terms", top_only="true") == every
    assert next(t for t in every if t["code"] == "find_housing")["name"] == "Finding a flat"


def test_every_term_of_an_attribute_can_be_looked_up(http: httpx.Client, full: dict[str, dict[str, Any]]) -> None:
    known = {term["id"]: term for term in items(http, "taxonomy_terms")}
    for service in full.values():
        for attribute in service["attributes"]:
            assert attribute["taxonomy_term"] == known[attribute["taxonomy_term_id"]]
            assert attribute["link_id"] == service["id"]


def test_organization(http: httpx.Client, full: dict[str, dict[str, Any]]) -> None:
    wanted = full["adb-chemnitz"]["organization_id"]
    expected = [s["id"] for s in full.values() if s.get("organization_id") == wanted]
    assert 1 < len(expected) < 10
    assert [s["id"] for s in items(http, "services", organization_id=wanted)] == expected
    assert items(http, "services", organization_id=identity("organization", "")) == []


@pytest.mark.parametrize(
    "moment",
    ["2024-01-01", "2024-01-01T00:00:00Z", "2024-01-01T00:00:00", "2024-01-01T01:00:00+01:00",
     "2023-12-31T23:00:00.000-01:00"],
)  # fmt: skip
def test_modified_after(http: httpx.Client, full: dict[str, dict[str, Any]], moment: str) -> None:
    expected = [s["id"] for s in full.values() if s.get("last_modified", "") >= "2024-01-01T00:00:00Z"]
    assert 0 < len(expected) < len(full)
    assert [s["id"] for s in items(http, "services", modified_after=moment)] == expected


def test_modified_after_holds_on_the_day_itself(http: httpx.Client, full: dict[str, dict[str, Any]]) -> None:
    newest = max(service.get("last_modified", "") for service in full.values())
    found = items(http, "services", modified_after=newest)
    assert found and {s["last_modified"] for s in found} == {newest}
    assert items(http, "services", modified_after=newest.replace("00:00:00", "00:00:01")) == []
    plus = f"/hsds/services?per_page=500&modified_after={newest[:10]}T01:00:00+01:00"  # an offset nobody encoded
    assert http.get(plus).json()["contents"] == found
    assert len(items(http, "services", modified_after="0001-01-01T00:00:00+14:00")) < len(full)


def test_filters_add_up(http: httpx.Client, full: dict[str, dict[str, Any]]) -> None:
    low = identity("term", "wegweiser-confidence", "low")
    topics = identity("taxonomy", "wegweiser-topics")
    by_word = {s["id"] for s in items(http, "services", search="leipzig")}
    by_term = {s["id"] for s in items(http, "services", taxonomy_term_id=low)}
    both = {s["id"] for s in items(http, "services", search="leipzig", taxonomy_term_id=low, taxonomy_id=topics)}
    assert both == by_word & by_term and both not in (by_word, by_term, set())


def test_postcode(http: httpx.Client, gazetteer: Gazetteer) -> None:
    def served(**query: Any) -> set[str]:
        return {p["service_id"] for p in items(http, "service_at_locations", **query)}

    expected = {
        identity("service", service.id)
        for service in SERVICES
        if {"leipzig", "sachsen", "deutschland"} & set(service.area) and shown(service, NOW.date()).address
    }
    assert served(postcode="04109") == expected and len(expected) < len(served())
    berlin = served(postcode="10115")  # not in Saxony: only what serves the whole country
    assert berlin == {
        i for i in expected if i in {identity("service", s.id) for s in SERVICES if "deutschland" in s.area}
    }
    near, far = served(postcode="04109", proximity=3000), served(postcode="04109", proximity=500_000)
    assert near < far <= expected and near
    for place in items(http, "service_at_locations", postcode="04109", proximity=3000):
        assert place["location"]["addresses"][0]["city"] == "Leipzig"


def test_places_take_the_filters_of_services(http: httpx.Client) -> None:
    every = items(http, "service_at_locations")
    term = identity("term", "wegweiser-topics", "find_housing")
    some = items(http, "service_at_locations", taxonomy_term_id=term)
    assert 0 < len(some) < len(every)
    assert {p["service_id"] for p in some} <= {s["id"] for s in items(http, "services", taxonomy_term_id=term)}


def test_unknown_parameters_are_passed_over(http: httpx.Client) -> None:
    plain = http.get("/hsds/services").content
    assert http.get("/hsds/services?minimum_age=18&_=123&full=&search=").content == plain
    assert http.get("/hsds/taxonomies?postcode=x").status_code == 200


# errors


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("per_page=0", "per_page"), ("per_page=501", "per_page"), ("per_page=-1", "per_page"),
        ("per_page=ten", "per_page"), ("per_page=1.5", "per_page"), ("per_page=%D9%A1%D9%A0", "per_page"),
        ("per_page=" + "9" * 5000, "per_page"), ("page=0", "page"), ("page=x", "page"), ("page=1&page=2", "page"),
        ("format=xml", "format"), ("full=maybe", "full"), ("minimal=2", "minimal"),
        ("full=true&minimal=true", "minimal"), ("taxonomy_term_id=find_housing", "taxonomy_term_id"),
        ("taxonomy_id=1", "taxonomy_id"), ("organization_id=%00", "organization_id"),
        ("modified_after=yesterday", "modified_after"), ("modified_after=2026-13-01", "modified_after"),
        ("modified_after=2026-10-05T00:00:00%2B99:99", "modified_after"), ("search=" + "x" * 201, "search"),
    ],
)  # fmt: skip
def test_bad_parameters(http: httpx.Client, query: str, word: str) -> None:
    response = http.get(f"/hsds/services?{query}")
    check_error(response, 400, "malformed")
    assert word in response.json()["error"]["message"] and len(response.json()["error"]["message"]) < 100
    assert response.headers["access-control-allow-origin"] == "*"
    assert response.headers["cache-control"] == "no-store"
    assert http.head(f"/hsds/services?{query}").status_code == 400


@pytest.mark.parametrize("query", ["postcode=1234", "postcode=ABCDE", "proximity=1000", "postcode=04109&proximity=0",
                                   "postcode=04109&proximity=far", "postcode=10115&proximity=1000"])  # fmt: skip
def test_bad_places(http: httpx.Client, query: str) -> None:
    check_error(http.get(f"/hsds/service_at_locations?{query}"), 400, "malformed")


@pytest.mark.parametrize("resource", LISTS)
def test_unknown_ids(http: httpx.Client, resource: str) -> None:
    for unknown in (identity("nothing"), "adb-chemnitz", "1/", "%00", "x" * 300):
        response = http.get(f"/hsds/{resource}/{unknown}")
        check_error(response, 404, "not_found")
        assert response.headers["access-control-allow-origin"] == "*"


def test_places_that_may_not_be_shown_are_not_there(http: httpx.Client) -> None:
    hidden = [s for s in SERVICES if s.address_1 and not shown(s, NOW.date()).address]
    assert hidden
    for service in hidden[:5]:
        check_error(
            http.get(f"/hsds/service_at_locations/{identity('service_at_location', service.id)}"), 404, "not_found"
        )


@pytest.mark.parametrize("path", ["/hsds/nothing", "/hsds/services/a/b", "/hsds/programs"])
def test_unknown_addresses(http: httpx.Client, path: str) -> None:
    check_error(http.get(path), 404, "not_found")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", ["/hsds/", "/hsds/services", f"/hsds/services/{identity('service', 'adb-chemnitz')}"])
def test_read_only(http: httpx.Client, method: str, path: str) -> None:
    response = http.request(method, path, content=b"{}")
    check_error(response, 405, "method")
    assert response.headers["allow"] == "GET, HEAD"


def test_a_fault_of_ours_has_the_same_shape(gazetteer: Gazetteer) -> None:
    class Broken(Feed):
        def find(self, *args: Any) -> list[Any]:
            raise RuntimeError("0341 123456")

    with serving(Broken([], gazetteer, load_kinds(DATA / "services")), Clock()) as client:
        response = client.get("/hsds/services")
        check_error(response, 500, "internal")
        assert "0341" not in response.text


# HTTP


@pytest.mark.parametrize("path", ["/hsds/", "/hsds", "/hsds/openapi.json", "/hsds/services", "/hsds/services/", "/hsds/services?full=1",
                                  f"/hsds/services/{identity('service', 'adb-chemnitz')}", "/hsds/taxonomies"])  # fmt: skip
def test_caching(http: httpx.Client, path: str) -> None:
    response = http.get(path)
    assert response.status_code == 200 and response.headers["content-type"] == "application/json"
    assert response.headers["cache-control"] == "public, max-age=300"
    assert response.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in response.headers
    for held in (response.headers["etag"], f'"x", W/{response.headers["etag"]}', "*"):
        again = http.get(path, headers={"If-None-Match": held})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", response.headers["etag"])
    assert http.get(path, headers={"If-None-Match": '"other"'}).content == response.content
    head = http.head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["etag"] == response.headers["etag"]
    assert head.headers["content-length"] == response.headers["content-length"]
    plain = http.get(path, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers and plain.content == response.content


def test_a_large_page_travels_packed(http: httpx.Client) -> None:
    response = http.get("/hsds/services?full=true&per_page=500")
    assert response.headers["content-encoding"] == "gzip"
    assert int(response.headers["content-length"]) * 4 < len(response.content)
    assert "Accept-Encoding" in response.headers["vary"]


def test_every_website_may_read(http: httpx.Client) -> None:
    origin = {"Origin": "https://office.example"}
    assert http.get("/hsds/services", headers=origin).headers["access-control-allow-origin"] == "*"
    asked = {**origin, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "if-none-match"}
    preflight = http.options("/hsds/services", headers=asked)
    assert (preflight.status_code, preflight.headers["access-control-allow-origin"]) == (204, "*")
    assert preflight.headers["access-control-allow-methods"] == "GET, HEAD"
    assert "If-None-Match" in preflight.headers["access-control-allow-headers"]
    assert "access-control-allow-origin" not in http.get("/health", headers=origin).headers


def test_root_and_description(http: httpx.Client) -> None:
    about = http.get("/hsds/").json()
    assert about["version"] == "3.0" and about["profile"].startswith("https://docs.openreferral.org/")
    described = http.get(about["openapi_url"]).json()
    assert {urlsplit(about["openapi_url"]).path, described["openapi"]} == {"/hsds/openapi.json", "3.1.0"}
    official = json.loads((CONTRACTS / "openapi.json").read_text("utf-8"))
    assert set(described["paths"]) == set(official["paths"])
    for path, verbs in official["paths"].items():
        wanted = verbs["get"].get("parameters", [])
        names = {p["$ref"].rpartition("/")[2] if "$ref" in p else p["name"] for p in wanted}
        ours = {p["name"] for p in described["paths"][path]["get"]["parameters"] if p["in"] == "query"}
        assert ours == names, path
    for name, taken in LISTS.items():
        parameters = described["paths"][f"/{name}"]["get"]["parameters"]
        assert [p["name"] for p in parameters] == list(taken)


def test_public_address(feed: Feed, clock: Clock) -> None:
    with serving(feed, clock, "https://wegweiser.example/") as client:
        assert client.get("/hsds/").json()["openapi_url"] == "https://wegweiser.example/hsds/openapi.json"


def test_conversations_go_on_while_a_page_is_written(gazetteer: Gazetteer) -> None:
    """The event loop answers others while one client's page is being written."""
    begun, go_on = threading.Event(), threading.Event()

    class Slow(Feed):
        def page(self, *args: Any) -> bytes:
            begun.set()
            assert go_on.wait(20)
            return super().page(*args)

    with serving(Slow(SERVICES, gazetteer, load_kinds(DATA / "services")), Clock()) as client:
        answers: list[httpx.Response] = []
        other = threading.Thread(
            target=lambda: answers.append(httpx.get(client.base_url.join("/hsds/services"), timeout=30))
        )
        other.start()
        assert begun.wait(20)
        assert client.get("/widget.js").status_code == 200
        assert answers == []
        go_on.set()
        other.join(20)
        assert answers[0].json()["size"] == 50


def test_what_was_written_ages(http: httpx.Client, clock: Clock) -> None:
    """A number that may no longer be shown goes, although the page was written before."""
    dated = [s for s in SERVICES if s.phone and s.checked.get("phone", "") >= "2024" and shown(s, NOW.date()).phone]
    service = next(s for s in dated if s.kind != "emergency_number")
    address = f"/hsds/services/{identity('service', service.id)}"
    first = http.get(address)
    assert first.json()["phones"][0]["number"] == service.phone
    try:
        clock.now = NOW + timedelta(days=5 * 365)
        later = http.get(address, headers={"If-None-Match": first.headers["etag"]})
        assert later.status_code == 200 and service.phone not in later.text
        assert terms(later.json(), "wegweiser-record") >= {"warning"}
    finally:
        clock.now = NOW
    assert http.get(address).content == first.content


def test_documentation_names_everything() -> None:
    text = (ROOT / "docs" / "hsds-api.md").read_text("utf-8")
    for resource, taken in LISTS.items():
        assert f"`/hsds/{resource}`" in text
        for name in taken:
            assert f"`{name}`" in text, name
    for taxonomy in re.findall(r'"(wegweiser-\w+)"', (ROOT / "actions/directory/hsds_terms.py").read_text("utf-8")):
        assert f"`{taxonomy}`" in text, taxonomy
