"""Prepared sentences: the same as those read from the catalogues, never old ones, never half of them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.settings import ROOT
from bot.speech.catalogue import Catalogue
from bot.speech.prepared import prepared

FILES = {"de": b"a", "ar": b"b"}
TEXTS = {"de": {"Hello": "Hallo"}, "ar": {"Hello": "مرحبا"}}


def never() -> dict[str, dict[str, str]]:
    raise AssertionError("made again")


def test_made_once(tmp_path: Path) -> None:
    assert prepared(tmp_path, FILES, lambda: TEXTS) == TEXTS
    assert prepared(tmp_path, FILES, never) == TEXTS


def test_another_catalogue_is_made_anew_and_the_old_one_goes(tmp_path: Path) -> None:
    prepared(tmp_path, FILES, lambda: TEXTS)
    changed = {**TEXTS, "de": {"Hello": "Guten Tag"}}
    assert prepared(tmp_path, {**FILES, "de": b"c"}, lambda: changed) == changed
    assert prepared(tmp_path, {**FILES, "de": b"c"}, never) == changed
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"de": {}}', b"\xff\xfe"])
def test_a_broken_file_is_made_anew(tmp_path: Path, content: bytes) -> None:
    prepared(tmp_path, FILES, lambda: TEXTS)
    [kept] = tmp_path.iterdir()
    kept.write_bytes(content)
    assert prepared(tmp_path, FILES, lambda: TEXTS) == TEXTS
    assert prepared(tmp_path, FILES, never) == TEXTS


def test_a_folder_that_is_not_there_is_no_fault(tmp_path: Path) -> None:
    assert prepared(tmp_path / "missing", FILES, lambda: TEXTS) == TEXTS
    (tmp_path / "file").write_text("")
    assert prepared(tmp_path / "file", FILES, lambda: TEXTS) == TEXTS


def test_the_catalogues_themselves(tmp_path: Path) -> None:
    locales = tmp_path / "locales"
    for code in ("de", "ti"):
        shutil.copytree(ROOT / "locales" / code, locales / code)
    kept = tmp_path / "kept"
    kept.mkdir()
    plain = Catalogue.load(locales)
    for _ in range(2):
        assert Catalogue.load(locales, kept)._texts == plain._texts
    assert plain._texts.keys() == {"de", "ti"}
