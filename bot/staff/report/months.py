"""Months of the calendar in Berlin: which are finished, and what they are called."""

from __future__ import annotations

from datetime import date, timedelta

from babel.dates import format_date, format_skeleton

# The last numbers of a month are written minutes after it has ended; on the second day after it nothing moves any more.
SETTLED_DAYS = 1


class MonthError(ValueError):
    """A month is none, or there is no report for it yet; the message says why, in German."""


def first_day(month: str) -> date:
    """The first day of a month such as "2026-10"; MonthError when it is none."""
    try:
        if len(month) != 7 or not month.isascii():
            raise ValueError
        return date.fromisoformat(f"{month}-01")
    except ValueError:
        raise MonthError("Ein Monat wird als Jahr und Monat angegeben, zum Beispiel 2026-10.") from None


def shifted(month: str, by: int) -> str:
    """The month so many later, or earlier for a negative number."""
    first = first_day(month)
    whole = first.year * 12 + first.month - 1 + by
    if not 12 <= whole < 12 * 9999:
        raise MonthError("Dieses Jahr gibt es im Kalender nicht.")
    return f"{whole // 12:04d}-{whole % 12 + 1:02d}"


def open_on(month: str) -> date:
    """The day from which a month may be reported: the second one after it."""
    return first_day(shifted(month, 1)) + timedelta(days=SETTLED_DAYS)


def last_finished(today: date) -> str:
    """The newest month that may be reported."""
    month = shifted(f"{today:%Y-%m}", -1)
    return month if today >= open_on(month) else shifted(month, -1)


def check_finished(month: str, today: date) -> str:
    """The month itself; MonthError while it is not finished: two states of it could be subtracted from each other."""
    if today < open_on(month):
        raise MonthError(
            f"Der Bericht für {title(month)} ist ab dem {german_date(open_on(month))} möglich. Vorher gibt es keinen: "
            "Zwei Stände eines Monats könnte man voneinander abziehen und so einzelne Anfragen erkennen."
        )
    return month


def title(month: str) -> str:
    """ "Oktober 2026"."""
    return str(format_skeleton("yMMMM", first_day(month), locale="de"))


def short_title(month: str) -> str:
    """ "10/26", for axes."""
    return f"{month[5:]}/{month[2:4]}"


def german_date(day: date) -> str:
    """ "2. November 2026"."""
    return str(format_date(day, "long", locale="de"))
