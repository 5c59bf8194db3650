"""A service card in words: address, hours with open or closed, languages, distance, date of the last check."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from bot.speech import formats
from bot.speech.catalogue import Catalogue
from bot.speech.reply import Card

WARNINGS = {
    "old": "utter_card_old",
    "undated": "utter_card_undated",
    "withheld": "utter_card_withheld",
    "unconfirmed": "utter_card_unconfirmed",
}
ABOUT = {
    "women": "utter_card_women",
    "men": "utter_card_men",
    "childcare": "utter_card_childcare",
    "wheelchair": "utter_card_wheelchair",
    "interpreters": "utter_card_interpreters",
}


class CardWriter:
    """Writes Card objects from card facts; `sentence(key, language, args, now)` looks texts up,
    `transit_url` is the address of a journey planner with {destination}."""

    def __init__(self, sentence: Callable[..., str], catalogue: Catalogue, transit_url: str = "") -> None:
        self.sentence = sentence
        self.transit_url = transit_url
        self.catalogue = catalogue

    def write(self, facts: dict[str, Any], language: str, direction: str, now: datetime) -> Card:
        """One card; names, numbers and addresses stay German, everything else is in `language`."""
        hours, open_now = self._hours(facts.get("hours"), language, now)
        if facts.get("hours_note"):
            # Whose hours these are, and when they do not hold; an upstream's note is in its own words.
            note, _ = self.catalogue.text(facts["hours_note"], language)
            hours = ". ".join(part for part in (hours.rstrip("."), formats.isolate(note, direction)) if part)
        address = facts.get("address") or {}
        return Card(
            id=facts["id"],
            name=facts["name"],
            kind=self._kind(facts, language, direction),
            address=_address(address, facts.get("town", "")),
            phone=facts.get("phone", ""),
            email=facts.get("email", ""),
            hours=hours or self._no_hours(facts, language, now),
            open_now=open_now,
            languages=[formats.language_name(code, language) for code in facts.get("languages", ())],
            website=facts.get("website", ""),
            map=formats.point_link(*facts["point"]) if "point" in facts else formats.map_link(address),
            route=formats.route_link(self.transit_url, facts.get("point"), address),
            distance_km=facts.get("distance_km"),
            cost=self.sentence("utter_card_free", language) if facts.get("free") else "",
            about=self._about(facts, language),
            checked=facts.get("checked", ""),
            note=self._note(facts, language, direction),
            source=facts.get("source", ""),
        )

    def _kind(self, facts: dict[str, Any], language: str, direction: str) -> str:
        german = str(facts["kind_german"])
        if language == "de":
            return german
        label, _ = self.catalogue.text(facts["kind_label"], language)
        if german.casefold() in label.casefold():
            return label
        return formats.isolate_terms(f"{label} ({german})", direction)

    def _hours(self, hours: dict[str, Any] | None, language: str, now: datetime) -> tuple[str, bool | None]:
        if not hours:
            return "", None
        week = formats.week_text(hours["osm"], now, language) if hours["osm"] else ""
        state = hours["state"]
        if state == "appointment":
            line = self.sentence("utter_card_appointment", language)
            return (f"{line} {week}".strip(), None)
        if state == "open":
            if hours["always"]:
                return self.sentence("utter_card_always", language), True
            line = self.sentence("utter_card_open", language, {"until": {"moment": hours["until"]}}, now)
            return f"{line} {week}".strip(), True
        if hours["opens"]:
            line = self.sentence("utter_card_closed", language, {"opens": {"moment": hours["opens"]}}, now)
        else:
            line = self.sentence("utter_card_closed_now", language)
        return f"{line} {week}".strip(), False

    def _about(self, facts: dict[str, Any], language: str) -> list[str]:
        """Short facts: when a course starts, for whom it is, what eases coming."""
        found = [self.sentence(ABOUT[name], language) for name in facts.get("about", ())]
        if facts.get("starts"):
            date = formats.checked_date(facts["starts"], language)
            found.insert(0, self.sentence("utter_card_starts", language, {"date": date}))
        return found

    def _no_hours(self, facts: dict[str, Any], language: str, now: datetime) -> str:
        if facts.get("warning") == "unconfirmed":
            return ""
        key = "utter_card_hours_unknown" if facts.get("phone") else "utter_card_hours_unknown_ask"
        return self.sentence(key, language)

    def _note(self, facts: dict[str, Any], language: str, direction: str) -> str:
        key = WARNINGS.get(facts.get("warning", ""))
        if facts.get("warning") == "unconfirmed" and not facts.get("website"):
            key = "utter_card_please_ask"
        notes = [self.sentence(key, language)] if key else []
        if facts.get("checked"):
            date = formats.checked_date(facts["checked"], language)
            notes.insert(0, self.sentence("utter_card_checked", language, {"date": date}))
        if facts.get("alert"):
            notes.append(formats.isolate(facts["alert"], direction))
        return " ".join(notes)


def _address(address: dict[str, str], town: str) -> str:
    street = address.get("street", "")
    city = " ".join(v for v in (address.get("postal_code", ""), address.get("city", "")) if v)
    return ", ".join(v for v in (street, city) if v) or town
