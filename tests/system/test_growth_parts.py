"""The curves of `make bench-growth` in small: real stores with a real Redis, the real agent, and data for Rasa's own readers."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader

from bot.memory.stored_events import pack
from bot.nlu.folds import HELD_OUT, fold_of
from bot.nlu.heads import TunedHead
from bot.quality.bench_messages import BUTTON, TOPIC
from bot.settings import ROOT
from tests.fakes import redis_server
from tools.bench import sample
from tools.growth import events, intents, languages, run, split, store
from tools.growth.agents import answer, loaded
from tools.growth.fewer_languages import ORDER, write_registry
from tools.growth.figures import milliseconds, open_files, rss_mb, threads
from tools.growth.filling import fill_redis, fill_sqlite, packed_rows, redis_store, sender

SHOWN = """
from bot.languages import languages
from bot.nlu.message_files import read_messages
from bot.settings import ROOT
from bot.speech.catalogue import Catalogue
import sys
sys.argv = ["wegweiser"]
import bot.cli
def main(argv):
    trained = {code for code, row in languages().items() if row.trained}
    read = {row[0] for row in read_messages(ROOT / "data" / "nlu")}
    print(*sorted(trained), "|", *sorted(read), "|", *sorted(set(Catalogue.load(ROOT / "locales")._texts) & set("CODES".split())))
    return 0
