"""The measured part of docs/growth.md and its plots, written from build/bench-growth.json; the rest of the page is kept."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot.quality.growth_plots import Line, curves
from bot.quality.performance_card import earlier, on, verdict
from bot.quality.performance_plots import number
from bot.quality.sections import publish, table
from bot.settings import ROOT

SECTION = "growth"
# What is asked for: the name of the ratio, what it is of, and the most it may be.
GOALS = (
    ("latency_event_300_over_10", "the next message at event 300, beside that at event 10", 1.5),
    ("latency_event_300_over_10_redis", "the same on Redis", 1.5),
    ("store_1m_over_1k", "retrieve and save with 1 million conversations, beside 1,000", 1.3),
    ("store_1m_over_1k_redis", "the same in Redis", 1.3),
)
# Told without a bound.
ALSO = (
    ("latency_event_300_over_10_text", "of these: a text, SQLite"),
    ("latency_event_300_over_10_button", "of these: a button, SQLite"),
    ("latency_event_300_over_10_cpu", "the next message at event 300, processor time only"),
    ("store_1m_over_1k_existing", "of these: conversations that are there, SQLite"),
    ("store_1m_over_1k_new", "of these: new conversations, SQLite"),
    ("store_1m_over_1k_cold", "conversations that are there, file not in memory"),
    ("parse_x4_over_x1", "reading a message with four times as many intents"),
    ("train_x4_over_x1", "training with four times as many intents"),
    ("answer_12_over_1_languages", "an answer with 12 languages, beside one"),
    ("start_12_over_1_languages", "start with 12 languages, beside one"),
    ("search_100k_over_1k", "a search in 100,000 services, beside 1,000"),
)
STORES = {"sqlite": "SQLite", "redis": "Redis"}
KEPT = ("existing", "new")
Points = list[dict[str, Any]]


def write(content: dict[str, Any], page: Path) -> None:
    """Put tables into the page, and plots into the folder named like it beside it."""
    publish(page, SECTION, lines(content, page.stem), plots(content))


def lines(content: dict[str, Any], folder: str) -> list[str]:
    """The Markdown; a curve that was not measured is left out."""
    ratios = content["ratios"]
    commits = {curve: figures.get("commit", content["commit"]) for curve, figures in content["curves"].items()}
    rows = [
        (told, number(ratios.get(name)), f"≤ {number(most)}", verdict(ratios.get(name), "≤", most))
        for name, told, most in GOALS
    ]
    rows += [(told, number(ratios.get(name)), "–", "–") for name, told in ALSO]
    found = [
        f"Measured on {content['date']} at commit `{content['commit']}`: {on(content['machine'])}.",
        *earlier(commits, content["commit"]),
        "",
        "### Asked and found",
        "",
        *table(("ratio", "found", "asked", "held"), rows),
    ]
    drawn = plots(content)
    for curve, section in SECTIONS.items():
        if curve in content["curves"]:
            figures = content["curves"][curve]
            found += ["", *section(figures)]
            if figures.get("small"):
                found += ["", "Measured with tiny sizes, to see that it works: not a result."]
            found += [
                x for name in drawn if name.split("-")[0] == curve for x in ("", f"![{name}]({folder}/{name}.svg)")
            ]
    return found


def _intents(figures: dict[str, Any]) -> list[str]:
    rows = [
        (
            p["intents"], number(p["train_seconds"]), number(p["model_mb"]), number(p["rss_mb"]),
            number(p["parse"]["median_ms"]), number(p["parse"]["p95_ms"]), number(p["intent_median_ms"]),
            number(p["policies_median_ms"]),
        )
        for p in figures["points"]
    ]  # fmt: skip
    head = ("intents", "training s", "model MB", "RSS MB", "reading, median ms", "p95 ms", "of it the classifier ms")
    return [
        "### Intents",
        "",
        f"The same {figures['messages']} training messages; each intent is split by a hash into two or four.",
        "",
        *table((*head, "policies ms"), rows),
    ]


def _languages(figures: dict[str, Any]) -> list[str]:
    keys = ("start_seconds", "rss_mb", "rss_after_load_mb", "median_ms", "p95_ms", "train_seconds", "model_mb")
    rows = [
        (p["languages"], f"{p['messages']:,}", *(number(p[key]) for key in keys), sum(p["faults"].values()))
        for p in figures["points"]
    ]
    head = ("languages", "training messages", "start s", "RSS MB", "RSS after the load MB", "answer, median ms")
    return [
        "### Languages",
        "",
        f"In this order: {', '.join(figures['order'])}. One client asks the same English questions each time.",
        "",
        *table((*head, "p95 ms", "training s", "model MB", "faults"), rows),
    ]


def _services(figures: dict[str, Any]) -> list[str]:
    keys = ("start_seconds", "memory_mb", "index_mb", "median_ms", "p99_ms", "adopt_ms")
    rows = [(f"{p['size']:,}", *(number(p[key]) for key in keys)) for p in figures["points"]]
    head = ("services", "start s", "memory MB", "of it the index MB", "search, median ms", "p99 ms", "taking in 500 ms")
    return ["### Services", "", *table(head, rows)]


def _events(figures: dict[str, Any]) -> list[str]:
    rows = [
        (
            STORES[store], p["message"], p["wanted"], p["events"], p["events_kept"], p["n"], number(p["median_ms"]),
            number(p["p95_ms"]), number(p["cpu_median_ms"]),
        )
        for store in STORES
        for p in figures[store]
    ]  # fmt: skip
    head = (
        "store",
        "message",
        "events wanted",
        "events that happened",
        "events kept",
        "times",
        "median ms",
        "p95 ms",
        "processor ms",
    )
    return [
        "### Events in a conversation",
        "",
        "The next message through the agent; the store keeps the last turns only.",
        "",
        *table(head, rows),
    ]


def _store(figures: dict[str, Any]) -> list[str]:
    rows = []
    for store, name in STORES.items():
        for p in figures[store]:
            if "warm" not in p:
                rows.append((name, f"{p['conversations']:,}", p["skipped"], *["–"] * 7))
                continue
            warm, cold = p["warm"], p.get("cold", {})
            rows.append(
                (
                    name, f"{p['conversations']:,}", number(p.get("file_mb", p.get("memory_mb"))),
                    *(number(warm[kind][key]) for kind in KEPT for key in ("median_ms", "p95_ms")),
                    number(cold.get("median_ms")), number(cold.get("p95_ms")), number(p.get("sweep_ms")),
                )
            )  # fmt: skip
    kinds = [f"{kind}{key}" for kind in ("existing: ", "new: ", "cold: ") for key in ("median ms", "p95 ms")]
    return [
        "### Conversations in the store",
        "",
        f"Retrieve and save of one conversation; a row has {figures['row_bytes']['mean']} bytes in the mean. Cold: the "
        "file was opened anew and the system told to drop it from memory. The sweep deletes 500 conversations.",
        "",
        *table(("store", "conversations", "size MB", *kinds, "sweep ms"), rows),
    ]


SECTIONS: dict[str, Callable[[dict[str, Any]], list[str]]] = {
    "intents": _intents,
    "languages": _languages,
    "services": _services,
    "events": _events,
    "store": _store,
}


def plots(content: dict[str, Any]) -> dict[str, str]:
    """Name and SVG of each plot that there are figures for; the names begin with the curve's."""
    found, known = {}, content["curves"]
    if points := known.get("intents", {}).get("points"):
        read: list[Line] = [
            (key, [(p["intents"], p["parse"][f"{key}_ms"]) for p in points]) for key in ("median", "p95")
        ]
        found["intents-reading"] = curves("Reading a message", read, "intents", "ms")
        found["intents-training"] = _one("Training", points, "intents", "train_seconds", "s")
    if points := known.get("languages", {}).get("points"):
        found["languages-answer"] = _one("Time to an answer, median", points, "languages", "median_ms", "ms")
        found["languages-memory"] = _one("Memory after the start (RSS)", points, "languages", "rss_mb", "MB")
    if points := known.get("services", {}).get("points"):
        searched: list[Line] = [(k, [(p["size"], p[f"{k}_ms"]) for p in points]) for k in ("median", "p99")]
        found["services-search"] = curves("Searching the directory", searched, "services", "ms")
    if said := known.get("events"):
        asked: list[Line] = [
            (f"{STORES[s]}, {m}", [(max(1, p["events"]), p["median_ms"]) for p in said[s] if p["message"] == m])
            for s in STORES
            for m in ("text", "button")
            if said[s]
        ]
        found["events-latency"] = curves("The next message, median", asked, "events that happened", "ms")
    if stores := known.get("store"):
        kept: list[Line] = [
            (f"{STORES[s]}, {k}", [(p["conversations"], p["warm"][k]["median_ms"]) for p in stores[s] if "warm" in p])
            for s in STORES
            for k in KEPT
        ]
        found["store-latency"] = curves(
            "Retrieve and save, median", [row for row in kept if row[1]], "conversations", "ms"
        )
    return found


def _one(title: str, points: Points, size: str, key: str, unit: str) -> str:
    return curves(title, [(unit, [(p[size], p[key]) for p in points])], size, unit)


def main() -> int:
    """Write docs/growth.md from the last figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, default=ROOT / "build" / "bench-growth.json")
    parser.add_argument("--page", type=Path, default=ROOT / "docs" / "growth.md")
    given = parser.parse_args()
    write(json.loads(given.json.read_text(encoding="utf-8")), given.page)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
