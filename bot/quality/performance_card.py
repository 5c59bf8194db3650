"""The measured part of docs/performance.md and its plots, written from build/bench.json; the rest of the page is kept."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.quality.bench_messages import KINDS
from bot.quality.performance_plots import OURS, THEIRS, Bar, bars, number
from bot.quality.sections import publish, table

SECTION = "bench"
ENGINES = ("stock", "wegweiser")
NAMES = {"stock": "stock Rasa", "wegweiser": "Wegweiser"}
# What the issue asks for: the name of the ratio, what it is of, whether it must be at least or at most, and the bound.
GOALS = (
    ("throughput_c8", "messages a second, 8 clients", "≥", 6.0),
    ("p95_c8", "p95, 8 clients", "≤", 1 / 5),
    ("rss", "memory (RSS) after the load", "≤", 1 / 3),
    ("train", "training", "≤", 1 / 10),
    ("accuracy", "accuracy, top-1", ">", 1.0),
    ("accuracy_without_adapter", "accuracy, top-1, without our adapter", ">", 1.0),
    ("start", "start to the first answer", "≤", 1 / 3),
    ("pinned", "two pinned processes beside one, messages a processor second", "≥", 0.85),
)
INNER = ("language", "tokenizer", "embedding", "intent", "places", "terms", "decision", "directory")


def write(content: dict[str, Any], page: Path) -> None:
    """Put tables into the page, and plots into the folder named like it beside it."""
    publish(page, SECTION, lines(content, page.stem), plots(content))


def lines(content: dict[str, Any], folder: str) -> list[str]:
    """The Markdown; a part that was not measured is left out."""
    found = [
        f"Measured on {content['date']} at commit `{content['commit']}`: {on(content['machine'])}, "
        f"sample of {content['sample']} training messages.",
        "",
        *_goals(content["ratios"]),
    ]
    found += earlier(content.get("parts_commits", {}), content["commit"])
    drawn = plots(content)
    for part, section in (
        ("train", _train),
        ("start", _start),
        ("load", _load),
        ("stages", _stages),
        ("loop", _loop),
        ("pinned", _pinned),
    ):
        if part in content["wegweiser"]:
            found += ["", *section(content)]
            found += [x for name in drawn if name.startswith(part) for x in ("", f"![{name}]({folder}/{name}.svg)")]
    return found


def on(machine: Mapping[str, Any]) -> str:
    """What something was measured on, as every page says it."""
    return f"{machine['cores']} cores ({machine['processor']}), {machine['memory_gb']} GB"


def earlier(commits: Mapping[str, str | None], now: str) -> list[str]:
    """The lines that name parts and the commits they were measured at, when these are not today's."""
    older = [f"{part} (`{commit}`)" for part, commit in commits.items() if commit != now]
    return ["", f"Measured earlier, at another commit: {', '.join(older)}."] if older else []


def verdict(value: float | None, sign: str, bound: float) -> str:
    """Whether a ratio is what was asked for; "not measured" without one."""
    if value is None:
        return "not measured"
    held = {"≥": value >= bound, "≤": value <= bound, ">": value > bound}[sign]
    return "yes" if held else "**no**"


def _goals(ratios: dict[str, float | None]) -> list[str]:
    rows = [
        (told, number(ratios.get(name)), f"{sign} {number(bound)}", verdict(ratios.get(name), sign, bound))
        for name, told, sign, bound in GOALS
    ]
    return ["### Asked and found", "", *table(("Wegweiser divided by stock", "found", "asked", "held"), rows)]


