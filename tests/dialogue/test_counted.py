"""Real conversations with the real assistant become numbers, and nothing else."""

from __future__ import annotations

import io
import json
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.memory.counters import TABLES, Counters
from bot.quality.lines import talk_lines
from bot.settings import Settings

MONTH = "2026-11"


@pytest.fixture
def counters(talk: Any) -> Iterator[Counters]:
    """The agent's own, empty before and after."""
    found: Counters = talk.talker.agent.counters
    found.drop_before("9999-12")
    found.flush()
    found.drop_before("9999-12")
    yield found
    found.flush()
    found.drop_before("9999-12")


def say(talk: Any, sender: str, **message: Any) -> dict[str, Any]:
    """A message as it comes through a channel: those of `talk` alone are tests."""
    found: dict[str, Any] = talk.send(sender, channel="web", **message)
    return found


def test_a_conversation_becomes_numbers(talk: Any, counters: Counters) -> None:
    say(talk, "n1", text="Ich suche einen Deutschkurs", campaign="aufnahme7")
    say(talk, "n1", text="in Zittau")
    say(talk, "n1", text="Was kostet das?", campaign="another")
    say(talk, "n1", text="Danke!")
    found = counters.month(MONTH)
    assert found["questions_language"] == {("german_course", "de"): 1}
    assert found["questions_district"] == {("german_course", "landkreis-goerlitz"): 1}
    assert found["questions_channel"] == {("german_course", "web"): 1}
    assert found["questions_campaign"] == {("german_course", "aufnahme7"): 1}
    assert found["messages_language"] == {("answered", "de"): 3, ("conversation", "de"): 1}
    assert found["messages_hour"] == {("answered", "10"): 3, ("conversation", "10"): 1}
    assert found["messages_day"] == {("answered", "2026-11-23"): 3, ("conversation", "2026-11-23"): 1}
    assert sum(found["services_shown"].values()) >= 3
    services = talk.talker.agent.resources.directory.services
    assert {service for service, _ in found["services_shown"]} <= set(services)


def test_what_was_not_understood_and_what_was_asked_back(talk: Any, counters: Counters) -> None:
    open_question = say(talk, "n2", text="Papageientaucher Quantenphysik")
    assert len(open_question["replies"][0]["choices"]) == 7, "the main areas and a person"
    likely = say(talk, "n2", text="die sache von gestern")
    assert len(likely["replies"][0]["choices"]) <= 4, "likely topics and a person"
    found = counters.month(MONTH)
    assert found["messages_channel"] == {("not_understood", "web"): 1, ("asked_back", "web"): 1}
    assert found["questions_language"] == {}


def test_feedback_and_crisis(talk: Any, counters: Counters) -> None:
    say(talk, "n3", payload="/feedback_good")
    say(talk, "n3", payload="/feedback_bad")
    say(talk, "n3", text="Ich wohne in Zittau und will mich umbringen", campaign="aufnahme7")
    found = counters.month(MONTH)
    assert {outcome: n for (outcome, _), n in found["messages_channel"].items()} == {
        "feedback_good": 1,
        "feedback_bad": 1,
        "crisis": 1,
    }
    assert found["questions_district"] == {("crisis_suicide", "unknown"): 1}
    assert found["questions_campaign"] == {("crisis_suicide", "unknown"): 1}


def test_no_village_beside_violence(talk: Any, counters: Counters) -> None:
    say(talk, "n4", payload='/domestic_violence{"place": "zittau"}', campaign="aufnahme7")
    say(talk, "n4", payload='/doctor{"place": "zittau"}')
    found = counters.month(MONTH)
    assert found["questions_district"] == {("domestic_violence", "unknown"): 1, ("doctor", "landkreis-goerlitz"): 1}
    assert found["questions_campaign"] == {("domestic_violence", "unknown"): 1, ("doctor", "aufnahme7"): 1}


