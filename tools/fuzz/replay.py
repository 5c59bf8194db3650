"""Runs one input through its target: python tools/fuzz/replay.py TARGET FILE. The traceback says what is wrong."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))


def main(name: str, file: Path) -> None:
    """Raises what the target raises."""
    from bot.rasa_compat import install

    install()
    from tools.fuzz.registry import load

    load()[name].run(file.read_bytes())
    print(f"{name}: {file.name} is fine")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
