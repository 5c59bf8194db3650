"""Goals that the office sets, and how far a month reaches them.

A file of goals is a YAML list:

    - goal: "Mindestens 80 % der Anliegen werden beantwortet"
      measure: answered_share
      at_least: 0.8
      concept: "Sprache und Verständigung"

`concept` is free text: the area of the integration concept, or another programme, that the goal belongs to. Measures
are computed from published numbers only, so that a goal gives nothing away that the tables do not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from actions import plain_yaml
from bot.staff.report.suppression import OTHER, UNKNOWN, Published

MOST = 100
LARGEST_FILE = 200_000
_FIELDS = {"goal", "measure", "at_least", "at_most", "concept"}


class GoalsError(ValueError):
    """The file of goals is wrong; the message lists every fault in German, one a line."""


@dataclass(frozen=True)
class Measure:
    """`share`: between 0 and 1, shown in per cent."""

    name: str
    share: bool
    value: Callable[[Mapping[str, Published]], float | None]


@dataclass(frozen=True)
class Goal:
    """`at_least` and `at_most` are limits that the measure must keep; one of them is None."""

    text: str
    measure: str
    at_least: float | None
    at_most: float | None
    concept: str = ""


@dataclass(frozen=True)
class Progress:
    """A goal in one month: `value` and `reached` are None when the numbers may not be published."""

    goal: Goal
    value: float | None
    reached: bool | None


def _outcomes(part: str, *rest: str) -> Callable[[Mapping[str, Published]], float | None]:
    """The share of one outcome among several; None unless all are shown."""

    def value(tables: Mapping[str, Published]) -> float | None:
        totals = tables["messages_channel"].row_totals
        if part not in totals or any(name not in totals for name in rest):
            return None
        return totals[part] / sum(totals[name] for name in (part, *rest))

    return value


def _columns(table: str) -> Callable[[Mapping[str, Published]], float | None]:
    """How many known columns of a table reach the threshold."""

    def value(tables: Mapping[str, Published]) -> float | None:
        totals = tables[table].column_totals
        return float(len(set(totals) - {OTHER, UNKNOWN})) if totals else None

    return value


def _total(table: str) -> Callable[[Mapping[str, Published]], float | None]:
    def value(tables: Mapping[str, Published]) -> float | None:
        total = tables[table].total
        return None if total is None else float(total)

    return value


def _with_place(tables: Mapping[str, Published]) -> float | None:
    table = tables["questions_district"]
    if not table.total or UNKNOWN not in table.column_totals:
        return None
    return 1 - table.column_totals[UNKNOWN] / table.total


def _topics(tables: Mapping[str, Published]) -> float | None:
    rows = tables["questions_language"].rows
    return float(len(set(rows) - {OTHER})) if rows else None


MEASURES = {
    "answered_share": Measure(
        "beantwortet, von allen Anliegen", True, _outcomes("answered", "asked_back", "not_understood")
    ),
    "asked_back_share": Measure(
        "zurückgefragt, von allen Anliegen", True, _outcomes("asked_back", "answered", "not_understood")
    ),
    "not_understood_share": Measure(
        "nicht verstanden, von allen Anliegen", True, _outcomes("not_understood", "answered", "asked_back")
    ),
    "good_feedback_share": Measure(
        "hilfreich, von allen Rückmeldungen", True, _outcomes("feedback_good", "feedback_bad")
    ),
    "place_share": Measure("Fragen mit bekanntem Ort", True, _with_place),
    "messages": Measure("Nachrichten", False, _total("messages_channel")),
    "questions": Measure("Fragen", False, _total("questions_language")),
    "languages": Measure("Sprachen mit mindestens 5 Fragen", False, _columns("questions_language")),
    "districts": Measure("Kreise mit mindestens 5 Fragen", False, _columns("questions_district")),
    "topics": Measure("Themen mit mindestens 5 Fragen", False, _topics),
}


def load_goals(path: Path | None) -> list[Goal]:
    """The goals of a file, none without a file; GoalsError lists everything that is wrong with it."""
    if path is None:
        return []
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise GoalsError(f"{path}: Die Datei ist zu groß für eine Liste von Zielen.")
        content = plain_yaml.load(path.read_bytes())
    except OSError as exc:
        raise GoalsError(f"{path}: Die Datei der Ziele ist nicht lesbar ({exc.strerror}).") from exc
    except yaml.YAMLError as exc:
        line = getattr(getattr(exc, "problem_mark", None), "line", None)
        where = f", Zeile {line + 1}" if line is not None else ""
        raise GoalsError(f"{path}{where}: Die Datei der Ziele ist kein gültiges YAML.") from exc
    if content is None:
        return []
    if not isinstance(content, list) or len(content) > MOST:
        raise GoalsError(f"{path}: Erwartet wird eine Liste von höchstens {MOST} Zielen.")
    faults: list[str] = []
    goals = [_goal(row, f"{path}, Ziel {number}", faults) for number, row in enumerate(content, 1)]
    if faults:
        raise GoalsError("\n".join(faults))
    return [goal for goal in goals if goal is not None]


def progress(goals: list[Goal], tables: Mapping[str, Published]) -> list[Progress]:
    """How far published tables reach the goals."""
    found = []
    for goal in goals:
        value = MEASURES[goal.measure].value(tables)
        reached = None
        if value is not None and goal.at_least is not None:
            reached = value >= goal.at_least
        elif value is not None and goal.at_most is not None:
            reached = value <= goal.at_most
        found.append(Progress(goal, value, reached))
    return found


def _goal(row: Any, where: str, faults: list[str]) -> Goal | None:
    before = len(faults)
    if not isinstance(row, dict):
        faults.append(f"{where}: Erwartet werden goal, measure und at_least oder at_most.")
        return None
    if unknown := sorted(str(key)[:40] for key in set(row) - _FIELDS):
        faults.append(f"{where}: unbekannt: {', '.join(unknown)} (möglich: {', '.join(sorted(_FIELDS))})")
    for name in ("goal", "concept"):
        if (name == "goal" or name in row) and not (
            isinstance(row.get(name), str) and 0 < len(row[name].strip()) <= 300
        ):
            faults.append(f"{where}: {name} muss ein Text mit höchstens 300 Zeichen sein.")
    measure = row.get("measure")
    if not isinstance(measure, str) or measure not in MEASURES:
        faults.append(f"{where}: measure muss eines von diesen sein: {', '.join(MEASURES)}.")
        return None
    limits = [name for name in ("at_least", "at_most") if name in row]
    if len(limits) != 1:
        faults.append(f"{where}: Es braucht at_least oder at_most, eines von beiden.")
    for name in limits:
        most = 1.0 if MEASURES[measure].share else 1e9
        value = row[name]
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= most:
            allowed = "eine Zahl von 0 bis 1 (0.8 für 80 %)" if most == 1.0 else "eine Zahl ab 0"
            faults.append(f"{where}: {name} muss {allowed} sein.")
    if len(faults) > before:
        return None
    return Goal(
        row["goal"].strip(),
        measure,
        float(row["at_least"]) if "at_least" in row else None,
        float(row["at_most"]) if "at_most" in row else None,
        str(row.get("concept", "")).strip(),
    )
