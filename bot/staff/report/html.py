"""The report as one printable HTML page in German, without script and without anything from elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bot.staff.report import numbers, plots
from bot.staff.report.files import DEFINITIONS, MEANINGS
from bot.staff.report.goals import MEASURES
from bot.staff.report.months import german_date, short_title, title
from bot.staff.report.report import Report
from bot.staff.report.suppression import OTHER, THRESHOLD, UNKNOWN, Published

TEMPLATES = Path(__file__).with_name("templates")
MOST_BARS = 20
TOP_TOPICS = 15
# Longer lists of services fill pages that nobody reads; the CSV has all.
MOST_LINES = 40
# Wider tables are printed on a page that lies on its side.
UPRIGHT_COLUMNS = 8

HEADS = {
    "topic": "Thema",
    "outcome": "Ausgang",
    "language": "Sprache",
    "district": "Kreis",
    "channel": "Weg",
    "campaign": "Kampagne",
}


@dataclass(frozen=True)
class Row:
    """A line of a table; `cells` are texts, `values` what a bar shows."""

    key: str
    label: str
    cells: list[str]


@dataclass(frozen=True)
class Grid:
    """A table as the template shows it."""

    name: str
    caption: str
    head: str
    columns: list[tuple[str, str]]
    rows: list[Row]
    totals: list[str]
    wide: bool
    folded: str = ""


def render(report: Report) -> str:
    """The page."""
    return _template().render(
        report=report,
        title=title(report.month),
        made_on=german_date(report.made_on),
        threshold=THRESHOLD,
        sign=numbers.NOT_SHOWN,
        definitions=DEFINITIONS,
        **({} if report.empty else _content(report)),
    )


@lru_cache(maxsize=1)
def _template() -> Any:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html")


def _content(report: Report) -> dict[str, Any]:
    tables = report.tables
    return {
        "key_figures": _key_figures(report),
        "goals": [_goal(p) for p in report.goals],
        "trend": _trend(report),
        "topics": _topic_changes(report),
        "outcomes": _lines(report, "messages_channel", 0, "outcome", "Wie endeten die Nachrichten?"),
        "questions": [
            _lines(report, "questions_language", 0, "topic", "Worum ging es?"),
            _lines(report, "questions_language", 1, "language", "In welchen Sprachen?"),
            _lines(report, "questions_district", 1, "district", "Nach welchen Orten wurde gefragt?"),
            _lines(report, "questions_channel", 1, "channel", "Auf welchen Wegen?"),
            _lines(report, "questions_campaign", 1, "campaign", "Über welche Kampagnen (Aushänge, Links)?"),
        ],
        "times": [_hours(report), _days(report)],
        "missing": _missing(report)[:MOST_LINES],
        "missing_more": max(0, len(_missing(report)) - MOST_LINES),
        "services": _services(report)[:MOST_LINES],
        "services_more": max(0, len(_services(report)) - MOST_LINES),
        "grids": [_grid(report, name) for name in MEANINGS if name in tables and not tables[name].at_least],
    }


def _key_figures(report: Report) -> list[dict[str, str]]:
    names = {
        "messages": "Nachrichten",
        "questions": "Fragen",
        "answered_share": "der Anliegen beantwortet",
        "good_feedback_share": "der Rückmeldungen „hilfreich“",
        "languages": "Sprachen",
        "districts": "Kreise",
    }
    now, before = report.trend[-1].values, report.trend[-2].values
    return [
        {
            "label": label,
            "value": numbers.value(now[name], MEASURES[name].share),
            "change": numbers.change(now[name], before[name], MEASURES[name].share)
            if name in ("messages", "questions", "answered_share", "good_feedback_share")
            else "",
        }
        for name, label in names.items()
    ]


def _goal(found: Any) -> dict[str, str]:
    goal, share = found.goal, MEASURES[found.goal.measure].share
    limit = goal.at_least if goal.at_least is not None else goal.at_most
    return {
        "text": goal.text,
        "concept": goal.concept,
        "measure": MEASURES[goal.measure].name,
        "limit": ("mindestens " if goal.at_least is not None else "höchstens ") + numbers.value(limit, share),
        "value": numbers.value(found.value, share),
        "state": {True: "erreicht", False: "nicht erreicht", None: "nicht bestimmbar"}[found.reached],
        "mark": {True: "✓", False: "✗", None: numbers.NOT_SHOWN}[found.reached],
    }


def _trend(report: Report) -> dict[str, Any]:
    shown = ("messages", "questions", "answered_share", "not_understood_share", "good_feedback_share", "languages")
    rows = []
    begun = next((i for i, m in enumerate(report.trend) if m.values["messages"] is not None), len(report.trend) - 1)
    months = report.trend[begun:]
    for place, month in enumerate(months):
        cells = [numbers.value(month.values[name], MEASURES[name].share) for name in shown]
        before = months[place - 1].values["messages"] if place else None
        cells.append(numbers.change(month.values["messages"], before, share=False))
        rows.append(Row(month.month, title(month.month), cells))
    heads = [(name, MEASURES[name].name) for name in shown] + [("change", "Nachrichten zum Vormonat")]
    counts = [(short_title(m.month), m.values["messages"]) for m in months]
    shares = [
        (short_title(m.month), None if (v := m.values["answered_share"]) is None else v * 100) for m in report.trend
    ]
    top = max((v for _, v in shares if v is not None), default=0)
    return {
        "grid": Grid("trend", "Die letzten Monate, höchstens zwölf", "Monat", heads, rows, [], wide=False),
        "plots": [
            ("Nachrichten im Monat", plots.columns("trend-n", "Nachrichten im Monat", counts)),
            (
                "Beantwortet, in Prozent der Anliegen",
                plots.columns("trend-a", "Anteil beantworteter Anliegen im Monat", shares, f"{top:.0f} %"),
            ),
        ],
    }


def _topic_changes(report: Report) -> list[dict[str, str]]:
    """The topics asked most, with the month before."""
    now, before = report.trend[-1].topics, report.trend[-2].topics
    order = sorted((name for name in now if name != OTHER), key=lambda name: (-now[name], name))
    return [
        {
            "label": report.label("questions_language", 0, name),
            "now": numbers.whole(now[name]),
            "before": numbers.whole(before.get(name)) if before else "–",
            "change": numbers.change(now[name], before.get(name), share=False),
        }
        for name in order[:TOP_TOPICS]
    ]


def _lines(report: Report, name: str, axis: int, head: str, heading: str) -> dict[str, Any]:
    """The totals of a table's rows or columns, the largest first, as plot and as table."""
    table = report.tables[name]
    totals = table.column_totals if axis else table.row_totals
    order = sorted(totals, key=lambda value: (value in (OTHER, UNKNOWN), -totals[value], value))
    whole = sum(totals.values())
    rows = [
        Row(
            value,
            report.label(name, axis, value),
            [numbers.whole(totals[value]), numbers.percent(totals[value] / whole)],
        )
        for value in order
    ]
    values = [(report.label(name, axis, value), float(totals[value])) for value in order[:MOST_BARS]]
    unit = "Nachrichten" if name.startswith("messages") else "Fragen"
    plot = plots.bars(f"plot-{name}-{axis}", heading, values) if len(values) > 1 else Markup("")
    more = len(order) - MOST_BARS
    return {
        "heading": heading,
        "plot": plot,
        "note": f"Das Bild zeigt die {MOST_BARS} größten; {more} weitere stehen in der Tabelle." if more > 0 else "",
        "grid": Grid(
            f"{name}-{axis}", heading, HEADS[head],
            [("count", unit), ("share", "Anteil")], rows, [], wide=False,
        ),
    }  # fmt: skip