def _train(content: dict[str, Any]) -> list[str]:
    ours, theirs = content["wegweiser"]["train"], content["stock"]["train"]
    rows = [
        ("seconds, the whole command, no cache", number(theirs["seconds"]), number(ours["seconds"])),
        ("processor seconds", number(theirs["cpu_seconds"]), number(ours["cpu_seconds"])),
        ("top-1, %", _percent(theirs["top1"]), _percent(ours["top1"])),
        ("top-1 without our adapter, %", "–", _percent(ours["top1_without_adapter"])),
        ("top-1 of our letters alone, %", "–", _percent(ours["top1_letters"])),
        ("reading one message, median ms", number(theirs["parse_ms_median"]), number(ours["parse_ms_median"])),
    ]
    note = " Stock's model was kept from an earlier run of the same sample (`--reuse`)." if theirs.get("reused") else ""
    return [
        "### Training and accuracy",
        "",
        f"Accuracy on the same {content.get('tested') or '?'} messages of `tests/nlu`.{note}",
        "",
        *table(("", *(NAMES[e] for e in ENGINES)), rows),
    ]


def _start(content: dict[str, Any]) -> list[str]:
    rows = [
        (NAMES[e], ", ".join(number(s) for s in content[e]["start"]["seconds"]), number(content[e]["start"]["median"]))
        for e in ENGINES
    ]
    head = ("", "seconds from exec to the first answer", "median")
    return ["### Start", "", *table(head, rows)]


def _load(content: dict[str, Any]) -> list[str]:
    head = (
        *("clients", "engine", "messages/s", "p50 ms", "p95 ms", "p99 ms", "messages per processor second"),
        *("real answers", "not real", "right topic", "right place", "generator's processor share"),
    )
    rows = [
        _level(NAMES[e], content[e]["load"]["levels"][c]) for c in content["stock"]["load"]["levels"] for e in ENGINES
    ]
    kinds = [
        (
            NAMES[e], kind, row["n"], number(row["p50_ms"]), number(row["p95_ms"]),
            ", ".join(f"{name} {n}" for name, n in row["answers"].items() if n) or "–",
        )
        for e in ENGINES
        for kind in KINDS
        for row in [content[e]["load"]["levels"]["c8"]["kinds"][kind]]
    ]  # fmt: skip
    held = [
        (NAMES[e], m["processes"], number(m["rss_mb"]), number(m["pss_mb"]))
        for e in ENGINES
        for m in [content[e]["load"]["memory"]]
    ]
    repeated = {e: sum(r["repeated"] for r in content[e]["load"]["levels"].values()) for e in ENGINES}
    return [
        "### Load",
        "",
        f"Conversations that came a second time: {repeated['stock']} (stock), {repeated['wegweiser']} (Wegweiser).",
        "",
        *table(head, rows),
        "",
        "By kind of message, 8 clients:",
        "",
        *table(("engine", "kind", "messages", "p50 ms", "p95 ms", "answers"), kinds),
        "",
        "Memory after the load, all processes:",
        "",
        *table(("engine", "processes", "RSS MB", "PSS MB"), held),
    ]


def _level(name: str, row: dict[str, Any]) -> tuple[Any, ...]:
    answers = [kind["answers"] for kind in row["kinds"].values()]
    real = sum(a["real"] for a in answers)
    others = {v: sum(a[v] for a in answers) for v in answers[0] if v != "real"}
    told = [f"{verdict_} {n}" for verdict_, n in others.items() if n] + [f"{f} {n}" for f, n in row["faults"].items()]
    return (
        row["clients"], name, number(row["per_second"]), *(number(row[f"p{p}_ms"]) for p in (50, 95, 99)),
        number(row["per_cpu_second"]), _percent(real / row["messages"]) + " %", ", ".join(told) or "–",
        _percent(row["topic_right"]) + " %", _percent(row["place_right"]) + " %",
        _percent(row["generator_cpu_share"]) + " %",
    )  # fmt: skip


