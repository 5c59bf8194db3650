"""Numbers as German readers write them."""

from __future__ import annotations

NOT_SHOWN = "•"
"""Stands where a number is withheld."""


def whole(n: float | None) -> str:
    """ "12.345"; the sign for withheld for None."""
    return NOT_SHOWN if n is None else f"{round(n):,}".replace(",", ".")


def percent(share: float | None) -> str:
    """ "81,4 %" of 0.814."""
    return NOT_SHOWN if share is None else f"{share * 100:.1f}".replace(".", ",") + "\u00a0%"


def value(number: float | None, share: bool) -> str:
    """A measure, in per cent when it is a share."""
    return percent(number) if share else whole(number)


def change(now: float | None, before: float | None, share: bool) -> str:
    """From one month to the next: "+12,5 %" for counts, "+1,2 Punkte" for shares, "–" when one is not shown."""
    if now is None or before is None or (not share and before == 0):
        return "–"
    if share:
        return _signed((now - before) * 100) + "\u00a0Punkte"
    return _signed((now / before - 1) * 100) + "\u00a0%"


def _signed(number: float) -> str:
    text = f"{abs(number):.1f}".replace(".", ",")
    if text == "0,0":
        return "±0,0"
    return ("+" if number > 0 else "−") + text
