"""The quality card: docs/quality.md, written from the figures of `wegweiser evaluate`, and the table on the screen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot.quality.sections import kept
from bot.quality.usefulness_card import SECTION

COLUMNS = (
    "n",
    "top1",
    "top3",
    "macro_f1",
    "ece",
    "crisis_recall",
    "false_alarms",
    "language",
    "language_4_words",
    "ms_median",
    "ms_p95",
)
UNDERSTANDING = ("top1", "top3", "macro_f1", "ece", "language", "language_4_words")


def print_report(content: dict[str, Any]) -> None:
    """A plain table on standard output."""
    print("group".ljust(12) + "".join(c.rjust(17) for c in COLUMNS))
    rows = {"overall": content["overall"]} | content["languages"] | content["styles"]
    for name, row in rows.items():
        print(name.ljust(12) + "".join(("-" if row[c] is None else str(row[c])).rjust(17) for c in COLUMNS))
    print("mean of languages", content["mean_of_languages"])


def write_card(content: dict[str, Any], path: Path) -> None:
    """Write the card as Markdown; the comparison with a search, which another command writes, is kept."""
    compared = kept(path, SECTION)
    path.write_text("\n".join([*_lines(content), *([""] if compared else []), *compared]) + "\n", "utf-8")


def _lines(content: dict[str, Any]) -> list[str]:
    overall = content["overall"]
    lines = [
        "# Quality card: how well messages are understood",
        "",
        "Written by `make evaluate` from `tests/nlu` and `tests/crisis`: messages of our own making, written apart from",
        "the training messages and never trained. Shares are in per cent, intervals are 95 % (Wilson). Messages of other",
        "people are harder: expect a few points less.",
        "",
        f"{overall['n']} messages, engine: {content['engine']}. Expected calibration error {_p(overall['ece'])}.",
        "",
        "`nlu` are messages of every kind; `crisis` are emergencies without the usual words and messages that only look",
        "like one, written to be hard. The tables by style and by confusion are about both.",
        "",
        "## By language",
        "",
    ]
    lines += _by_set(
        content,
        "language | messages | top-1 | top-3 | macro F1 | calibration error | language found | … from four words",
        lambda row: [row["n"], *(_p(row[k]) for k in UNDERSTANDING)],
    )
    lines += ["", "## By style", "", "| style | messages | top-1 | top-3 |", "|---|---|---|---|"]
    for name, row in content["styles"].items():
        lines.append(f"| {name} | {row['n']} | {_p(row['top1'])} | {_p(row['top3'])} |")
    lines += _crisis(content) + _calibration(content)
    lines += ["", "## Worst confusions of each language", ""]
    for name, rows in content["confusions"].items():
        told = ", ".join(f"{a} → {b} ({n})" for a, b, n in rows)
        lines.append(f"- **{name}**: {told or 'none'}")
    return lines


def _crisis(content: dict[str, Any]) -> list[str]:
    lines = [
        "",
        "## Crisis",
        "",
        "Recall: share of emergencies answered as one. Asked: emergencies answered or asked about with the numbers shown.",
        "False alarms: share of all other messages, look-alikes included, that were answered as an emergency.",
        "Phrases and classifier: each path alone.",
        "",
    ]
    return lines + _by_set(
        content,
        "language | emergencies | recall | or asked | others | false alarms | asked in vain "
        "| phrases: recall | phrases: false | classifier: recall | classifier: false",
        _crisis_cells,
    )


def _crisis_cells(row: dict[str, Any]) -> list[Any]:
    paths = [(row.get("paths") or {}).get(path) or {} for path in ("phrases", "classifier")]
    return [
        row["crisis_n"],
        _range(row["crisis_recall"], row["crisis_recall_95"]),
        _p(row["crisis_or_asked"]),
        row["calm_n"],
        _range(row["false_alarms"], row["false_alarms_95"]),
        _p(row["asked_danger"]),
        *(_range(told.get(k), told.get(f"{k}_95")) for told in paths for k in ("recall", "false_alarms")),
    ]


def _by_set(content: dict[str, Any], head: str, cells: Callable[[dict[str, Any]], list[Any]]) -> list[str]:
    """A table for each set of messages: one row for all, one for each language."""
    lines = []
    for name, group in content["sets"].items():
        lines += [f"### {name}", "", f"| {head} |", "|" + "---|" * (head.count("|") + 1)]
        for language, row in {"all": group["overall"], **group["languages"]}.items():
            lines.append(f"| {language} | " + " | ".join(map(str, cells(row))) + " |")
        lines.append("")
    return lines


def _calibration(content: dict[str, Any]) -> list[str]:
    lines = [
        "",
        "## Calibration",
        "",
        "| stated from | messages | stated | right |",
        "|---|---|---|---|",
    ]
    for row in content["calibration"]:
        lines.append(f"| {_p(row['from'])} | {row['n']} | {_p(row['stated'])} | {_p(row['right'])} |")
    lines += [
        "",
        "Answering at once from a threshold, and what happens below it, where buttons are shown:",
        "",
        "| threshold | answered at once | of these right | below: a button is right | below: an answer would be right |",
        "|---|---|---|---|---|",
    ]
    for row in content["thresholds"]:
        keys = ("answered", "right", "button_right", "answer_would_be_right")
        lines.append(f"| {row['threshold']} | " + " | ".join(_p(row[k]) for k in keys) + " |")
    return lines


def _p(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f}"


def _range(value: float | None, interval: list[float] | None) -> str:
    return "–" if value is None or interval is None else f"{_p(value)} ({_p(interval[0])}–{_p(interval[1])})"
