"""The assistant says nothing but what is ours: no reply holds words of a person, or anything outside the catalogue."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.languages import languages
from bot.settings import ROOT
from tests.security.conftest import Assistant
from tests.security.hostile import CANARY, messages
from tests.security.known import Known, written

SPOKEN = [code for code, language in languages().items() if language.trained]
EACH = 30
HOSTILE = messages()


def asked(language: str) -> list[str]:
    """Messages of the test set of a language, the same ones each time, emergencies among them."""
    files = sorted((ROOT / "tests" / "nlu" / language).glob("*.jsonl"))
    rows = [json.loads(line)["text"] for file in files for line in file.read_text("utf-8").splitlines() if line.strip()]
    return random.Random(7).sample(rows, EACH)


@pytest.mark.parametrize("language", SPOKEN)
def test_everything_in_a_reply_is_known(assistant: Assistant, known: Known, language: str) -> None:
    strange = []
    for number, text in enumerate(asked(language)):
        sender = f"known-{language}-{number // 5}"
        for reply in assistant.say(sender, text, hint=language)["replies"]:
            assert reply["language"] in languages()
            strange += [(text, line) for line in known.strangers(reply)]
    assert strange == []


def test_buttons_and_follow_ups_are_known_too(assistant: Assistant, known: Known) -> None:
    for language in SPOKEN:
        sender = f"pressed-{language}"
        assistant.say(sender, payload=f'/change_language{{"service_language": "{language}"}}')
        first = assistant.say(sender, payload='/doctor{"place": "leipzig"}')["replies"]
        pressed = [choice["payload"] for reply in first for choice in reply.get("choices", ())]
        more = [
            "/ask_opening_hours",
            "/ask_contact",
            "/ask_more_options",
            "/simplify",
            "/repeat",
            "/feedback_bad",
            "/help",
        ]
        for payload in (*pressed, *more, "/domestic_violence", "/emergency_violence", "/human_handover"):
            for reply in assistant.say(sender, payload=payload)["replies"]:
                assert known.strangers(reply) == [], (language, payload)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_reply_to_anybody_holds_what_somebody_wrote(assistant: Assistant, known: Known, text: str) -> None:
    said = assistant.say("attacker", text)
    again = [
        assistant.say("attacker", payload=payload) for payload in ("/repeat", "/ask_contact", "/ask_opening_hours")
    ]
    other = assistant.say("bystander", "Wo finde ich einen Deutschkurs in Leipzig?")
    for answered in (said, *again, other):
        assert answered["replies"] or "error" in answered
        for reply in answered["replies"]:
            assert CANARY not in written(reply).casefold()
            assert known.strangers(reply) == []


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(st.text(max_size=200), st.sampled_from(["", *SPOKEN]), st.text(max_size=30))
def test_whatever_is_written(assistant: Assistant, known: Known, text: str, hint: str, campaign: str) -> None:
    answered = assistant.say("anything", f"{text} {CANARY}", hint=hint, campaign=campaign)
    for reply in answered["replies"]:
        assert CANARY not in written(reply).casefold()
        assert known.strangers(reply) == []


def test_a_campaign_is_never_said(assistant: Assistant) -> None:
    """Its name is chosen by whoever makes a link."""
    answered = assistant.say("campaign", "Deutschkurs in Leipzig", campaign=CANARY)
    more = assistant.say("campaign", payload="/ask_contact")
    assert CANARY not in json.dumps([answered, more])
    assert assistant.slots("campaign")["campaign"] == CANARY  # it was taken, and counted


class TestTheChecker:
    """The checker itself finds what is not ours, wherever it stands."""

    @pytest.fixture(scope="class")
    def reply(self, assistant: Assistant) -> dict[str, Any]:
        (found,) = assistant.say("checker", "Wo finde ich einen Deutschkurs in Leipzig?")["replies"]
        assert found["cards"] and found["choices"] and found["sources"]
        return found

    def test_the_reply_itself_is_known(self, known: Known, reply: dict[str, Any]) -> None:
        assert known.strangers(reply) == []

    @pytest.mark.parametrize("field", ["text", "language", "dir", "part", "asks", "topic", "place", "author", "more"])
    def test_a_strange_field(self, known: Known, reply: dict[str, Any], field: str) -> None:
        assert known.strangers({**reply, field: f"{reply.get(field, '')} {CANARY}".strip()})

    @pytest.mark.parametrize(
        "field",
        ["id", "name", "kind", "address", "phone", "email", "hours", "website", "map", "route", "cost", "note", "source", "checked"],
    )  # fmt: skip
    def test_a_strange_card(self, known: Known, reply: dict[str, Any], field: str) -> None:
        cards = [{**reply["cards"][0], field: f"{reply['cards'][0].get(field, '')} {CANARY}".strip()}]
        assert known.strangers({**reply, "cards": cards})

    @pytest.mark.parametrize(
        "change",
        [
            {"choices": [{"title": CANARY, "payload": "/help"}]},
            {"choices": [{"title": "Menü", "payload": f'/inform{{"place": "{CANARY}"}}'}]},
            {"sources": [{"id": "x", "url": f"https://{CANARY}.example"}]},
            {"links": [{"url": "https://x.example", "title": CANARY}]},
        ],
    )
    def test_a_strange_list(self, known: Known, reply: dict[str, Any], change: dict[str, Any]) -> None:
        assert known.strangers({**reply, **change})

    def test_a_sentence_of_ours_with_another_name_in_it(self, known: Known, assistant: Assistant) -> None:
        said = assistant.agent.nlg.sentence("utter_contact", "de", {"service": CANARY})
        assert CANARY in said and not known.explains(said)
        assert known.explains(
            assistant.agent.nlg.sentence("utter_contact", "de", {"service": "Jugendmigrationsdienst"})
        ) is ("Jugendmigrationsdienst" in known.names)


def test_there_are_enough(assistant: Assistant) -> None:
    assert len(SPOKEN) == 12 and EACH * len(SPOKEN) >= 300 and len(HOSTILE) >= 50
    assert all(CANARY in text or text.startswith("/") for text in HOSTILE)
    assert Path(assistant.folder).is_dir()
