"""`make audit`: the locks and docs/advisories.yml against each other, against a copy of a database, and against the public ones.

Ends with 0 when there is nothing to put right; databases that could not be reached are named and change nothing. Ends
with 1 when there are findings, with 2 when something could not be read at all, and, with --require-database, with 3 when
no database answered for every package.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tools.audit.databases import OSV, ask_all  # noqa: E402
from tools.audit.locks import Lock, Locked, read_lock  # noqa: E402
from tools.audit.osv import Advisory, Records, holds, matching, read_folder  # noqa: E402
from tools.audit.report import Finding, Report, text, write_json  # noqa: E402
from tools.audit.rows import Row, answers, read_rows, stale  # noqa: E402

# What people run: the image, a checkout with its checks, and what makes the parts list.
AUDITED = ("deploy/container/requirements.lock", "requirements.lock", "tools/audit/requirements.lock")
# Only measures against what it is compared with, on this machine's own data, and never serves: its advisories are many
# and known (TensorFlow), so only its hashes are looked at.
HASHES_ONLY = ("tools/stock/requirements.lock",)
ROWS = "docs/advisories.yml"
# When the makers of a Python stop mending it (the PEPs of the releases, https://devguide.python.org/versions/).
PYTHON_ENDS = {(3, 10): date(2026, 10, 31), (3, 11): date(2027, 10, 31), (3, 12): date(2028, 10, 31)}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the audit; the exit code is the one described above."""
    given = _arguments(argv)
    root: Path = given.root
    try:
        report = audit(root, given.today, given.advisories)
    except OSError as exc:
        print(f"audit: {exc}", file=sys.stderr)
        return 2
    if not given.offline:
        ask_public(report, given.pypi, given.osv, given.seconds)
    code = 1 if report.findings else 3 if given.require_database and not report.databases_whole else 0
    print(text(report))
    if given.json:
        write_json(report, given.json, code)
    return code


def audit(root: Path, today: date, folder: Path | None) -> Report:
    """What can be said without a network. OSError when a lock, the rows or the folder cannot be read."""
    locks = [read_lock(root / name, name) for name in AUDITED]
    only_hashes = [read_lock(root / name, name) for name in HASHES_ONLY]
    known = read_rows(root / ROWS, root, today)
    report = Report(today, [*locks, *only_hashes], known.rows)
    for lock in report.locks:
        report.findings += [Finding("lock", f"{lock.name}: {fault}") for fault in lock.faults]
    report.findings += [Finding("row", f"{ROWS}: {fault}") for fault in known.faults]
    packages = locked(locks)
    for row in stale(known.rows, packages):
        report.findings.append(Finding("stale", f"{row.named}: touches no locked version any more; take the row out"))
    report.notes += python_note(today, sys.version_info[:3])
    if folder is not None:
        report.folder = read_folder(folder, {p.name for p in packages})
        records = report.folder.records
        found = [a for p in packages for a in matching(records, p.name, p.version, report.folder.folder)]
        explain(report, found)
        report.notes += _no_longer(known.rows, report.folder, packages)
    return report


def python_note(today: date, version: tuple[int, int, int]) -> list[str]:
    """What has to be said of the Python that runs this: no database of packages knows of it."""
    name, end = ".".join(map(str, version)), PYTHON_ENDS.get(version[:2])
    if end is None or today <= end:
        return []
    return [f"Python {name}: its makers have given no security fixes since {end}; see docs/supply-chain.md"]


def ask_public(report: Report, pypi: str, osv: str, seconds: float) -> None:
    """Ask the public databases and add what they say to the report."""
    audited = [lock for lock in report.locks if lock.name in AUDITED]
    report.answers = ask_all(locked(audited), pypi, osv, seconds)
    explain(report, [a for answer in report.answers for a in answer.advisories])


def locked(locks: Sequence[Lock]) -> list[Locked]:
    """Every locked version once, in the order of the names."""
    once = {(p.name, p.version): p for lock in reversed(locks) for p in lock.packages}
    return [once[key] for key in sorted(once)]


def explain(report: Report, found: Sequence[Advisory]) -> None:
    """Sort advisories into those with a row and findings; one that several databases know is found once."""
    seen = {finding.text for finding in report.findings}
    for advisory in found:
        if any(answers(row, advisory) for row in report.rows):
            report.explained.append(advisory)
            continue
        ids = ", ".join(sorted(advisory.ids))
        told = f"{advisory.package} {advisory.version}: {ids} has no row in {ROWS} ({advisory.summary})"
        if not any(s.startswith(f"{advisory.package} {advisory.version}: {ids} ") for s in seen):
            seen.add(told)
            report.findings.append(Finding("advisory", told))


def _no_longer(rows: Sequence[Row], folder: Records, packages: Sequence[Locked]) -> list[str]:
    """Rows that the database has and does not hold against any locked version: withdrawn, or its range was corrected."""
    notes = []
    for row in rows:
        records = [r for r in folder.records if {str(r["id"]), *map(str, r.get("aliases") or [])} & set(row.ids)]
        versions = [p.version for p in packages if p.name == row.package]
        if records and not any(holds(r, row.package, v) for r in records for v in versions):
            notes.append(f"{row.named}: this database holds it against no locked version")
    return notes


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--advisories", type=Path, help="a copy of a database: a folder of OSV records in YAML or JSON")
    parser.add_argument("--offline", action="store_true", help="ask no public database")
    parser.add_argument("--require-database", action="store_true", help="end with 3 when no database answered wholly")
    parser.add_argument("--json", type=Path, help="write the report here, too")
    parser.add_argument(
        "--pypi", default="", help="address of PyPI or of a mirror with its JSON pages; not asked without"
    )
    parser.add_argument("--osv", default=OSV, help="OSV or a mirror of its API")
    parser.add_argument("--seconds", type=float, default=20.0, help="patience for one request")
    parser.add_argument("--root", type=Path, default=ROOT, help=argparse.SUPPRESS)
    parser.add_argument("--today", type=date.fromisoformat, default=date.today(), help=argparse.SUPPRESS)
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
