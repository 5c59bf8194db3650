"""A small project to audit: locks, rows and a copy of a database, written into a folder."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import yaml

TODAY = date(2026, 11, 30)
HASH = "--hash=sha256:" + "0a" * 32
LOCK = f"aiohttp==3.9.5 \\\n    {HASH}\nzope.interface==5.0 {HASH}\n"
REASON = {"why": "Nothing that comes from outside is ever read by this library.", "code": "code.py"}
ROW: dict[str, Any] = {
    "package": "aiohttp",
    "ids": ["PYSEC-2026-1101", "CVE-2025-69223", "GHSA-6mq8-rvhq-8wgg"],
    "affected": "<3.13.3",
    "what": "A compressed body unpacks to far more than the memory.",
    "reach": "no-server",
    "decision": "not reachable",
    "source": "https://example.org/advisory",
    "read": TODAY,
}
RECORD: dict[str, Any] = {
    "id": "PYSEC-2026-1101",
    "aliases": ["CVE-2025-69223", "GHSA-6mq8-rvhq-8wgg"],
    "summary": "a zip bomb",
    "affected": [
        {
            "package": {"ecosystem": "PyPI", "name": "aiohttp"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "3.13.3"}]}],
        }
    ],
}


def project(
    folder: Path,
    *,
    lock: str = LOCK,
    rows: list[dict[str, Any]] | None = None,
    without_id: list[dict[str, Any]] | None = None,
    reasons: dict[str, Any] | None = None,
) -> Path:
    """Write it; every lock is `lock`, the rows are ROW with REASON when none are given."""
    for name in ("deploy/container", ".", "tools/audit", "tools/stock"):
        (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / name / "requirements.lock").write_text(lock, encoding="utf-8")
    (folder / "code.py").write_text("", encoding="utf-8")
    content = {
        "reasons": {"no-server": REASON} if reasons is None else reasons,
        "advisories": [ROW] if rows is None else rows,
        "without_id": without_id or [],
    }
    (folder / "docs").mkdir(exist_ok=True)
    (folder / "docs" / "advisories.yml").write_text(yaml.safe_dump(content), encoding="utf-8")
    return folder


def database(folder: Path, *records: dict[str, Any], form: str = "yaml") -> Path:
    """A copy of a database in the PyPA form (YAML) or the OSV form (JSON)."""
    for record in records:
        place = folder / "vulns" / f"{record['id']}.{form}"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(json.dumps(record) if form == "json" else yaml.safe_dump(record), encoding="utf-8")
    return folder
