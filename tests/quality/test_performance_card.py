"""The performance page: what was found beside what was asked, plots with the same numbers, and messages that never repeat."""

from __future__ import annotations

import time
from itertools import chain
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from bot.quality import performance_card as card
from bot.quality.bench_messages import BUTTON, FOLLOW_UP, ORDER, TOPIC, Workload
from bot.quality.bench_stages import Stopwatch
from bot.quality.performance_plots import bars, number

ANSWERS = {"real": 95, "no cards": 3, "fallback": 2, "empty": 0, "not 200": 0}


def level(clients: int, per_second: float, p95: float) -> dict[str, Any]:
    kind = {"n": 100, "p50_ms": 1.0, "p95_ms": p95, "p99_ms": 9.0, "answers": ANSWERS}
    return {
        "clients": clients, "messages": 300, "per_second": per_second, "p50_ms": 1.0, "p95_ms": p95, "p99_ms": 9.0,
        "per_cpu_second": 77.0, "generator_cpu_share": 0.05, "repeated": 0, "topic_right": 0.9, "place_right": 0.8,
        "faults": {}, "kinds": dict.fromkeys((TOPIC, FOLLOW_UP, BUTTON), kind),
    }  # fmt: skip


def engine(rate: float, p95: float, rss: float) -> dict[str, Any]:
    return {
        "train": {"seconds": 700.0 / rate, "cpu_seconds": 9.0, "top1": 0.5, "parse_ms_median": 8.0},
        "start": {"seconds": [9.0, 8.0, 10.0], "median": 9.0},
        "load": {
            "levels": {f"c{n}": level(n, rate, p95) for n in (1, 8, 32)},
            "memory": {"processes": 2, "rss_mb": rss, "pss_mb": None},
        },
    }


@pytest.fixture
def content() -> dict[str, Any]:
    ours = engine(240.0, 40.0, 380.0)
    ours["train"] |= {"top1_without_adapter": 0.4, "top1_letters": 0.3, "seconds_without_adapter": 60.0}
    ours["stages"] = {
        "messages": 60,
        "stages": {"embedding": {"messages": 40, "median_us": 2900, "p95_us": 4100}},
        "kinds": {TOPIC: {"messages": 20, "median_us": 6100, "p95_us": 9000}},
        "embedding_cache": {"lookups": 40, "hits": 3},
    }
    return {
        "date": "2026-11-29", "commit": "abc1234", "sample": 3000, "tested": 2000,
        "machine": {"cores": 2, "processor": "A processor", "memory_gb": 24},
        "stock": engine(36.0, 250.0, 1200.0), "wegweiser": ours,
        "ratios": {"throughput_c8": 6.667, "p95_c8": 0.16, "rss": 0.4, "train": 0.15, "start": 1.0, "accuracy": 1.0},
    }  # fmt: skip


def test_what_was_asked_stands_beside_what_was_found(content) -> None:
    rows = [line for line in card.lines(content, "performance") if line.startswith("| ")]
    assert "| messages a second, 8 clients | 6.67 | ≥ 6.00 | yes |" in rows
    assert "| memory (RSS) after the load | 0.40 | ≤ 0.33 | **no** |" in rows
    # as accurate is not more accurate
    assert "| accuracy, top-1 | 1.00 | > 1.00 | **no** |" in rows
    assert any("two pinned" in row and row.endswith("| not measured |") for row in rows)


@pytest.mark.parametrize(
    ("value", "sign", "bound", "said"),
    [(6.0, "≥", 6.0, "yes"), (5.99, "≥", 6.0, "**no**"), (0.2, "≤", 0.2, "yes"), (0.21, "≤", 0.2, "**no**"),
     (None, "≤", 0.2, "not measured")],
)  # fmt: skip
def test_verdicts(value, sign, bound, said) -> None:
    assert card.verdict(value, sign, bound) == said


def test_every_part_has_its_table_and_unmeasured_ones_none(content) -> None:
    text = "\n".join(card.lines(content, "performance"))
    assert "### Load" in text and "### Start" in text and "### What a message costs" in text
    assert "### Event loop" not in text and "### Two processes" not in text
    assert "3 of 40 embeddings came from its cache" in text
    # answers that are no real ones are said, for both engines
    assert text.count("no cards 9, fallback 6") == 6
    assert "| top-1 without our adapter, % | – | 40.0 |" in text


