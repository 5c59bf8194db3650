"""Answers of other directories: one broken or hostile record spoils itself only, and nothing of it turns text around."""

from __future__ import annotations

import zlib
from datetime import date, datetime, timezone
from functools import lru_cache
from pathlib import Path
from typing import Any

from actions.directory.admission import admitted
from actions.directory.geo import Gazetteer
from actions.directory.hours import BERLIN, HoursError, lost_weekdays, state_at, week
from actions.directory.model import Service
from actions.directory.sources.contact import email_address, phone_number, web_address
from actions.directory.sources.course_models import is_page as is_course_page
from actions.directory.sources.course_models import pages, read
from actions.directory.sources.course_search import CourseSearchSource
from actions.directory.sources.hsds import _read
from actions.directory.sources.hsds_area import Areas
from actions.directory.sources.hsds_pages import is_page, read_page, record_id
from actions.directory.sources.hsds_service import Mapper
from actions.directory.sources.hsds_terms import load_terms
from actions.directory.sources.http import Fetched, _value
from actions.directory.sources.integreat import IntegreatSource
from actions.directory.sources.integreat_events import upcoming
from actions.directory.sources.integreat_models import Region
from actions.directory.sources.integreat_pages import _index
from actions.directory.sources.integreat_regions import language_codes
from actions.directory.sources.records import read as read_records
from actions.directory.sources.text import plain
from actions.directory.sources.unpacking import Body, TooLarge, Unreadable
from tools.fuzz.checks import TURNING, text_of
from tools.fuzz.registry import target

ROOT = Path(__file__).parents[3]
NOW = datetime(2026, 11, 24, 12, tzinfo=BERLIN)
TODAY = date(2026, 11, 24)
LARGEST = 64 * 1024
SHOWN = ("name", "alternate_name", "organization", "description", "address_1", "city", "postal_code", "hours_note",
         "cost", "notes", "alert", "phone", "email", "url")  # fmt: skip


@lru_cache(maxsize=1)
def gazetteer() -> Gazetteer:
    """The places of Saxony."""
    return Gazetteer.load(ROOT / "data" / "places.yml", ROOT / "data" / "postcodes.yml")


def check_service(service: Service) -> None:
    """A record can be shown as it is."""
    assert ":" in service.id and len(service.id) < 400
    found = admitted(service)
    if found is None:
        return
    for name in SHOWN:
        text = getattr(found, name)
        assert len(text) <= 2000 and not TURNING.search(text), name
    assert not found.url or found.url.startswith(("http://", "https://"))
    if found.hours:
        try:
            state_at(found.hours, NOW)
            week(found.hours, NOW)
        except HoursError:
            return


@lru_cache(maxsize=1)
def _integreat() -> IntegreatSource:
    source = IntegreatSource(None, gazetteer(), lambda: NOW)  # type: ignore[arg-type]
    # What goes wrong in one place is passed over in use; here it is a fault.
    return source


@lru_cache(maxsize=1)
def _region() -> Region:
    row = {
        "name": "Leipzig",
        "path": "leipzig",
        "live": True,
        "pois": True,
        "prefix": "Landkreis",
        "languages": [{"code": "de"}],
    }
    return Region.parse_obj(row)


@target(share=0.6, is_json=True, longest=8192)
def integreat_places(data: bytes) -> None:
    """The list of places of a region."""
    value = _value(data, list)
    if value is None:
        return
    services, faults = _integreat()._services(_region(), "landkreis-leipzig", Fetched(value, "network", NOW))
    assert len(services) + sum(faults.values()) == len(value)
    for service in services:
        check_service(service)


@target(share=0.6, is_json=True, longest=8192)
def integreat_lists(data: bytes) -> None:
    """Regions, events and pages of a region."""
    value = _value(data, list)
    if value is None:
        return
    regions, _ = read_records(Region, value)
    for region in regions:
        _integreat()._regions.saxon(region)
        _integreat()._regions.districts(region)
        assert all(len(codes) == 2 for codes in language_codes("ar", region))
    events = upcoming(value, NOW)
    assert all(event.title and not TURNING.search(event.title + event.place) for event in events)
    tree = _index(value, NOW)
    assert all(not TURNING.search(entry.title) and entry.url.startswith("https://") for entry in tree.entries)


