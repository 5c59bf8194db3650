"""Fuzzes one target in this process, with atheris: python -m tools.fuzz.one TARGET STATE.json [libFuzzer options] [folders].

STATE.json gets the slowest input in milliseconds of processor time; libFuzzer says the rest on standard error.
"""

from __future__ import annotations

import contextlib
import json
import logging
import sys
import time
from pathlib import Path

import atheris


def main(name: str, state: Path, options: list[str]) -> None:
    """Never returns."""
    from tools.fuzz.registry import load

    # Everything of ours, and nothing of the libraries.
    with atheris.instrument_imports(include=["bot", "actions"], enable_loader_override=False):
        from bot.rasa_compat import install

        install()
        target = load()[name]
    logging.disable(logging.CRITICAL)
    slowest = 0.0
    # Places, terms and templates are read at the first use: that is nobody's slow input.
    for path in sorted(Path(options[-1]).iterdir()) if options and Path(options[-1]).is_dir() else ():
        with contextlib.suppress(Exception):  # the fuzzer meets it again, and tells
            target.run(path.read_bytes())

    def run(data: bytes) -> None:
        nonlocal slowest
        began = time.process_time()
        target.run(data)
        took = 1000 * (time.process_time() - began)
        if took > slowest:
            slowest = took
            state.write_text(json.dumps({"slowest_ms": round(took, 1), "bytes": len(data)}))

    from tools.fuzz.mutation import json_mutator

    # Looked up with each change: atheris puts it in place when fuzzing begins.
    mutate = json_mutator(lambda data, longest: bytes(atheris.Mutate(data, longest)))
    extra = {"custom_mutator": mutate} if target.is_json else {}
    atheris.Setup([sys.argv[0], f"-max_len={target.longest}", *options], run, **extra)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])
