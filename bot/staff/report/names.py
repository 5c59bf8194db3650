"""What the values in the counters are called in German."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from bot.settings import ROOT
from bot.staff.report.suppression import OTHER, UNKNOWN

if TYPE_CHECKING:
    from actions.directory.geo import Place
    from actions.knowledge.model import Article
    from bot.speech.catalogue import Catalogue

OUTCOMES = {
    "answered": "beantwortet",
    "asked_back": "zurückgefragt",
    "not_understood": "nicht verstanden",
    "crisis": "Notlage",
    "feedback_good": "Rückmeldung: hilfreich",
    "feedback_bad": "Rückmeldung: nicht hilfreich",
    "conversation": "Gespräch (Gruß, Dank, Einstellungen)",
}
CHANNELS = {"web": "Webseite", "light": "einfache Webseite (/m)", "telegram": "Telegram"}
STATES = {"fresh": "aktuell", "stale": "vielleicht veraltet"}
_UNKNOWN = {
    "district": "ohne Ort",
    "campaign": "ohne Kampagne",
    "language": "unbekannte Sprache",
    "channel": "unbekannter Weg",
}
_OTHER = {
    "topic": "übrige Themen",
    "language": "übrige Sprachen",
    "district": "übrige Orte",
    "channel": "übrige Wege",
    "campaign": "übrige Kampagnen",
    "outcome": "übrige",
    "hour": "übrige Stunden",
    "day": "übrige Tage",
}


def _same(value: str) -> str:
    return value


@dataclass(frozen=True)
class Names:
    """German names by id; a function gives the id itself where it knows none."""

    topic: Callable[[str], str] = _same
    language: Callable[[str], str] = _same
    district: Callable[[str], str] = _same
    service: Callable[[str], str] = _same
    channels: Mapping[str, str] = field(default_factory=lambda: CHANNELS)

    def of(self, dimension: str, value: str) -> str:
        """The name of a value of a dimension of bot.memory.counters.TABLES."""
        if value == OTHER:
            return _OTHER.get(dimension, "übrige")
        if value == UNKNOWN:
            return _UNKNOWN.get(dimension, "unbekannt")
        if dimension == "hour":
            return f"{value} Uhr"
        if dimension == "day":
            return _day(value)
        known: dict[str, Callable[[str], str]] = {
            "topic": self.topic,
            "language": self.language,
            "district": self.district,
            "service": self.service,
            "channel": lambda v: self.channels.get(v, v),
            "outcome": lambda v: OUTCOMES.get(v, v),
            "state": lambda v: STATES.get(v, v),
        }
        return known.get(dimension, _same)(value) or value


def names_of(
    topics: Mapping[str, Article], catalogue: Catalogue, places: Mapping[str, Place], service: Callable[[str], str]
) -> Names:
    """The names from articles, catalogue and places that are loaded; `service` gives the name of one, "" for none."""
    from bot.speech.formats import language_name

    return Names(
        topic=lambda topic: catalogue.text(topics[topic].title, "de")[0] if topic in topics else topic,
        language=lambda code: language_name(code, "de"),
        district=lambda place: places[place].name if place in places else place,
        service=lambda name: service(name) or name,
    )


def names_from_data() -> Names:
    """The same for a command, which has nothing loaded: from the files of this installation, read once a call."""
    from actions.directory.geo import Gazetteer
    from actions.directory.model import load_records
    from actions.knowledge.loader import load
    from bot.speech.catalogue import Catalogue

    data = ROOT / "data"
    articles = load(data / "articles", data / "knowledge").articles
    catalogue = Catalogue.load(ROOT / "locales")
    places = Gazetteer.load(data / "places.yml", data / "postcodes.yml").places
    services = {str(record["id"]): str(record.get("name") or "") for record in load_records(data / "services")}
    return names_of(articles, catalogue, places, lambda name: services.get(name, ""))


def _day(value: str) -> str:
    try:
        return f"{date.fromisoformat(value):%d.%m.}"
    except ValueError:
        return value
