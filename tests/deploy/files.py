"""The files below deploy/, read the way their programs read them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.settings import ROOT

DEPLOY = ROOT / "deploy"
COMPOSE = DEPLOY / "compose"
KUBERNETES = DEPLOY / "kubernetes"
# What is somebody else's or a list of hashes.
_OTHERS = ("requirements.lock", "debian-packages.txt")


def texts() -> dict[str, str]:
    """Every file below deploy/ by its path."""
    files = [path for path in sorted(DEPLOY.rglob("*")) if path.is_file() and path.name not in _OTHERS]
    return {
        path.relative_to(DEPLOY).as_posix(): path.read_text(encoding="utf-8")
        for path in files
        if "__pycache__" not in path.parts and "secrets" not in path.parts
    }


def compose(name: str) -> dict[str, Any]:
    """A compose file, its merges done."""
    return dict(yaml.safe_load((COMPOSE / name).read_text(encoding="utf-8")))


def resources(folder: str) -> list[dict[str, Any]]:
    """What a kustomization names, through the kustomizations it names. It may hold nothing but lists of resources."""
    found: list[dict[str, Any]] = []
    here = KUBERNETES / folder
    plan = yaml.safe_load((here / "kustomization.yaml").read_text(encoding="utf-8"))
    assert set(plan) == {"apiVersion", "kind", "namespace", "resources"}, folder
    for name in plan["resources"]:
        path = (here / name).resolve()
        if path.is_dir():
            found += resources(path.relative_to(KUBERNETES).as_posix())
        else:
            found += documents(path)
    return found


def documents(path: Path) -> list[dict[str, Any]]:
    """The objects of one file."""
    return [row for row in yaml.safe_load_all(path.read_text(encoding="utf-8")) if row]


def program(name: str) -> str:
    """Where a program of Debian's is; without it the test is skipped, which CI must not do."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")
    if found is None:
        assert not os.environ.get("CI"), f"{name} is missing and CI must not skip: run `make system`"
        pytest.skip(f"{name} is not installed")
    return found
