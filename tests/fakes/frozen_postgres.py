"""A PostgreSQL that froze: it takes connections and answers nothing, as a machine that swaps or a disk that hangs."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

from tests.fakes.postgres import Postgres


@contextlib.contextmanager
def frozen(server: Postgres) -> Iterator[None]:
    """All its processes stand still; afterwards they go on as if nothing had been."""
    main = int((server._data / "postmaster.pid").read_text().splitlines()[0])
    stopped: list[int] = []

    def stop(pid: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)
            stopped.append(pid)

    stop(main)  # first, so that it starts no others
    for found in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(found.read_text().rpartition(")")[2].split()[1]) == main:
                stop(int(found.parent.name))
    try:
        yield
    finally:
        for pid in stopped:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
