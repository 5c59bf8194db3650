"""Parts B, C, D and G: start, load and memory of both engines, and two pinned processes beside one."""

from __future__ import annotations

import contextlib
import json
import os
import statistics
import sys
from pathlib import Path
from typing import Any

from tools.bench.engines import Engines, Served
from tools.bench.processes import BenchError, clean_environment, members, memory, running, tail

ROOT = Path(__file__).resolve().parents[2]
CLIENTS = (1, 8, 32)
STARTS = 3
WARM = 8.0
ENGINES = ("stock", "wegweiser")


def starts(engines: Engines, times: int = STARTS) -> dict[str, Any]:
    """Seconds from exec to the first answer, of several starts; the files are in the page cache after the first."""
    found: dict[str, Any] = {}
    for engine in ENGINES:
        seconds = []
        for _ in range(times):
            with engines.start(engine) as served:
                seconds.append(round(served.start_seconds, 2))
        found[engine] = {"seconds": seconds, "median": statistics.median(seconds)}
    return found


def loads(engines: Engines, work: Path, span: int, seconds: float, warm: float = WARM) -> dict[str, Any]:
    """Each level of clients on one started engine, then its memory; one engine after the other."""
    found: dict[str, Any] = {}
    for engine in ENGINES:
        with engines.start(engine) as served:
            idle = memory(served.sessions)
            levels: dict[str, Any] = {}
            for index, clients in enumerate(CLIENTS):
                levels[f"c{clients}"] = generate(served, work, index * span, clients, seconds, warm, engines.folder)
            found[engine] = {"levels": levels, "memory_idle": idle, "memory": memory(served.sessions)}
            found[engine]["processes"] = sum(len(members(session)) for session in served.sessions)
    return found


def pinned(
    engines: Engines, work: Path, span: int, seconds: float, clients: int = 8, warm: float = WARM
) -> dict[str, Any]:
    """Messages per processor second: one of our processes on one core with the generator on the other, then two.

    With two cores the generators of the second run share them with the servers; only the servers' time is counted.
    """
    cores = sorted(os.sched_getaffinity(0))[:2]
    if len(cores) < 2:
        raise BenchError("two pinned processes need two cores")
    alone = []
    for own, other in (cores, cores[::-1]):
        with engines.wegweiser((own,)) as served:
            alone.append(generate(served, work, 0, clients, seconds, warm, engines.folder, (other,)))
    with contextlib.ExitStack() as stack:
        both = [stack.enter_context(engines.wegweiser((core,))) for core in cores]
        generators = [
            stack.enter_context(
                _generator(served, work, (index + 1) * span, clients, seconds, warm, engines.folder, ())
            )
            for index, served in enumerate(both)
        ]
        together = [_finished(process, out, warm + seconds) for process, out in generators]
    ratios = [round(b["per_cpu_second"] / a["per_cpu_second"], 3) for a, b in zip(alone, together, strict=True)]
    return {
        "cores": cores,
        "clients": clients,
        "alone": alone,
        "together": together,
        "ratios": ratios,
        "ratio": min(ratios),
        "throughput": round(
            sum(row["per_second"] for row in together) / statistics.mean(row["per_second"] for row in alone), 3
        ),
    }


def generate(
    served: Served, work: Path, first: int, clients: int, seconds: float, warm: float, folder: Path,
    cores: tuple[int, ...] = (),
) -> dict[str, Any]:  # fmt: skip
    """One run of the load generator against a server."""
    with _generator(served, work, first, clients, seconds, warm, folder, cores) as (process, out):
        return _finished(process, out, warm + seconds)


@contextlib.contextmanager
def _generator(
    served: Served, work: Path, first: int, clients: int, seconds: float, warm: float, folder: Path,
    cores: tuple[int, ...],
) -> Any:  # fmt: skip
    out = folder / f"load-{served.engine}-{served.port}-{clients}.json"
    out.unlink(missing_ok=True)
    command = [
        sys.executable, "tools/bench/load.py", "--engine", served.engine, "--port", str(served.port),
        "--workload", str(work), "--first", str(first), "--clients", str(clients), "--warm", str(warm),
        "--seconds", str(seconds), "--sessions", ",".join(map(str, served.sessions)), "--json", str(out),
    ]  # fmt: skip
    with running(command, ROOT, clean_environment(), out.with_suffix(".log"), cores) as process:
        yield process, out


def _finished(process: Any, out: Path, seconds: float) -> dict[str, Any]:
    import subprocess

    try:
        code = process.wait(seconds + 90)
    except subprocess.TimeoutExpired:
        raise BenchError(f"the load generator did not end: {out}") from None
    if code != 0 or not out.exists():
        raise BenchError(f"the load generator failed ({code}): {tail(out.with_suffix('.log'))}")
    return dict(json.loads(out.read_text(encoding="utf-8")))
