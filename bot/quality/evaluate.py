"""`wegweiser evaluate`: how well messages are understood, per language, style and overall."""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bot.settings import Settings

CRISIS = ("emergency_medical", "emergency_violence", "crisis_suicide")


def load_cases(paths: Iterable[str]) -> list[dict[str, Any]]:
    """Rows {text, intent, lang, style?} of files or of all .jsonl files below folders."""
    rows: list[dict[str, Any]] = []
    for name in paths:
        path = Path(name)
        files = sorted(path.rglob("*.jsonl")) if path.is_dir() else [path]
        for file in files:
            for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
                if not line.strip():
                    continue
                row = json.loads(line)
                if not {"text", "intent", "lang"} <= set(row):
                    raise ValueError(f"{file}:{number}: needs text, intent and lang")
                rows.append(row)
    return rows


def measure(parser: Any, cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Parse every case; adds got, top3, language and milliseconds."""
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
                "ms": elapsed,
            }
        )
    return results


def figures(results: list[dict[str, Any]]) -> dict[str, Any]:
    """Top-1, top-3, crisis recall and false alarms, language identification, milliseconds."""
    crisis = [r for r in results if r["intent"] in CRISIS]
    calm = [r for r in results if r["intent"] not in CRISIS]
    times = sorted(r["ms"] for r in results)
    return {
        "n": len(results),
        "top1": _share(r["got"] == r["intent"] for r in results),
        "top3": _share(r["intent"] in r["top3"] for r in results),
        "crisis_recall": _share(r["got"] in CRISIS for r in crisis),
        "crisis_exact": _share(r["got"] == r["intent"] for r in crisis),
        "false_alarms": _share(r["got"] in CRISIS for r in calm),
        "language": _share(r["language"] == r["lang"] for r in results),
        "language_4_words": _share(r["language"] == r["lang"] for r in results if len(r["text"].split()) >= 4),
        "ms_median": round(statistics.median(times), 2) if times else None,
        "ms_p95": round(times[int(len(times) * 0.95)], 2) if times else None,
    }


def _share(values: Iterable[bool]) -> float | None:
    found = list(values)
    return round(sum(found) / len(found), 4) if found else None


def report(results: list[dict[str, Any]]) -> dict[str, Any]:
    """Figures for everything, each language and each style."""
    by_language, by_style = defaultdict(list), defaultdict(list)
    for row in results:
        by_language[row["lang"]].append(row)
        by_style[row.get("style", "none")].append(row)
    return {
        "overall": figures(results),
        "languages": {k: figures(v) for k, v in sorted(by_language.items())},
        "styles": {k: figures(v) for k, v in sorted(by_style.items())},
    }


def confusion_table(results: list[dict[str, Any]], per_language: int = 25) -> str:
    """Markdown: the most frequent confusions of each language and the missed crises' count."""
    lines = [
        "# What is mistaken for what",
        "",
        "Written by `wegweiser evaluate tests/nlu --confusions docs/confusions.md`.",
    ]
    for code in sorted({r["lang"] for r in results}):
        rows = [r for r in results if r["lang"] == code]
        wrong = Counter((r["intent"], r["got"]) for r in rows if r["intent"] != r["got"])
        lines += [
            "",
            f"## {code}: {len(rows)} messages, {sum(wrong.values())} wrong",
            "",
            "| meant | understood | times |",
            "|---|---|---|",
        ]
        lines += [f"| {a} | {b} | {n} |" for (a, b), n in wrong.most_common(per_language)]
    return "\n".join(lines) + "\n"


def print_report(content: dict[str, Any]) -> None:
    """A plain table on standard output."""
    columns = (
        "n",
        "top1",
        "top3",
        "crisis_recall",
        "false_alarms",
        "language",
        "language_4_words",
        "ms_median",
        "ms_p95",
    )
    print("group".ljust(18) + "".join(c.rjust(17) for c in columns))
    rows = {"overall": content["overall"]} | content["languages"] | content["styles"]
    for name, row in rows.items():
        print(name.ljust(18) + "".join(("-" if row[c] is None else str(row[c])).rjust(17) for c in columns))


def main(settings: Settings, paths: list[str], json_out: str, confusions_out: str) -> int:
    """Measure and print; 1 when a file cannot be read."""
    from bot.launcher import build_parser

    try:
        cases = load_cases(paths)
    except (OSError, ValueError) as exc:
        print(f"wegweiser evaluate: {exc}", file=sys.stderr)
        return 1
    try:
        results = measure(build_parser(settings), cases)
    except ValueError as exc:
        print(f"wegweiser evaluate: {exc}", file=sys.stderr)
        return 1
    content = report(results)
    print_report(content)
    if json_out:
        Path(json_out).write_text(json.dumps(content | {"results": results}, ensure_ascii=False, indent=1), "utf-8")
    if confusions_out:
        Path(confusions_out).write_text(confusion_table(results), "utf-8")
    return 0
