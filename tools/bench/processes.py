"""Processes of a run: each in a session of its own, measured through /proc, ended with the run whatever happens."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")
KILLED_WITH_PARENT = 1  # PR_SET_PDEATHSIG
STOP_SECONDS = 20.0
_libc = ctypes.CDLL(None)


class BenchError(RuntimeError):
    """A part cannot be measured; the message says why."""


def clean_environment(**more: str) -> dict[str, str]:
    """The environment without settings of the assistant and of Rasa, so that both start as shipped."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("WEGWEISER_", "RASA_", "TF_", "OMP_"))}
    return kept | {"RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3"} | more


@contextlib.contextmanager
def running(
    command: Sequence[str], cwd: Path, environment: Mapping[str, str], log: Path, cores: Sequence[int] = ()
) -> Iterator[subprocess.Popen[bytes]]:
    """A process until the block ends: asked to stop, then killed with all it has started; on `cores` only, if given."""
    parent = os.getpid()

    def prepare() -> None:
        _libc.prctl(KILLED_WITH_PARENT, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)
        if cores:
            os.sched_setaffinity(0, cores)

    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as out:
        process = subprocess.Popen(
            list(command), cwd=cwd, env=dict(environment), stdout=out, stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL, start_new_session=True, preexec_fn=prepare,
        )  # fmt: skip
    try:
        yield process
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process and whatever is left of its session."""
    if process.poll() is None:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
    for pid in members(process.pid):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(STOP_SECONDS)
    until = time.monotonic() + STOP_SECONDS
    while members(process.pid) and time.monotonic() < until:  # being killed takes a moment
        time.sleep(0.005)


def members(session: int) -> list[int]:
    """The processes of a session."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            stat = _stat(int(entry.name))
            if stat is not None and int(stat[3]) == session and stat[0] != "Z":
                found.append(int(entry.name))
    return found


def cpu_seconds(sessions: Sequence[int]) -> float:
    """Processor time that the processes of these sessions have used, their ended children included."""
    ticks = 0
    for session in sessions:
        for pid in members(session):
            stat = _stat(pid)
            if stat is not None:
                ticks += sum(int(value) for value in stat[11:15])
    return ticks / TICK


def memory(sessions: Sequence[int]) -> dict[str, float | int | None]:
    """Megabytes: `rss_mb` counts shared pages in each process, `pss_mb` shares them out (None where not readable)."""
    rss = pss = 0
    pids = [pid for session in sessions for pid in members(session)]
    readable = True
    for pid in pids:
        values = _rollup(pid)
        rss += values.get("Rss", 0)
        pss += values.get("Pss", 0)
        readable = readable and "Pss" in values
    return {
        "processes": len(pids),
        "rss_mb": round(rss / 1024, 1),
        "pss_mb": round(pss / 1024, 1) if readable and pids else None,
    }


def _stat(pid: int) -> list[str] | None:
    """Fields of /proc/PID/stat from the state on; the name before may hold anything."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return None


def _rollup(pid: int) -> dict[str, int]:
    """Kilobytes by name, from smaps_rollup, or from status where that may not be read."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text("utf-8").splitlines()[1:]
        return {line.split(":")[0]: int(line.split()[1]) for line in lines if line.startswith(("Rss:", "Pss:"))}
    except OSError:
        pass
    try:
        for line in Path(f"/proc/{pid}/status").read_text("utf-8").splitlines():
            if line.startswith("VmRSS:"):
                return {"Rss": int(line.split()[1])}
    except OSError:
        pass
    return {}


def timed(
    command: Sequence[str], cwd: Path, environment: Mapping[str, str], log: Path, seconds: float
) -> tuple[float, float]:
    """Run a command to its end; clock seconds and processor seconds. BenchError when it fails or takes too long."""
    import resource

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    with running(command, cwd, environment, log) as process:
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise BenchError(f"{Path(command[0]).name} took longer than {seconds:.0f} s: {log}") from None
    lasted = time.monotonic() - start
    if code != 0:
        raise BenchError(f"{' '.join(map(str, command[:4]))} … failed ({code}): {tail(log)}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return lasted, used


def wait_until(ready: Callable[[], bool], processes: Sequence[subprocess.Popen[bytes]], seconds: float) -> float:
    """Seconds until `ready()`; BenchError when a process ends before or the time is over."""
    start = time.monotonic()
    while time.monotonic() - start < seconds:
        if any(process.poll() is not None for process in processes):
            raise BenchError("a server ended while it was starting")
        if ready():
            return time.monotonic() - start
        time.sleep(0.02)
    raise BenchError(f"a server was not ready after {seconds:.0f} s")


def free_port() -> int:
    """A port of loopback nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def tail(log: Path, size: int = 600) -> str:
    """The end of a log, for an error."""
    return log.read_text("utf-8", "replace")[-size:] if log.exists() else ""
