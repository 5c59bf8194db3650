"""`make bench-growth`: what a message costs as intents, languages, services, events and conversations become more.

Each curve writes its figures to build/growth/CURVE.json; what is there of all of them becomes build/bench-growth.json. A
curve that fails is named and does not lose the others.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from bot import rasa_compat  # noqa: E402
from bot.quality import growth_card  # noqa: E402
from tools.bench.processes import BenchError, clean_environment, timed  # noqa: E402
from tools.bench.run import commit, machine  # noqa: E402

CURVES = ("intents", "languages", "services", "events", "store")
# Of conversations in the store.
KINDS = ("existing", "new")
BUDGET = 40 * 60.0
EVENTS_SECONDS, STORE_SECONDS = 900.0, 1200.0


def main() -> int:
    """Run the curves that are wanted; 1 when one of them failed."""
    given = _arguments()
    rasa_compat.install()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is stopped
    folder = given.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    unknown = set(filter(None, given.only.split(","))) - set(CURVES)
    if unknown:
        print(f"bench-growth: no such curve: {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    wanted = [curve for curve in CURVES if curve in given.only.split(",")] if given.only else list(CURVES)
    begun, failed = time.monotonic(), 0
    for curve in wanted:
        start = time.monotonic()
        if start - begun > BUDGET:
            print(f"bench-growth: no time left for {curve}", file=sys.stderr)
            failed = 1
            continue
        print(f"bench-growth: {curve} …", file=sys.stderr, flush=True)
        try:
            figures = _calls(folder, given.small)[curve]()
        except (BenchError, OSError, ValueError, KeyError) as exc:
            print(f"bench-growth: {curve} failed: {exc}", file=sys.stderr)
            failed = 1
            continue
        figures |= {"seconds": round(time.monotonic() - start, 1), "small": given.small, "commit": commit()}
        _write(folder / f"{curve}.json", figures)
    content = assemble(folder)
    _write(given.json, content)
    if given.card:
        growth_card.write(content, given.card)
    print(json.dumps(content["ratios"]))
    return failed


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help=f"curves, separated by commas: {','.join(CURVES)}")
    parser.add_argument("--small", action="store_true", help="tiny sizes, to see that everything works")
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "growth")
    parser.add_argument("--json", type=Path, default=ROOT / "build" / "bench-growth.json")
    parser.add_argument("--card", type=Path, default=None, help="write the tables and plots into this page")
    return parser.parse_args()


def _calls(folder: Path, small: bool) -> dict[str, Callable[[], dict[str, Any]]]:
    from tools.growth import intents, languages, services

    def events() -> dict[str, Any]:
        more = ("--points", "1,10,50", "--conversations", "4") if small else ()
        return _measured("events", folder, EVENTS_SECONDS, *more)

    def store() -> dict[str, Any]:
        more = ("--sizes", "1000,5000", "--rounds", "2", "--each", "20") if small else ()
        return _measured("store", folder, STORE_SECONDS, *more)

    times, size, tested = ((1, 2), 500, 60) if small else ((1, 2, 4), 3000, 500)
    counts, each, seconds, warm = ((1, 3), 200, 3.0, 1.0) if small else ((1, 3, 6, 12), 0, 15.0, 3.0)
    return {
        "intents": lambda: intents.curve(folder / "intents", times, size, tested),
        "languages": lambda: languages.curve(folder / "languages", counts, each, seconds, warm),
        "services": lambda: services.curve(folder / "services", (1_000,) if small else (1_000, 10_000, 100_000)),
        "events": events,
        "store": store,
    }


def _measured(curve: str, folder: Path, seconds: float, *more: str) -> dict[str, Any]:
    """A curve that is measured within one process of its own."""
    out = folder / f"{curve}-figures.json"
    command = [sys.executable, "-m", f"tools.growth.{curve}", *more, "--json", str(out)]
    timed(command, ROOT, clean_environment(), folder / f"{curve}.log", seconds)
    return dict(json.loads(out.read_text(encoding="utf-8")))


def assemble(folder: Path) -> dict[str, Any]:
    """All curves that are there, and the ratios that bounds are set for."""
    found = {}
    for curve in CURVES:
        path = folder / f"{curve}.json"
        if path.exists():
            found[curve] = json.loads(path.read_text(encoding="utf-8"))
    return {
        "date": date.today().isoformat(),
        "commit": commit(),
        "machine": machine(),
        "curves": found,
        "ratios": ratios(found),
    }


def ratios(curves: dict[str, Any]) -> dict[str, float | None]:
    """The last point of a curve divided by the first, or as named; None where it was not measured."""
    from tools.growth import events

    said = curves.get("events", {})
    return {
        "latency_event_300_over_10": events.ratio(said.get("sqlite", [])),
        "latency_event_300_over_10_text": events.ratio(said.get("sqlite", []), kinds=("text",)),
        "latency_event_300_over_10_button": events.ratio(said.get("sqlite", []), kinds=("button",)),
        "latency_event_300_over_10_cpu": events.ratio(said.get("sqlite", []), "cpu_median_ms"),
        "latency_event_300_over_10_redis": events.ratio(said.get("redis", [])),
        "store_1m_over_1k": _larger(_store(curves, "sqlite", "warm", kind) for kind in KINDS),
        "store_1m_over_1k_existing": _store(curves, "sqlite", "warm", "existing"),
        "store_1m_over_1k_new": _store(curves, "sqlite", "warm", "new"),
        "store_1m_over_1k_cold": _store(curves, "sqlite", "cold"),
        "store_1m_over_1k_redis": _larger(_store(curves, "redis", "warm", kind) for kind in KINDS),
        "parse_x4_over_x1": _ends(curves, "intents", "times", (1, 4), "parse", "median_ms"),
        "train_x4_over_x1": _ends(curves, "intents", "times", (1, 4), "train_seconds"),
        "answer_12_over_1_languages": _ends(curves, "languages", "languages", (1, 12), "median_ms"),
        "start_12_over_1_languages": _ends(curves, "languages", "languages", (1, 12), "start_seconds"),
        "search_100k_over_1k": _ends(curves, "services", "size", (1_000, 100_000), "median_ms"),
    }


def _larger(found: Iterable[float | None]) -> float | None:
    """The one that says most of growth; None when one is missing."""
    values = list(found)
    return None if None in values else max(value for value in values if value is not None)


def _store(curves: dict[str, Any], kind: str, *path: str) -> float | None:
    rows = {"points": curves.get("store", {}).get(kind, [])}
    return _ends({"store": rows}, "store", "conversations", (1_000, 1_000_000), *path, "median_ms")


def _ends(curves: dict[str, Any], curve: str, key: str, ends: tuple[int, int], *path: str) -> float | None:
    points = {row[key]: row for row in curves.get(curve, {}).get("points", [])}
    values = []
    for end in ends:
        value: Any = points.get(end)
        for name in path:
            value = value.get(name) if isinstance(value, dict) else None
        values.append(value)
    early, late = values
    return round(late / early, 3) if early and late is not None else None


def _write(path: Path, content: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    raise SystemExit(main())
