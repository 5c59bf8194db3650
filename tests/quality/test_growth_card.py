"""The page about growth: what was found beside what was asked, a table and a plot for each curve, and honest gaps."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from bot.quality import growth_card as card
from bot.quality.growth_plots import curves

SVG = "{http://www.w3.org/2000/svg}"


def times(median: float) -> dict[str, Any]:
    return {"n": 9, "median_ms": median, "p95_ms": 2 * median}


@pytest.fixture
def content() -> dict[str, Any]:
    intents = [
        {
            "times": n, "intents": 98 * n, "train_seconds": 30.0 * n, "model_mb": 3.5, "rss_mb": 360.0,
            "parse": times(7.5), "intent_median_ms": 0.8, "policies_median_ms": 1.1,
        }
        for n in (1, 2, 4)
    ]  # fmt: skip
    spoken = [
        {
            "languages": n, "messages": 2400 * n, "train_seconds": 20.0, "model_mb": 2.0, "start_seconds": 4.25,
            "rss_mb": 300.0 + n, "rss_after_load_mb": 310.0, "answered": 99, "faults": {"EOFError": 1}, "median_ms": 9.0,
            "p95_ms": 15.0,
        }
        for n in (1, 12)
    ]  # fmt: skip
    services = [
        {
            "size": n, "start_seconds": 0.1, "memory_mb": 9, "index_mb": 4, "median_ms": 0.2, "p99_ms": 1.5, "adopt_ms": 7.0,
        }
        for n in (1_000, 100_000)
    ]  # fmt: skip
    said = [
        {"wanted": n, "message": m, "events": 2 * n, "events_kept": min(n, 90), "cpu_median_ms": 5.0, **times(8.0)}
        for n in (10, 300)
        for m in ("text", "button")
    ]
    kept = [
        {
            "conversations": n, "file_mb": 3.25, "cold": times(2.0), "warm": {"existing": times(1.0), "new": times(0.5)},
            "sweep_ms": 12.0,
        }
        for n in (1_000, 1_000_000)
    ]  # fmt: skip
    redis = [
        {"conversations": 1_000, "memory_mb": 4.5, "warm": {"existing": times(1.25), "new": times(0.75)}},
        {"conversations": 1_000_000, "skipped": "too little memory"},
    ]
    return {
        "date": "2026-11-29", "commit": "abc1234",
        "machine": {"cores": 2, "processor": "A processor", "memory_gb": 24},
        "curves": {
            "intents": {"messages": 3000, "points": intents}, "languages": {"order": ["en", "de"], "points": spoken},
            "services": {"points": services}, "events": {"sqlite": said, "redis": said, "small": True},
            "store": {"row_bytes": {"mean": 3193, "longest": 5478}, "sqlite": kept, "redis": redis},
        },
        "ratios": {"latency_event_300_over_10": 1.5, "store_1m_over_1k": 1.31, "store_1m_over_1k_redis": None},
    }  # fmt: skip


def test_what_was_asked_stands_beside_what_was_found(content) -> None:
    rows = [line for line in card.lines(content, "growth") if line.startswith("| ")]
    assert "| the next message at event 300, beside that at event 10 | 1.50 | ≤ 1.50 | yes |" in rows
    assert "| retrieve and save with 1 million conversations, beside 1,000 | 1.31 | ≤ 1.30 | **no** |" in rows
    assert "| the same in Redis | – | ≤ 1.30 | not measured |" in rows
    for _, told in card.ALSO:
        assert f"| {told} | – | – | – |" in rows


def test_what_was_measured_at_another_commit_says_so(content) -> None:
    assert not any("Measured earlier" in line for line in card.lines(content, "growth"))
    content["curves"]["events"]["commit"], content["curves"]["store"]["commit"] = "0ld", "abc1234"
    assert "Measured earlier, at another commit: events (`0ld`)." in card.lines(content, "growth")


def test_every_curve_has_its_table_its_plot_and_its_gaps(content) -> None:
    lines = card.lines(content, "growth")
    text = "\n".join(lines)
    assert [line for line in lines if line.startswith("### ")][1:] == [
        "### Intents", "### Languages", "### Services", "### Events in a conversation", "### Conversations in the store",
    ]  # fmt: skip
    assert "| 392 | 120 | 3.50 | 360 | 7.50 | 15.0 | 0.80 | 1.10 |" in lines
    assert "| Redis | text | 300 | 600 | 90 | 9 | 8.00 | 16.0 | 5.00 |" in lines
    assert "| SQLite | 1,000,000 | 3.25 | 1.00 | 2.00 | 0.50 | 1.00 | 2.00 | 4.00 | 12.0 |" in lines
    assert "| Redis | 1,000,000 | too little memory | – | – | – | – | – | – | – |" in lines
    assert text.count("not a result") == 1  # the events were measured with tiny sizes
    for table in text.split("\n\n"):  # all rows of a table are as long as its head
        rows = [row for row in table.splitlines() if row.startswith("|")]
        assert len({row.count("|") for row in rows}) <= 1, table
    for name in card.plots(content):
        assert f"](growth/{name}.svg)" in text
    del content["curves"]["services"]
    assert "### Services" not in "\n".join(card.lines(content, "growth"))


def test_the_page_keeps_what_others_wrote(content, tmp_path: Path, monkeypatch) -> None:
    import json

    page, figures = tmp_path / "growth.md", tmp_path / "figures.json"
    page.write_text("# Growth\n\nBefore.\n\n<!-- growth: begin -->\nold\n<!-- growth: end -->\n\nAfter.\n", "utf-8")
    figures.write_text(json.dumps(content), "utf-8")
    monkeypatch.setattr(sys, "argv", ["growth_card", "--json", str(figures), "--page", str(page)])
    assert card.main() == 0 and card.main() == 0
    text = page.read_text("utf-8")
    assert text.startswith("# Growth\n\nBefore.\n") and text.endswith("\n\nAfter.\n") and "\nold\n" not in text
    assert text.count("### Intents") == 1
    drawn = {path.stem for path in (tmp_path / "growth").glob("*.svg")}
    assert drawn == set(card.plots(content)) and {name.split("-")[0] for name in drawn} == set(card.SECTIONS)


def test_a_curve_goes_by_tens_where_sizes_do_and_begins_at_zero() -> None:
    svg = curves(
        "A <title>", [("a", [(1_000, 1.0), (10_000, 2.0), (1_000_000, 4.0)]), ("b", [(1_000, 2.0)])], "n", "ms"
    )
    root = ElementTree.fromstring(svg)
    assert root.get("role") == "img" and "a: 1 k 1.00, 10 k 2.00, 1 M 4.00; b: 1 k 2.00" in svg
    first, tenfold, last = ((float(c.get("cx", 0)), float(c.get("cy", 0))) for c in list(root.iter(f"{SVG}circle"))[:3])
    assert (last[0] - first[0]) / (tenfold[0] - first[0]) == pytest.approx(3, rel=0.01)
    zero = max(float(line.get("y1", 0)) for line in root.iter(f"{SVG}line"))
    assert (zero - last[1]) / (zero - first[1]) == pytest.approx(4, rel=0.01)
    straight = ElementTree.fromstring(curves("T", [("a", [(1, 1.0), (3, 1.0), (12, 1.0)])], "n", "ms"))
    places = [float(c.get("cx", 0)) for c in straight.iter(f"{SVG}circle")]
    assert (places[2] - places[0]) / (places[1] - places[0]) == pytest.approx(5.5, rel=0.01)
    with pytest.raises(ValueError, match="no point"):
        curves("T", [("a", [])], "n", "ms")
