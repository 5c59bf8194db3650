"""The numbers of one month as everyone may see them, with goals and the year before: no sentence, no layout."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from bot.memory.counters import TABLES, Counters
from bot.staff.report.goals import MEASURES, Goal, Progress, progress
from bot.staff.report.months import check_finished, last_finished, shifted
from bot.staff.report.names import Names
from bot.staff.report.suppression import (
    UNKNOWN,
    Published,
    Table,
    agreed,
    protect_family,
    protect_missing,
    protect_services,
    totals_of,
)

QUESTIONS = ("questions_language", "questions_district", "questions_channel", "questions_campaign")
MESSAGES = ("messages_language", "messages_channel", "messages_hour", "messages_day")
# Emergencies are counted as messages with the outcome "crisis" only; suppression.py says why.
CRISIS_TOPICS = frozenset({"crisis_suicide", "emergency_medical", "emergency_violence"})
ANSWERED = "answered"
TREND_MONTHS = 12
# What the measures of bot/staff/report/goals.py are computed from.
FOR_TREND = ("messages_channel", "questions_language", "questions_district")


@dataclass(frozen=True)
class TrendMonth:
    """One month of the trend: measures by name, None where nothing may be shown; `topics` the totals of topics."""

    month: str
    values: dict[str, float | None]
    topics: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Report:
    """A month; `tables` by the names of bot.memory.counters.TABLES without services_stale."""

    month: str
    made_on: date
    tables: dict[str, Published]
    trend: tuple[TrendMonth, ...]
    goals: tuple[Progress, ...]
    names: Names

    @property
    def empty(self) -> bool:
        """True when there were too few messages to say anything."""
        return self.tables["messages_channel"].total is None

    def label(self, table: str, axis: int, value: str) -> str:
        """The German name of a row (0) or column (1)."""
        return self.names.of(TABLES[table][axis], value)


def build(
    counters: Counters, month: str, today: date, names: Names | None = None, goals: list[Goal] | None = None
) -> Report:
    """The report of a finished month; MonthError for another, CountersError when the counters cannot be read.

    A month without numbers gives an empty report.
    """
    check_finished(month, today)
    tables = publishable(counters.month(month))
    known = set(counters.months())
    trend = []
    for before in range(TREND_MONTHS - 1, -1, -1):
        name = shifted(month, -before)
        if name == month:
            trend.append(_trend_month(name, tables))
        else:
            trend.append(_trend_month(name, publishable(counters.month(name), FOR_TREND) if name in known else {}))
    found = progress(goals or [], tables)
    return Report(month, today, tables, tuple(trend), tuple(found), names or Names())


def finished_months(counters: Counters, today: date) -> list[str]:
    """The months with numbers that may be reported, newest first."""
    newest = last_finished(today)
    return sorted((month for month in counters.months() if month <= newest), reverse=True)


def publishable(counted: Mapping[str, Table], only: tuple[str, ...] = (*QUESTIONS, *MESSAGES)) -> dict[str, Published]:
    """The tables of a month as they may be published.

    `only` some of those with totals: each comes out as it does among all, since rows are put together by their totals.
    """
    questions, messages = _families(counted)
    within = {f"messages_{what}": totals_of(questions[f"questions_{what}"], 1) for what in ("language", "channel")}
    found = protect_family({name: messages[name] for name in MESSAGES if name in only}, within, ANSWERED)
    # With the answered messages among "other" the number of questions would tell about the rest of them.
    if ANSWERED in found["messages_channel"].row_totals:
        found |= protect_family({name: questions[name] for name in QUESTIONS if name in only})
    else:
        found |= {name: Published() for name in QUESTIONS if name in only}
    missing = _without_crises(counted.get("services_missing", {}))
    found["services_missing"] = protect_missing(missing, found["questions_district"], leave_out=(UNKNOWN,))
    found["services_shown"] = protect_services(counted.get("services_shown", {}))
    return found


def _families(counted: Mapping[str, Table]) -> tuple[dict[str, Table], dict[str, Table]]:
    questions = agreed({name: _without_crises(counted.get(name, {})) for name in QUESTIONS})
    messages = agreed({name: counted.get(name, {}) for name in MESSAGES})
    return dict(questions), dict(messages)


def _without_crises(table: Table) -> dict[tuple[str, str], int]:
    return {key: n for key, n in table.items() if key[0] not in CRISIS_TOPICS}


def _trend_month(month: str, tables: Mapping[str, Published]) -> TrendMonth:
    if not tables:
        return TrendMonth(month, dict.fromkeys(MEASURES))
    values = {name: measure.value(tables) for name, measure in MEASURES.items()}
    return TrendMonth(month, values, dict(tables["questions_language"].row_totals))
