"""Facts into words: times, hours, languages, distances and places through CLDR, isolated for bidirectional text.

Argument values of a sentence are JSON facts: a plain string is a name and stays as it is; {"place": id},
{"language": code}, {"languages": [codes]}, {"time": iso}, {"moment": iso}, {"day": iso}, {"times": [facts of a letter]} are put
into words here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import quote

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_time, get_day_names
from babel.lists import format_list
from babel.numbers import format_decimal
from babel.units import format_unit

from actions.directory.geo import Gazetteer
from actions.directory.hours import BERLIN, HoursError, week
from bot.languages import languages

# Any year will do for a day without one, as long as it has a 29 February.
LEAP_YEAR = 2028
_GERMAN_UNITS = {
    "day": ("eines Tages", "Tagen"),
    "week": ("einer Woche", "Wochen"),
    "month": ("eines Monats", "Monaten"),
}
FSI, PDI, LRI = "\u2068", "\u2069", "\u2066"
_LATIN_RUN = re.compile(r"\(((?=[^()A-Za-zÄÖÜäöüß]*[A-Za-zÄÖÜäöüß])[^()]*)\)")


def isolate(text: str, direction: str) -> str:
    """Wrap foreign-direction text (names, numbers, German terms) so that it does not reorder its surroundings."""
    return f"{FSI}{text}{PDI}" if direction == "rtl" and text else text


def isolate_terms(text: str, direction: str) -> str:
    """Isolate every German term in round brackets inside a right-to-left sentence."""
    if direction != "rtl":
        return text
    return _LATIN_RUN.sub(lambda m: f"({LRI}{m.group(1)}{PDI})", text)


def locale_of(language: str) -> Locale:
    """CLDR locale of a language, the English one where CLDR has none; Arabic as in Egypt."""
    try:
        return Locale.parse({"ar": "ar_EG"}.get(language, language))
    except (UnknownLocaleError, ValueError):
        return Locale.parse("en")


def _western(text: str) -> str:
    return text.translate({0x0660 + i: str(i) for i in range(10)} | {0x06F0 + i: str(i) for i in range(10)})


class Formatter:
    """Puts argument facts and card facts into words of one language."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.gazetteer = gazetteer

    def arguments(self, args: dict[str, Any], language: str, direction: str, now: datetime) -> dict[str, str]:
        """Every argument as isolated text."""
        return {name: isolate(self._value(value, language, now), direction) for name, value in args.items()}

    def german_place(self, place: str) -> str:
        """The German name of a place by its id, as it stands on signs; empty when it is none of ours."""
        found = self.gazetteer.get(place) if place else None
        return found.display("de") if found else ""

    def _value(self, value: Any, language: str, now: datetime) -> str:
        if not isinstance(value, dict):
            return str(value)
        if "place" in value:
            place = self.gazetteer.get(value["place"])
            return place.display(language) if place else str(value["place"])
        if "language" in value:
            return language_name(value["language"], language)
        if "languages" in value:
            return join([language_name(code, language) for code in value["languages"]], language)
        if "time" in value:
            return clock_time(datetime.fromisoformat(value["time"]), language)
        if "day" in value:
            return checked_date(value["day"], language)
        if "times" in value:
            return join([time_of(row, language, now) for row in value["times"]], language)
        if "moment" in value:
            return moment(datetime.fromisoformat(value["moment"]), language, now)
        return ""


def language_name(code: str, language: str) -> str:
    """The name of a language in another one, from CLDR; the code itself when CLDR has none."""
    name = locale_of(language).languages.get(code) or Locale.parse("en").languages.get(code)
    return str(name or code)


def join(items: list[str], language: str) -> str:
    """ "A, B and C" in the language."""
    return str(format_list(items, locale=locale_of(language)))


def clock_time(value: datetime, language: str) -> str:
    """ "16:00" as the language writes it, 24 hours."""
    return _western(format_time(value.astimezone(BERLIN), "HH:mm", locale=locale_of(language)))


def moment(value: datetime, language: str, now: datetime) -> str:
    """ "16:00" today and for the midnight that ends it, else weekday and time, beyond a week with the date."""
    value, now = value.astimezone(BERLIN), now.astimezone(BERLIN)
    time = clock_time(value, language)
    days = (value.date() - now.date()).days
    if now.date() in (value.date(), (value - timedelta(minutes=1)).date()):
        return time
    day = get_day_names("wide", locale=locale_of(language))[value.weekday()]
    comma = "، " if languages()[language].direction == "rtl" else ", "
    if days < 7:
        return comma.join((day, time))
    return comma.join((day, _western(format_date(value.date(), "d MMM", locale=locale_of(language))), time))


def span(number: int, unit: str, language: str) -> str:
    """A span of time in words, such as "24 hours"; `unit` is hour, day, week or month."""
    return _western(str(format_unit(number, f"duration-{unit}", locale=locale_of(language))))


