"""The bot's name, descriptions and commands in every language, by the command an operator runs; texts within limits."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.channels.telegram import commands
from bot.channels.telegram.keyboards import EXAMPLES, MOST_TITLE
from bot.quality.telegram import link, profile
from bot.settings import ROOT, Settings
from bot.speech.catalogue import Catalogue
from bot.speech.interface import InterfaceTexts
from tests.fakes.telegram_api import FakeTelegram

TEXTS = InterfaceTexts(Catalogue.load(ROOT / "locales")).telegram
SPOKEN = sorted(code or "en" for code in commands.tongues())


def settings(telegram: FakeTelegram) -> Settings:
    given = {"TELEGRAM_TOKEN": telegram.token, "TELEGRAM_API": telegram.api, "TELEGRAM_NAME": "wegweiser_sn_bot"}
    return Settings.from_env({f"WEGWEISER_{key}": value for key, value in given.items()})


@pytest.mark.anyio
async def test_the_profile_is_written_in_every_language(anyio_backend: str, capsys: pytest.CaptureFixture[str]) -> None:
    telegram = FakeTelegram()
    await telegram.start()
    try:
        assert await asyncio.to_thread(profile, settings(telegram)) == 0
    finally:
        await telegram.stop()
    for method in ("setMyName", "setMyDescription", "setMyShortDescription", "setMyCommands"):
        codes = {p.get("language_code", "") for name, p in telegram.calls if name == method}
        assert codes == set(commands.tongues()), method
    assert telegram.refused == [] and "ar: name" in capsys.readouterr().out


def test_without_a_token_or_without_telegram_it_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert profile(Settings.from_env({})) == 1
    assert "WEGWEISER_TELEGRAM_TOKEN is not set" in capsys.readouterr().err
    token = "123456:a-token-that-nobody-shall-see"
    nobody = {"WEGWEISER_TELEGRAM_TOKEN": token, "WEGWEISER_TELEGRAM_API": "http://127.0.0.1:9"}
    assert profile(Settings.from_env(nobody)) == 1
    assert token not in capsys.readouterr().err


@pytest.mark.parametrize("language", SPOKEN)
def test_texts_fit_where_telegram_shows_them(language: str) -> None:
    assert len(TEXTS("telegram_profile_name", language)) <= commands.MOST_NAME
    assert len(TEXTS("telegram_profile_description", language)) <= commands.MOST_DESCRIPTION
    assert len(TEXTS("telegram_profile_short", language)) <= commands.MOST_SHORT
    for name in commands.COMMANDS:
        assert 1 <= len(TEXTS(f"telegram_command_{name}", language)) <= commands.MOST_COMMAND
    for topic in EXAMPLES:
        assert len(TEXTS(f"telegram_example_{topic}", language)) <= MOST_TITLE


def test_a_link_for_a_poster(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    known = Settings.from_env({"WEGWEISER_TELEGRAM_NAME": "wegweiser_sn_bot"})
    assert link(known, "ar", "leipzig", "german_course", "aufnahme7") == 0
    expected = "https://t.me/wegweiser_sn_bot?start=l-ar_p-leipzig_t-german-course_c-aufnahme7\n"
    assert capsys.readouterr().out == expected
    assert link(known, "xx", "nowhere", "no_topic", "A B") == 1
    said = capsys.readouterr().err
    assert all(f"--{name}" in said for name in ("language", "place", "topic", "campaign"))
