"""Reading aloud with the real programs; hearing with a model that is not there."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path

import pytest

from bot.settings import Settings, SettingsError
from bot.voice.hearing import HearingError, Whisper
from bot.voice.speaking import MOST_LETTERS, VOICES, Espeak, SpeakingError, spoken_text

TEXTS = {"ar": "مرحبا، أين المكتب؟", "fa": "سلام", "ru": "Привет", "uk": "Привіт", "en": "Hello", "de": "Hallo"}
HERE = shutil.which("espeak-ng") is not None and shutil.which("opusenc") is not None
needs_programs = pytest.mark.skipif(
    not HERE and not os.environ.get("CI"), reason="espeak-ng and opus-tools are not installed"
)


@needs_programs
@pytest.mark.parametrize("language", sorted(VOICES))
def test_every_language_is_read_as_a_voice_message(language: str) -> None:
    voice = asyncio.run(Espeak()(TEXTS.get(language, "Hallo, Berlin 112"), language))
    assert voice.startswith(b"OggS") and b"OpusHead" in voice[:100] and len(voice) > 1000


@needs_programs
@pytest.mark.parametrize(("text", "language"), [("Hello", "ti"), ("", "de"), ("https://a.example • 📞", "de")])
def test_what_cannot_be_read_is_nothing(text: str, language: str) -> None:
    assert asyncio.run(Espeak()(text, language)) == b""


@needs_programs
def test_a_text_is_no_command() -> None:
    assert asyncio.run(Espeak()("-w /tmp/x; rm -rf / `id` $(id)", "en")).startswith(b"OggS")


def test_addresses_signs_and_marks_are_not_read() -> None:
    assert spoken_text("\u2068Amt\u2069 (\u2066Sozialamt\u2069) • https://a.example/x 📞 112") == "Amt (Sozialamt) 112"
    assert len(spoken_text("a" * 9999)) == MOST_LETTERS


def test_missing_programs_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(SpeakingError, match=r"espeak-ng and opusenc .*opus-tools"):
        Espeak()


def test_a_model_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(HearingError, match="no speech model"):
        Whisper(tmp_path)
    (tmp_path / "model.bin").write_bytes(b"")
    with pytest.raises(HearingError, match="faster-whisper is not installed"):
        Whisper(tmp_path)


def test_reading_aloud_is_a_switch() -> None:
    assert Settings.from_env({"WEGWEISER_READ_ALOUD": "on"}).read_aloud is True
    with pytest.raises(SettingsError, match="on or off"):
        Settings.from_env({"WEGWEISER_READ_ALOUD": "maybe"})
