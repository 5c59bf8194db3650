"""What must hold over a soak, judged from its samples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

FILES_MORE = 16


@dataclass(frozen=True)
class Limits:
    """Most that may be gained, as a share: memory and file over the second half, latency from the first quarter after
    the warm-up to the last. None is not judged."""

    memory: float = 0.05
    latency_p50: float | None = 0.2
    latency_p95: float | None = 0.3
    file: float | None = 0.1


@dataclass(frozen=True)
class Traffic:
    """What the clients saw: `forgotten_left` are conversations that asked to be forgotten and are still stored."""

    sent: int
    answered: int
    errors: int
    forgotten: int
    forgotten_left: int


def growth(samples: Sequence[dict[str, Any]], key: str) -> float:
    """How much a straight line through the samples rises from the first to the last of them, as a share of where it begins."""
    points = [(row["seconds"], row[key]) for row in samples if row[key] is not None]
    if len(points) < 3:
        raise ValueError(f"too few samples of {key}")
    mean_t = sum(t for t, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    slope = sum((t - mean_t) * (y - mean_y) for t, y in points) / sum((t - mean_t) ** 2 for t, _ in points)
    first = mean_y + slope * (points[0][0] - mean_t)
    return slope * (points[-1][0] - points[0][0]) / first if first > 0 else 0.0


def figures(samples: Sequence[dict[str, Any]], warm: float) -> dict[str, float]:
    """The growths that are judged; `warm` seconds at the beginning count nowhere. ValueError when there are too few samples."""
    after = [row for row in samples if row["seconds"] >= warm]
    half = [row for row in after if row["seconds"] >= samples[-1]["seconds"] / 2]
    quarter = max(1, len(after) // 4)
    found = {"memory_growth": growth(half, "rss_mb"), "file_growth": growth(half, "file_mb")}
    for name in ("p50_ms", "p95_ms"):
        early, late = (_middle(rows, name) for rows in (after[:quarter], after[-quarter:]))
        found[f"{name.removesuffix('_ms')}_last_over_first"] = late / early
    for name in ("open_files", "threads"):
        found[f"{name}_gained"] = _most(after[-quarter:], name) - _most(after[:quarter], name)
    found["rows_over_allowed"] = max(row["rows"] / max(1, row["rows_allowed"]) for row in after)
    return {name: round(value, 4) for name, value in found.items()}


@dataclass(frozen=True)
class Judged:
    """One thing that was asked of a run: what was found, what was asked ("" for nothing), and whether it held.

    `fault` says it in words when it did not. Those without a `name` stand in no table.
    """

    name: str
    found: str
    asked: str
    held: bool
    fault: str


def judged(found: dict[str, float], traffic: Traffic, limits: Limits) -> list[Judged]:
    """All that is asked of a run, in the order in which it is told."""
    missing, over = traffic.sent - traffic.answered, found["rows_over_allowed"]
    rows = [
        Judged("", "", "", traffic.answered > 0, "nothing was answered"),
        Judged("", "", "", traffic.errors == 0, f"{traffic.errors} messages met an error"),
        Judged("messages answered", f"{traffic.answered:,} of {traffic.sent:,}", "all", missing == 0,
               f"{missing} messages were not answered"),
        Judged("conversations forgotten on request that are still stored",
               f"{traffic.forgotten_left} of {traffic.forgotten:,}", "none", traffic.forgotten_left == 0,
               f"{traffic.forgotten_left} forgotten conversations are still stored"),
        Judged("conversations stored, beside what the retention allows, at most", f"{over:.2f}", "≤ 1", over <= 1,
               f"the store holds {over:.2f} times what it may"),
    ]  # fmt: skip
    memory, file = found["memory_growth"], found["file_growth"]
    p50, p95 = found["p50_last_over_first"], found["p95_last_over_first"]
    for name, value, limit, fault in (
        ("memory, growth over the second half", memory, limits.memory, f"memory grows by {memory:.1%}"),
        ("the store's file, growth over the second half", file, limits.file, f"the file grows by {file:.1%}"),
        ("p50, last quarter beside the first", p50 - 1, limits.latency_p50, f"p50 is {p50:.2f} of what it was"),
        ("p95, last quarter beside the first", p95 - 1, limits.latency_p95, f"p95 is {p95:.2f} of what it was"),
    ):
        asked = "" if limit is None else f"≤ {limit:+.0%}"
        rows.append(Judged(name, f"{value:+.1%}", asked, limit is None or value <= limit, fault))
    for name, more in (("files are open", found["open_files_gained"]), ("threads run", found["threads_gained"])):
        rows.append(Judged("", "", "", more <= FILES_MORE, f"{more:.0f} more {name}"))
    return rows


def faults(found: dict[str, float], traffic: Traffic, limits: Limits) -> list[str]:
    """What does not hold, a line each."""
    return [row.fault for row in judged(found, traffic, limits) if not row.held]


def _middle(rows: Sequence[dict[str, Any]], key: str) -> float:
    values = sorted(row[key] for row in rows if row[key] is not None)
    if not values:
        raise ValueError(f"too few samples of {key}")
    return float(values[len(values) // 2])


def _most(rows: Sequence[dict[str, Any]], key: str) -> float:
    return float(max(row[key] for row in rows))
