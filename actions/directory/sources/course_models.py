"""What the course search answers, as far as we read it: pages of `termine` (one course at one date each).

Fields keep the upstream's German names. Everything but a course's id and title may be missing or null; null
and "" are the same. Dates are days in Saxony; texts may be HTML. `ansprechpartner` (people) and `aggregations`
(no stable shape) are not read.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from pydantic import validator

from actions.directory.dialling import DEAR
from actions.directory.geo import german
from actions.directory.hours import BERLIN
from actions.directory.sources import records
from actions.directory.sources.contact import LONGEST_EMAIL, LONGEST_PHONE, LONGEST_URL
from actions.directory.sources.records import Record

# What a 404 stands for: that search answers so, with an empty body, where it has found nothing.
NOTHING: dict[str, Any] = {"page": {"totalElements": 0, "totalPages": 0, "number": 0}, "status": 404}
YEARS = range(2000, 2100)
LONGEST_PRICE = 40
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[a-z]{2,}")
_WEB = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
_AREA = re.compile(r"(\+\s{0,9}49|0049)?[\s(]{0,9}(0?)\)?\s{0,9}([1-9]\d{1,4})\)?")
_DIALLED = re.compile(r"\d[\d\s-]*")


class Land(Record):
    """A federal state; Saxony is SAC."""

    code: str = ""


class Ort(Record):
    """Postal code (five digits or empty) and town."""

    plz: str = ""
    name: str = ""
    land: Land = Land()

    @validator("plz", pre=True)
    def _five_digits(cls, value: Any) -> str:
        """Saxon codes begin with 0, which is lost where they come as a number."""
        code = str(value).strip() if isinstance(value, str) or _short(value) else ""
        return code.zfill(5) if code.isascii() and code.isdigit() and 4 <= len(code) <= 5 else ""


class Koordinaten(Record):
    """Degrees; None for what cannot lie in Germany (0/0, latitude and longitude exchanged)."""

    lat: float | None = None
    lon: float | None = None

    @property
    def point(self) -> tuple[float | None, float | None]:
        """Latitude and longitude, both or neither."""
        return german(self.lat, self.lon)


class Adresse(Record):
    """Where a course takes place."""

    strasse: str = ""
    ortStrasse: Ort = Ort()
    koordinaten: Koordinaten = Koordinaten()


class Anbieter(Record):
    """The school."""

    name: str = ""
    telefonVorwahl: str = ""
    telefonDurchwahl: str = ""
    homepage: str = ""
    email: str = ""

    @validator("email")
    def _an_email(cls, value: str) -> str:
        return value.strip() if len(value) <= LONGEST_EMAIL and _EMAIL.fullmatch(value.strip()) else ""

    @validator("homepage")
    def _a_homepage(cls, value: str) -> str:
        return web_address(value)

    @property
    def phone(self) -> str:
        """As "+49 341 123456" or "0800 123456"; empty when it cannot be brought into this form safely."""
        return phone(self.telefonVorwahl, self.telefonDurchwahl)


class Angebot(Record):
    """What is taught, and by whom."""

    titel: str
    inhalt: str = ""
    link: str = ""
    bildungsanbieter: Anbieter = Anbieter()

    @validator("titel")
    def _a_title(cls, value: str) -> str:
        if not re.sub(r"<[^<>]*>|\s", "", value):
            raise ValueError("no title")
        return value

    @validator("link")
    def _a_link(cls, value: str) -> str:
        return web_address(value)


class Termin(Record):
    """One course with its dates (days in Saxony, None when unknown) and its price (None when unknown)."""

    id: str
    angebot: Angebot
    beginn: date | None = None
    ende: date | None = None
    anmeldeschluss: date | None = None
    aktualisierungsdatum: date | None = None
    individuellerEinstieg: bool = False
    kostenWert: Decimal | None = None
    kostenWaehrung: str = ""
    unterrichtszeiten: str = ""
    link: str = ""
    adresse: Adresse = Adresse()

    @validator("id")
    def _an_id(cls, value: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", value):
            raise ValueError("no id")
        return value

    @validator("beginn", "ende", "anmeldeschluss", "aktualisierungsdatum", pre=True)
    def _a_day(cls, value: Any) -> date:
        return day(value)

    @validator("kostenWert", pre=True)
    def _a_price(cls, value: Any) -> Decimal | None:
        return price(value)

    @validator("link")
    def _a_link(cls, value: str) -> str:
        return web_address(value)

    @property
    def cost(self) -> str:
        """As "1234,00 EUR"; empty without an amount or without a currency."""
        if self.kostenWert is None or not self.kostenWaehrung:
            return ""
        return f"{self.kostenWert:.2f} {self.kostenWaehrung}".replace(".", ",")


def is_page(value: Any) -> bool:
    """Whether this is an answer of the search: a list of courses, or the page data of an empty one."""
    if not isinstance(value, dict):
        return False
    embedded = value.get("_embedded")
    if embedded is None:
        return isinstance(value.get("page"), dict)
    return isinstance(embedded, dict) and isinstance(embedded.get("termine") or [], list)


def pages(value: dict[str, Any]) -> int:
    """How many pages there are; the first has number 0, so the last one has this number less one."""
    page = value.get("page")
    total = page.get("totalPages") if isinstance(page, dict) else None
    return total if isinstance(total, int) else 0


def read(value: dict[str, Any]) -> tuple[list[Termin], list[str]]:
    """The courses of a page, and for each one that cannot be read which of its fields is to blame."""
    found, faults = records.read(Termin, (value.get("_embedded") or {}).get("termine") or [])
    return found, list(faults.elements())


def day(value: Any) -> date:
    """Milliseconds since 1970, as a number or as text, as a day in Saxony."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("no time")
    try:
        found = datetime.fromtimestamp(int(value) / 1000, BERLIN).date()
    except (OverflowError, OSError) as exc:  # a ValueError is one already
        raise ValueError("no time") from exc
    if found.year not in YEARS:
        raise ValueError("no time of our days")
    return found


