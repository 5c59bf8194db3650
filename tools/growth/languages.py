"""Curve b: the assistant with 1, 3, 6 and 12 languages, each with its catalogues and training messages."""

from __future__ import annotations

import dataclasses
import shutil
import sys
from pathlib import Path
from typing import Any

from bot.nlu.message_files import read_messages
from bot.quality.bench_messages import TOPIC, Ask, Workload
from bot.settings import ROOT
from tools.bench import sample, serve
from tools.bench.engines import Engines
from tools.bench.processes import clean_environment, memory, timed
from tools.growth.fewer_languages import ORDER, write_registry

TRAIN_SECONDS = 1200.0
FIRST = Ask(TOPIC, "german_course", "leipzig", "Where can I learn German? Leipzig")


def curve(folder: Path, counts: tuple[int, ...], each: int, seconds: float, warm: float) -> dict[str, Any]:
    """Start-up, memory and time to an answer for each number; the questions are the same English ones every time.

    `each` bounds the training messages of a language; 0 takes all.
    """
    work = folder / "workload.json"
    english(draw_work()).save(work)
    points = [_point(folder / f"l{count}", ORDER[:count], each, work, seconds, warm) for count in counts]
    return {"order": list(ORDER), "points": points}


def draw_work() -> Workload:
    """The workload in all languages."""
    from bot import rasa_compat

    rasa_compat.install()
    from bot.quality.bench_messages import draw, load_resources
    from bot.wiring import URGENT

    return draw(load_resources(), URGENT)


def english(work: Workload) -> Workload:
    """What of a workload is English."""
    return dataclasses.replace(
        work,
        questions=tuple(row for row in work.questions if row[0] == "en"),
        follow_ups=tuple(row for row in work.follow_ups if row[0] == "en"),
    )


def rows_of(spoken: tuple[str, ...], each: int) -> list[sample.Row]:
    """Training messages of some languages, the same number of every intent where there are so many."""
    counts: dict[tuple[str, str], int] = {}
    rows = []
    whole = sorted(set(read_messages(sample.DATA)))
    most = max(1, each // len({row[1] for row in whole})) if each else 0
    for row in whole:
        if row[0] in spoken:
            counts[row[:2]] = counts.get(row[:2], 0) + 1
            if not most or counts[row[:2]] <= most:
                rows.append(row)
    return rows


def _point(folder: Path, spoken: tuple[str, ...], each: int, work: Path, seconds: float, warm: float) -> dict[str, Any]:
    shutil.rmtree(folder, ignore_errors=True)
    registry, model = folder / "languages.yml", folder / "model" / "wegweiser.tar.gz"
    write_registry(spoken, registry)
    rows = rows_of(spoken, each)
    sample.write_folders(rows, folder / "messages")
    command = [sys.executable, "-m", "tools.growth.train", "--messages", str(folder / "messages")]
    command += ["--registry", str(registry), "--model", str(model)]
    environment = clean_environment(RASA_CACHE_DIRECTORY=str(folder / "cache"))
    trained, _ = timed(command, ROOT, environment, folder / "train.log", TRAIN_SECONDS)
    shutil.rmtree(folder / "cache", ignore_errors=True)
    nowhere = folder / "no-stock"
    engines = Engines(folder, nowhere, nowhere, nowhere, model, FIRST, dict(Workload.read(work).places))
    serving = ("-m", "tools.growth.fewer_languages", str(registry), "serve")
    with engines.wegweiser((), serving) as served:
        idle = memory(served.sessions)["rss_mb"]
        load = serve.generate(served, work, 0, 1, seconds, warm, folder)
        after = memory(served.sessions)["rss_mb"]
    return {
        "languages": len(spoken),
        "messages": len(rows),
        "train_seconds": round(trained, 1),
        "model_mb": round(model.stat().st_size / 2**20, 2),
        "start_seconds": round(served.start_seconds, 2),
        "rss_mb": idle,
        "rss_after_load_mb": after,
        "answered": load["messages"],
        "faults": load["faults"],
        "median_ms": load["p50_ms"],
        "p95_ms": load["p95_ms"],
    }