bot.cli.main = main
from tools.growth import fewer_languages
raise SystemExit(fewer_languages.main(["REGISTRY", "serve"]))
"""


def test_each_intent_is_dealt_out_evenly_and_every_part_can_be_fitted() -> None:
    rows = sample.draw(3000)
    divided = split.split(rows, 4)
    assert sorted((a, c) for a, _, c in divided) == sorted((a, c) for a, _, c in rows)
    counts = Counter(intent for _, intent, _ in divided)
    before = Counter(intent for _, intent, _ in rows)
    assert len(counts) == 4 * len(before)
    for intent, count in before.items():
        parts = [counts[name] for name in split.names(intent, 4)]
        assert sum(parts) == count and max(parts) - min(parts) <= 2
    fitted = {intent for _, intent, text in divided if fold_of(text) != HELD_OUT}
    assert fitted == set(counts)
    assert split.split(rows[::-1], 4) == divided  # by the messages, not by their order
    assert split.split(rows, 1) == sorted(rows)
    with pytest.raises(ValueError, match="too small"):
        split.split(rows[:50], 4)


def test_domain_rules_and_softmax_layer_fit_the_split_intents(tmp_path: Path) -> None:
    count = intents.prepare(tmp_path / "x2", sample.draw(600), 2)
    own = Domain.load(ROOT / "domain.yml")
    domain = Domain.load(tmp_path / "x2" / "domain.yml")
    added = set(domain.intents) - set(own.intents)
    assert count == 2 * len(added) and {name.removesuffix("_2") for name in added} <= set(own.intents)
    assert "nlu_fallback_2" not in added
    asked: Counter[str] = Counter()
    for path in (tmp_path / "x2" / "stories").glob("rules_*.yml"):
        for step in YAMLStoryReader(domain).read_from_file(path):
            asked.update(event.intent_name for event in step.events if isinstance(event, UserUttered))
            asked.update(e.intent_name for row in step.events if isinstance(row, list) for e in row)
    assert {name for name in asked if name.endswith("_2")} == added
    assert set(asked) == set(domain.intents) - {i for i in domain.intents if i in ("session_start", "restart", "back")}
    names = split.names("doctor", 2)
    head = TunedHead.of_adapter(tmp_path / "x2" / "head.npz", names)
    assert head is not None and np.array_equal(head.weights[:, 0], head.weights[:, 1]) and head.weights.any()


def test_the_assistant_knows_only_the_languages_of_its_registry(tmp_path: Path) -> None:
    registry = tmp_path / "languages.yml"
    write_registry(ORDER[:3], registry)
    kept = yaml.safe_load(registry.read_text("utf-8"))["languages"]
    assert "pl" in kept and "fa" not in kept  # what is only recognised stays
    code = SHOWN.replace("REGISTRY", str(registry)).replace("CODES", " ".join(ORDER))
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr[-2000:]
    spoken, read, catalogues = (part.split() for part in done.stdout.split("|"))
    assert spoken == read == sorted(ORDER[:3]) and set(catalogues) | {"en"} == set(ORDER[:3])
    write_registry(ORDER, registry)
    own = yaml.safe_load((ROOT / "bot" / "languages.yml").read_text("utf-8"))["languages"]
    assert yaml.safe_load(registry.read_text("utf-8"))["languages"] == own


def test_training_messages_of_some_languages() -> None:
    rows = languages.rows_of(("en", "ti"), 200)
    assert {row[0] for row in rows} == {"en", "ti"}
    counts = Counter(row[:2] for row in rows)
    assert max(counts.values()) == 2 and len({row[1] for row in rows}) > 90
    assert len(languages.rows_of(("en",), 0)) > len(rows)


@pytest.fixture(scope="module")
def domain() -> Domain:
    return Domain.load(ROOT / "domain.yml")


@pytest.fixture
def rows() -> list[bytes]:
    found = []
    for turns in (1, 3, 9):
        events_: list[Any] = []
        for number in range(turns):
            intent = {"name": "doctor", "confidence": 0.9}
            facts = {"custom": {"facts": {"blocks": [f"x{number}" * 40]}}}
            events_ += [UserUttered("hidden words", intent), BotUttered("said", facts), ActionExecuted("action_listen")]
        found.append(pack(DialogueStateTracker.from_events("x", events_)))
    return found


def test_sqlite_of_several_sizes(tmp_path: Path, domain: Domain, rows: list[bytes]) -> None:
    points = asyncio.run(store.sqlite(tmp_path, domain, rows, (1000, 1500), 2, 10))
    assert [row["conversations"] for row in points] == [1000, 1500]
    for row in points:
        assert row["warm"]["existing"]["n"] == row["warm"]["new"]["n"] == 20 and row["cold"]["n"] == 20
        assert 0 < row["warm"]["new"]["median_ms"] <= row["warm"]["new"]["p95_ms"]
        assert row["swept"] == store.SWEPT
    assert points[1]["file_mb"] > points[0]["file_mb"] > 0


def test_the_filled_file_holds_what_the_store_would_have_written(
    tmp_path: Path, domain: Domain, rows: list[bytes]
) -> None:
    from bot.memory.tracker_store import SqliteTrackerStore

    path = tmp_path / "x.sqlite"
    fill_sqlite(path, domain, 200, rows)

    async def look() -> None:
        opened = SqliteTrackerStore(domain, path, 24)  # sweeps: nothing may be due
        assert set(await opened.keys()) == {sender(number) for number in range(200)}
        tracker = await opened.retrieve(sender(101))
        assert tracker is not None and len(tracker.events) >= 20
        opened.close()

    asyncio.run(look())
    assert b"hidden words" not in path.read_bytes()


@pytest.fixture(scope="module")
def server() -> Iterator[redis_server.RedisServer]:
    if redis_server.programs() is None:
        if os.environ.get("CI"):
            pytest.fail("redis-server is missing: `make system` installs it")
        pytest.skip("redis-server is missing: `make system` installs it")
    with redis_server.running() as started:
        yield started


def test_redis_is_filled_with_what_the_store_reads(server, domain: Domain, rows: list[bytes]) -> None:
    server.empty()

    async def look() -> dict[str, Any]:
        kept = redis_store(domain, server.url)
        await fill_redis(server.url, kept, 300, rows)
        assert server.ask("DBSIZE") == b":300"
        ttl = int(server.ask("TTL", kept._key(sender(7)))[1:])
        assert 3000 < ttl <= 24 * 3600
        times = store.Times(kept, 300, rows)
        await store.in_turn([times], 2, 10)
        await kept._shared.disconnect()
        return times.figures()

    figures = asyncio.run(look())
    assert figures["existing"]["n"] == figures["new"]["n"] == 20
    assert server.ask("EXISTS", "wegweiser:conversation:filling-0") == b":0"


def test_a_store_without_the_conversation_is_no_measurement(tmp_path: Path, domain: Domain, rows: list[bytes]) -> None:
    from bot.memory.tracker_store import SqliteTrackerStore

    fill_sqlite(tmp_path / "x.sqlite", domain, 3, rows)

    async def look() -> None:
        times = store.Times(SqliteTrackerStore(domain, tmp_path / "x.sqlite", 24), 900, rows)
        with pytest.raises(ValueError, match="not in the store"):
            await times.existing(20)

    asyncio.run(look())


def test_events_of_real_conversations_and_rows_of_them() -> None:
    with loaded() as (agent, work):

        async def go() -> tuple[list[dict[str, Any]], list[bytes], list[dict[str, Any]]]:
            points = await events.measure(agent, agent.conversations, work, (1, 10, 40), 2)
            assert list(await agent.conversations.keys()) == []  # each is deleted after its last point
            packed = await packed_rows(agent, work, (1, 4))
            return points, packed, await answer(agent, "x", work.conversation(0)[0])

        points, packed, replies = asyncio.run(go())
    assert [(row["wanted"], row["message"], row["n"]) for row in points] == [
        (point, name, 2) for point in (1, 10, 40) for name in ("text", "button")
    ]
    happened = [row["events"] for row in points]
    assert (
        happened[:2] == [0, 0] and all(10 <= n < 30 for n in happened[2:4]) and all(36 <= n < 60 for n in happened[4:])
    )
    # Of turns that are over the store keeps only what is read again.
    assert all(row["events_kept"] <= row["events"] for row in points) and points[4]["events_kept"] > 10
    assert all(0 < row["median_ms"] <= row["p95_ms"] and row["cpu_median_ms"] > 0 for row in points)
    assert len(packed) == 2 and len(packed[1]) > len(packed[0]) > 100
    assert replies and replies[0]["text"]
    assert {ask.kind for ask in (events._first(work, k, 1)[0] for k in events.KINDS.values())} == {TOPIC, BUTTON}


def test_ratios_name_the_larger_growth_and_nothing_that_was_not_measured(tmp_path: Path) -> None:
    said = [
        {"wanted": wanted, "message": message, "median_ms": ms, "cpu_median_ms": ms / 2}
        for wanted, message, ms in ((10, "text", 8.0), (10, "button", 3.0), (300, "text", 9.0), (300, "button", 4.5))
    ]
    stored = [
        {
            "conversations": n,
            "cold": {"median_ms": cold},
            "warm": {"existing": {"median_ms": a}, "new": {"median_ms": b}},
        }
        for n, a, b, cold in ((1_000, 1.0, 0.5, 2.0), (1_000_000, 1.1, 0.6, 5.0))
    ]
    (tmp_path / "events.json").write_text(json.dumps({"sqlite": said, "redis": []}))
    (tmp_path / "store.json").write_text(
        json.dumps({"sqlite": stored, "redis": [{"conversations": 1_000, "skipped": "x"}]})
    )
    content = run.assemble(tmp_path)
    found = content["ratios"]
    assert (found["latency_event_300_over_10"], found["latency_event_300_over_10_redis"]) == (1.5, None)
    assert (found["latency_event_300_over_10_text"], found["latency_event_300_over_10_button"]) == (1.125, 1.5)
    assert (found["store_1m_over_1k"], found["store_1m_over_1k_existing"], found["store_1m_over_1k_cold"]) == (
        1.2,
        1.1,
        2.5,
    )
    assert found["store_1m_over_1k_redis"] is None and found["parse_x4_over_x1"] is None
    assert set(content["curves"]) == {"events", "store"} and content["machine"]["cores"] >= 1


def test_a_curve_that_fails_does_not_lose_the_others(tmp_path: Path, monkeypatch, capsys) -> None:
    def calls(folder: Path, small: bool) -> dict[str, Any]:
        def broken() -> dict[str, Any]:
            raise ValueError("broken on purpose")

        return {"services": lambda: {"points": []}, "events": broken, "store": lambda: {"sqlite": [], "redis": []}}

    monkeypatch.setattr(run, "_calls", calls)
    out = tmp_path / "out.json"
    command = ["run.py", "--only", "services,events,store", "--folder", str(tmp_path / "parts"), "--json", str(out)]
    monkeypatch.setattr(sys, "argv", command)
    assert run.main() == 1
    assert "events failed: broken on purpose" in capsys.readouterr().err
    assert set(json.loads(out.read_text("utf-8"))["curves"]) == {"services", "store"}
    monkeypatch.setattr(sys, "argv", ["run.py", "--only", "nothing", "--folder", str(tmp_path / "parts")])
    assert run.main() == 2


def test_figures_of_a_process() -> None:
    assert milliseconds([0.001, 0.002, 0.003, 0.004]) == {"n": 4, "median_ms": 3.0, "p95_ms": 4.0}
    with pytest.raises(ValueError, match="nothing"):
        milliseconds([])
    assert rss_mb() > 20 and threads() >= 1
    before = open_files()
    with open("/dev/null"), open("/dev/null"):
        assert open_files() == before + 2
