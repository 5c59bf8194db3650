"""`make bench`: the assistant beside stock Rasa, in one run on this machine, one engine after the other.

Each part writes its figures to build/bench/PART.json; what is there of all parts becomes build/bench.json, the table and
the plots of docs/performance.md. A part that fails is named and does not lose the others.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from bot.quality import performance_card  # noqa: E402
from bot.quality.bench_messages import TOPIC, Ask  # noqa: E402
from tools.bench import event_loop, serve  # noqa: E402
from tools.bench.engines import Engines  # noqa: E402
from tools.bench.processes import BenchError, clean_environment, timed  # noqa: E402
from tools.bench.train import Places, load_workload, prepare, train  # noqa: E402

PARTS = ("train", "start", "load", "stages", "loop", "pinned")
BUDGET = 45 * 60.0
FIRST = Ask(TOPIC, "german_course", "leipzig", "Where can I learn German? Leipzig")
# Conversations of one run of the load, so that runs on one server have none in common.
RUNS = len(serve.CLIENTS)


def main() -> int:
    """Run the parts that are wanted; 1 when one of them failed."""
    given = _arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is stopped
    at = Places(given.folder.resolve())
    at.folder.mkdir(parents=True, exist_ok=True)
    wanted = [part for part in PARTS if part in given.only.split(",")] if given.only else list(PARTS)
    begun, failed = time.monotonic(), 0
    if wanted:
        prepare(at, given.sample, given.tested)
    for part in wanted:
        start = time.monotonic()
        if start - begun > BUDGET:
            print(f"bench: no time left for {part}", file=sys.stderr)
            failed = 1
            continue
        print(f"bench: {part} …", file=sys.stderr, flush=True)
        try:
            figures = _calls(at, given)[part]()
        except (BenchError, OSError, ValueError, KeyError) as exc:
            print(f"bench: {part} failed: {exc}", file=sys.stderr)
            failed = 1
            continue
        figures |= {"part_seconds": round(time.monotonic() - start, 1), "sample": given.sample, "commit": commit()}
        _write(at.folder / f"{part}.json", figures)
    content = assemble(at.folder, given.sample)
    content["seconds"] = round(time.monotonic() - begun)
    _write(given.json, content)
    if given.card:
        performance_card.write(content, given.card)
    print(json.dumps(content["ratios"]))
    return failed


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help=f"of {','.join(PARTS)}; `none` writes the page anew")
    parser.add_argument("--sample", type=int, default=3000, help="training messages")
    parser.add_argument("--tested", type=int, default=2000, help="test messages for accuracy")
    parser.add_argument("--seconds", type=float, default=45.0, help="of each load")
    parser.add_argument("--warm", type=float, default=serve.WARM, help="seconds before each load is measured")
    parser.add_argument("--starts", type=int, default=serve.STARTS)
    parser.add_argument("--messages", type=int, default=600, help="for the stages")
    parser.add_argument("--reuse", action="store_true", help="keep stock's model when it is of the same sample")
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "bench")
    parser.add_argument("--json", type=Path, default=ROOT / "build" / "bench.json")
    parser.add_argument("--card", type=Path, default=None, help="write the tables and plots into this page")
    return parser.parse_args()


def _calls(at: Places, given: argparse.Namespace) -> dict[str, Callable[[], dict[str, Any]]]:
    work = load_workload(at)
    span = work.conversations // RUNS
    engines = Engines(
        at.folder / "serve", at.stock_python, at.project, at.stock_model, at.model, FIRST, dict(work.places)
    )
    load, warm = given.seconds, given.warm
    return {
        "train": lambda: train(at, given.sample, given.reuse),
        "start": lambda: serve.starts(engines, given.starts),
        "load": lambda: serve.loads(engines, at.workload, span, load, warm),
        "stages": lambda: _stages(at, given.messages),
        "loop": lambda: event_loop.measure(engines, at.workload, 0, load, warm=warm),
        "pinned": lambda: serve.pinned(engines, at.workload, span, load * 2 / 3, warm=warm),
    }


def _stages(at: Places, messages: int) -> dict[str, Any]:
    """In a process of its own, on one core."""
    out = at.folder / "stages-figures.json"
    code = (
        "import sys; from bot.rasa_compat.quiet import configure_logging; configure_logging('WARNING');"
        "from bot.quality.bench_stages import main; from bot.settings import Settings;"
        "sys.exit(main(Settings.from_env(), sys.argv[1], int(sys.argv[2])))"
    )
    environment = clean_environment(WEGWEISER_MODEL=str(at.model))
    timed([sys.executable, "-c", code, str(out), str(messages)], ROOT, environment, at.folder / "stages.log", 300.0)
    return dict(json.loads(out.read_text(encoding="utf-8")))


def assemble(folder: Path, sample: int) -> dict[str, Any]:
    """All parts of this sample that are there, and Wegweiser's figures divided by stock's."""
    found = {}
    for part in PARTS:
        path = folder / f"{part}.json"
        figures = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        if figures.get("sample") == sample:
            found[part] = figures
    content: dict[str, Any] = {
        "date": date.today().isoformat(), "commit": commit(), "machine": machine(), "sample": sample,
        "stock": {}, "wegweiser": {}, "ratios": ratios(found),
    }  # fmt: skip
    for engine in serve.ENGINES:
        content[engine] = {part: found[part][engine] for part in ("train", "start", "load") if part in found}
    for part in ("stages", "loop", "pinned"):
        if part in found:
            content["wegweiser"][part] = found[part]
    content["parts_seconds"] = {part: figures.get("part_seconds") for part, figures in found.items()}
    content["parts_commits"] = {part: figures.get("commit") for part, figures in found.items()}
    content["tested"] = found.get("train", {}).get("tested")
    return content


def ratios(found: dict[str, Any]) -> dict[str, float | None]:
    """Wegweiser's figure divided by stock's; None for a part that is not there."""

    def ratio(part: str, *path: str) -> float | None:
        values = []
        for engine in ("wegweiser", "stock"):
            value = found.get(part, {}).get(engine)
            for name in path:
                value = value.get(name) if isinstance(value, dict) else None
            values.append(value)
        ours, theirs = values
        return round(ours / theirs, 4) if ours is not None and theirs else None

    return {
        "throughput_c8": ratio("load", "levels", "c8", "per_second"),
        "p95_c8": ratio("load", "levels", "c8", "p95_ms"),
        "rss": ratio("load", "memory", "rss_mb"),
        "train": ratio("train", "seconds"),
        "start": ratio("start", "median"),
        "accuracy": ratio("train", "top1"),
        "accuracy_without_adapter": _over_stock(found, "top1_without_adapter"),
        "pinned": found.get("pinned", {}).get("ratio"),
    }


def _over_stock(found: dict[str, Any], ours: str) -> float | None:
    """A figure that only ours has, divided by stock's accuracy."""
    figures = found.get("train", {})
    theirs = figures.get("stock", {}).get("top1")
    return round(figures["wegweiser"][ours] / theirs, 4) if theirs else None


def machine() -> dict[str, Any]:
    """What it is measured on; no names of hosts."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {"cores": len(os.sched_getaffinity(0)), "processor": model, "memory_gb": round(total / 2**30)}


def commit() -> str:
    """The commit that is measured, with "-dirty" for a work tree that differs from it; "" outside a repository."""
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, timeout=10
    )
    return done.stdout.strip()


def _write(path: Path, content: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    raise SystemExit(main())
