"""Curve a: the same sample under once, twice and four times as many intents."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

from bot.settings import ROOT
from tools.bench import sample
from tools.bench.processes import clean_environment, timed
from tools.growth import split

TRAIN_SECONDS, MEASURE_SECONDS = 900.0, 180.0


def curve(folder: Path, times: tuple[int, ...], size: int, tested: int) -> dict[str, Any]:
    """Seconds of training, size of the model, memory and reading time for each."""
    rows = sample.draw(size)
    folder.mkdir(parents=True, exist_ok=True)
    cases = folder / "cases.json"
    cases.write_text(json.dumps([row["text"] for row in sample.tests(tested)]), encoding="utf-8")
    return {"messages": size, "points": [_point(folder / f"x{parts}", rows, parts, cases) for parts in times]}


def prepare(folder: Path, rows: list[split.Row], parts: int) -> int:
    """Write messages, domain, rules and softmax layer; how many intents there are."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    intents = {intent for _, intent, _ in rows}
    divided = split.split(rows, parts)
    sample.write_folders(divided, folder / "messages")
    split.write_domain(intents, parts, folder / "domain.yml")
    split.write_stories(intents, parts, folder / "stories")
    split.write_head(parts, folder / "head.npz")
    return len({intent for _, intent, _ in divided})


def _point(folder: Path, rows: list[split.Row], parts: int, cases: Path) -> dict[str, Any]:
    count = prepare(folder, rows, parts)
    model, cache = folder / "model" / "wegweiser.tar.gz", folder / "cache"
    command = [sys.executable, "-m", "tools.growth.train", "--messages", str(folder / "messages")]
    command += ["--domain", str(folder / "domain.yml"), "--stories", str(folder / "stories")]
    command += ["--head", str(folder / "head.npz"), "--model", str(model)]
    environment = clean_environment(RASA_CACHE_DIRECTORY=str(cache))
    seconds, used = timed(command, ROOT, environment, folder / "train.log", TRAIN_SECONDS)
    shutil.rmtree(cache, ignore_errors=True)
    out = folder / "figures.json"
    command = [sys.executable, "-m", "tools.growth.understand", "--model", str(model), "--cases", str(cases)]
    timed([*command, "--json", str(out)], ROOT, clean_environment(), folder / "understand.log", MEASURE_SECONDS)
    return {
        "times": parts,
        "intents": count,
        "train_seconds": round(seconds, 1),
        "train_cpu_seconds": round(used, 1),
        "model_mb": round(model.stat().st_size / 2**20, 2),
        **json.loads(out.read_text(encoding="utf-8")),
    }
