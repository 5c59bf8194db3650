"""All records of an HSDS feed, as it gives them: page by page, and one by one where the pages are bare."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from actions.directory.sources.hsds_record import USABLE_ID, number, plain
from actions.directory.sources.http import Fetched, Fetcher
from actions.directory.sources.port import Unavailable

PER_PAGE = 100
# A feed that never says that a page is the last one ends here.
MOST_PAGES = 100
# Feeds whose pages are bare are read one record at a time: at most so many, so many at once.
MOST_DETAILS, AT_ONCE = 200, 4
# A record whose date of change in the list is the one we know is asked for again after a day only.
DETAIL_SECONDS = 86_400.0
# Lists of a service: without any of them a record came bare, even when it has nothing in them.
NESTED = (
    "service_at_locations", "phones", "schedules", "languages", "attributes", "service_areas", "cost_options", "contacts",
    "required_documents", "funding",
)  # fmt: skip
# All records of a feed are held in memory together, and take several times as much there.
MOST_RECORDS, MOST_BYTES = 20_000, 64 * 1024 * 1024
TOO_LARGE = "the feed is too large"
PAGES_MISSING, TOO_MANY_PAGES = "pages could not be read", "pages without end"
DETAILS_MISSING, TOO_MANY_DETAILS = "details could not be read", "too many records without details"


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list. `last` and `total_pages` are None where the feed does not say."""

    records: tuple[Any, ...]
    last: bool | None
    total_pages: int | None


def is_page(value: Any) -> bool:
    """Whether this is a page of HSDS 3 (`contents`) or of Open Referral UK 1 (`content`); an empty one may lack both."""
    if not isinstance(value, dict):
        return False
    lists = [value.get(key) for key in ("contents", "content")]
    empty = value.get("empty") is True or 0 in (value.get("total_items"), value.get("totalElements"))
    return any(isinstance(found, list) for found in lists) or (empty and lists == [None, None])


def read_page(value: dict[str, Any]) -> Page:
    """Read a value that `is_page`."""
    old = isinstance(value.get("content"), list) or "totalElements" in value
    records = value.get("content" if old else "contents")
    last = value.get("last" if old else "last_page")
    total = number(value.get("totalPages" if old else "total_pages"))
    return Page(
        records=tuple(records or ()),
        last=last if isinstance(last, bool) else None,
        total_pages=int(total) if total is not None else None,
    )


def record_id(record: Any) -> str:
    """The id of a record, "" when it has none that can be used."""
    found = plain(record.get("id")) if isinstance(record, dict) else ""
    return found if USABLE_ID.fullmatch(found) else ""


@dataclass(slots=True)
class Feed:
    """What was read: records (each once), their number by fault, and the worst origin and oldest date of all answers."""

    records: list[Any] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    origins: set[str] = field(default_factory=set)
    as_of: list[datetime] = field(default_factory=list)

    @property
    def origin(self) -> str:
        """stale when any part is old or missing, else network when any part was fetched, else fresh."""
        return next((o for o in ("stale", "network") if o in self.origins), "fresh")

    def note(self, fetched: Fetched) -> None:
        """Remember where an answer came from."""
        self.origins.add(fetched.origin)
        self.as_of.append(fetched.as_of)


async def read_feed(fetcher: Fetcher, ttl: float) -> Feed:
    """Read all pages. Raises Unavailable when there is not even the first one.

    A later page that cannot be read leaves the feed incomplete: it counts as stale, and is asked for again soon.
    """
    feed = Feed()
    seen: set[str] = set()
    size = 0
    for page_number in range(1, MOST_PAGES + 1):
        params = {"full": "true", "per_page": str(PER_PAGE), "page": str(page_number)}
        try:
            fetched = await fetcher.json("/services", params, ttl=ttl, shape=is_page)
        except Unavailable:
            if page_number == 1:
                raise
            feed.faults[PAGES_MISSING] += 1
            feed.origins.add("stale")
            break
        feed.note(fetched)
        page = read_page(fetched.value)
        size += fetched.size
        if len(feed.records) + len(page.records) > MOST_RECORDS or size > MOST_BYTES:
            feed.faults[TOO_LARGE] += 1
            break
        ids = {record_id(record) for record in page.records} - {""}
        # A server that ignores `page` answers with the same one for ever, and one that counts wrongly with the last.
        if not page.records or (page_number > 1 and not ids - seen):
            break
        for record in page.records:
            identity = record_id(record)
            if not identity or identity not in seen:
                feed.records.append(record)
                seen.add(identity)
        # Totals are believed only where nothing says whether this page is the last.
        if page.last or (page.last is None and page.total_pages is not None and page_number >= page.total_pages):
            break
    else:
        feed.faults[TOO_MANY_PAGES] += 1
    await _add_details(fetcher, ttl, feed)
    return feed


async def _add_details(fetcher: Fetcher, ttl: float, feed: Feed) -> None:
    """Fetch what the list left out: some servers ignore `full`."""
    bare = [n for n, record in enumerate(feed.records) if record_id(record) and not any(k in record for k in NESTED)]
    if len(bare) > MOST_DETAILS:
        feed.faults[TOO_MANY_DETAILS] += len(bare) - MOST_DETAILS
    gate = asyncio.Semaphore(AT_ONCE)

    async def add(position: int) -> None:
        record = feed.records[position]
        try:
            async with gate:
                details = await _details(fetcher, ttl, record, feed)
            feed.records[position] = {**record, **details}
        except Unavailable:
            feed.faults[DETAILS_MISSING] += 1
            feed.origins.add("stale")

    await asyncio.gather(*(add(position) for position in bare[:MOST_DETAILS]))


async def _details(fetcher: Fetcher, ttl: float, record: dict[str, Any], feed: Feed) -> dict[str, Any]:
    """One record with everything. Not fetched again while the list says that it has not changed."""
    identity, changed = record_id(record), _changed(record)

    def shape(value: Any) -> bool:
        return record_id(value) == identity

    fetched = await fetcher.json(f"/services/{identity}", ttl=DETAIL_SECONDS if changed else ttl, shape=shape)
    if changed and fetched.origin == "fresh":
        if _changed(fetched.value) == changed:
            return dict(fetched.value)  # as new as the list, so its own date does not count
        fetched = await fetcher.json(f"/services/{identity}", ttl=0, shape=shape)
    feed.note(fetched)
    return dict(fetched.value)


def _changed(record: dict[str, Any]) -> str:
    """When a record was last changed, as the feed writes it: by the schema, or by the text of the parameter."""
    return plain(record.get("last_modified")) or plain(record.get("modified_date"))
