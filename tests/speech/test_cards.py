"""A service card in words, from the facts that actions hand over."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from actions.directory.freshness import shown
from actions.directory.geo import Gazetteer, Place
from actions.directory.hours import BERLIN, state_at
from actions.directory.model import Service
from actions.directory.search import Match
from actions.knowledge.model import Knowledge
from actions.resources import Resources
from actions.turn import card_facts
from bot.speech.catalogue import Catalogue
from bot.speech.formats import LRI, PDI, Formatter
from bot.speech.nlg import CatalogueNLG
from bot.speech.reply import Card

RESPONSES = yaml.safe_load((Path(__file__).parents[2] / "domain.yml").read_text(encoding="utf-8"))["responses"]
GAZETTEER = Gazetteer([Place("leipzig", "Leipzig", "city"), Place("sachsen", "Sachsen", "state")])
KINDS = {"job_centre": {"label": "Job centre", "german": "Jobcenter"}, "office": {"label": "Office", "german": "Amt"}}
NLG = CatalogueNLG(RESPONSES, Catalogue({}), Formatter(GAZETTEER))
TUESDAY = datetime(2026, 11, 24, 10, 0, tzinfo=BERLIN)
OFFICE_HOURS = "Mo-Th 09:00-12:00; PH off"
WARNINGS = {
    "utter_card_old": "This may have changed",
    "utter_card_undated": "The date of this information is not known",
    "utter_card_withheld": "Older details are left out",
    "utter_card_unconfirmed": "Please look at the website",
    "utter_card_please_ask": "Please ask a counselling centre",
}


def written(language: str = "en", direction: str = "ltr", now: datetime = TUESDAY, **fields: Any) -> Card:
    """The card of a service, through the freshness contract as in a conversation."""
    base = {
        "id": "amt", "name": "Amt für Alles", "topics": ("doctor",), "kind": "office", "area": ("leipzig",),
        "address_1": "Weg 1", "postal_code": "04109", "city": "Leipzig", "phone": "+49 341 1",
        "checked": {"phone": "2026-10", "address": "2026-10", "hours": "2026-10"},
    }  # fmt: skip
    distance = fields.pop("distance", None)
    service = Service(**{**base, **fields})
    hours = None
    if service.hours:
        hours = state_at(service.hours, now, service.by_appointment)
    elif service.by_appointment:
        hours = state_at("off", now, by_appointment=True)
    match = Match(service, shown(service, now.date()), "place", distance, hours)
    resources = Resources(Knowledge({}, {}), None, GAZETTEER, KINDS)  # type: ignore[arg-type]
    return NLG.cards.write(card_facts(match, resources), language, direction, now)


def test_open_until() -> None:
    card = written(hours=OFFICE_HOURS)
    assert card.open_now is True
    assert card.hours == "Open now until 12:00. Mon–Thu 09:00–12:00"


def test_open_beyond_today_names_the_day() -> None:
    card = written(hours="Mo-Fr 07:00-09:00; Sa-Su 00:00-24:00", now=datetime(2026, 11, 28, 12, 0, tzinfo=BERLIN))
    assert card.hours.startswith("Open now until Monday, 00:00.")


def test_closed_until() -> None:
    card = written(hours=OFFICE_HOURS, now=TUESDAY.replace(hour=14))
    assert card.open_now is False
    assert card.hours == "Closed now, opens Wednesday, 09:00. Mon–Thu 09:00–12:00"


def test_closed_on_a_holiday_of_saxony() -> None:
    card = written(hours=OFFICE_HOURS, now=datetime(2026, 11, 18, 10, 0, tzinfo=BERLIN))
    assert card.open_now is False
    assert card.hours.startswith("Closed now, opens Thursday, 09:00.")


def test_closed_without_a_next_opening() -> None:
    card = written(hours="Jun 09:00-12:00")
    assert (card.open_now, card.hours) == (False, "Closed now.")


def test_day_and_night() -> None:
    card = written(hours="24/7")
    assert (card.open_now, card.hours) == (True, "Open day and night.")


def test_by_appointment_claims_neither_open_nor_closed() -> None:
    assert written(hours=OFFICE_HOURS, by_appointment=True).hours == "By appointment. Mon–Thu 09:00–12:00"
    card = written(by_appointment=True)
    assert (card.open_now, card.hours) == (None, "By appointment.")


def test_unknown_hours_ask_to_call_or_to_ask() -> None:
    assert written().hours == "Opening hours not known, please call first."
    assert written(phone="").hours == "Opening hours not known, please ask first."
    assert written().open_now is None


@pytest.mark.parametrize(
    ("fields", "key", "checked"),
    [
        ({}, "", "Checked: October 2026."),
        ({"checked": dict.fromkeys(("phone", "address"), "2024-03-09")}, "utter_card_old", "Checked: March 9, 2024."),
        ({"checked": {}}, "utter_card_undated", ""),
        ({"checked": {"phone": "2019", "address": "2026"}}, "utter_card_withheld", "Checked: 2026."),
        ({"confidence": "low", "url": "https://x.de"}, "utter_card_unconfirmed", "Checked: October 2026."),
        ({"confidence": "low"}, "utter_card_please_ask", "Checked: October 2026."),
    ],
)
def test_the_note_of_every_warning(fields: dict[str, Any], key: str, checked: str) -> None:
    note = written(**fields).note
    assert checked in note
    assert ("Checked" in note) is bool(checked)
    for name, words in WARNINGS.items():
        assert (words in note) is (name == key)


def test_unconfirmed_shows_no_number_no_door_no_hours() -> None:
    card = written(confidence="low", hours="24/7", email="a@b.de", url="https://x.de")
    assert (card.phone, card.email, card.hours, card.open_now, card.map) == ("", "", "", None, "")
    assert (card.name, card.address, card.website) == ("Amt für Alles", "Leipzig", "https://x.de")


def test_a_closed_service_shows_no_number_either() -> None:
    card = written(status="defunct", hours="24/7")
    assert (card.phone, card.hours, card.open_now) == ("", "", None)


def test_a_number_too_old_is_withheld_while_the_address_stays() -> None:
    card = written(checked={"phone": "2019", "address": "2026-10"})
    assert (card.phone, card.address) == ("", "Weg 1, 04109 Leipzig")


@pytest.mark.parametrize(
    ("fields", "address", "has_map"),
    [
        ({}, "Weg 1, 04109 Leipzig", True),
        ({"address_1": ""}, "04109 Leipzig", False),
        ({"postal_code": ""}, "Weg 1, Leipzig", True),
        ({"address_1": "", "postal_code": ""}, "Leipzig", False),
        ({"address_1": "", "postal_code": "", "city": "", "area": ("sachsen",)}, "", False),
        ({"address_1": "", "postal_code": "", "city": "", "telephone_only": True}, "", False),
    ],
)
def test_addresses(fields: dict[str, Any], address: str, has_map: bool) -> None:
    card = written(**fields)
    assert card.address == address
    assert card.map.startswith("https://www.openstreetmap.org/") is has_map


def test_kind_in_the_language_with_the_german_word() -> None:
    assert written("de").kind == "Amt"
    assert written("en").kind == "Office (Amt)"
    assert written("ar", "rtl").kind == f"Office ({LRI}Amt{PDI})"


def test_a_german_word_already_in_the_label_is_not_repeated() -> None:
    NLG.catalogue._texts["uk"] = {"Job centre": "Центр зайнятості Jobcenter"}
    assert written("uk", kind="job_centre").kind == "Центр зайнятості Jobcenter"


def test_languages_cost_distance_source() -> None:
    sources = ({"url": "https://s.de", "seen": "2026"},)
    card = written("de", languages=("de", "ar"), free=True, sources=sources, distance=3.44)
    assert card.languages == ["Deutsch", "Arabisch"]
    assert card.distance_km == 3.4
    assert card.source == "https://s.de"
    assert card.cost == "Free of charge"  # no German in this catalogue
    assert written().cost == ""


def test_written_in_arabic_the_number_stays() -> None:
    card = written("ar", "rtl", hours=OFFICE_HOURS)
    assert card.phone == "+49 341 1"
    assert "الاثنين–الخميس 09:00–12:00" in card.hours
    assert card.name == "Amt für Alles"


def test_a_note_says_whose_hours_these_are() -> None:
    card = written(hours=OFFICE_HOURS, hours_note="Hours of the telephone.", checked={"hours": "2026-10"})
    assert card.hours == "Open now until 12:00. Mon–Thu 09:00–12:00. Hours of the telephone."
    alone = written(hours="", hours_note="By arrangement.", checked={"hours": "2026-10"})
    assert (alone.hours, alone.open_now) == ("By arrangement.", None)
    withheld = written(hours=OFFICE_HOURS, hours_note="Hours of the telephone.", checked={"hours": "2020"})
    assert "telephone" not in withheld.hours


def test_an_alert_of_the_source_stands_last_in_its_own_words() -> None:
    card = written("ar", "rtl", alert="KW 47 nur telefonisch")
    assert card.note.endswith("\u2068KW 47 nur telefonisch\u2069")
