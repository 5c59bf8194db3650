"""What the words of a record say: cost, languages, interpreters, access, appointments, and how sure it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from actions.directory.sources.hsds_models import (
    Attribute,
    CostOption,
    HsdsService,
    Language,
    Location,
    Schedule,
)
from actions.directory.sources.hsds_schedule import Opening
from actions.directory.sources.hsds_terms import Terms

GRADES = ("low", "medium", "high")
_GRADE = re.compile(r"(?:confidence[:= ]+)?(high|medium|low)", re.IGNORECASE)
_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?(?=$|[T ])")
# Before this nobody kept such records: the date is a default of some software.
OLDEST = "1990"


@dataclass(frozen=True, slots=True)
class Words:
    """Reads free text with the phrases of `terms`; `today` decides which prices hold."""

    terms: Terms
    today: date

    def cost(self, record: HsdsService) -> tuple[str, bool]:
        """The words about cost, and whether it is free for everyone."""
        options = [o for o in record.cost_options if self._holds(o)]
        prices = [_price(option) for option in options]
        nothing = [
            option.amount == 0 if option.amount is not None else self.terms.says("free", price)
            for option, price in zip(options, prices, strict=True)
        ]
        said = record.fees_description
        free = all(nothing) and (self.terms.says("free", said) if said else bool(options))
        return said or "; ".join(dict.fromkeys(price for price in prices if price)), free

    def _holds(self, option: CostOption) -> bool:
        today = self.today.isoformat()
        return option.valid_from[:10] <= today and (not option.valid_to or option.valid_to[:10] >= today)

    def languages(self, languages: Sequence[Language]) -> tuple[tuple[str, ...], bool]:
        """Codes of what is spoken, and whether some language is there through an interpreter only."""
        spoken = [row for row in languages if not self.terms.says("through_interpreter", row.note)]
        codes = [self.terms.language(row.code, row.name) for row in spoken]
        return tuple(dict.fromkeys(code for code in codes if code)), len(spoken) < len(languages)

    def interpreters(self, record: HsdsService) -> bool:
        """Whether the record speaks of interpreting and does not deny it."""
        text = record.interpretation_services
        return bool(text) and not self.terms.says("no_interpreters", text)

    def wheelchair(self, location: Location) -> bool:
        """Whether one can get in with a wheelchair, without an if or but."""
        texts = [f"{row.description}. {row.details}" for row in location.accessibility]
        return any(self.terms.says("wheelchair", text) for text in texts)

    def by_appointment(self, record: HsdsService, schedules: Sequence[Schedule], times: Opening) -> bool:
        """Whether one needs an appointment. What schedules say counts only where none of them gives a time."""
        if self.terms.says("appointment", record.application_process):
            return True
        if times.hours or any(schedule.opens_at for schedule in schedules):
            return False
        return any(
            self.terms.says("appointment", f"{schedule.description}. {schedule.notes}")
            or self.terms.says("appointment_link", schedule.schedule_link)
            for schedule in schedules
        )

    def confidence(self, record: HsdsService, attributes: Iterable[Attribute]) -> str:
        """What the feed grades the record, the lowest of several; else high when somebody vouched for it on a date."""
        said = [record.confidence]
        for attribute in attributes:
            term = attribute.taxonomy_term
            if term is not None and term.grades:
                said += [term.code, term.name, attribute.value]
        found = [match[1].lower() for match in map(_GRADE.fullmatch, said) if match]
        if found:
            return min(found, key=GRADES.index)
        return "high" if self.date(record.assured_date) else "medium"

    def date(self, *texts: str) -> str:
        """The first ISO day, month or year that is not in the future, without its time, or ""."""
        for text in texts:
            found = _DATE.match(text)
            if found and OLDEST <= found[0] <= self.today.isoformat()[: len(found[0])]:
                return found[0]
        return ""


def marked(attributes: Iterable[Attribute], vocabulary: str) -> tuple[str, ...]:
    """Codes of one of our own vocabularies, in their order."""
    terms = [attribute.taxonomy_term for attribute in attributes if attribute.taxonomy_term is not None]
    return tuple(dict.fromkeys(term.code for term in terms if term.taxonomy == vocabulary and term.code))


def _price(option: CostOption) -> str:
    """A price in the feed's words, with the amount where there is one to pay."""
    amount = f"{option.amount:g} {option.currency.upper()}".strip() if option.amount else ""
    return " ".join(text for text in (option.amount_description or option.option, amount) if text)
