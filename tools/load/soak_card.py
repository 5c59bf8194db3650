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

from bot.quality.performance_plots import number  # noqa: E402
from bot.quality.sections import put, table  # noqa: E402

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
    machine, traffic, found = content["machine"], content["traffic"], content["figures"]
    peak = f", half of the {content['peak_per_second']:.0f} that 8 clients get" if content["peak_per_second"] else ""
    return [
        f"Measured on {content['date']} at commit `{content['commit']}`: {machine['cores']} cores "
        f"({machine['processor']}), {machine['memory_gb']} GB. {content['minutes']:g} minutes at "
        f"{content['rate']:.0f} messages a second{peak}; {content['conversations']:,} conversations at a time, "
        f"{content['came']:,} came in all. The server's processes took {content['cpu_share']:.0%} of a core together.",
        "",
        *table(("", "found", "asked", "held"), _asked(traffic, found, content["limits"])),
        "",
        *table([name for name, _ in COURSE], _course(content["samples"])),
    ]


def _asked(traffic: dict[str, int], found: dict[str, float], limits: dict[str, float | None]) -> list[tuple[str, ...]]:
    rows = [
        ("messages answered", f"{traffic['answered']:,} of {traffic['sent']:,}", "all", traffic["answered"] == traffic["sent"]),
        ("conversations forgotten on request that are still stored",
         f"{traffic['forgotten_left']} of {traffic['forgotten']:,}", "none", traffic["forgotten_left"] == 0),
        ("conversations stored, beside what the retention allows, at most", f"{found['rows_over_allowed']:.2f}", "≤ 1",
         found["rows_over_allowed"] <= 1),
    ]  # fmt: skip
    for told, name, limit, nothing in (
        ("memory, growth over the second half", "memory_growth", limits["memory"], 0.0),
        ("the store's file, growth over the second half", "file_growth", limits["file"], 0.0),
        ("p50, last quarter beside the first", "p50_last_over_first", limits["latency_p50"], 1.0),
        ("p95, last quarter beside the first", "p95_last_over_first", limits["latency_p95"], 1.0),
    ):
        value = found[name] - nothing
        asked = "–" if limit is None else f"≤ {limit:+.0%}"
        rows.append((told, f"{value:+.1%}", asked, limit is None or value <= limit))
    return [(told, value, asked, "–" if asked == "–" else "yes" if held else "no") for told, value, asked, held in rows]


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
