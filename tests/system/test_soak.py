"""The short form of `make soak`: the real server under gentle traffic; and what the judge of a soak lets pass."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from bot.quality.bench_messages import Workload
from bot.quality.sections import kept
from bot.settings import ROOT
from tests.fakes.web_server import serve
from tools.load import soak_card, soak_traffic
from tools.load.soak_store import StoreOutside
from tools.load.soak_traffic import SECONDS_BETWEEN, People
from tools.load.soak_verdict import Limits, Traffic, faults, figures, growth

WORK = Workload(
    questions=(("en", "german_course", "a course"), ("en", "german_course", "another course")),
    follow_ups=(("en", "ask_cost", "what does it cost"),),
    topics=("german_course",),
    places=(("leipzig", "Leipzig"), ("dresden", "Dresden")),
)
FINE = Traffic(sent=500, answered=500, errors=0, forgotten=20, forgotten_left=0)


def test_people_come_and_go_and_nothing_grows(tmp_path: Path) -> None:
    out, page = tmp_path / "soak.json", tmp_path / "page.md"
    page.write_text("# Before\n", "utf-8")
    command = [sys.executable, "tools/load/soak.py", "--minutes", "1", "--conversations", "44", "--rate", "12"]
    command += ["--kept", "4", "--every", "2", "--warm", "10", "--memory-growth", "0.15", "--gentle"]
    done = subprocess.run(
        [*command, "--json", str(out), "--card", str(page)], cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    found = json.loads(out.read_text("utf-8"))
    traffic = found["traffic"]
    assert traffic["errors"] == 0 and traffic["sent"] == traffic["answered"] >= 500
    assert found["figures"]["memory_growth"] <= 0.15
    assert traffic["forgotten"] > 0 and traffic["forgotten_left"] == 0
    # the server itself deleted who became too old: far more came than are left
    assert found["aged"] > 20 and found["came"] - traffic["forgotten"] > found["samples"][-1]["rows"] > 0
    assert found["figures"]["rows_over_allowed"] <= 1
    told = page.read_text("utf-8")
    assert told.startswith("# Before\n") and f"| {traffic['answered']:,} of {traffic['sent']:,} | all | yes |" in told
    assert kept(page, soak_card.SECTION) == told.splitlines()[2:]


def test_the_page_tells_what_did_not_hold() -> None:
    samples = [sample(t, p95_ms=20.0 + t / 50) for t in range(10, 1000, 10)]
    found = figures(samples, 100.0)
    content = {"date": "2026-11-30", "commit": "abc", "machine": {"cores": 2, "processor": "x", "memory_gb": 24}}
    content |= {"minutes": 16.5, "peak_per_second": None, "rate": 50.0, "conversations": 4000, "came": 9000}
    content |= {"cpu_share": 0.5, "traffic": asdict(Traffic(500, 499, 1, 20, 0)), "figures": found, "samples": samples}
    rows = soak_card.lines(content | {"limits": asdict(Limits(latency_p50=None))})
    held = {row.split(" | ")[0].strip("| "): row.split(" | ")[-1].strip(" |") for row in rows if row.startswith("|")}
    assert (
        held["messages answered"] == "no" and held["conversations forgotten on request that are still stored"] == "yes"
    )
    assert held["p95, last quarter beside the first"] == "no" and held["p50, last quarter beside the first"] == "–"
    course = [row for row in rows if row.startswith("| ") and row[2].isdigit()]
    assert len(course) == soak_card.PARTS and course[0].startswith("| 0-2 | 380 |")
    assert course[-1].split(" | ")[3] == "38.6"


def test_people_come_ask_and_have_all_forgotten_over_http(monkeypatch) -> None:
    monkeypatch.setattr(soak_traffic, "STAY_SHARE", 0.0)  # so fast, they would be told to slow down
    with serve() as server:
        people = People(server.port, WORK, 60, lambda conversation: conversation)
        peak = asyncio.run(people.as_many_as_possible(0.8, 2))
        assert peak == pytest.approx(people.answered / 0.8) and people.sent == people.answered > 0
        while not (people.came > 60 and people.forgotten) and not people.errors:  # a slow machine needs longer
            asyncio.run(people.as_many_as_possible(0.4, 2))
        assert people.errors == 0 and people.told == [] and people.came > 60
        assert people.sent == people.answered > 60
        assert 0 < people.forgotten == len(people.forgotten_last)
        heard = [message.text for message in server.agent.messages]
        assert heard.count("/delete_my_data") == people.forgotten and len(heard) == people.sent
        # whoever was forgotten is not among those who may be stored
        assert people.written_within(60.0) == people.came - people.forgotten
        before, sent = people.answered, people.sent
        asyncio.run(people.steadily(60 / SECONDS_BETWEEN * 0.9, 1.0))
        assert people.answered - before == people.sent - sent == 17
        server.agent.failure = RuntimeError("on purpose")
        asyncio.run(people.steadily(10.0, 0.5))
        assert people.errors == 5 and people.answered - before == 17 and "no answer: 500" in people.told[0]
        with pytest.raises(ValueError, match="conversations at least"):
            asyncio.run(people.steadily(60 / SECONDS_BETWEEN * 1.1, 1.0))


def sample(seconds: float, **other: Any) -> dict[str, Any]:
    row = {"rss_mb": 380.0, "p50_ms": 8.0, "p95_ms": 20.0, "rows": 900, "rows_allowed": 1000, "file_mb": 4.0}
    return {"seconds": seconds, **row, "open_files": 40, "threads": 12} | other


def test_a_steady_run_holds() -> None:
    # what happens while it warms up is not judged
    samples = [
        sample(t, rss_mb=300.0 if t < 100 else 380.0, rows=5000 if t < 100 else 900) for t in range(10, 1000, 10)
    ]
    found = figures(samples, 100.0)
    assert found["memory_growth"] == 0 and found["rows_over_allowed"] == 0.9
    assert faults(found, FINE, Limits()) == []


@pytest.mark.parametrize(
    ("key", "first", "last", "said"),
    [
        ("rss_mb", 380.0, 440.0, "memory grows"),
        ("file_mb", 4.0, 6.0, "the file grows"),
        ("p50_ms", 8.0, 12.0, "p50 is"),
        ("p95_ms", 20.0, 40.0, "p95 is"),
        ("rows", 900, 1100, "the store holds"),
        ("open_files", 40, 80, "more files are open"),
        ("threads", 12, 60, "more threads run"),
    ],
)
def test_what_grows_is_told(key: str, first: float, last: float, said: str) -> None:
    samples = [sample(t, **{key: first + (last - first) * t / 1000}) for t in range(10, 1010, 10)]
    told = faults(figures(samples, 100.0), FINE, Limits())
    assert len(told) == 1 and said in told[0]
    less = [sample(t, **{key: last - (last - first) * t / 1000}) for t in range(10, 1010, 10)]
    assert key == "rows" or faults(figures(less, 100.0), FINE, Limits()) == []


@pytest.mark.parametrize(
    ("traffic", "said"),
    [
        (Traffic(500, 499, 1, 20, 0), ["1 messages met an error", "1 messages were not answered"]),
        (Traffic(500, 498, 0, 20, 0), ["2 messages were not answered"]),
        (Traffic(500, 500, 0, 20, 3), ["3 forgotten conversations are still stored"]),
        (Traffic(0, 0, 0, 0, 0), ["nothing was answered"]),
    ],
)
def test_every_message_must_be_answered_and_every_wish_to_be_forgotten_fulfilled(traffic, said) -> None:
    found = figures([sample(t) for t in range(10, 1000, 10)], 100.0)
    assert faults(found, traffic, Limits()) == said


def test_growth_is_a_straight_line_through_all_samples() -> None:
    rows = [{"seconds": t, "x": 100 + t / 10 + (3 if t % 20 else -3)} for t in range(0, 210, 10)]
    assert growth(rows, "x") == pytest.approx(0.2, abs=0.03)
    assert growth([*rows[:3], {"seconds": 500, "x": None}], "x") == growth(rows[:3], "x")
    with pytest.raises(ValueError, match="too few"):
        growth(rows[:2], "x")


def test_conversations_age_from_outside_while_the_server_writes(tmp_path: Path) -> None:
    path, now = tmp_path / "conversations.sqlite", time.time()
    server = sqlite3.connect(path, isolation_level=None)
    server.execute("PRAGMA journal_mode=WAL")
    server.execute("CREATE TABLE conversations (sender TEXT PRIMARY KEY, updated REAL NOT NULL, events BLOB NOT NULL)")
    ages = {f"old-{n}": 100.0 for n in range(450)} | {"new": 5.0, "over": 4000.0}
    server.executemany("INSERT INTO conversations VALUES (?, ?, x'00')", [(s, now - age) for s, age in ages.items()])
    store = StoreOutside(path, 3600.0, 60.0)
    assert store.age() == 450 and store.age() == 0  # each once, whole batches and the rest
    due = {row[0] for row in server.execute("SELECT sender FROM conversations WHERE updated < ?", (now - 3600,))}
    assert due == set(ages) - {"new"}
    assert store.rows() == 452 and store.holds(["new", "nobody"]) == 1 and store.megabytes() > 0
    store.close()
    server.close()
    with pytest.raises(ValueError, match="before the retention"):
        StoreOutside(path, 3600.0, 3600.0)
