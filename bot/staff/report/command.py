"""`wegweiser report`, and what the staff pages need of the report."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

from actions.directory.hours import BERLIN
from bot.memory.counters import FILE, Counters, CountersError
from bot.memory.database import database_url, missing_file
from bot.operations.quarantine import check
from bot.settings import Settings
from bot.staff.report.files import (
    COUNTS_FILE,
    JSON_FILE,
    PACKAGE_FILE,
    TREND_FILE,
    counts_csv,
    counts_json,
    datapackage,
    trend_csv,
)
from bot.staff.report.goals import GoalsError, load_goals
from bot.staff.report.html import render
from bot.staff.report.months import MonthError, check_finished, last_finished, title
from bot.staff.report.names import Names, names_from_data
from bot.staff.report.numbers import percent, whole
from bot.staff.report.report import Report, build

HTML_FILE = "report.html"


def counters_url(settings: Settings) -> str:
    """Where this installation counts."""
    return database_url(settings, FILE)


def today() -> date:
    """The day it is in Berlin."""
    return datetime.now(BERLIN).date()


def report_of(settings: Settings, counters: Counters, month: str, names: Names, day: date | None = None) -> Report:
    """The report of a month; MonthError, GoalsError and CountersError say in a sentence what is wrong."""
    return build(counters, month, day or today(), names, load_goals(settings.goals))


def report_html(settings: Settings, counters: Counters, month: str, names: Names, day: date | None = None) -> str:
    """The printable page of a month, for the staff pages."""
    return render(report_of(settings, counters, month, names, day))


def report_files(report: Report) -> dict[str, str]:
    """Everything that is written of a report, by file name."""
    return {
        HTML_FILE: render(report),
        COUNTS_FILE: counts_csv(report),
        TREND_FILE: trend_csv(report),
        JSON_FILE: counts_json(report),
        PACKAGE_FILE: datapackage(report),
    }


def main(
    settings: Settings, month: str, out: str, day: date | None = None, names: Callable[[], Names] = names_from_data
) -> int:
    """Write the report of a month, by default the last finished one, into the folder `out`; without `out` print a summary.

    Returns 0, 1 when it cannot be made or written, 2 for wrong arguments.
    """
    day = day or today()
    try:
        month = check_finished(month or last_finished(day), day)
        goals = load_goals(settings.goals)
    except (MonthError, GoalsError) as exc:
        return _fault(str(exc), 2)
    missing = missing_file(counters_url(settings))
    if missing is None:
        damage = _damage(settings)
        if damage:  # only looked at: who serves puts a damaged file aside
            return _fault(f"Die Zahlen sind nicht lesbar: {damage}", 1)
        counters = Counters(counters_url(settings))
    else:  # nothing is created where nothing was counted: it may be the wrong folder
        _fault(f"Es gibt noch keine Zahlen: {missing} fehlt. Zeigt WEGWEISER_DATA_DIR auf den Ordner des Dienstes?", 0)
        counters = Counters("sqlite://")
    try:
        report = build(counters, month, day, names(), goals)
    except CountersError as exc:
        return _fault(f"Die Zahlen sind nicht lesbar: {exc}", 1)
    finally:
        counters.close()
    if not out:
        print(summary(report))
        return 0
    folder = Path(out)
    try:
        write(report, folder)
    except OSError as exc:
        return _fault(f"{folder} kann nicht geschrieben werden ({exc.strerror}).", 1)
    print(folder)
    return 0


def write(report: Report, folder: Path) -> None:
    """Write all files of a report; each appears whole or not at all. OSError when the folder cannot be written."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in report_files(report).items():
        part = folder / f".{name}.part"
        try:
            part.write_text(text, encoding="utf-8", newline="")
            part.replace(folder / name)
        finally:
            part.unlink(missing_ok=True)


def summary(report: Report) -> str:
    """The most important numbers as text."""
    if report.empty:
        return f"{title(report.month)}: keine Zahlen, die gezeigt werden können."
    values = report.trend[-1].values
    lines = [
        f"{title(report.month)}: {whole(values['messages'])} Nachrichten, {whole(values['questions'])} Fragen,"
        f" {percent(values['answered_share'])} der Anliegen beantwortet."
    ]
    states = {True: "erreicht", False: "nicht erreicht", None: "nicht bestimmbar"}
    lines += [f"Ziel {states[p.reached]}: {p.goal.text}" for p in report.goals]
    lines.append("Den ganzen Bericht schreibt --out ORDNER.")
    return "\n".join(lines)


def _damage(settings: Settings) -> str:
    """What is wrong with the file of the numbers; "" when nothing is, or when they are in PostgreSQL."""
    path = settings.data_dir / FILE
    if settings.database_url:
        return ""
    try:
        check(path)
    except (sqlite3.Error, OSError) as exc:
        return str(exc)
    return ""


def _fault(text: str, code: int) -> int:
    print("\n".join(f"wegweiser report: {line}" for line in text.splitlines()), file=sys.stderr)
    return code