def test_a_part_of_another_commit_is_named(content) -> None:
    content["parts_commits"] = {"load": "abc1234", "stages": "0ld"}
    assert "Measured earlier, at another commit: stages (`0ld`)." in card.lines(content, "performance")


def test_the_page_keeps_what_others_wrote(content, tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    page.write_text("# Performance\n\nBefore.\n\n<!-- bench: begin -->\nold\n<!-- bench: end -->\n\nAfter.\n", "utf-8")
    card.write(content, page)
    card.write(content, page)
    text = page.read_text("utf-8")
    assert text.startswith("# Performance\n\nBefore.\n") and text.endswith("\n\nAfter.\n") and "\nold\n" not in text
    assert text.count("### Load") == 1
    drawn = {path.stem for path in (tmp_path / "performance").glob("*.svg")}
    assert drawn == set(card.plots(content)) and drawn
    for name in drawn:
        assert f"](performance/{name}.svg)" in text


def test_plots_are_svg_with_the_numbers_in_words(content) -> None:
    for svg in card.plots(content).values():
        root = ElementTree.fromstring(svg)
        assert root.tag.endswith("svg") and root.get("role") == "img"
    svg = bars("A <title>", [("ours", 240.0, "#000"), ("theirs", 36.0, "#fff")], "/s")
    root = ElementTree.fromstring(svg)
    widths = [float(rect.get("width", 0)) for rect in root.iter("{http://www.w3.org/2000/svg}rect")][1:]
    assert widths[0] / widths[1] == pytest.approx(240 / 36, rel=0.01)
    assert "ours: 240 /s; theirs: 36.0 /s" in svg
    assert [number(n) for n in (None, 0.1234, 12.34, 1234.5)] == ["–", "0.12", "12.3", "1,234"]


@pytest.fixture
def work() -> Workload:
    return Workload(
        questions=(
            ("en", "doctor", "where is a doctor"),
            ("en", "school", "which school"),
            ("de", "school", "welche Schule"),
            ("fr", "school", "une école"),
        ),
        follow_ups=(
            ("en", "ask_cost", "what does it cost"),
            ("de", "ask_how", "wie"),
            ("de", "ask_cost", "was kostet es"),
        ),
        topics=("doctor", "school", "work_permit"),
        places=tuple((f"p{n}", f"Place {n}") for n in range(7)),
    )


def test_no_message_comes_twice_until_all_have_come(work) -> None:
    asks = list(chain.from_iterable(work.conversation(n) for n in range(work.conversations)))
    said = [ask.text or ask.payload for ask in asks]
    assert len(set(said)) == len(said) == work.conversations * len(ORDER) and work.conversations == 6
    # nobody changes the language within a conversation, and French has no follow-ups
    for turn in range(6):
        assert {ask.language for ask in work.conversation(turn)} == {("de", "en")[turn % 2]}
    own = {text: language for language, _, text in (*work.questions, *work.follow_ups)}
    for ask in asks:
        assert ask.kind == BUTTON or own[ask.text.partition(" Place")[0]] == ask.language
    first = work.conversation(0)
    assert [ask.kind for ask in first] == list(ORDER)
    assert all(ask.text.endswith(dict(work.places)[ask.place]) for ask in asks if ask.kind != BUTTON)
    assert all(ask.payload == f'/{ask.intent}{{"place": "{ask.place}"}}' for ask in asks if ask.kind == BUTTON)


def test_the_same_messages_in_the_same_order_from_a_file(work, tmp_path: Path) -> None:
    work.save(tmp_path / "work.json")
    again = Workload.read(tmp_path / "work.json")
    assert again == work and again.conversation(5) == work.conversation(5)


def test_a_stopwatch_adds_up_each_message() -> None:
    watch = Stopwatch()
    passed = watch.timed("language", lambda: time.sleep(0.002))
    for _ in range(2):
        passed()
    watch.message(TOPIC, 0.010)
    watch.message(BUTTON, 0.003)
    found = watch.report()
    assert found["language"]["messages"] == 1 and found["language"]["median_us"] >= 4000
    assert found["total"] == {"messages": 2, "median_us": 10_000, "p95_us": 10_000}
    # a stage inside another is not taken off twice
    assert watch.rows[0][1]["other"] == pytest.approx(0.010)
    assert set(watch.totals()) == {TOPIC, BUTTON}
