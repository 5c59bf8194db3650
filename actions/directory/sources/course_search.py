"""Courses of the Bundesagentur für Arbeit near a place: integration courses, German for work, recognition.

The search is the back end of the agency's own portal: documented by others, without a promise. It is told a kind
of course, a place with rounded coordinates and a level, and nothing else.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from actions.directory.geo import Gazetteer, Place, fold
from actions.directory.hours import BERLIN
from actions.directory.model import Service
from actions.directory.sources.course_models import NOTHING, Adresse, Termin, is_page, pages, read
from actions.directory.sources.http import Fetched, Fetcher, Health, Unavailable
from actions.directory.sources.port import Batch, Wanted
from actions.directory.sources.text import plain

logger = logging.getLogger(__name__)

PATH = "/pc/v1/bildungsangebot"
RADIUS_KM = "25"
# Courses of one batch, and pages (of 20 courses) that are asked for them. The soonest come first.
MOST, PAGES = 20, 3
LETTERS = 300
SAXONY = "SAC"
LITERACY = "literacy_course"
AGENCY = "Bundesagentur für Arbeit"
# The level at which a course ends. These codes are a part of the kind MC: with another kind nothing would be found.
LEVELS = {"A2": "MC 01 1", "B1": "MC 01 2", "B2": "MC 01 3", "C1": "MC 01 4", "C2": "MC 01 5"}
_ORIGINS = ("network", "fresh", "stale")
_LITERACY = re.compile(r"alphabetisier|zweitschrift|\balpha ?kurs")
# A point after two small letters and before a capital: no "z. B.", no "1. Januar".
_SENTENCE = re.compile(r"(?<=[a-zäöüß)\]]{2})[.!?](?=\s+[A-ZÄÖÜ„]|$)")


@dataclass(frozen=True, slots=True)
class _Search:
    """The agency's code for a kind of course, our topic and kind of service, and whether a level narrows it."""

    code: str
    topic: str
    kind: str
    by_level: bool = False


SEARCHES = {
    "german_course": _Search("MB", "german_course", "language_course"),
    # The agency has no code for these: they are integration courses whose title says so.
    LITERACY: _Search("MB", "german_course", "language_course"),
    "job_german_course": _Search("MC", "job_german_course", "language_course", by_level=True),
    "recognition": _Search("MQ", "recognition", "recognition_office"),
}