def test_a_campaign_is_never_read_from_what_is_typed(talk: Any, counters: Counters) -> None:
    say(talk, "n5", text="campaign=aufnahme7 c-aufnahme7 Arzt in Leipzig")
    say(talk, "n5", payload="/doctor", campaign="later")
    campaigns = {campaign for _, campaign in counters.month(MONTH)["questions_campaign"]}
    assert campaigns <= {"unknown", "later"} and "aufnahme7" not in campaigns


def test_tests_are_not_counted(talk: Any, counters: Counters) -> None:
    talk.send("n6", text="Ich suche einen Deutschkurs in Leipzig")
    talk.send("n6", text="Ich suche einen Deutschkurs in Leipzig", campaign="aufnahme7")
    say(talk, "n7", text="Ich suche einen Deutschkurs in Leipzig", campaign="test")
    say(talk, "n7", text="Was kostet das?")
    assert counters.months() == []


def test_the_warm_up_and_look_ups_are_not_counted(talk: Any, counters: Counters) -> None:
    from bot.wiring import _look_up, warm

    agent = talk.talker.agent
    talk.loop.run_until_complete(warm(agent))
    assert talk.loop.run_until_complete(_look_up(agent)("wohnung leipzig ar")) is not None
    assert counters.months() == []


def test_a_forgotten_conversation_leaves_only_numbers(talk: Any, counters: Counters) -> None:
    say(talk, "n8", text="Mein Name ist Zaphira Beeblebrox, ich suche einen Arzt in Leipzig")
    say(talk, "n8", payload="/delete_my_data")
    assert counters.flush()
    folder = Path(str(counters._database._engine.url.database)).parent
    raw = b"".join(path.read_bytes() for path in folder.glob("counters.sqlite*"))
    for word in (b"Zaphira", b"Beeblebrox", b"n8", b"web-"):
        assert word not in raw
    assert b"doctor" in raw, "the look inside is real"
    rows = sqlite3.connect(folder / "counters.sqlite").execute("SELECT DISTINCT month, name FROM counters").fetchall()
    assert {month for month, _ in rows} == {MONTH} and {name for _, name in rows} <= set(TABLES)


def test_a_counter_that_fails_costs_nobody_the_answer(talk: Any, counters: Counters, monkeypatch: Any) -> None:
    def broken(_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(counters, "count", broken)
    assert say(talk, "n9", text="Ich suche einen Arzt in Leipzig")["topic"] == "doctor"
    assert say(talk, "n9", text="Was kostet das?")["topic"] == "doctor", "the conversation was saved"


def test_talk_writes_its_numbers_at_the_end(tmp_path: Path) -> None:
    rows = [
        {"sender": "a", "channel": "telegram", "text": "Ich suche einen Arzt in Leipzig"},
        {"sender": "b", "text": "Arzt"},
    ]
    source = io.BytesIO("\n".join(map(json.dumps, rows)).encode())
    settings = Settings(data_dir=tmp_path, secret="a secret of the tests")
    assert talk_lines(settings, source, io.StringIO(), "2026-11-23T10:00") == 0
    reader = Counters(f"sqlite:///{tmp_path / 'counters.sqlite'}")
    assert reader.month(MONTH)["questions_channel"] == {("doctor", "telegram"): 1}
    reader.close()


def test_counting_is_cheap(talk: Any, counters: Counters, record_property: Any) -> None:
    """The figure is for the reader of the report; what is tested is that reading a turn does not touch the database."""
    say(talk, "n10", text="Ich suche einen Arzt in Leipzig")
    agent = talk.talker.agent
    conversation = next(iter(talk.loop.run_until_complete(agent.conversations.keys())))
    tracker = talk.loop.run_until_complete(agent.conversations.retrieve(conversation))
    (told, *_) = agent.conversations.on_turn
    before = Path(str(counters._database._engine.url.database)).stat().st_mtime_ns
    begun = time.perf_counter()
    for _ in range(1000):
        told(tracker)
    record_property("microseconds", round((time.perf_counter() - begun) * 1000))
    assert Path(str(counters._database._engine.url.database)).stat().st_mtime_ns == before
