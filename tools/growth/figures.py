"""Figures of many times, and what a process holds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


def median(values: Sequence[float]) -> float:
    """The middle one; ValueError for none."""
    return share(values, 50)


def share(values: Sequence[float], percent: int) -> float:
    """The value below which so many per cent lie; ValueError for none."""
    if not values:
        raise ValueError("nothing was measured")
    return sorted(values)[min(len(values) - 1, len(values) * percent // 100)]


def milliseconds(seconds: Sequence[float]) -> dict[str, float | int]:
    """Number, median and p95 of times."""
    return {
        "n": len(seconds),
        "median_ms": round(1000 * median(seconds), 3),
        "p95_ms": round(1000 * share(seconds, 95), 3),
    }


def rss_mb(pid: int | str = "self") -> float:
    """Resident memory of a process in megabytes."""
    return round(int(_status(pid)["VmRSS"].split()[0]) / 1024, 1)


def family(pid: int) -> list[int]:
    """A process and those it has started."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text(encoding="utf-8").split():
            found += family(int(child))
    return found


def threads(pid: int | str = "self") -> int:
    """How many threads a process has."""
    return int(_status(pid)["Threads"])


def open_files(pid: int | str = "self") -> int:
    """How many descriptors a process has open: files and connections."""
    return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())


def free_mb() -> float:
    """Memory that programs may still take."""
    lines = Path("/proc/meminfo").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("MemAvailable:"))


def _status(pid: int | str) -> dict[str, str]:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}
