"""Locks: every line has its version and its hashes, ours and those that are wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.settings import ROOT
from tests.supply.audit_files import HASH
from tools.audit.locks import read_lock
from tools.audit.run import AUDITED, HASHES_ONLY


def lock_of(folder: Path, text: str):
    path = folder / "requirements.lock"
    path.write_text(text, encoding="utf-8")
    return read_lock(path, "requirements.lock")


def test_names_versions_hashes_comments_and_markers(tmp_path):
    text = (
        "# made by a tool\n"
        f"Zope.Interface==5.0 \\\n    {HASH} \\\n    {HASH}\n"
        f"ruamel_yaml==0.17.21 ; python_version < '3.11' \\\n    {HASH}  # why\n"
        f"uvicorn[standard]==0.30.0 {HASH}\n"
    )
    lock = lock_of(tmp_path, text)
    assert lock.faults == []
    assert [(p.name, p.version) for p in lock.packages] == [
        ("zope-interface", "5.0"),
        ("ruamel-yaml", "0.17.21"),
        ("uvicorn", "0.30.0"),
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("aiohttp==3.9.5\n", "aiohttp 3.9.5 has no hash"),
        (f"aiohttp==3.9.5 {HASH}\nyarl==1.9\n", "yarl 1.9 has no hash"),
        ("aiohttp==3.9.5 --hash=md5:0123\n", "no SHA-256"),
        ("aiohttp==3.9.5 --hash=sha256:0123\n", "no SHA-256"),
        (f"aiohttp>=3.9.5 {HASH}\n", "not pinned"),
        (f"aiohttp==3.9.* {HASH}\n", "not pinned"),
        (f"aiohttp==3.9.5,!=3.9.4 {HASH}\n", "not pinned"),
        (f"aiohttp @ https://example.org/aiohttp.whl {HASH}\n", "not pinned"),
        ("--extra-index-url https://example.org/simple\n", "is no requirement"),
        ("-e .\n", "is no requirement"),
        (f"aiohttp==3.9.5 {HASH}\nAIOHTTP==3.9.6 {HASH}\n", "locked twice"),
        ("# nothing\n", "holds no package"),
        ("", "holds no package"),
    ],
)
def test_what_is_wrong_is_told(tmp_path, text, fault):
    assert any(fault in told for told in lock_of(tmp_path, text).faults)


@pytest.mark.parametrize("name", [*AUDITED, *HASHES_ONLY])
def test_our_locks_are_whole(name):
    lock = read_lock(ROOT / name, name)
    assert lock.faults == []
    assert len(lock.packages) > 20


def test_every_lock_of_the_project_is_looked_at():
    found = {
        path.relative_to(ROOT).as_posix()
        for path in ROOT.rglob("*.lock")
        if not any(part.startswith(".") or part in ("build", "node_modules") for part in path.relative_to(ROOT).parts)
    }
    assert found == {*AUDITED, *HASHES_ONLY}


def test_the_makefile_installs_with_hashes_only():
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    installs = [line for line in text.splitlines() if "$(UV) pip install" in line]
    assert len(installs) >= 3
    for line in installs:
        assert "--no-deps" in line and ("--require-hashes" in line or " -e ." in line), line
