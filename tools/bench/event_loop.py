"""Part F: how long the event loop of our server stands still under load.

`serve` runs the product's own server with one more coroutine in it, which wakes every millisecond and notes how late it
was; `measure` puts load on it. What is late here is what every other conversation waits for.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from array import array
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tools.bench.engines import Engines  # noqa: E402
from tools.bench.serve import WARM, generate  # noqa: E402

EVERY = 0.001
LONG = 0.020


async def _tick(moments: array[float], late: array[float]) -> None:
    while True:
        start = time.monotonic()
        await asyncio.sleep(EVERY)
        end = time.monotonic()
        moments.append(end)
        late.append(max(0.0, end - start - EVERY))


def serve(out: Path) -> None:
    """Serve as `wegweiser serve` does until stopped, then write when the loop was how late."""
    from bot import launcher
    from bot.rasa_compat.quiet import configure_logging
    from bot.settings import Settings

    settings = Settings.from_env()
    configure_logging(settings.log_level)
    build_app = launcher.build_app
    moments, late = array("d"), array("d")

    def watched(*given: Any, **named: Any) -> Any:
        app = build_app(*given, **named)
        app.add_task(_tick(moments, late))
        return app

    launcher.build_app = watched
    try:
        launcher.serve(settings)
    finally:
        out.write_text(json.dumps({"moments": list(moments), "late": list(late)}), encoding="utf-8")


def measure(
    engines: Engines, work: Path, first: int, seconds: float, clients: int = 8, warm: float = WARM
) -> dict[str, Any]:
    """Lateness in milliseconds over the measured time of a load."""
    out = engines.folder / "event-loop.json"
    out.unlink(missing_ok=True)
    command = ("tools/bench/event_loop.py", "--json", str(out))
    with engines.wegweiser((), command) as served:
        load = generate(served, work, first, clients, seconds, warm, engines.folder)
    content = json.loads(out.read_text(encoding="utf-8"))
    return summary(content["moments"], content["late"], load["begun"], load["begun"] + load["seconds"]) | {
        "clients": clients,
        "per_second": load["per_second"],
    }


def summary(moments: list[float], late: list[float], begun: float, ended: float) -> dict[str, Any]:
    """Figures of the wake-ups between two moments."""
    rows = sorted(x for at, x in zip(moments, late, strict=True) if begun <= at <= ended)
    if not rows:
        raise ValueError("the event loop was not watched")
    return {
        "wake_ups": len(rows),
        "p50_ms": round(1000 * rows[len(rows) // 2], 2),
        "p99_ms": round(1000 * rows[min(len(rows) - 1, len(rows) * 99 // 100)], 2),
        "max_ms": round(1000 * rows[-1], 2),
        "over_20_ms": sum(x > LONG for x in rows),
        "seconds": round(ended - begun, 1),
    }


def main() -> int:
    """The watched server."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, required=True)
    serve(parser.parse_args().json)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
