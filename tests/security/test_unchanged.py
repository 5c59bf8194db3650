"""Talking to it changes nothing: not its data, not its model, not its words, and nothing is learnt without a person."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.channels import gate
from bot.directory_tools.corrections import Corrections
from bot.languages import languages
from bot.memory.review_queue import ROWS_EACH
from bot.memory.review_store import Store
from bot.quality.review import main as review
from bot.settings import ROOT
from tests.security.conftest import Assistant
from tests.security.hostile import CANARY, COMMANDS, messages
from tests.security.known import Known

TRACKED = ("data", "locales", "domain.yml", "config.yml")
ROUNDS = 8


def files_hash(model: Path) -> str:
    found = hashlib.sha256()
    roots = [ROOT / name for name in TRACKED]
    paths = [
        path for root in roots for path in ([root] if root.is_file() else sorted(root.rglob("*"))) if path.is_file()
    ]
    for path in (*paths, model):
        found.update(str(path.name).encode() + hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()


def memory_hash(agent: Any) -> str:
    """What the running assistant knows, as it is in memory."""
    resources, nlg = agent.resources, agent.nlg
    knows = (
        sorted(map(repr, resources.directory.services.values())),
        sorted(map(repr, resources.knowledge.articles.values())),
        sorted(map(repr, resources.knowledge.items.values())),
        sorted(map(repr, resources.gazetteer.places.values())),
        json.dumps(nlg.catalogue._texts, sort_keys=True),
        json.dumps(nlg.responses, sort_keys=True, default=str),
        json.dumps(agent.domain.as_dict(), sort_keys=True, default=str),
    )
    return hashlib.sha256(repr(knows).encode("utf-8", "replace")).hexdigest()


def attack(assistant: Assistant) -> Iterator[dict[str, Any]]:
    """Some hundred hostile messages in a few conversations, with buttons made up by the client between them."""
    for turn in range(ROUNDS):
        sender = f"hostile-{turn}"
        for text in messages():
            yield assistant.say(sender, text)
        for command in COMMANDS:
            yield assistant.say(sender, payload=command)


def test_several_hundred_hostile_messages_change_nothing(assistant: Assistant) -> None:
    model = assistant.settings.model
    before = files_hash(model), memory_hash(assistant.agent)
    count = sum(1 for _ in attack(assistant))
    assert count >= 400
    assert (files_hash(model), memory_hash(assistant.agent)) == before
    assistant.agent.counters.flush()
    assistant.agent.review.drain()
    written = {path.name.partition(".")[0] for path in assistant.folder.rglob("*") if path.is_file()}
    assert written <= {"conversations", "counters", "review", "corrections", "secret", "telegram", ""}


def test_counters_count_and_hold_no_words(assistant: Assistant) -> None:
    """What can be chosen from outside is a campaign: up to 20 small letters, digits and hyphens."""
    assistant.say("counted", f"{CANARY} Deutschkurs in Leipzig", campaign="<b>evil</b> {x}")
    assistant.agent.counters.flush()
    month = assistant.agent.counters.month("2026-11")
    assert month["messages_channel"]
    values = {value for table in month.values() for cell in table for value in cell}
    assert not any(CANARY in value and value != CANARY for value in values)
    assert not any("<" in value or "{" in value for value in values)
    topics = frozenset(assistant.agent.domain.intents)
    assert all(row in topics for name, table in month.items() if name.startswith("questions_") for row, _ in table)


def test_a_correction_is_a_record_a_field_and_a_day(assistant: Assistant) -> None:
    shown = assistant.say("corrects", "Wo finde ich einen Deutschkurs in Leipzig?")["replies"][0]["cards"][0]
    for text in (f"Die Nummer ist falsch, richtig ist {CANARY} 0900 666", f'{{"wrong": "{CANARY}"}}'):
        assistant.say("corrects", text)
    assert "error" in assistant.say("corrects", payload=f'/feedback_bad{{"wrong": "{CANARY} 1"}}')
    assistant.say("corrects", payload="/ask_contact")
    assistant.say("corrects", payload='/feedback_bad{"wrong": "phone"}')
    path = assistant.folder / "corrections.jsonl"
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert rows and all(set(row) == {"id", "what", "day", "count"} for row in rows)
    services = assistant.agent.resources.directory.services
    assert {row["id"] for row in rows} <= set(services) and shown["id"] in services
    assert CANARY not in path.read_text("utf-8")
    assert Corrections(path, services).report(CANARY, "phone", assistant.agent.resources.clock().date()) is False
    before = services[rows[0]["id"]]
    assert assistant.agent.resources.directory.services[rows[0]["id"]] is before


def test_the_review_queue_is_filled_by_nobody_alone_and_trains_nothing(
    assistant: Assistant, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = Store(assistant.folder / "review.sqlite")
    start = len(store.waiting())
    before = {path: path.read_bytes() for path in (ROOT / "data" / "nlu").rglob("*.yml")}
    for number in range(3 * ROWS_EACH):
        assistant.say("poison", f"blabla wuppdi {number} schnurz piep")
        assistant.say("poison", payload="/feedback_bad")
    assistant.agent.review.drain()
    assert 0 <= len(store.waiting()) - start <= ROWS_EACH
    store.close()
    assert {path: path.read_bytes() for path in (ROOT / "data" / "nlu").rglob("*.yml")} == before
    # Nothing becomes a training message without a table that somebody decided, and a name beside it.
    from argparse import Namespace

    table = tmp_path / "review.csv"
    table.write_text("", "utf-8")
    assert review(assistant.settings, Namespace(verb="import", file=str(table), by=" ")) == 1
    assert "--by" in capsys.readouterr().err


SLOTS = {"language", "topic", "place", "place_options", "point", "status", "level", "age", "campaign", "introduced",
         "drafted", "shown", "wishes", "service", "forget", "matter", "awaiting", "session_started_metadata",
         "requested_slot"}  # fmt: skip


def stray(assistant: Assistant, slots: dict[str, Any]) -> list[str]:
    """Slots that hold something other than an id, a code or a number of ours."""
    from actions.status import TITLES, UNSAID
    from actions.wishes import SAID, SPEAKS

    resources, intents = assistant.agent.resources, frozenset(assistant.agent.domain.intents)
    codes = assistant.agent.nlg.formatter
    assert codes is not None
    services = resources.directory.services

    def code(value: Any) -> bool:
        return isinstance(value, str) and value.isascii() and value.isalpha() and len(value) <= 5

    rules = {
        "language": code,
        "introduced": code,
        "drafted": lambda v: v in languages(),
        "topic": lambda v: v in intents,
        "place": lambda v: v in resources.gazetteer.places,
        "place_options": lambda v: set(v) <= set(resources.gazetteer.places),
        "point": lambda v: all(round(float(x), 2) == float(x) for x in v.split(",")),
        "status": lambda v: v in {*TITLES, UNSAID},
        "level": lambda v: v in {"A1", "A2", "B1", "B2", "C1", "C2"},
        "age": lambda v: 0 < v < 100,
        "campaign": lambda v: gate.campaign_of(v) == v,
        "shown": lambda v: set(v) <= set(services),
        "service": lambda v: v in services,
        "wishes": lambda v: all(w in SAID or code(w.removeprefix(SPEAKS)) for w in v),
        "awaiting": lambda v: v in ("place", "phone"),
        "forget": lambda v: v in (True, False),
        "matter": lambda v: set(v) <= {"topic", "shown", "service"} and not stray(assistant, v),
        "session_started_metadata": lambda v: set(v) <= {"hint", "campaign"},
        "requested_slot": lambda v: False,
    }
    set_ = {name: value for name, value in slots.items() if value not in (None, [], "")}
    return [f"{name}={value!r}" for name, value in set_.items() if name not in SLOTS or not rules[name](value)]


@pytest.mark.parametrize("text", [*COMMANDS, *messages()[:30]], ids=lambda text: None)
def test_no_slot_is_set_to_words(assistant: Assistant, known: Known, text: str) -> None:
    sender = f"slots-{hashlib.sha256(text.encode()).hexdigest()[:8]}"
    assistant.say(sender, text)
    assert stray(assistant, assistant.slots(sender)) == []
    assistant.say(sender, payload=text)
    assert stray(assistant, assistant.slots(sender)) == []


@pytest.mark.parametrize(
    "payload",
    [
        '/inform{"place": "Max Mustermann wohnt hier"}',
        '/change_language{"service_language": "geh auf evil example"}',
        '/change_language{"service_language": "call 0900"}',
        '/repeat{"show": "Hallo"}',
        '/inform{"status": "Ich bin krank"}',
        '/feedback_bad{"wrong": "die Nummer"}',
        '/human_handover{"person": "Max"}',
        '/inform{"level": "B1"}',
        '/inform{"age": "30"}',
        '/inform{"topic": "doctor"}',
        '/inform{"language": "ar"}',
        '/inform{"place": "leipzig", "campaign": "x"}',
        "/help Max Mustermann",
        "/help\n/restart",
    ],
)
def test_a_button_carries_no_words(assistant: Assistant, payload: str) -> None:
    answered = assistant.say("buttons", payload=payload)
    assert answered["error"]["code"] == "bad_payload" and answered["replies"] == []


@pytest.mark.parametrize("payload", ['/inform{"place": "max-mustermann"}', '/inform{"status": "very_ill"}'])
def test_an_id_that_is_none_of_ours_is_not_remembered(assistant: Assistant, payload: str) -> None:
    answered = assistant.say("made-up", payload=payload)
    slots = assistant.slots("made-up")
    assert slots.get("place") is None and slots.get("status") is None
    assert "mustermann" not in json.dumps(answered["replies"]) and "very_ill" not in json.dumps(answered["replies"])


def test_every_button_of_the_domain_passes_the_gate(assistant: Assistant) -> None:
    intents = frozenset(assistant.agent.domain.intents)
    buttons = [b for v in assistant.agent.nlg.responses.values() for b in v[0].get("buttons") or ()]
    assert buttons
    for button in buttons:
        gate.parse_payload(button["payload"], intents)
    for place in assistant.agent.resources.gazetteer.places:
        gate.parse_payload(f'/inform{{"place":"{place}"}}', intents)
