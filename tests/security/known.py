"""Takes a reply apart: everything in it must be from the catalogue, the directory, CLDR, or be a place or time of ours.

`Known(agent).strangers(reply)` names what is not. It knows nothing of what was asked, so words of a person that reach
a reply are found whatever they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import unquote

from babel.dates import get_day_names, get_month_names
from babel.lists import format_list

from bot.channels import gate
from bot.languages import languages
from bot.speech.formats import checked_date, language_name, locale_of, map_link, moment, point_link, span
from bot.speech.reply import Card, Reply

MARKS = dict.fromkeys(map(ord, "\u2066\u2067\u2068\u2069\u200f\u200e"))
PLACEHOLDER = re.compile(r"\{(\w+)\}(\.?)")
PARTS = {"", "summary", "contact", "hours", "more", "letter", "service_language", "cost", "who", "documents", "how",
         "duration", "rights", "warning"}  # fmt: skip
ASKS = {"", "place", "language", "phone"}
START = 6
# German words around the periods of a letter (bot/speech/formats.py).
LETTER_WORDS = "innerhalb von eines einer Tages Tagen Woche Wochen Monats Monaten".split()
CARD_SENTENCES = "utter_card_"


def bare(text: str) -> str:
    """Without the marks that isolate directions."""
    return text.translate(MARKS)


class Known:
    """All that this assistant can say."""

    def __init__(self, agent: Any) -> None:
        self.resources, self.nlg = agent.resources, agent.nlg
        self.intents = frozenset(agent.domain.intents)
        self.transit = agent.nlg.cards.transit_url.partition("{destination}")[0]
        catalogue = agent.nlg.catalogue
        msgids = {msgid for texts in catalogue._texts.values() for msgid in texts}
        msgids |= {variants[0]["text"] for variants in self.nlg.responses.values()}
        said = {bare(catalogue.text(msgid, code)[0]) for msgid in msgids for code in languages()} | set(
            map(bare, msgids)
        )
        self.literals = {text for text in said if text}
        self.by_start: dict[str, list[str]] = {}
        for text in self.literals:
            self.by_start.setdefault(text[:START], []).append(text)
        for found in self.by_start.values():
            found.sort(key=len, reverse=True)
        self.templates = [_template(text) for text in said if PLACEHOLDER.search(text)]
        self.names = {bare(name) for name in self._names()}
        self.sources = [{"id": i.id, "url": i.source, "date": i.date} for i in self.resources.knowledge.items.values()]

    def _names(self) -> Iterator[str]:
        for place in self.resources.gazetteer.places.values():
            yield from (place.display(code) for code in (*languages(), "de"))
        for service in self.resources.directory.services.values():
            yield service.name
        yield from self.resources.words
        titles = [article.title for article in self.resources.knowledge.articles.values()]
        for title in (*titles, *self.resources.letter_kinds.values()):
            yield from (self.nlg.catalogue.text(title, code)[0] for code in languages())

    def strangers(self, reply: dict[str, Any]) -> list[str]:
        """What in a reply is not ours, one line each; an empty list when all of it is."""
        found = [f"field {name}" for name in reply if name not in Reply.__slots__]
        language = str(reply.get("language", ""))
        if language not in languages():
            found.append(f"language {language}")
            return found
        german = {place.display("de") for place in self.resources.gazetteer.places.values()}
        fits = {
            "dir": reply.get("dir") == languages()[language].direction,
            "text": self.explains(bare(str(reply.get("text", "")))),
            "part": reply.get("part", "") in PARTS,
            "asks": reply.get("asks", "") in ASKS,
            "topic": reply.get("topic", "") in {"", *self.intents},
            "place": reply.get("place", "") in {"", *german},
            "author": "author" not in reply,
        }
        found += [f"{name} {reply.get(name)}" for name, fit in fits.items() if not fit]
        found += [line for card in reply.get("cards", ()) for line in self._card(card, language)]
        found += [line for choice in reply.get("choices", ()) for line in self._choice(choice)]
        found += [f"link {link}" for link in reply.get("links", ())]  # no source is connected here
        found += [line for row in reply.get("sources", ()) for line in self._source(row)]
        return found

    def explains(self, text: str) -> bool:
        """Whether a text is made of sentences of the catalogue, with names of ours in them."""
        ends = [match.start() for match in re.finditer(r"\n\n", text)] + [len(text)]
        open_, seen = [0], {0}
        while open_:
            at = open_.pop()
            while at < len(text) and (text[at].isspace() or text[at] == "•"):
                at += 1
            if at == len(text):
                return True
            steps = [
                at + len(said) for said in self.by_start.get(text[at : at + START], ()) if text.startswith(said, at)
            ]
            short = (said for start, group in self.by_start.items() if len(start) < START for said in group)
            steps += [at + len(said) for said in short if text.startswith(said, at)]
            steps += [end for end in ends if end > at and self._filled(text[at:end])]
            for step in steps:
                if step not in seen:
                    seen.add(step)
                    open_.append(step)
        return False

    def _filled(self, text: str) -> bool:
        """Whether a text is one sentence with values in it that are ours."""
        for begin, pattern in self.templates:
            if text.startswith(begin):
                match = pattern.fullmatch(text)
                # A name that ends in a point keeps it, and the sentence needs no second.
                if match is not None and all(self.value(v) or self.value(f"{v}.") for v in match.groups()):
                    return True
        return False

    def value(self, text: str) -> bool:
        """Whether a value is a name of ours, a language, a number, a time, or several of these."""
        if text in self.names or not re.search(r"[^\W\d_]", text):
            return True
        return any(not re.search(r"[^\W\d_]", _words(code).sub(" ", text)) for code in languages())

    def _card(self, card: dict[str, Any], language: str) -> Iterator[str]:
        yield from (f"card field {name}" for name in card if name not in Card.__slots__)
        service = self.resources.directory.get(card.get("id"))
        if service is None:
            yield f"card id {card.get('id')}"
            return
        for name, own in (("name", service.name), ("phone", service.phone), ("email", service.email)):
            if card.get(name, "") not in ("", own):
                yield f"card {name} {card[name]}"
        if card.get("website", "") not in ("", service.url):
            yield f"card website {card['website']}"
        if card.get("source", "") not in {"", *(str(row.get("url", "")) for row in service.sources)}:
            yield f"card source {card['source']}"
        address = {"street": service.address_1, "postal_code": service.postal_code, "city": service.city}
        whole = ", ".join(filter(None, (service.address_1, f"{service.postal_code} {service.city}".strip())))
        area = self.resources.gazetteer.get(service.area[0]) if service.area else None
        if card.get("address", "") not in {"", whole, service.city, area.name if area else ""}:
            yield f"card address {card['address']}"
        if card.get("map", "") not in {"", map_link(address), point_link(*(service.point or (None, None)))}:
            yield f"card map {card['map']}"
        yield from self._route(str(card.get("route", "")), service)
        if not all(name in self._languages(language) for name in card.get("languages", ())):
            yield f"card languages {card['languages']}"
        allowed = self._card_words(language, service)
        told = [card.get(name, "") for name in ("kind", "hours", "cost", "note")] + list(card.get("about", ()))
        for text in told:
            strange = set(_tokens(bare(str(text)))) - allowed
            if strange:
                yield f"card says {sorted(strange)}"
        if not re.fullmatch(r"(\d{4}(-\d\d(-\d\d)?)?)?", card.get("checked", "")):
            yield f"card checked {card['checked']}"
        if not isinstance(card.get("distance_km", 0.0), (int, float)) or card.get("open_now") not in (
            None,
            True,
            False,
        ):
            yield "card figures"

    def _route(self, route: str, service: Any) -> Iterator[str]:
        if not route:
            return
        point = f"{service.latitude:.5f},{service.longitude:.5f}" if service.point else ""
        street = " ".join(filter(None, (service.address_1, service.postal_code, service.city)))
        if not route.startswith(self.transit) or not any(x and x in unquote(route) for x in (point, street)):
            yield f"card route {route}"

    def _card_words(self, language: str, service: Any) -> set[str]:
        kind = self.resources.kinds[service.kind]
        keys = [key for key in self.nlg.responses if key.startswith(CARD_SENTENCES)]
        texts = [self.nlg.catalogue.text(self.nlg.responses[key][0]["text"], language)[0] for key in keys]
        texts += [kind["german"], self.nlg.catalogue.text(kind["label"], language)[0]]
        texts += [self.nlg.catalogue.text(service.hours_note, language)[0]] if service.hours_note else []
        return {token for text in texts for token in _tokens(bare(text))} | _times(language)

    def _languages(self, language: str) -> set[str]:
        return {
            language_name(code, language)
            for service in self.resources.directory.services.values()
            for code in service.languages
        }

    def _choice(self, choice: dict[str, Any]) -> Iterator[str]:
        title, payload = bare(str(choice.get("title", ""))), str(choice.get("payload", ""))
        endonyms = {bare(item.endonym) for item in languages().values()}
        if title not in self.names and title not in self.literals and title not in endonyms:
            yield f"button {title}"
        try:
            parsed = gate.parse_payload(payload, self.intents)
        except gate.Refused:
            yield f"payload {payload}"
            return
        yield from (f"payload {payload}" for entity in parsed["entities"] if not self.carried(entity))

    def carried(self, entity: dict[str, Any]) -> bool:
        """Whether what a button carries is one of our ids or codes."""
        from actions.feedback import WRONG
        from actions.status import TITLES, UNSAID

        known = {
            "place": self.resources.gazetteer.places,
            "service_language": languages(),
            "show": languages(),
            "status": {*TITLES, UNSAID},
            "wrong": WRONG,
            "person": {"live", "callback", "yes", "no", "stop"},
        }
        return entity["value"] in known[entity["entity"]]

    def _source(self, row: dict[str, Any]) -> Iterator[str]:
        if not any(row.items() <= source.items() for source in self.sources):
            yield f"source {row}"


def _template(text: str) -> tuple[str, re.Pattern[str]]:
    """The beginning of a sentence before its first value, and the sentence with any value in it."""
    pieces, last, begin = [], 0, ""
    for number, match in enumerate(PLACEHOLDER.finditer(text)):
        literal = text[last : match.start()]
        begin = literal if number == 0 else begin
        pieces += [re.escape(literal), "(.{1,400}?)", r"\.?" if match[2] else ""]
        last = match.end()
    return begin, re.compile("".join(pieces) + re.escape(text[last:]), re.S)


def _tokens(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", text)


@cache
def _times(language: str) -> frozenset[str]:
    """Words of times in a language: days, months, spans, and what CLDR puts between them."""
    locale = locale_of(language)
    texts: list[str] = [*LETTER_WORDS]
    for width in ("wide", "abbreviated"):
        for context in ("format", "stand-alone"):
            texts += get_day_names(width, context, locale).values()
            texts += get_month_names(width, context, locale).values()
    texts += [
        checked_date(stamp, language) for month in range(1, 13) for stamp in (f"2026-{month:02}", f"2026-{month:02}-09")
    ]
    texts += [span(number, unit, language) for unit in ("hour", "day", "week", "month") for number in range(1, 32)]
    now = datetime(2026, 1, 1, 12).astimezone()
    texts += [moment(now + timedelta(days=days), language, now) for days in range(1, 365, 10)]
    texts += [format_list(["0"] * size, locale=locale) for size in (2, 3, 4)]
    return frozenset(token for text in texts for token in _tokens(bare(text)))


@cache
def _words(language: str) -> re.Pattern[str]:
    """Names of languages and words of times in a language, the longest first."""
    locale = locale_of(language)
    names = {*locale.languages.values(), *_times(language), *locale_of("en").languages.values()}
    return re.compile(
        "|".join(rf"(?<!\w){re.escape(bare(name))}(?!\w)" for name in sorted(names, key=len, reverse=True))
    )


def written(reply: dict[str, Any]) -> str:
    """Every text of a reply in one, to look for words in it."""

    def texts(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            for inner in value.values():
                yield from texts(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from texts(inner)
        else:
            yield str(value)

    return "\n".join(texts(reply))
