"""What is counted of messages and turns, read from a scrape, with a real server around it."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sanic import Sanic
from sanic.response import text as answer

from bot import operations_wiring
from bot.memory.counters import TEST, Counted
from bot.operations import metrics
from bot.operations.lag import Lag
from bot.operations_wiring import kind_of, turn_counted, watch, watched
from bot.settings import Settings
from tests.fakes.running import running
from tests.operations.test_metrics import samples
from tools.bench.processes import free_port

HOSTILE = "Amal Haddad 0341/123456"


def message(channel: str = "web", parsed: dict[str, Any] | None = None) -> Any:
    return SimpleNamespace(input_channel=channel, parse_data=parsed, text=HOSTILE, sender_id=HOSTILE)


def turn(outcome: str = "answered", **more: Any) -> Counted:
    row: dict[str, Any] = dict(
        moment=datetime.now(timezone.utc), channel="web", language="ti", outcome=outcome, topic="doctor",
        new_question=True, district="", campaign="", services=(), missing=False, placed=False,
    )  # fmt: skip
    return Counted(**{**row, **more})


def value(name: str, **labels: str) -> float:
    return next((v for n, given, v in samples(metrics.REGISTRY) if n == name and given == labels), 0.0)


class Difference:
    """How much a series grew since."""

    def __init__(self, name: str, **labels: str) -> None:
        self._name, self._labels = name, labels
        self._before = value(name, **labels)

    def __call__(self) -> float:
        return value(self._name, **self._labels) - self._before


def test_a_message_is_counted_and_timed() -> None:
    seen = Difference("wegweiser_messages_total", channel="telegram", kind="text")
    timed = Difference("wegweiser_answer_seconds_count", channel="telegram")
    waiting: list[float] = []

    async def handle(given: Any) -> str:
        waiting.append(value("wegweiser_under_way"))
        return "done"

    assert asyncio.run(watched(handle, lambda _: False)(message("telegram"))) == "done"
    assert (seen(), timed(), waiting, value("wegweiser_under_way")) == (1, 1, [1.0], 0.0)
    assert abs(value("wegweiser_last_message_timestamp_seconds", channel="telegram") - time.time()) < 60


@pytest.mark.parametrize(("urgent", "unanswered"), [(True, 1), (False, 0)])
def test_a_failure_is_counted_and_passed_on(urgent: bool, unanswered: int) -> None:
    failed = Difference("wegweiser_outcomes_total", outcome="failed")
    crisis = Difference("wegweiser_crisis_failed_total")

    async def handle(given: Any) -> None:
        raise ValueError(HOSTILE)

    with pytest.raises(ValueError, match="Amal"):
        asyncio.run(watched(handle, lambda _: urgent)(message()))
    assert (failed(), crisis(), value("wegweiser_under_way")) == (1, unanswered, 0.0)


def test_who_goes_away_is_no_failure() -> None:
    failed = Difference("wegweiser_outcomes_total", outcome="failed")

    async def handle(given: Any) -> None:
        raise asyncio.CancelledError

    async def run() -> None:
        with pytest.raises(asyncio.CancelledError):
            await watched(handle, lambda _: True)(message())

    asyncio.run(run())
    assert failed() == 0 and value("wegweiser_under_way") == 0.0


@pytest.mark.parametrize(
    ("parsed", "kind"),
    [
        (None, "text"),
        ({"entities": []}, "button"),
        ({"entities": [{"entity": "place", "extractor": "button"}]}, "button"),
        ({"entities": [{"entity": "point", "extractor": "location"}]}, "location"),
        ({}, "button"),
    ],
)
def test_kinds(parsed: dict[str, Any] | None, kind: str) -> None:
    assert kind_of(message(parsed=parsed)) == kind


@pytest.mark.parametrize(
    ("outcome", "told"),
    [("answered", "answered"), ("crisis", "answered"), ("asked_back", "asked_back"), ("feedback_bad", "conversation"),
     ("not_understood", "not_understood"), ("conversation", "conversation"), (HOSTILE, "conversation")],
)  # fmt: skip
def test_an_emergency_is_not_missing_from_the_outcomes(outcome: str, told: str) -> None:
    grown = Difference("wegweiser_outcomes_total", outcome=told)
    turn_counted(turn(outcome))
    assert grown() == 1


def test_the_subject_of_a_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    subjects: list[tuple[str, str, bool]] = []
    monkeypatch.setattr(metrics, "count_subject", lambda *given: subjects.append(given))
    turn_counted(turn())
    turn_counted(turn("crisis"))
    turn_counted(turn("conversation"))  # thanks, with a topic still in hand
    turn_counted(turn(campaign=TEST))
    assert subjects == [("ti", "health", False), ("ti", "", True), ("ti", "", False)]


def test_every_topic_has_an_area_and_areas_are_few() -> None:
    found = operations_wiring.areas()
    assert len(found) > 40 and 5 <= len(set(found.values())) <= 15
    assert found["doctor"] == "health" and found["work_permit"] != found["doctor"]


def test_the_lag_of_a_loop_that_stands_still_is_seen() -> None:
    lag = Lag()

    async def run() -> None:
        task = asyncio.create_task(lag.run())
        await asyncio.sleep(0.05)
        time.sleep(1.5)
        await asyncio.sleep(0.05)
        task.cancel()

    assert lag.worst() == 0.0
    asyncio.run(run())
    assert lag.worst() >= 0.9


def test_a_server_tells_on_a_port_of_its_own(tmp_path: Path) -> None:
    """Sources by their kind, queues, model and disk; nothing of it on the public port."""
    number = free_port()
    settings = Settings(metrics=f"127.0.0.1:{number}", data_dir=tmp_path)
    kept = datetime.fromtimestamp(time.time() - 7200, timezone.utc)

    async def handle(given: Any) -> None:
        return None

    def source(name: str, up: bool | None, newest: datetime | None) -> Any:
        return SimpleNamespace(name=name, health=SimpleNamespace(up=up, newest=newest))

    found = [source("integreat", True, kept), source("hsds https://secret.example/x?key=1", False, None), source("hsds https://b", None, None)]  # fmt: skip
    agent: Any = SimpleNamespace(
        handle_message=handle,
        resources=SimpleNamespace(sources=SimpleNamespace(sources=found), handbook=None),
        takeover=SimpleNamespace(loaded="ab" * 32, refused="another"),
    )
    telegram = SimpleNamespace(inbox=SimpleNamespace(waiting=7))
    Sanic.test_mode = True
    app = Sanic(f"watch-{number}", configure_logging=False)
    app.get("/x")(lambda request: answer("y"))
    watch(app, settings, agent, [telegram])
    with running(app) as port:
        asyncio.run(agent.handle_message(message(HOSTILE)))
        assert httpx.get(f"http://127.0.0.1:{port}/x").status_code == 200
        assert httpx.get(f"http://127.0.0.1:{port}/metrics").status_code == 404
        told = httpx.get(f"http://127.0.0.1:{number}/metrics").text
    assert HOSTILE not in told and "Amal" not in told and "secret.example" not in told and "https" not in told
    rows = [(s.name, s.labels, s.value) for f in text_string_to_metric_families(told) for s in f.samples]
    assert ("wegweiser_upstream_up", {"source": "integreat"}, 1.0) in rows
    assert ("wegweiser_upstream_up", {"source": "hsds_1"}, 0.0) in rows
    assert not [row for row in rows if row[1].get("source") == "hsds_2"]
    age = next(
        v for n, labels, v in rows if n == "wegweiser_upstream_age_seconds" and labels == {"source": "integreat"}
    )
    assert 7200 <= age < 7300
    assert ("wegweiser_telegram_waiting", {}, 7.0) in rows
    assert ("wegweiser_model_info", {"sha256": "ab" * 6}, 1.0) in rows and ("wegweiser_model_refused", {}, 1.0) in rows
    assert next(v for n, _, v in rows if n == "wegweiser_data_free_bytes") > 0
    assert (
        next(v for n, labels, v in rows if n == "wegweiser_http_responses_total" and labels == {"status": "2xx"}) >= 1
    )


def test_without_the_setting_nothing_listens(tmp_path: Path) -> None:
    async def handle(given: Any) -> None:
        return None

    agent: Any = SimpleNamespace(handle_message=handle)
    app = Sanic("watch-off", configure_logging=False)
    watch(app, Settings(data_dir=tmp_path), agent, [])
    assert app.listeners["before_server_start"] == []
    again = agent.handle_message
    watch(app, Settings(data_dir=tmp_path), agent, [])
    assert again.watched is agent.handle_message.watched is handle, "nobody is counted twice"
