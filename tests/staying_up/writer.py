"""Writes into one store as fast as it can and says on standard output what is committed, until it is killed.

python -m tests.staying_up.writer KIND FILE FIRST
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from bot.rasa_compat import install
from tests.staying_up.stores import BY_NAME


def main() -> None:
    """Thing after thing, from the number that is given."""
    install()
    kind, path, first = BY_NAME[sys.argv[1]], Path(sys.argv[2]), int(sys.argv[3])
    store = kind.open(path)
    print("open", flush=True)
    for n in range(first, first + 100_000):
        if kind.put(store, n) is not False:  # a list of call-backs is full at 500
            print(n, flush=True)
        if kind.name == "callbacks":
            time.sleep(0.005)


if __name__ == "__main__":
    main()
