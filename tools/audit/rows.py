"""docs/advisories.yml: the advisories that we know, and why each can or cannot be reached."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

from tools.audit.locks import Locked
from tools.audit.osv import Advisory

ID = re.compile(r"(CVE-\d{4}-\d{4,}|GHSA(-[23456789cfghjmpqrvwx]{4}){3}|PYSEC-\d{4}-\d+)")
UNTIL = re.compile(r"accepted until (\d{4}-\d{2}-\d{2})")
DECISIONS = ("not reachable", "mitigated")
FIELDS = {"package", "affected", "what", "reach", "decision", "source", "read"}
SHORTEST_REASON = 40


@dataclass(frozen=True)
class Row:
    """One advisory that somebody read. `affected` holds when any of its ranges does; `ids` is empty when none is public."""

    package: str
    ids: tuple[str, ...]
    affected: tuple[SpecifierSet, ...]
    reach: str
    decision: str

    @property
    def named(self) -> str:
        """How reports call it."""
        return f"{self.package} {self.ids[0] if self.ids else 'without id'} ({', '.join(map(str, self.affected))})"

    def touches(self, version: str) -> bool:
        """True when the version lies in one of the ranges; pre-releases count."""
        return any(spec.contains(version, prereleases=True) for spec in self.affected)


@dataclass
class Known:
    """The file that was read: rows, and the sentences that say what is wrong with it."""

    rows: list[Row] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def read_rows(path: Path, root: Path, today: date) -> Known:
    """Read and check the file; code and tests that reasons name must exist below `root`. OSError without a file."""
    known = Known()
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError):
        known.faults.append("is no YAML")
        return known
    if not isinstance(content, dict) or not isinstance(content.get("reasons"), dict):
        known.faults.append("has no reasons")
        return known
    for key, reason in content["reasons"].items():
        known.faults += [f"reason {key}: {fault}" for fault in _faults_of_reason(reason, root)]
    parts = [("advisories", True), ("without_id", False)]
    for part, has_ids in parts:
        for number, entry in enumerate(content.get(part) or [], 1):
            _add(known, entry, f"{part} {number}", has_ids, content["reasons"], today)
    _cross_check(known, content["reasons"])
    return known


def answers(row: Row, advisory: Advisory) -> bool:
    """True when the row is about this advisory: same package, one id in common."""
    return row.package == advisory.package and bool(set(row.ids) & set(advisory.ids))


def stale(rows: Iterable[Row], locked: Iterable[Locked]) -> list[Row]:
    """Rows that touch no locked version any more."""
    versions: dict[str, set[str]] = {}
    for package in locked:
        versions.setdefault(package.name, set()).add(package.version)
    return [row for row in rows if not any(row.touches(v) for v in versions.get(row.package, ()))]


def _faults_of_reason(reason: Any, root: Path) -> list[str]:
    if not isinstance(reason, dict) or len(str(reason.get("why", ""))) < SHORTEST_REASON:
        return ["says too little"]
    faults = []
    if not reason.get("code") and not reason.get("test"):
        faults.append("names neither code nor a test")
    for key in ("code", "test"):
        named = reason.get(key) or []
        for name in named if isinstance(named, list) else [named]:
            if not (root / str(name)).exists():
                faults.append(f"{name} does not exist")
    return faults


def _add(known: Known, entry: Any, place: str, has_ids: bool, reasons: dict[str, Any], today: date) -> None:
    if not isinstance(entry, dict):
        known.faults.append(f"{place}: is no row")
        return
    name = f"{entry.get('package', place)} {(entry.get('ids') or [''])[0]}".strip()
    wanted = FIELDS | ({"ids"} if has_ids else set())
    faults = [f"has no {key}" for key in sorted(wanted - {k for k, v in entry.items() if v})]
    faults += [f"has an unknown field {key}" for key in sorted(set(entry) - wanted)]
    ids = entry.get("ids") or []
    if not isinstance(ids, list) or any(not ID.fullmatch(str(i)) for i in ids):
        faults.append("has an id that is none")
    affected = entry.get("affected") or []
    try:
        ranges = tuple(SpecifierSet(str(a)) for a in (affected if isinstance(affected, list) else [affected]))
    except InvalidSpecifier:
        faults.append("has a range that is none")
        ranges = ()
    if entry.get("reach") and entry["reach"] not in reasons:
        faults.append(f"names the reason {entry['reach']}, which is not there")
    faults += _faults_of_decision(str(entry.get("decision", "")), today)
    if not isinstance(entry.get("read"), date) or entry["read"] > today:
        faults.append("was read on a day that is none or lies ahead")
    if not str(entry.get("source", "")).startswith("https://"):
        faults.append("has a source that is no https address")
    if faults:
        known.faults += [f"{name}: {fault}" for fault in faults]
        return
    package = str(canonicalize_name(str(entry["package"])))
    known.rows.append(Row(package, tuple(map(str, ids)), ranges, str(entry["reach"]), str(entry["decision"])))


def _faults_of_decision(decision: str, today: date) -> list[str]:
    until = UNTIL.fullmatch(decision)
    if until is None:
        return [] if decision in DECISIONS else ["has no decision that is known"]
    try:
        end = date.fromisoformat(until[1])
    except ValueError:
        return ["is accepted until a day that is none"]
    return [f"was accepted until {end} only"] if end < today else []


def _cross_check(known: Known, reasons: dict[str, Any]) -> None:
    seen: dict[str, Row] = {}
    for row in known.rows:
        for one in row.ids:
            other = seen.setdefault(f"{row.package} {one}", row)
            if other is not row:
                known.faults.append(f"{row.package} {one}: stands there twice")
    if not known.faults:
        unused = set(reasons) - {row.reach for row in known.rows}
        known.faults += [f"reason {key}: no row names it" for key in sorted(unused)]
