"""Stock Rasa as an engine of `wegweiser evaluate`: a process of its own environment, made by `make baseline`."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from bot.settings import ROOT

FOLDER = ROOT / "build" / "stock"
UNKNOWN = {"intent": "out_of_scope", "confidence": 0.0}


def measure_stock(cases: list[dict[str, Any]], folder: Path = FOLDER) -> list[dict[str, Any]]:
    """Results in the form of `measure()`; stock Rasa identifies no language. ValueError when there is no baseline."""
    from bot import rasa_compat

    rasa_compat.install()
    from bot.channels.gate import clean_text

    python, model = folder / ".venv" / "bin" / "python", folder / "model.tar.gz"
    if not python.exists() or not model.exists():
        raise ValueError("there is no stock Rasa to compare with: run `make baseline` first")
    lines = "".join(json.dumps({"text": clean_text(c["text"])}) + "\n" for c in cases)
    command = [str(python), str(ROOT / "tools" / "stock" / "parse.py"), str(model)]
    done = subprocess.run(command, input=lines, capture_output=True, text=True, check=False)
    answers = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    if len(answers) != len(cases):
        raise ValueError(f"stock Rasa answered {len(answers)} of {len(cases)} messages: {done.stderr[-300:]}")
    results = []
    for case, answer in zip(cases, answers, strict=True):
        ranking = answer["ranking"] or [UNKNOWN]
        results.append(
            case
            | {
                "got": ranking[0]["intent"],
                "confidence": ranking[0]["confidence"],
                "top3": [r["intent"] for r in ranking[:3]],
                "language": "",
                "ms": answer["ms"],
            }
        )
    return results
