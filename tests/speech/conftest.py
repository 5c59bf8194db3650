"""A small catalogue and gazetteer for speech."""

from __future__ import annotations

from datetime import datetime

import pytest

from actions.directory.geo import Gazetteer, Place
from actions.directory.hours import BERLIN
from bot.speech.catalogue import Catalogue
from bot.speech.formats import Formatter
from bot.speech.nlg import CatalogueNLG

RESPONSES = {
    "utter_reply": [{"text": "Nothing."}],
    "utter_plain": [
        {
            "text": "Hello!",
            "buttons": [{"title": "Doctor", "payload": "/doctor"}, {"title": "Menu", "payload": "/help"}],
        }
    ],
    "utter_contact": [{"text": "About {service}:"}],
    "utter_two": [{"text": "{service} in {place}"}],
    "utter_office": [{"text": "Ask the office (Amt)."}],
    "utter_more": [{"text": "More places"}],
    "utter_language_recognised": [{"text": "I recognise {language}."}],
    "utter_language_partly": [{"text": "Not translated yet ({language})."}],
}
ARABIC = {
    "Hello!": "مرحبا!",
    "Doctor": "طبيب",
    "About {service}:": "عن {service}:",
    "Ask the office (Amt).": "اسأل المكتب (Amt).",
    "More places": "أماكن أخرى",
    "Telephone helpline": "خط مساعدة هاتفي",
    "Finding a flat (Wohnung)": "البحث عن شقة (Wohnung)",
}
NOW = datetime(2026, 11, 24, 10, 0, tzinfo=BERLIN)


@pytest.fixture
def now() -> datetime:
    """A Tuesday morning."""
    return NOW


@pytest.fixture
def catalogue() -> Catalogue:
    known = {"Hello!": "Привет!", "Not translated yet ({language}).": "Ещё не переведено ({language})."}
    return Catalogue({"ar": dict(ARABIC), "de": {"Hello!": "Hallo!"}, "ru": known})


@pytest.fixture
def nlg(catalogue: Catalogue) -> CatalogueNLG:
    places = [Place("leipzig", "Leipzig", "city", names={"ar": "لايبزيغ"})]
    return CatalogueNLG(RESPONSES, catalogue, Formatter(Gazetteer(places)))