def _short(value: Any) -> bool:
    """Whether a number can be written out; lists and objects are no prices."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15


def price(value: Any) -> Decimal | None:
    """An amount such as 0, "1234.5" or "1.234,50"; None for words, for less than nothing and for doubtful ones."""
    text = value.strip()[:LONGEST_PRICE] if isinstance(value, str) else str(value) if _short(value) else ""
    if "," in text:
        text = text.replace(".", "").replace(",", ".")
    try:
        amount = Decimal(text)
        cents = amount.quantize(Decimal("0.01"))
    except InvalidOperation:
        return None
    return cents if cents == amount and amount >= 0 else None


def phone(area: str, number: str) -> str:
    """Area code and number in our form; empty for letters, for two numbers in one field, for numbers abroad."""
    if max(len(area), len(number)) > LONGEST_PHONE or any(c.isdigit() and not c.isascii() for c in area + number):
        return ""
    rest = re.sub(r"\D", "", number) if _DIALLED.fullmatch(number.strip()) else ""
    code = _AREA.fullmatch(area.strip())
    # "4935" alone may be the country's code and the beginning of an area's, or an area's without its zero.
    if code is None or not (code[1] or code[2]):
        return ""
    # No number begins with 0 behind the area code: this is the area code once more.
    rest = rest.removeprefix(f"0{code[3]}")
    if not 3 <= len(rest) <= 11 or not 6 <= len(code[3]) + len(rest) <= 13 or code[3].startswith(DEAR):
        return ""
    return f"0800 {rest}" if code[3] == "800" else f"+49 {code[3]} {rest}"


def web_address(value: str) -> str:
    """The address when it is one; a bare "www." gets http, from which servers lead on to https."""
    text = value.strip()
    if text.lower().startswith("www."):
        text = f"http://{text}"
    return text if len(text) <= LONGEST_URL and _WEB.fullmatch(text) else ""