def _stages(content: dict[str, Any]) -> list[str]:
    figures = content["wegweiser"]["stages"]
    rows = [
        (f"… {stage}" if stage in INNER else stage, f"{row['median_us']:,}", f"{row['p95_us']:,}", row["messages"])
        for stage, row in figures["stages"].items()
    ]
    kinds = [
        (kind, f"{row['median_us']:,}", f"{row['p95_us']:,}", row["messages"]) for kind, row in figures["kinds"].items()
    ]
    cache = figures.get("embedding_cache")
    told = (
        f"{cache['hits']} of {cache['lookups']} embeddings came from its cache." if cache else "No embedding is cached."
    )
    return [
        "### What a message costs",
        "",
        f"{figures['messages']} messages one after the other, in microseconds; a row with … is part of the one above. {told}",
        "",
        *table(("stage", "median µs", "p95 µs", "messages"), rows),
        "",
        *table(("kind", "median µs", "p95 µs", "messages"), kinds),
    ]


def _loop(content: dict[str, Any]) -> list[str]:
    figures = content["wegweiser"]["loop"]
    row = (
        *(number(figures[k]) for k in ("p50_ms", "p99_ms", "max_ms")),
        figures["over_20_ms"], f"{figures['wake_ups']:,}", number(figures["per_second"]),
    )  # fmt: skip
    head = ("p50 ms", "p99 ms", "longest ms", "over 20 ms", "wake-ups", "messages/s meanwhile")
    return [
        "### Event loop",
        "",
        f"How late a coroutine wakes that sleeps for 1 ms, {figures['clients']} clients, {number(figures['seconds'])} s.",
        "",
        *table(head, [row]),
    ]


def _pinned(content: dict[str, Any]) -> list[str]:
    figures = content["wegweiser"]["pinned"]
    rows = [
        (
            core,
            *(number(r["per_cpu_second"]) for r in (alone, both)),
            *(number(r["per_second"]) for r in (alone, both)),
            number(ratio),
        )
        for core, alone, both, ratio in zip(
            figures["cores"], figures["alone"], figures["together"], figures["ratios"], strict=True
        )
    ]
    head = (
        "core",
        "alone: per processor second",
        "two: per processor second",
        "alone: per second",
        "two: per second",
        "ratio",
    )
    return [
        "### Two processes",
        "",
        f"Both together answer {number(figures['throughput'])} times as many a second as one, generators included on the same cores.",
        "",
        *table(head, rows),
    ]


def plots(content: dict[str, Any]) -> dict[str, str]:
    """Name and SVG of each plot that there are figures for."""
    found: dict[str, str] = {}
    if "load" in content["wegweiser"]:
        found["load-throughput"] = bars("Messages a second", _by_level(content, "per_second"), "/s")
        found["load-p95"] = bars("95th percentile of the time to an answer", _by_level(content, "p95_ms"), "ms")
        memory = [(NAMES[e], content[e]["load"]["memory"]["rss_mb"], _colour(e)) for e in ENGINES]
        found["load-memory"] = bars("Memory after the load (RSS)", memory, "MB")
    if "train" in content["wegweiser"]:
        seconds = [(NAMES[e], content[e]["train"]["seconds"], _colour(e)) for e in ENGINES]
        found["train-seconds"] = bars("Training the same sample", seconds, "s")
    if "start" in content["wegweiser"]:
        seconds = [(NAMES[e], content[e]["start"]["median"], _colour(e)) for e in ENGINES]
        found["start-seconds"] = bars("From exec to the first answer", seconds, "s")
    if "stages" in content["wegweiser"]:
        stages = content["wegweiser"]["stages"]["stages"]
        rows = [(stage, row["median_us"], OURS) for stage, row in stages.items() if stage != "total"]
        found["stages"] = bars("Median cost of a stage", rows, "µs")
    return found


def _by_level(content: dict[str, Any], key: str) -> list[Bar]:
    return [
        (f"{level[1:]} clients, {NAMES[e]}", float(content[e]["load"]["levels"][level][key] or 0), _colour(e))
        for level in content["stock"]["load"]["levels"]
        for e in ENGINES
    ]


def _colour(engine: str) -> str:
    return OURS if engine == "wegweiser" else THEIRS


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f}"
