"""Writes into one store as fast as it can and says on standard output what is committed, until it is killed.

python -m tests.staying_up.writer KIND FILE, then on standard input the number to begin with, once for each time: what
writes is a process of its own, which is told ("pid 123") and killed, and only the first one takes seconds to start.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from bot.rasa_compat import install
from tests.staying_up.stores import BY_NAME, Kind


def main() -> None:
    """One process after the other, until there is no number any more."""
    install()
    kind, path = BY_NAME[sys.argv[1]], Path(sys.argv[2])
    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            write(kind, path, int(line))
            os._exit(1)
        print(f"pid {pid}", flush=True)
        os.waitpid(pid, 0)
        print("ended", flush=True)


def write(kind: Kind, path: Path, first: int) -> None:
    """Thing after thing, from the number that is given."""
    store = kind.open(path)
    for n in range(first, first + 100_000):
        if kind.put(store, n) is not False:  # a list of call-backs is full at 500
            os.write(1, f"{n}\n".encode())  # at once, or not at all
        if kind.name == "callbacks":
            time.sleep(0.005)


if __name__ == "__main__":
    main()
