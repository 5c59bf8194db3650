"""What holds for everything below deploy/: settings that exist, images with a version, no secrets, no hosts of others."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import fields
from pathlib import Path

import pytest

from bot.settings import PREFIX, Settings
from tests.deploy.files import DEPLOY, documents, texts

TEXTS = texts()
KNOWN = {PREFIX + field.name.upper() for field in fields(Settings) if field.name != "origin"}


@pytest.mark.parametrize("name", TEXTS)
def test_every_setting_exists(name):
    assert set(re.findall(rf"\b{PREFIX}[A-Z_]*[A-Z]\b", TEXTS[name])) - KNOWN == set()


def test_images_are_pinned_and_no_registry_is_named():
    images = []
    for name, text in TEXTS.items():
        if name.endswith((".yml", ".yaml")):
            images += re.findall(r"^\s*image: (\S+)$", text, re.M)
        if name.endswith("Containerfile"):
            images += [image for image in re.findall(r"^FROM (\S+)", text, re.M) if image not in ("wegweiser", "build")]
    assert len(images) >= 9
    for image in images:
        assert re.fullmatch(r"[a-z-]+:\d+\.\d+[\w.-]*|postgres:\d+-bookworm", image), image
    for name, text in TEXTS.items():
        assert not re.search(r"docker\.io|quay\.io|ghcr\.io|gcr\.io", text), name


def test_the_same_store_runs_everywhere():
    found: dict[str, set[str]] = {}
    for text in TEXTS.values():
        for image, version in re.findall(r"^\s*image: (redis|postgres|nginx):(\S+)$", text, re.M):
            found.setdefault(image, set()).add(version)
    assert {image: len(versions) for image, versions in found.items()} == {"redis": 1, "postgres": 1, "nginx": 1}


@pytest.mark.parametrize("name", TEXTS)
def test_no_secret_and_no_machine_is_named(name):
    text = TEXTS[name]
    assert not re.search(r"\d{6,}:[A-Za-z0-9_-]{20,}", text), "a token of Telegram"
    assert not re.search(r"\$argon2id\$v=\d+\$m=\d+", text), "a hash of a password"
    assert not re.search(r"-----BEGIN [A-Z ]*PRIVATE KEY", text)
    # a word between name and @ is written in capitals, as one to be replaced, or made on the server
    for word in re.findall(r"(?:redis|postgresql)s?://\w*:([^@\s]+)@", text):
        assert re.fullmatch(r"[A-Z_]+|\$\(cat .*", word), word
    assert re.findall(r"(?<![\w./])/(?:home|root|work|Users)/", text) == []


def test_scripts_can_be_run_and_yaml_can_be_read():
    for path in DEPLOY.rglob("*"):
        if path.suffix == ".sh":
            assert os.stat(path).st_mode & stat.S_IXUSR, path
            assert path.read_text(encoding="utf-8").startswith("#!/bin/sh\n"), path
        if path.suffix in (".yml", ".yaml") and "secrets" not in path.parts:
            assert documents(Path(path)), path


def test_the_page_on_scaling_names_files_that_exist():
    page = (DEPLOY.parent / "docs" / "scaling.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(deploy/[\w./@-]+)`", page))
    assert len(named) >= 8
    assert [name for name in named if not (DEPLOY.parent / name).exists()] == []
