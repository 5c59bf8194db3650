"""The assistant with some of its languages: the same program, with another registry of languages.

The languages that are only recognised stay: with all twelve it is the assistant as it is.
"""

from __future__ import annotations

import sys
from pathlib import Path

import yaml

from bot import languages

# English first, which everything falls back on; then by how many people in Saxony speak them.
ORDER = ("en", "de", "ar", "uk", "ru", "fa", "tr", "ku", "ps", "fr", "es", "ti")


def write_registry(spoken: tuple[str, ...], path: Path) -> None:
    """The registry with only these of the languages that are spoken."""
    content = yaml.safe_load(languages.FILE.read_text(encoding="utf-8"))
    kept = {
        code: row
        for code, row in content["languages"].items()
        if code in spoken or row["status"] not in ("complete", "understood")
    }
    for row in kept.values():
        row["fallback"] = [code for code in row["fallback"] if code in kept]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump({"languages": kept}, allow_unicode=True, sort_keys=False), encoding="utf-8")


def main(argv: list[str]) -> int:
    """`wegweiser` with the registry that the first argument names."""
    languages.FILE = Path(argv[0]).resolve()
    from bot.cli import main as wegweiser

    return wegweiser(argv[1:])


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
