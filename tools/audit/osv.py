"""Advisories in the OSV form (https://ossf.github.io/osv-schema/), as the PyPA, OSV and GitHub databases keep them."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from packaging.utils import canonicalize_name, canonicalize_version
from packaging.version import InvalidVersion, Version

LARGEST_FILE = 4 * 1024 * 1024
NAME = re.compile(r"""["']?\bname["']?:\s*["']?([A-Za-z0-9][\w.-]*)""")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Advisory:
    """One advisory that holds for one locked version."""

    package: str
    version: str
    ids: tuple[str, ...]
    summary: str
    database: str


@dataclass
class Records:
    """A local copy of a database: what of it concerns the packages asked about."""

    folder: str
    files: int = 0
    records: list[dict[str, Any]] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)


def read_folder(folder: Path, packages: Collection[str]) -> Records:
    """Every advisory in YAML or JSON below `folder` that names one of `packages` (canonical names).

    Files that cannot be read are listed. NotADirectoryError when there is no such folder.
    """
    if not folder.is_dir():
        raise NotADirectoryError(f"{folder} is no folder")
    found = Records(str(folder))
    for path in sorted(p for p in folder.rglob("*") if p.suffix in (".yaml", ".yml", ".json")):
        if any(part.startswith(".") for part in path.relative_to(folder).parts):
            continue
        found.files += 1
        try:
            if path.stat().st_size > LARGEST_FILE:
                raise ValueError("too large")
            text = path.read_text(encoding="utf-8")
            # Reading YAML takes long, and most files are about packages that nobody asked for.
            if not any(canonicalize_name(name) in packages for name in NAME.findall(text)):
                continue
            record = json.loads(text) if path.suffix == ".json" else yaml.load(text, Loader=_LOADER)
        except (OSError, ValueError, RecursionError, yaml.YAMLError):
            found.unreadable.append(path.relative_to(folder).as_posix())
            continue
        if isinstance(record, dict) and isinstance(record.get("id"), str) and isinstance(record.get("affected"), list):
            found.records.append(record)
    return found


def ids_of(record: dict[str, Any]) -> tuple[str, ...]:
    """The advisory's own id and its other names."""
    aliases = record.get("aliases") or []
    return (str(record["id"]), *(str(alias) for alias in aliases if alias != record["id"]))


def holds(record: dict[str, Any], package: str, version: str) -> bool:
    """True when a record that is not withdrawn names this version of this package of PyPI."""
    if record.get("withdrawn"):
        return False
    for affected in record.get("affected") or []:
        about = affected.get("package") or {}
        if str(about.get("ecosystem", "")) != "PyPI" or canonicalize_name(str(about.get("name", ""))) != package:
            continue
        if canonicalize_version(version) in {canonicalize_version(str(v)) for v in affected.get("versions") or []}:
            return True
        if any(_in_range(Version(version), r) for r in affected.get("ranges") or []):
            return True
    return False


def matching(records: Iterable[dict[str, Any]], package: str, version: str, database: str) -> list[Advisory]:
    """The advisories of `records` for one locked version."""
    return [
        Advisory(package, version, ids_of(r), summary_of(r), database) for r in records if holds(r, package, version)
    ]


def summary_of(record: dict[str, Any]) -> str:
    """The first line that says what it is, 160 characters at most."""
    text = str(record.get("summary") or record.get("details") or "").strip()
    return re.sub(r"[#*`]", "", text.splitlines()[0] if text else "").strip()[:160]


def _in_range(version: Version, affected: dict[str, Any]) -> bool:
    if affected.get("type") not in ("ECOSYSTEM", "SEMVER"):
        return False
    events = []
    for event in affected.get("events") or []:
        for kind, value in event.items():
            try:
                at = Version("0.dev0" if str(value) == "0" else str(value))
            except InvalidVersion:
                continue  # the list of versions beside the range names what such a range means
            events.append((at, kind))
    inside = False
    for at, kind in sorted(events, key=lambda e: e[0]):
        if kind == "introduced" and version >= at:
            inside = True
        elif (kind == "fixed" and version >= at) or (kind == "last_affected" and version > at):
            inside = False
    return inside
