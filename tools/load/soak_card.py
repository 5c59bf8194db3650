"""The part of docs/performance.md that tells of a soak, written from build/soak.json.

.venv/bin/python tools/load/soak_card.py build/soak.json docs/performance.md
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from bot.quality.performance_card import on  # noqa: E402
from bot.quality.performance_plots import number  # noqa: E402
from bot.quality.sections import put, table  # noqa: E402
from tools.load.soak_verdict import Judged, Limits, Traffic, judged  # noqa: E402

SECTION = "soak"
PARTS = 8
COURSE = (
    ("minutes", None),
    ("memory MB", "rss_mb"),
    ("p50 ms", "p50_ms"),
    ("p95 ms", "p95_ms"),
    ("conversations stored", "rows"),
    ("of so many allowed", "rows_allowed"),
    ("file MB", "file_mb"),
    ("files open", "open_files"),
    ("threads", "threads"),
)


def lines(content: dict[str, Any]) -> list[str]:
    """What was asked of the run, what was found, and how it went over its time."""
    rows = judged(content["figures"], Traffic(**content["traffic"]), Limits(**content["limits"]))
    peak = f", half of the {content['peak_per_second']:.0f} that 8 clients get" if content["peak_per_second"] else ""
    return [
        f"Measured on {content['date']} at commit `{content['commit']}`: {on(content['machine'])}. "
        f"{content['minutes']:g} minutes at "
        f"{content['rate']:.0f} messages a second{peak}; {content['conversations']:,} conversations at a time, "
        f"{content['came']:,} came in all. The server's processes took {content['cpu_share']:.0%} of a core together.",
        "",
        *table(("", "found", "asked", "held"), _asked(rows)),
        "",
        *table([name for name, _ in COURSE], _course(content["samples"])),
    ]


def _asked(rows: Sequence[Judged]) -> list[tuple[str, ...]]:
    named = [row for row in rows if row.name]
    return [
        (row.name, row.found, row.asked or "–", ("yes" if row.held else "no") if row.asked else "–") for row in named
    ]


def _course(samples: Sequence[dict[str, Any]]) -> list[tuple[str, ...]]:
    """A row for each eighth of the run with the medians of its samples."""
    end = samples[-1]["seconds"]
    found = []
    for part in range(PARTS):
        rows = [row for row in samples if part * end < row["seconds"] * PARTS <= (part + 1) * end]
        if not rows:
            continue
        span = f"{part * end / PARTS / 60:.0f}-{(part + 1) * end / PARTS / 60:.0f}"
        values = ([row[key] for row in rows if row[key] is not None] for _, key in COURSE if key)
        found.append((span, *(number(median(column)) if column else "–" for column in values)))
    return found


def main() -> int:
    """Write the part into the page that is named second."""
    content = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    put(Path(sys.argv[2]), SECTION, lines(content))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