def time_of(fact: dict[str, Any], language: str, now: datetime) -> str:
    """A period, a day or an appointment of a letter in words, a period with the German words that stand there."""
    if "period" in fact:
        number, unit = fact["period"]
        said = span(number, unit, language)
        one, more = _GERMAN_UNITS[unit]
        return f"{said} (innerhalb {f'von {number} {more}' if number != 1 else one})"
    if "moment" in fact:
        day, _, clock = fact["moment"].partition("T")
        at = datetime.fromisoformat(f"{LEAP_YEAR}-01-01T{clock}").replace(tzinfo=BERLIN)
        return f"{_day_of(day, language)}, {clock_time(at, language)}"
    return _day_of(fact["day"], language)


def _day_of(day: str, language: str) -> str:
    """An ISO day, or "--12-31" where a letter names no year."""
    if not day.startswith("--"):
        return checked_date(day, language)
    value = date.fromisoformat(f"{LEAP_YEAR}-{day[2:]}")
    return _western(str(format_skeleton("MMMMd", value, locale=locale_of(language))))


def link_title(link: dict[str, str], language: str, direction: str, now: datetime) -> str:
    """What a link says: the page's own name, and when and where, or whose page it is and how old."""
    details = []
    if link.get("moment"):
        details.append(moment(datetime.fromisoformat(link["moment"]), language, now))
    if link.get("day"):
        details.append(checked_date(link["day"], language))
    details.append(isolate(link.get("place", ""), direction))
    if link.get("updated"):
        details.append(checked_date(link["updated"], language))
    comma = "، " if direction == "rtl" else ", "
    told = comma.join(detail for detail in details if detail)
    return isolate(link["name"], direction) + (f" – {told}" if told else "")


def checked_date(stamp: str, language: str) -> str:
    """An ISO year, month or day as a date of the language."""
    parts = [int(p) for p in stamp.split("-")]
    locale = locale_of(language)
    if len(parts) == 1:
        return str(parts[0])
    if len(parts) == 2:
        return _western(str(format_skeleton("yMMMM", date(parts[0], parts[1], 1), locale=locale)))
    return _western(format_date(date(*parts[:3]), "long", locale=locale))


def distance(km: float, language: str) -> str:
    """ "3.4 km" with the language's decimal sign."""
    return _western(format_decimal(km, format="0.#", locale=locale_of(language))) + " km"


def week_text(osm: str, now: datetime, language: str) -> str:
    """Regular hours, equal neighbouring days joined: "Mon–Thu 09:00-12:00; Tue …"; empty when unreadable."""
    try:
        days = week(osm, now)
    except HoursError:
        return ""
    names = get_day_names("abbreviated", locale=locale_of(language))
    groups: list[tuple[int, int, str]] = []
    for day, spans in days:
        if groups and groups[-1][2] == spans and groups[-1][1] == day - 1:
            groups[-1] = (groups[-1][0], day, spans)
        else:
            groups.append((day, day, spans))
    return "; ".join(
        (names[a] if a == b else f"{names[a]}–{names[b]}") + " " + spans.replace("-", "–") for a, b, spans in groups
    )


def map_link(address: dict[str, str]) -> str:
    """An OpenStreetMap search for an address; empty without a street."""
    if not address.get("street"):
        return ""
    return "https://www.openstreetmap.org/search?query=" + quote(_one_line(address))


def _one_line(address: dict[str, str]) -> str:
    return " ".join(v for v in (address["street"], address.get("postal_code", ""), address.get("city", "")) if v)


def route_link(template: str, point: Sequence[float] | None, address: dict[str, str]) -> str:
    """The way to a door by bus and train from where the phone is; empty without a planner or a door."""
    if point is not None and _on_earth(*point):
        destination = f"{point[0]:.5f},{point[1]:.5f}"
    elif address.get("street"):
        destination = _one_line(address)
    else:
        return ""
    return template.replace("{destination}", quote(destination, safe="")) if template else ""


def geo_link(latitude: float | None, longitude: float | None) -> str:
    """A `geo:` link (RFC 5870) to a point in degrees, which opens a phone's map app; empty without a point on earth."""
    return f"geo:{latitude:.5f},{longitude:.5f}" if _on_earth(latitude, longitude) else ""


def point_link(latitude: float | None, longitude: float | None) -> str:
    """OpenStreetMap with a mark on a point in degrees; empty without a point on earth."""
    if not _on_earth(latitude, longitude):
        return ""
    lat, lon = f"{latitude:.5f}", f"{longitude:.5f}"
    return f"https://www.openstreetmap.org/?mlat={lat}&mlon={lon}#map=17/{lat}/{lon}"


def _on_earth(latitude: float | None, longitude: float | None) -> bool:
    return latitude is not None and longitude is not None and abs(latitude) <= 90 and abs(longitude) <= 180