@lru_cache(maxsize=1)
def _mapper() -> Mapper:
    terms = load_terms()
    return Mapper(terms, Areas(gazetteer(), terms), "feed.example", "https://feed.example", TODAY)


@target(share=0.5, is_json=True, longest=8192)
def hsds_feed(data: bytes) -> None:
    """A page of services, or one service."""
    value = _value(data, (dict, list))
    records: list[Any] = [value]
    if is_page(value):
        records = list(read_page(value).records)
    for record in records:
        record_id(record)
    services, reasons = _read(_mapper(), records)
    assert len(services) + len(reasons) >= len(records)
    assert not set(reasons) & {
        "RecursionError",
        "OverflowError",
        "KeyError",
        "IndexError",
        "AttributeError",
        "TypeError",
    }
    for service in services:
        check_service(service)


@lru_cache(maxsize=1)
def _courses() -> CourseSearchSource:
    return CourseSearchSource(None, gazetteer(), lambda: NOW)  # type: ignore[arg-type]


@target(share=0.6, is_json=True, longest=8192)
def course_search(data: bytes) -> None:
    """A page of courses."""
    value = _value(data, is_course_page)
    if value is None:
        return
    assert isinstance(pages(value), int)
    found, faults = read(value)
    assert len(found) + len(faults) == len((value.get("_embedded") or {}).get("termine") or [])
    place = gazetteer().get("leipzig")
    assert place is not None
    for topic in ("german_course", "job_german_course", "literacy_course"):
        for service in _courses()._services(found, topic, place):
            check_service(service)


@target(share=3, longest=20_000)
def upstream_text(data: bytes) -> None:
    """HTML of editors, and numbers and addresses as they type them."""
    text = text_of(data)
    said = plain(text)
    assert not TURNING.search(said) and "\n" not in said and len(said) <= 40_000
    assert not phone_number(text) or phone_number(text).isascii()
    assert len(email_address(text)) <= 254 and len(web_address(text)) <= 2000
    assert not web_address(text) or web_address(text).lower().startswith(("http://", "https://"))


@target(share=2)
def upstream_body(data: bytes) -> None:
    """A body in any encoding: never more is unpacked than may be, and what was packed well comes back."""
    encodings = ("", "identity", "gzip", "x-gzip", "deflate", "br", "gzip, gzip", text_of(data[1:9]))
    encoding = encodings[(data[0] if data else 0) % len(encodings)]
    try:
        body = Body(encoding, 1000)
        for start in range(1, len(data), 97):
            body.add(data[start : start + 97])
        assert len(body.finish()) <= 1000
    except (TooLarge, Unreadable):
        pass
    packer = zlib.compressobj(6, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    packed = packer.compress(data) + packer.flush()
    whole = Body("gzip", len(data))
    whole.add(packed)
    assert whole.finish() == data
    if data:
        bomb = Body("gzip", len(data) - 1)
        try:
            bomb.add(packed)
            raise AssertionError("more was unpacked than may be")
        except TooLarge:
            assert len(bomb._content) <= len(data)


@target(share=0.8, longest=400)
def opening_hours(data: bytes) -> None:
    """Opening hours of an upstream or an editor: refused, or answered soon."""
    expression = text_of(data)
    for moment in (NOW, datetime(2027, 3, 28, 1, 59, tzinfo=timezone.utc)):
        try:
            state = state_at(expression, moment)
        except HoursError:
            continue
        assert state.state in ("open", "closed", "appointment", "unknown")
        assert state.opens is None or (state.opens - moment).days <= 61
    try:
        days = week(expression, NOW)
    except HoursError:
        return
    assert len(days) <= 7 and all(0 <= day <= 6 for day, _ in days)
    lost_weekdays(expression)


@target(share=3, is_json=True)
def upstream_json(data: bytes) -> None:
    """JSON of any shape."""
    value = _value(data, (dict, list))
    assert value is None or isinstance(value, (dict, list))
    page = _value(data, is_page)
    assert page is None or isinstance(read_page(page).records, tuple)
