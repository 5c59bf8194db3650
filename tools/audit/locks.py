"""Locks as uv and pip write them: what is locked, and whether every line carries its hashes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

HASH = re.compile(r"--hash=(\w+):(\S+)")
SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Locked:
    """One package of one lock. `name` is in its canonical form (PEP 503)."""

    name: str
    version: str
    lock: str


@dataclass
class Lock:
    """A lock that was read: its packages, and the sentences that say what is wrong with it."""

    name: str
    packages: list[Locked] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def read_lock(path: Path, name: str) -> Lock:
    """Read a lock; `name` is what reports call it. What cannot be read is a fault, never left out. OSError without a file."""
    lock = Lock(name)
    text = re.sub(r"\\\n", " ", path.read_text(encoding="utf-8"))
    for number, line in enumerate(text.splitlines(), 1):
        content = re.sub(r"(^|\s)#.*", "", line).strip()
        if content:
            _read(lock, content, number)
    if not lock.packages and not lock.faults:
        lock.faults.append("holds no package")
    seen: dict[str, str] = {}
    for package in lock.packages:
        if seen.setdefault(package.name, package.version) != package.version:
            lock.faults.append(f"{package.name} is locked twice, at {seen[package.name]} and {package.version}")
    return lock


def _read(lock: Lock, content: str, number: int) -> None:
    hashes = HASH.findall(content)
    wanted = HASH.sub("", content).strip()
    try:
        requirement = Requirement(wanted)
    except InvalidRequirement:
        # Options such as --extra-index-url change where packages come from: a lock of ours has none.
        lock.faults.append(f"entry {number} is no requirement: {wanted[:60]}")
        return
    pins = [s for s in requirement.specifier if s.operator == "==" and not s.version.endswith(".*")]
    if requirement.url or len(pins) != 1 or len(list(requirement.specifier)) != 1:
        lock.faults.append(f"{requirement.name} is not pinned to one version")
        return
    try:
        Version(pins[0].version)
    except InvalidVersion:
        lock.faults.append(f"{requirement.name} has a version that is none: {pins[0].version[:40]}")
        return
    name = str(canonicalize_name(requirement.name))
    lock.packages.append(Locked(name, pins[0].version, lock.name))
    if not hashes:
        lock.faults.append(f"{name} {pins[0].version} has no hash")
    for kind, value in hashes:
        if kind != "sha256" or not SHA256.fullmatch(value):
            lock.faults.append(f"{name} {pins[0].version} has a hash that is no SHA-256")
