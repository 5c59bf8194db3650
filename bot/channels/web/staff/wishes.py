"""What staff filled in, read from an address: names become ids, and everything wrong is said in German."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from sanic.request import Request

from bot.channels.web.staff.book import Goal, Named, Sheet, StaffBook

MOST_LANGUAGES, MOST_TOPICS, MOST_FOUND = 6, 8, 12
_CAMPAIGN = re.compile(r"([a-z0-9][a-z0-9-]{0,19})?", re.ASCII)
_LONGEST = 120


@dataclass
class Wish:
    """A form as it was sent: its values to show again, what is wrong with it, and places that may be meant."""

    values: dict[str, tuple[str, ...]]
    faults: list[str] = field(default_factory=list)
    meant: list[Named] = field(default_factory=list)

    @property
    def sent(self) -> bool:
        """Whether anything was filled in."""
        return any(self.values.values())

    @property
    def query(self) -> str:
        """The values as the query of an address."""
        return urlencode([(name, value) for name, values in self.values.items() for value in values])

    def one(self, name: str) -> str:
        """The first value of a field."""
        return next(iter(self.values[name]), "")


def read(request: Request, **most: int) -> Wish:
    """The fields of an address with the most values each may have."""
    given = {name: request.args.getlist(name) or [] for name in most}
    return Wish(
        {name: tuple(v.strip()[:_LONGEST] for v in rows[: most[name]] if v.strip()) for name, rows in given.items()}
    )


def sheet_of(request: Request, book: StaffBook) -> tuple[Wish, Sheet | None]:
    """A poster that is wished for, None when something is missing or wrong."""
    wish = read(request, site=1, topic=MOST_TOPICS + 1, language=MOST_LANGUAGES + 1, format=1, campaign=1)
    if not wish.sent:
        return wish, None
    site = _place(wish, "site", book.sites, "den Standort")
    topics = _known(wish, "topic", book.poster_topics, "Thema")
    languages = _known(wish, "language", book.languages, "Sprache")
    formats = _known(wish, "format", book.formats, "Format")
    campaign = _campaign(wish)
    if len(topics) > MOST_TOPICS:
        wish.faults.append(f"Bitte wählen Sie höchstens {MOST_TOPICS} Themen.")
    if not 1 <= len(languages) <= MOST_LANGUAGES:
        wish.faults.append(f"Bitte wählen Sie eine bis {MOST_LANGUAGES} Sprachen.")
    if not formats and not any("Format" in fault for fault in wish.faults):
        wish.faults.append("Bitte wählen Sie ein Format.")
    if wish.faults:
        return wish, None
    return wish, Sheet(site, topics, languages, formats[0], campaign)


def goal_of(request: Request, book: StaffBook) -> tuple[Wish, Goal | None]:
    """A link that is wished for, None when something is wrong."""
    wish = read(request, topic=1, place=1, language=1, campaign=1)
    if not wish.sent:
        return wish, None
    place = _place(wish, "place", book.places, "den Ort") if wish.one("place") else ""
    topics = _known(wish, "topic", book.topics, "Thema")
    languages = _known(wish, "language", book.languages, "Sprache")
    campaign = _campaign(wish)
    if wish.faults:
        return wish, None
    return wish, Goal(place, next(iter(topics), ""), next(iter(languages), ""), campaign)


def found(typed: str, rows: Iterable[Named]) -> list[Named]:
    """Who may be meant: the one of this id or name, else all whose names hold every word, those that begin so first."""
    wanted = typed.casefold().strip()
    rows = list(rows)
    same = [row for row in rows if wanted in (row.id.casefold(), row.name.casefold())]
    if same or not wanted:
        return same[:1]
    holding = [row for row in rows if all(word in row.name.casefold() for word in wanted.split())]
    return sorted(holding, key=lambda row: not row.name.casefold().startswith(wanted))


def _place(wish: Wish, name: str, rows: Sequence[Named], what: str) -> str:
    typed = wish.one(name)
    meant = found(typed, rows)
    if len(meant) == 1:
        wish.values[name] = (meant[0].name,)
        return meant[0].id
    wish.meant = meant[:MOST_FOUND]
    if not typed:
        wish.faults.append(f"Bitte geben Sie {what} an.")
    elif meant:
        wish.faults.append(f"Mehrere passen. Bitte wählen Sie {what} genauer.")
    else:
        wish.faults.append(f"Wir kennen {what} „{typed}“ nicht. Bitte schreiben Sie ihn anders.")
    return ""


def _known(wish: Wish, name: str, rows: Sequence[Named], what: str) -> tuple[str, ...]:
    ids = {row.id for row in rows}
    given = tuple(dict.fromkeys(wish.values[name]))
    wish.values[name] = tuple(value for value in given if value in ids)
    if len(wish.values[name]) < len(given):
        wish.faults.append(f"Was bei „{what}“ gewählt ist, gibt es nicht.")
    return wish.values[name]


def _campaign(wish: Wish) -> str:
    campaign = wish.one("campaign").lower()
    if not _CAMPAIGN.fullmatch(campaign):
        wish.faults.append("Eine Kampagne hat höchstens 20 kleine Buchstaben (a–z), Ziffern und Bindestriche.")
    return campaign
