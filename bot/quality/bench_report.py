"""What the monthly report costs: a month of simulated traffic through the counters, then the report of it."""

from __future__ import annotations

import json
import random
import resource
import tempfile
import time
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from actions.directory.geo import Gazetteer
from actions.directory.hours import BERLIN
from actions.directory.model import load_records
from actions.knowledge.loader import load
from bot.memory.counters import Counted, Counters, file_url
from bot.settings import ROOT
from bot.wiring import DISCREET, URGENT

MESSAGES = 100_000
MONTH = "2026-10"
LANGUAGES = {
    "ar": 24, "uk": 20, "fa": 11, "ru": 9, "de": 8, "en": 7, "tr": 6, "ku": 5, "es": 4, "ti": 2.5, "fr": 2, "ps": 1.2,
    "ckb": 0.2, "vi": 0.05, "so": 0.04,
}  # fmt: skip
CHANNELS = {"web": 52, "telegram": 41, "light": 7}
CAMPAIGNS = {"": 78, "aufnahme": 9, "jobcenter": 6, "schule": 4, "arztpraxis": 2.5, "bibliothek": 0.5, "messe": 0.02}
# From midnight on: few at night, most between nine and four, and a second rise in the evening.
HOURS = (8, 5, 3, 2, 2, 3, 8, 20, 45, 70, 76, 72, 60, 62, 66, 60, 52, 48, 46, 48, 44, 34, 22, 13)
OUTCOMES = {
    "answered": 62, "asked_back": 11, "not_understood": 7, "crisis": 0.6, "feedback_good": 3, "feedback_bad": 1,
    "conversation": 15.4,
}  # fmt: skip
NEW_QUESTION, WITH_PLACE, MISSING, STALE = 0.6, 0.55, 0.06, 0.08


def main(messages: int = MESSAGES, out: str = "") -> int:
    """Simulate a month, make its report, print the figures and write them as JSON to `out`; returns 0."""
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(messages, Path(folder))
    print("\n".join(f"{name:<28}{value:>12,}" for name, value in figures.items()))
    if out:
        Path(out).parent.mkdir(parents=True, exist_ok=True)
        Path(out).write_text(json.dumps({"report": figures}, indent=2) + "\n", encoding="utf-8")
    return 0


def measure(messages: int, folder: Path) -> dict[str, Any]:
    """The figures; seconds are those of the clock, memory is the most that the process has held so far."""
    from bot.staff.report.command import names_from_data, report_files
    from bot.staff.report.report import build

    counters = Counters(file_url(folder))
    traffic = list(simulated(messages, MONTH))
    start = time.perf_counter()
    for counted in traffic:
        counters.count(counted)
    counters.flush()
    counting = time.perf_counter() - start
    del traffic
    before = _peak()
    start = time.perf_counter()
    names = names_from_data()
    reading = time.perf_counter() - start
    start = time.perf_counter()
    report = build(counters, MONTH, date(2026, 11, 2), names)
    built = time.perf_counter() - start
    start = time.perf_counter()
    files = report_files(report)
    written = time.perf_counter() - start
    counters.close()
    cells = [n for table in report.tables.values() for n in table.cells.values()]
    return {
        "messages": messages,
        "counting_seconds": round(counting, 2),
        "names_seconds": round(reading, 2),
        "report_seconds": round(built, 2),
        "writing_seconds": round(written, 2),
        "memory_mb": round(_peak() - before, 1),
        "numbers": len(cells),
        "withheld": sum(n is None for n in cells),
        "html_kb": round(len(files["report.html"].encode()) / 1000),
        "csv_lines": files["counts.csv"].count("\n"),
    }


def simulated(messages: int, month: str, seed: int = 0) -> Iterator[Counted]:
    """Messages of a month with the skew of real traffic: our topics and districts, made-up shares; the same each time."""
    chance = random.Random(f"{seed} {month}")
    topics = sorted(load(ROOT / "data" / "articles", ROOT / "data" / "knowledge").articles)
    random.Random(seed).shuffle(topics)
    gazetteer = Gazetteer.load(ROOT / "data" / "places.yml", ROOT / "data" / "postcodes.yml")
    people: dict[str, int] = {}
    for place in gazetteer.places.values():
        if place.kind in ("city", "municipality"):
            people[place.district] = people.get(place.district, 0) + place.population
    services = [str(record["id"]) for record in load_records(ROOT / "data" / "services")]
    first = datetime.fromisoformat(f"{month}-01T00:00").replace(tzinfo=BERLIN)
    days = ((first + timedelta(days=31)).replace(day=1) - first).days
    topic_weights = [1 / (rank + 2) ** 1.1 for rank in range(len(topics))]
    day_weights = [0.45 if (first + timedelta(days=day)).weekday() > 4 else 1.0 for day in range(days)]
    outside_crises = [outcome for outcome in OUTCOMES if outcome != "crisis"]
    for _ in range(messages):
        topic = chance.choices(topics, topic_weights)[0]
        if topic in URGENT:
            outcome = "crisis"
        else:
            outcome = chance.choices(outside_crises, [OUTCOMES[o] for o in outside_crises])[0]
        asked = outcome in ("answered", "crisis")
        hidden = topic in DISCREET or outcome == "crisis"
        placed = asked and not hidden and chance.random() < WITH_PLACE
        shown: tuple[tuple[str, bool], ...] = ()
        missing = placed and chance.random() < MISSING
        if outcome == "answered" and not missing:
            picked = {int(len(services) * chance.random() ** 3) for _ in range(3)}
            shown = tuple((services[n], chance.random() < STALE) for n in sorted(picked))
        moment = first + timedelta(days=chance.choices(range(days), day_weights)[0])
        yield Counted(
            moment=moment.replace(hour=chance.choices(range(24), HOURS)[0], minute=chance.randrange(60)),
            channel=_drawn(chance, CHANNELS),
            language=_drawn(chance, LANGUAGES),
            outcome=outcome,
            topic=topic if asked else "",
            new_question=asked and chance.random() < NEW_QUESTION,
            district=chance.choices(list(people), list(people.values()))[0] if placed else "",
            campaign="" if hidden else _drawn(chance, CAMPAIGNS),
            services=shown,
            missing=missing,
        )


def _drawn(chance: random.Random, shares: Mapping[str, float]) -> str:
    return chance.choices(list(shares), list(shares.values()))[0]


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
