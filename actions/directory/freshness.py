"""The freshness contract: which fields of a record may be shown, and with which warning (decision 7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from actions.directory.dialling import dear
from actions.directory.model import Service

# 110, 112 and their like are fixed by law: their numbers do not age with the page that named them.
LASTING_KINDS = frozenset({"emergency_number"})
CONTACT_FIELDS = ("address", "phone", "email", "hours")


@dataclass(frozen=True, slots=True)
class Limits:
    """Months after which a detail is shown with a warning, and after which it is not shown any more."""

    old: int = 12
    very_old: int = 48


LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Shown:
    """Fields that may be shown. `checked` is the oldest date among them, "" when one of them is undated.

    warning: "" | "old" (older than the first limit) | "undated" | "unconfirmed" (low confidence)
    | "withheld" (details older than the second one were left out).
    """

    address: bool
    phone: bool
    email: bool
    hours: bool
    url: bool
    checked: str
    warning: str

    @property
    def actionable(self) -> bool:
        """A number, a door or a website to go on with, and not a record we only half believe."""
        return self.phone or self.email or self.address or (self.url and self.warning != "unconfirmed")

    @property
    def quality(self) -> int:
        """0 is best: how far the card can be acted on, plus how old it is."""
        contact = 0 if self.phone or self.email else 1 if self.address or self.url else 3
        age = {"": 0, "old": 1, "undated": 1, "withheld": 2, "unconfirmed": 3}[self.warning]
        return contact + age

    @property
    def freshness(self) -> float:
        """Larger is newer; undated is oldest."""
        return float(months(self.checked)) if self.checked else 0.0


def months(stamp: str) -> int:
    """Months since year 0 of an ISO year, year-month or date; a bare year counts as its January."""
    year, _, rest = stamp.partition("-")
    month = rest.partition("-")[0]
    return int(year) * 12 + (int(month) if month else 1) - 1


def shown(service: Service, today: date, limits: Limits = LIMITS) -> Shown:
    """Apply the contract to one record on a given day."""
    now = today.year * 12 + today.month - 1
    has = {
        "address": bool(service.address_1 or service.postal_code),
        "phone": bool(service.phone) and not dear(service.phone),
        "email": bool(service.email),
        "hours": bool(service.hours or service.hours_note or service.by_appointment),
    }
    if service.confidence == "low" or not service.active:
        return Shown(False, False, False, False, bool(service.url), _newest(service), "unconfirmed")
    withheld = False
    dates: list[str] = []
    undated = False
    for name in CONTACT_FIELDS:
        if not has[name]:
            continue
        stamp = service.checked.get(name, "")
        if stamp and now - months(stamp) > limits.very_old and service.kind not in LASTING_KINDS:
            has[name] = False
            withheld = True
        elif stamp:
            dates.append(stamp)
        else:
            undated = True
    if not dates and not undated:
        dates = [d for d in [_newest(service)] if d]
        undated = not dates
    checked = "" if undated else min(dates, key=months)
    if undated:
        warning = "undated"
    elif withheld:
        warning = "withheld"
    else:
        warning = "old" if now - months(checked) > limits.old else ""
    return Shown(has["address"], has["phone"], has["email"], has["hours"], bool(service.url), checked, warning)


def _newest(service: Service) -> str:
    return max(service.checked.values(), key=months, default="")