class CourseSearchSource:
    """Courses that can still be joined, within 25 km of a place, the soonest first; one card a school and title.

    `clock` tells the time (aware). The key of the interface is a header of `fetcher`.
    """

    name = "course_search"
    ttl = 6 * 3600.0

    def __init__(self, fetcher: Fetcher, gazetteer: Gazetteer, clock: Callable[[], datetime]) -> None:
        self._fetcher, self._gazetteer, self._clock = fetcher, gazetteer, clock

    def key(self, wanted: Wanted) -> str | None:
        """topic|place id|level; the level is left out where it does not narrow the search."""
        place = wanted.place
        if wanted.topic not in SEARCHES or place is None or place.latitude is None or place.longitude is None:
            return None
        if place.kind in ("state", "country"):
            return None  # 25 km around the middle of Saxony is nobody's neighbourhood
        return f"{wanted.topic}|{place.id}|{wanted.level if self._level(wanted) else ''}"

    async def load(self, key: str, wanted: Wanted) -> Batch:
        """Ask page by page until there are enough courses. Raises `Unavailable` when the first page is missing.

        When only a later page is missing the batch counts as stale, so that it is asked for again soon.
        """
        place = wanted.place
        if place is None or self.key(wanted) is None:
            raise ValueError("no question for the course search")
        params = self._params(wanted, place)
        courses: list[Termin] = []
        services: tuple[Service, ...] = ()
        faults: list[str] = []
        answers: list[Fetched] = []
        dropped, whole = 0, True
        for number in range(PAGES):
            try:
                page = await self._fetcher.json(
                    PATH, {**params, "page": str(number)}, ttl=self.ttl, shape=is_page, empty_is=NOTHING
                )
            except Unavailable:
                if number == 0:
                    raise
                whole = False
                faults.append(f"page {number} is missing")
                break
            if page.value == NOTHING and number == 0:
                # It may as well mean that the address is no longer right.
                faults.append("status 404, taken as nothing found")
                logger.warning("%s: status 404, taken as nothing found", self.name)
            answers.append(page)
            found, unread = await asyncio.to_thread(read, page.value)
            courses += found
            dropped += len(unread)
            faults += unread
            services = await asyncio.to_thread(self._services, courses, wanted.topic, place)
            if len(services) >= MOST or number + 1 >= pages(page.value):
                break
        origin = max((page.origin for page in answers), key=_ORIGINS.index) if whole else "stale"
        as_of = min(page.as_of for page in answers)
        return Batch(key, services, origin, as_of, dropped, tuple(dict.fromkeys(faults)))

    @property
    def health(self) -> Health:
        """How calls of the upstream go."""
        return self._fetcher.health

    async def close(self) -> None:
        """Close connections."""
        await self._fetcher.close()

    @staticmethod
    def _level(wanted: Wanted) -> str:
        return LEVELS.get(wanted.level, "") if SEARCHES[wanted.topic].by_level else ""

    def _params(self, wanted: Wanted, place: Place) -> dict[str, str]:
        town = self._gazetteer.get(place.district) if place.kind == "quarter" else None
        # Underscore and comma part the fields and the places.
        name = re.sub(r"[_,;\s]+", " ", (town or place).name)
        params = {
            "systematiken": SEARCHES[wanted.topic].code,
            "orte": f"{name}_{place.longitude:.2f}_{place.latitude:.2f}",
            "umkreis": RADIUS_KM,
            "sort": "basc",
        }
        level = self._level(wanted)
        return {**params, "sprachniveau": level} if level else params

    def _services(self, courses: list[Termin], topic: str, place: Place) -> tuple[Service, ...]:
        today = self._clock().astimezone(BERLIN).date()
        wanted = [c for c in courses if _joinable(c, today) and (topic != LITERACY or _literacy(c))]
        wanted.sort(key=lambda c: (_soon(c, today), c.id))
        cards: dict[tuple[str, ...], Service] = {}
        for course in wanted:
            where = course.adresse.ortStrasse
            school = course.angebot.bildungsanbieter.name
            parts = (course.angebot.titel, school, course.adresse.strasse, where.plz, where.name)
            door = tuple(fold(part) for part in parts)
            if door not in cards:
                cards[door] = self._service(course, SEARCHES[topic], place, today)
            if len(cards) == MOST:
                break
        return tuple(cards.values())

    def _service(self, course: Termin, search: _Search, place: Place, today: date) -> Service:
        school, where = course.angebot.bildungsanbieter, course.adresse.ortStrasse
        latitude, longitude = course.adresse.koordinaten.point
        link = course.link or course.angebot.link
        name, description = shortened(plain(course.angebot.titel)), shortened(plain(course.angebot.inhalt))
        times = shortened(plain(course.unterrichtszeiten))
        said = {"name": name, "description": description, "address": course.adresse.strasse or where.plz}
        said |= {"phone": school.phone, "email": school.email, "url": school.homepage or link}
        said |= {"hours": times, "cost": course.cost}
        supports = [field for field, text in said.items() if text]
        updated = course.aktualisierungsdatum
        seen = updated.isoformat() if updated is not None and updated <= today else ""
        literacy = search.topic == "german_course" and _literacy(course)
        return Service(
            id=f"ba:{course.id}",
            name=name,
            topics=(LITERACY, search.topic) if literacy else (search.topic,),
            kind=search.kind,
            confidence="high",
            organization=shortened(plain(school.name)),
            description=description,
            area=self._area(course.adresse, place),
            address_1=shortened(plain(course.adresse.strasse)),
            city=shortened(plain(where.name)),
            postal_code=where.plz,
            latitude=latitude,
            longitude=longitude,
            phone=school.phone,
            email=school.email,
            url=school.homepage or link,
            hours_note=times,
            cost=course.cost,
            free=course.kostenWert == 0,
            checked=dict.fromkeys(supports, seen) if seen else {},
            sources=(
                {"url": link or school.homepage, "seen": seen or "undated", "supports": supports, "remark": AGENCY},
            ),
            starts=course.beginn.isoformat() if course.beginn is not None and course.beginn >= today else "",
            ends=course.ende.isoformat() if course.ende is not None else "",
        )

    def _area(self, address: Adresse, place: Place) -> tuple[str, ...]:
        """The municipality of the course; without any address the place that it was found near."""
        where = address.ortStrasse
        if not (where.plz or where.name):
            return (place.id,)
        if where.land.code not in ("", SAXONY):
            return ()
        named = [p.id for p in self._gazetteer.candidates(where.name) if p.kind in ("city", "municipality")]
        if where.plz:
            coded = [p.id for p in self._gazetteer.by_postcode(where.plz)]
            named = [i for i in coded if i in named] or coded
        return tuple(named) if len(named) == 1 else ()


def _joinable(course: Termin, today: date) -> bool:
    if course.ende is not None and course.ende < today:
        return False
    days = (course.beginn, course.anmeldeschluss)
    return course.individuellerEinstieg or all(d is None or d >= today for d in days)


def _soon(course: Termin, today: date) -> date:
    """The day from which one can take part; the last of all when it is unknown."""
    if course.individuellerEinstieg:
        return max(course.beginn or today, today)
    return course.beginn or date.max


def _literacy(course: Termin) -> bool:
    return _LITERACY.search(fold(course.angebot.titel)) is not None


def shortened(text: str) -> str:
    """At most 300 letters, up to the end of a sentence, or of a word where no sentence ends."""
    if len(text) <= LETTERS:
        return text
    ends = [match.end() for match in _SENTENCE.finditer(text) if match.end() <= LETTERS]
    return text[: ends[-1]] if ends else text[: LETTERS - 1].rpartition(" ")[0].rstrip(" ,;:-") + "…"
