"""The report as open data: a tidy CSV of all tables, one of the trend, and their description (Frictionless Data Package)."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from bot.memory.counters import TABLES
from bot.staff.report.goals import MEASURES
from bot.staff.report.months import title
from bot.staff.report.report import Report
from bot.staff.report.suppression import OTHER, THRESHOLD, Published

COLUMNS = ("month", "table", "row", "row_label", "column", "column_label", "count", "status")
TREND_COLUMNS = ("month", "measure", "measure_label", "value", "status")
EXACT, AT_LEAST, SUPPRESSED = "exact", "at_least", "suppressed"
TOTAL = "_total"
COUNTS_FILE, TREND_FILE, JSON_FILE, PACKAGE_FILE = "counts.csv", "trend.csv", "counts.json", "datapackage.json"
MEANINGS = {
    "questions_language": "Fragen nach Thema und Sprache",
    "questions_district": "Fragen nach Thema und Kreis",
    "questions_channel": "Fragen nach Thema und Weg (Kanal)",
    "questions_campaign": "Fragen nach Thema und Kampagne (Aushang, Link)",
    "messages_language": "Nachrichten nach Ausgang und Sprache",
    "messages_channel": "Nachrichten nach Ausgang und Weg (Kanal)",
    "messages_hour": "Nachrichten nach Ausgang und Stunde (Berliner Zeit)",
    "messages_day": "Nachrichten nach Ausgang und Tag (Berliner Zeit)",
    "services_missing": "Fragen, zu denen im Kreis keine Stelle gezeigt werden konnte, abgerundet auf Fünfer",
    "services_shown": "Gezeigte Stellen, abgerundet auf Fünfer; stale: mit Hinweis, dass Angaben veraltet sein können",
}
DEFINITIONS = {
    "Nachricht": "Jede Nachricht an den Dienst, auch Grüße und Rückmeldungen. Tests zählen nicht.",
    "Frage": "Ein Thema in einem Gespräch. Nachfragen zum selben Thema zählen nicht noch einmal; Notlagen zählen nur "
    "als Nachricht.",
    "Kreis": "Landkreis oder Kreisfreie Stadt, nach der gefragt wurde, nicht der Wohnort. Bei persönlichen Themen "
    "(Gewalt, Ausbeutung, Hass, queere Menschen, Frauen und Mädchen) wird kein Ort und keine Kampagne gezählt.",
    "Notlage": "Nachrichten, die als Notlage beantwortet wurden; welche, wird nicht veröffentlicht.",
    "übrige": f"Zeilen und Spalten mit weniger als {THRESHOLD} sind zusammengefasst, wo nötig mit weiteren.",
}


def counts_csv(report: Report) -> str:
    """All tables, one number a line; a withheld number is an empty `count` with the status "suppressed"."""
    return _csv(COLUMNS, _all_lines(report))


def counts_json(report: Report) -> str:
    """The same as JSON; a withheld number is null."""
    rows = [dict(zip(COLUMNS, line, strict=True)) for line in _all_lines(report)]
    for row in rows:
        row["count"] = None if row["count"] == "" else row["count"]
    return json.dumps({"month": report.month, "threshold": THRESHOLD, "counts": rows}, ensure_ascii=False) + "\n"


def trend_csv(report: Report) -> str:
    """The measures of the last twelve months, one a line."""
    lines = (
        (m.month, name, MEASURES[name].name, "" if v is None else f"{v:.6g}" if v % 1 else int(v), _status(v))
        for m in report.trend
        for name, v in m.values.items()
    )
    return _csv(TREND_COLUMNS, lines)


def datapackage(report: Report) -> str:
    """The description of both files as JSON, with licence, threshold, definitions and goals."""
    month = report.month
    package = {
        "profile": "tabular-data-package",
        "name": f"wegweiser-bericht-{month}",
        "title": f"Wegweiser: Monatsbericht {title(month)}",
        "description": "Zusammengefasste Zahlen eines mehrsprachigen Auskunftsdienstes; keine Daten über Personen.",
        "created": report.made_on.isoformat(),
        "licenses": [
            {"name": "CC-BY-4.0", "title": "CC BY 4.0", "path": "https://creativecommons.org/licenses/by/4.0/"}
        ],
        "temporal": month,
        "resources": [
            _resource("counts", COUNTS_FILE, COLUMNS, {"count": "integer"}, (EXACT, AT_LEAST, SUPPRESSED)),
            _resource("trend", TREND_FILE, TREND_COLUMNS, {"value": "number"}, (EXACT, SUPPRESSED)),
        ],
        "suppression": {
            "threshold": THRESHOLD,
            "rule": f"Zahlen unter {THRESHOLD} sind unterdrückt, ebenso weitere, aus denen sie sich errechnen ließen; "
            f"alle sind gleich gekennzeichnet (status = {SUPPRESSED}). Eine 0 steht nur dort, wo sie aus den Summen "
            f"folgt. Bei status = {AT_LEAST} ist auf Fünfer abgerundet; was fehlt, ist unter {THRESHOLD} oder nicht "
            "gezeigt.",
        },
        "definitions": DEFINITIONS,
        "tables": {
            name: {"title": MEANINGS[name], "row": TABLES[name][0], "column": TABLES[name][1]} for name in MEANINGS
        },
        "special_values": {OTHER: "übrige, zusammengefasst", TOTAL: "Summe", "unknown": "nicht bekannt"},
        "goals": [
            {
                "goal": p.goal.text,
                "measure": p.goal.measure,
                "at_least": p.goal.at_least,
                "at_most": p.goal.at_most,
                "concept": p.goal.concept,
                "value": p.value,
                "reached": p.reached,
            }
            for p in report.goals
        ],
    }
    return json.dumps(package, ensure_ascii=False, indent=2) + "\n"


def _all_lines(report: Report) -> Iterator[tuple[Any, ...]]:
    return (line for name, table in report.tables.items() for line in _lines(report, name, table))


def _lines(report: Report, name: str, table: Published) -> Iterator[tuple[Any, ...]]:
    def line(row: str, column: str, n: int | None, status: str) -> tuple[Any, ...]:
        labels = [
            "Summe" if value == TOTAL else report.label(name, axis, value) for axis, value in enumerate((row, column))
        ]
        return (report.month, name, row, labels[0], column, labels[1], "" if n is None else n, status)

    if table.at_least:
        for (row, column), n in sorted(table.cells.items()):
            yield line(row, column, n, AT_LEAST)
        return
    for row in table.rows:
        for column in table.columns:
            n = table.cells[(row, column)]
            yield line(row, column, n, _status(n))
        yield line(row, TOTAL, table.row_totals[row], EXACT)
    for column, n in table.column_totals.items():
        yield line(TOTAL, column, n, EXACT)
    if table.total is not None:
        yield line(TOTAL, TOTAL, table.total, EXACT)


def _status(n: float | None) -> str:
    return SUPPRESSED if n is None else EXACT


def _csv(head: tuple[str, ...], lines: Iterator[tuple[Any, ...]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([_plain(value) for value in line] for line in lines)
    return out.getvalue()


def _plain(value: Any) -> Any:
    """Text that no spreadsheet takes for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value


def _resource(
    name: str, path: str, columns: tuple[str, ...], types: dict[str, str], statuses: tuple[str, ...]
) -> dict[str, Any]:
    fields: list[dict[str, Any]] = []
    for column in columns:
        field: dict[str, Any] = {"name": column, "type": types.get(column, "string")}
        if column == "month":
            field |= {"type": "yearmonth", "format": "default"}
        if column == "status":
            field["constraints"] = {"required": True, "enum": list(statuses)}
        fields.append(field)
    return {
        "name": name,
        "path": path,
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": {"delimiter": ",", "lineTerminator": "\r\n"},
        "schema": {"fields": fields, "missingValues": [""]},
    }