def _hours(report: Report) -> dict[str, Any]:
    totals = report.tables["messages_hour"].column_totals
    hours = [f"{hour:02}" for hour in range(24)]
    return _times(
        report, "messages_hour", hours, [hour.lstrip("0") or "0" for hour in hours], totals, "Zu welcher Stunde?", 1
    )


def _days(report: Report) -> dict[str, Any]:
    totals = report.tables["messages_day"].column_totals
    days = [f"{report.month}-{day:02}" for day in range(1, 32)]
    days = [day for day in days if day in totals or int(day[-2:]) <= _length(report.month)]
    return _times(report, "messages_day", days, [str(int(day[-2:])) for day in days], totals, "An welchem Tag?", 1)


def _times(
    report: Report, name: str, order: list[str], short: list[str], totals: dict[str, int], heading: str, every: int
) -> dict[str, Any]:
    """Messages by hour or day; what is among "other" has no number of its own."""
    values = [(label, float(totals[key]) if key in totals else None) for key, label in zip(order, short, strict=True)]
    rows = [Row(key, report.label(name, 1, key), [numbers.whole(totals.get(key))]) for key in order]
    if OTHER in totals:
        rows.append(Row(OTHER, report.label(name, 1, OTHER), [numbers.whole(totals[OTHER])]))
    grid = Grid(
        f"{name}-1",
        heading,
        "Stunde" if name == "messages_hour" else "Tag",
        [("count", "Nachrichten")],
        rows,
        [],
        wide=False,
    )
    return {"heading": heading, "plot": plots.columns(f"plot-{name}", heading, values, every=every), "grid": grid}


def _length(month: str) -> int:
    from calendar import monthrange

    return monthrange(int(month[:4]), int(month[5:]))[1]


def _missing(report: Report) -> list[Row]:
    table = report.tables["services_missing"]
    order = sorted(table.cells, key=lambda key: (-(table.cells[key] or 0), key))
    return [
        Row(
            f"{row}|{column}",
            report.label("services_missing", 0, row),
            [report.label("services_missing", 1, column), numbers.whole(table.cells[(row, column)])],
        )
        for row, column in order
    ]


def _services(report: Report) -> list[Row]:
    table = report.tables["services_shown"]
    shown = {row: [table.cells.get((row, state)) for state in ("fresh", "stale")] for row in table.rows}
    order = sorted(shown, key=lambda row: (-sum(n or 0 for n in shown[row]), row))
    return [Row(row, report.label("services_shown", 0, row), [numbers.whole(n) for n in shown[row]]) for row in order]


def _grid(report: Report, name: str) -> Grid:
    table = report.tables[name]
    rows = sorted(table.rows, key=lambda row: (row == OTHER, -table.row_totals[row], row))
    columns = sorted(table.columns, key=_column_order(name, table))
    return Grid(
        name,
        MEANINGS[name],
        "Ausgang" if name.startswith("messages") else "Thema",
        [*((column, report.label(name, 1, column)) for column in columns), ("_total", "Summe")],
        [
            Row(
                row,
                report.label(name, 0, row),
                [
                    *(numbers.whole(table.cells[(row, column)]) for column in columns),
                    numbers.whole(table.row_totals[row]),
                ],
            )
            for row in rows
        ],
        [*(numbers.whole(table.column_totals[column]) for column in columns), numbers.whole(table.total)],
        wide=len(columns) > UPRIGHT_COLUMNS,
        folded=", ".join(sorted(report.label(name, 1, value) for value in table.other_columns)),
    )


def _column_order(name: str, table: Published) -> Any:
    if name in ("messages_hour", "messages_day"):
        return lambda column: (column == OTHER, column)
    return lambda column: (column in (OTHER, UNKNOWN), -table.column_totals[column], column)
