"""The emergency numbers of the wallet card, from the directory with the date on which each was seen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from actions.directory.freshness import LIMITS, Limits, shown
from actions.directory.model import Service

# Record of data/services and the words beside its number.
NUMBERS = {
    "notruf-112": "staff_number_112",
    "polizei-110": "staff_number_110",
    "bereitschaftsdienst-116117-sachsen": "staff_number_doctor",
    "giftnotruf-erfurt": "staff_number_poison",
    "hilfetelefon-gewalt-gegen-frauen": "staff_number_women",
    "nummer-gegen-kummer-kinder": "staff_number_children",
    "telefonseelsorge": "staff_number_talk",
}
# Six digits that begin with 116 are written in two groups, as in Germany.
_GROUPED = 6


@dataclass(frozen=True, slots=True)
class Number:
    """A number as people dial it; `seen` is an ISO year, month or day, "" when no source has a date."""

    number: str
    key: str
    name: str
    seen: str


def numbers(services: Iterable[Service], today: date, limits: Limits = LIMITS) -> list[Number]:
    """The numbers that may be shown by the freshness contract, in the order of the card."""
    known = {service.id: service for service in services}
    found = []
    for name, key in NUMBERS.items():
        service = known.get(name)
        if service is not None and shown(service, today, limits).phone:
            found.append(Number(_dialled(service.phone), key, service.name, _seen(service)))
    return found


def _dialled(phone: str) -> str:
    if phone.startswith("116") and len(phone) == _GROUPED:
        return f"{phone[:3]} {phone[3:]}"
    return phone.replace("+49 ", "0") if phone.startswith("+49 ") else phone


def _seen(service: Service) -> str:
    dates = [str(s["seen"]) for s in service.sources if "phone" in s.get("supports", ()) and s.get("seen") != "undated"]
    return service.checked.get("phone", "") or max(dates, default="")
