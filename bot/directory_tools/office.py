"""The reports for an office, in plain German: what is stale, where nothing is on offer, what people reported."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date

from actions.directory.freshness import LIMITS
from actions.directory.geo import SAXONY
from bot.directory_tools.arguments import DISTRICT, ORGANISATION
from bot.directory_tools.cells import neutral
from bot.directory_tools.corrections import Correction
from bot.directory_tools.stale import Finding, Gaps
from bot.directory_tools.table import shortened

FIELDS = {"address": "Adresse", "phone": "Telefon", "email": "E-Mail", "hours": "Öffnungszeiten", "record": "Eintrag"}
REPORTED = {
    "phone": "Telefonnummer falsch",
    "address": "Adresse falsch",
    "hours": "Öffnungszeiten falsch",
    "closed": "gibt es nicht mehr",
    "other": "etwas anderes ist falsch",
}
WITHOUT_ORGANISATION = "ohne Angabe der Organisation"
HEAD = (
    "Gruppe", "ID", "Name", "Organisation", "Telefon", "nicht mehr angezeigt", "veraltet", "ohne Datum",
    "Telefon fehlt", "Öffnungszeiten fehlen", "nicht bestätigt",
)  # fmt: skip


def stale_text(found: Sequence[Finding], gaps: Gaps, names: Mapping[str, str], today: date, limit: int, by: str) -> str:
    """The report as text. `names` maps topics and districts to German; `by` is "district" or "organisation"."""
    lines = [f"Pflegestand des Verzeichnisses am {german(today.isoformat())}", ""]
    lines += [f"{count:>5}  {what}" for what, count in _summary(found, limit)]
    lines += ["", "Ein Datum ist der Tag (Monat, Jahr), an dem eine Quelle die Angabe zuletzt bestätigt hat."]
    group_of = _grouping(names, by)
    for group in sorted({group_of(f) for f in found}, key=_last_without):
        lines += ["", group, "-" * len(group)]
        for finding in _sorted(f for f in found if group_of(f) == group):
            service = finding.service
            who = f", {service.organization}" if by == DISTRICT and service.organization else ""
            lines.append(f"* {shortened(service.name)}{shortened(who, 200)} [{service.id}]")
            lines.append(f"    {'; '.join(_points(finding, limit))}")
    lines += ["", *_gap_lines(gaps, names)]
    return "\n".join(lines) + "\n"


def stale_csv(found: Sequence[Finding], gaps: Gaps, names: Mapping[str, str], limit: int, by: str) -> str:
    """The report as a table for a spreadsheet; topics and districts without a service are its last rows."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([f"älter als {limit} Monate" if name == "veraltet" else name for name in HEAD])
    group_of = _grouping(names, by)
    for finding in sorted(_sorted(found), key=lambda f: _last_without(group_of(f))):
        service = finding.service
        row = [group_of(finding), service.id, service.name, service.organization, service.phone]
        row += [_dated(finding.very_old), _dated(finding.old), _dated(finding.undated)]
        row += ["ja" if flag else "" for flag in (finding.no_phone, finding.no_hours, finding.unconfirmed)]
        writer.writerow([neutral(text) for text in row])
    rows = [("Thema ohne Angebot", topic, names.get(topic, topic)) for topic in gaps.topics]
    rows += [("Thema ohne nutzbares Angebot", topic, names.get(topic, topic)) for topic in gaps.useless]
    rows += [("Landkreis ohne Angebot", name, names.get(name, name)) for name in gaps.districts]
    for name, topics in gaps.missing.items():
        rows += [(f"fehlt in {names.get(name, name)}", topic, names.get(topic, topic)) for topic in topics]
    for first in rows:
        writer.writerow([*map(neutral, first), *[""] * (len(HEAD) - len(first))])
    return out.getvalue()


def corrections_text(entries: Sequence[Correction], names: Mapping[str, str]) -> str:
    """The queue, one line a report, with the number that `--done` takes; `names` maps an id to its name."""
    if not entries:
        return "Keine Meldungen.\n"
    return "".join(f"{number}. {correction_line(entry, names)}\n" for number, entry in enumerate(entries, 1))


