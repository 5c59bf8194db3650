"""`wegweiser evaluate`: how well messages are understood, by our engine or by stock Rasa on the same data."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bot.quality.card import print_report, write_card
from bot.quality.figures import report
from bot.settings import Settings


def load_cases(paths: Iterable[str]) -> list[dict[str, Any]]:
    """Rows {text, intent, lang, style?} of files or of all .jsonl files below folders, each with its `set`.

    ValueError names the file and line that cannot be used.
    """
    rows: list[dict[str, Any]] = []
    for name in paths:
        path = Path(name)
        files = sorted(path.rglob("*.jsonl")) if path.is_dir() else [path]
        for file in files:
            for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
                if not line.strip():
                    continue
                try:
                    row = json.loads(line)
                except ValueError as exc:
                    raise ValueError(f"{file}:{number}: not a JSON object ({exc})") from exc
                if not isinstance(row, dict) or not {"text", "intent", "lang"} <= set(row):
                    raise ValueError(f"{file}:{number}: needs text, intent and lang")
                rows.append(row | {"set": path.stem})
    if not rows:
        raise ValueError("there are no messages in these files")
    return rows


def measure(parser: Any, cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Parse every case; adds got, confidence, top3, language, near, crisis paths and milliseconds."""
    from bot.channels.gate import Refused, clean_text
    from bot.quality.lines import understood

    results = []
    for case in cases:
        try:
            text = clean_text(case["text"])
        except Refused as exc:
            raise ValueError(f"a message cannot be measured: {exc}") from exc
        start = time.perf_counter()
        parsed = parser.parse(text)
        elapsed = (time.perf_counter() - start) * 1000
        line = understood(case["text"], parsed)
        results.append(
            case
            | {
                "got": line["intent"],
                "confidence": line["confidence"],
                "top3": [r["intent"] for r in line["ranking"][:3]],
                "language": line["language"],
                "near": (parsed.get("intent") or {}).get("name") == "crisis_near",
                "paths": parsed.get("crisis_paths"),
                "ms": elapsed,
            }
        )
    return results


def main(settings: Settings, paths: list[str], engine: str, json_out: str, card_out: str) -> int:
    """Measure and print; 1 when a file cannot be read or the engine is missing."""
    try:
        cases = load_cases(paths)
        if engine == "stock":
            from bot.quality.stock import measure_stock

            results = measure_stock(cases)
        else:
            from bot.launcher import build_parser

            results = measure(build_parser(settings), cases)
    except (OSError, ValueError) as exc:
        print(f"wegweiser evaluate: {exc}", file=sys.stderr)
        return 1
    content = report(results) | {"engine": engine}
    print_report(content)
    if json_out:
        Path(json_out).parent.mkdir(parents=True, exist_ok=True)
        Path(json_out).write_text(json.dumps(content | {"results": results}, ensure_ascii=False, indent=1), "utf-8")
    if card_out:
        write_card(content, Path(card_out))
    return 0
