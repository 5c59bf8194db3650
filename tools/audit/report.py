"""What the audit found, as text for people and as JSON for machines."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from tools.audit.databases import Answers
from tools.audit.locks import Lock
from tools.audit.osv import Advisory, Records
from tools.audit.rows import Row

SHOWN = 8


@dataclass(frozen=True)
class Finding:
    """One thing to put right. `kind`: lock, row, stale or advisory."""

    kind: str
    text: str


@dataclass
class Report:
    """All of one audit."""

    day: date
    locks: list[Lock]
    rows: list[Row]
    findings: list[Finding] = field(default_factory=list)
    folder: Records | None = None
    answers: list[Answers] = field(default_factory=list)
    explained: list[Advisory] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def databases_whole(self) -> bool:
        """True when at least one database was read or answered for everything."""
        return self.folder is not None or any(a.whole for a in self.answers)


def decided(report: Report) -> dict[str, int]:
    """How many rows there are of each decision."""
    return dict(Counter("accepted" if row.decision.startswith("accepted") else row.decision for row in report.rows))


def text(report: Report) -> str:
    """The report in plain lines."""
    lines = [f"Audit of {report.day}"]
    for lock in report.locks:
        lines.append(f"  {lock.name}: {len(lock.packages)} packages, {len(lock.faults)} faults")
    counted = ", ".join(f"{count} {decision}" for decision, count in sorted(decided(report).items()))
    lines.append(f"  docs/advisories.yml: {len(report.rows)} rows ({counted or 'none'})")
    lines += ["", "Databases"]
    if report.folder is not None:
        lines.append(
            f"  {report.folder.folder}: read, {report.folder.files} files, "
            f"{len(report.folder.records)} of them about locked packages"
        )
        if report.folder.unreadable:
            lines.append(f"    could not be read: {_some(report.folder.unreadable)}")
    for answers in report.answers:
        lines.append(f"  {answers.database}: {_state(answers)}")
        if answers.unanswered and not answers.failure:
            lines.append(f"    without an answer: {_some(answers.unanswered)}")
    if report.folder is None and not report.answers:
        lines.append("  none was asked")
    if report.explained:
        lines += ["", f"{len({(a.package, a.ids[0]) for a in report.explained})} advisories that have a row"]
    lines += ["", *(f"note: {note}" for note in report.notes)] if report.notes else []
    lines.append("")
    lines += [f"{finding.kind}: {finding.text}" for finding in report.findings]
    lines.append(f"{len(report.findings)} findings")
    return "\n".join(lines)


def write_json(report: Report, path: Path, code: int) -> None:
    """Write the same for machines; OSError when it cannot be written."""
    content: dict[str, Any] = {
        "date": report.day.isoformat(),
        "exit": code,
        "locks": [{"name": lock.name, "packages": len(lock.packages), "faults": lock.faults} for lock in report.locks],
        "rows": decided(report),
        "databases": [*_folder(report), *(_answers(a) for a in report.answers)],
        "explained": [asdict(a) for a in report.explained],
        "findings": [asdict(f) for f in report.findings],
        "notes": report.notes,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _folder(report: Report) -> list[dict[str, Any]]:
    if report.folder is None:
        return []
    found = report.folder
    return [{"database": found.folder, "state": "read", "files": found.files, "unreadable": found.unreadable}]


def _answers(answers: Answers) -> dict[str, Any]:
    return {
        "database": answers.database,
        "state": "unreachable" if answers.failure else "answered" if answers.whole else "answered in part",
        "failure": answers.failure,
        "asked": answers.asked,
        "answered": answers.answered,
        "unanswered": answers.unanswered,
    }


def _state(answers: Answers) -> str:
    if answers.failure:
        return f"NOT REACHED ({answers.failure}): nothing below rests on it"
    return f"answered for {answers.answered} of {answers.asked} packages"


def _some(names: list[str]) -> str:
    rest = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {rest} more" if rest > 0 else "")