def correction_line(entry: Correction, names: Mapping[str, str]) -> str:
    """One report: day, what, how often, which record."""
    name = names.get(entry.id)
    record = f"{shortened(name)} [{entry.id}]" if name else f"[{entry.id}], nicht (mehr) im Verzeichnis"
    return f"{german(entry.day)}  {REPORTED[entry.what]}, {entry.count}-mal gemeldet: {record}"


def german(stamp: str) -> str:
    """A date as an office writes it: 24.05.2024, 05.2024 or 2024."""
    return ".".join(reversed(stamp.split("-")))


def _summary(found: Sequence[Finding], limit: int) -> list[tuple[str, int]]:
    return [
        (f"Einträge mit Angaben älter als {LIMITS.very_old} Monate", sum(1 for f in found if f.very_old)),
        (f"Einträge mit Angaben älter als {limit} Monate", sum(1 for f in found if f.old)),
        ("Einträge mit Angaben ohne Datum", sum(1 for f in found if f.undated)),
        ("Einträge ohne Telefon", sum(1 for f in found if f.no_phone)),
        ("Einträge ohne Öffnungszeiten", sum(1 for f in found if f.no_hours)),
        (
            "Einträge nicht bestätigt, deshalb ohne Telefon und Adresse angezeigt",
            sum(1 for f in found if f.unconfirmed),
        ),
    ]


def _points(finding: Finding, limit: int) -> list[str]:
    points = []
    if finding.very_old:
        points.append(f"älter als {LIMITS.very_old} Monate: {_dated(finding.very_old)}")
    if finding.old:
        points.append(f"älter als {limit} Monate: {_dated(finding.old)}")
    if finding.undated:
        points.append(f"ohne Datum: {_dated(finding.undated)}")
    points += ["Telefon fehlt"] if finding.no_phone else []
    points += ["Öffnungszeiten fehlen"] if finding.no_hours else []
    points += ["nicht bestätigt"] if finding.unconfirmed else []
    return points


def _dated(fields: Mapping[str, str]) -> str:
    return ", ".join(f"{FIELDS[name]} {german(day)}".strip() for name, day in fields.items())


def _grouping(names: Mapping[str, str], by: str) -> Callable[[Finding], str]:
    def group(finding: Finding) -> str:
        if by == ORGANISATION:
            return shortened(finding.service.organization, 200) or WITHOUT_ORGANISATION
        local = finding.districts - {SAXONY}
        if len(local) == 1 and len(finding.districts) == 1:
            return names.get(next(iter(local)), next(iter(local)))
        return "Mehrere Landkreise" if local else "Ganz Sachsen oder bundesweit" if finding.districts else "Ohne Gebiet"

    return group


def _last_without(group: str) -> tuple[bool, str]:
    return group in (WITHOUT_ORGANISATION, "Ohne Gebiet"), group.casefold()


def _sorted(found: Iterable[Finding]) -> list[Finding]:
    return sorted(found, key=lambda f: (f.service.organization.casefold(), f.service.name.casefold()))


def _gap_lines(gaps: Gaps, names: Mapping[str, str]) -> list[str]:
    def listed(ids: Sequence[str]) -> list[str]:
        return [f"* {names.get(i, i)} [{i}]" for i in ids] or ["* keine"]

    lines = ["Themen ohne jedes Angebot", "-------------------------", *listed(gaps.topics), ""]
    lines += ["Themen, deren Angebote heute weder Telefon noch Adresse, E-Mail oder Website zeigen"]
    lines += ["-" * len(lines[-1]), *listed(gaps.useless), ""]
    lines += ["Landkreise ohne eigenes Angebot", "-------------------------------", *listed(gaps.districts), ""]
    lines += ["Themen ohne Angebot je Landkreis (weder dort noch sachsen- oder bundesweit; ohne die oben genannten)"]
    lines.append("-" * len(lines[-1]))
    for name, topics in gaps.missing.items():
        lines.append(f"* {names.get(name, name)}: {'; '.join(names.get(t, t) for t in topics) or 'keine Lücke'}")
    return lines
