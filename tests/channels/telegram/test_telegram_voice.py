"""Voice messages heard and answers read aloud, with a fake transcriber and a fake reader behind the real interface."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.speech.reply import Reply
from tests.channels.telegram.conftest import (
    OPTIONS,
    STRINGS,
    EchoAgent,
    Running,
    button_update,
    serve,
    text_update,
    until,
)
from tests.fakes.telegram_api import FakeTelegram

pytestmark = pytest.mark.anyio
VOICE = {"file_id": "V1", "file_unique_id": "B", "duration": 4, "mime_type": "audio/ogg"}


class Ears:
    """Hears what it is told to hear."""

    def __init__(self) -> None:
        self.heard: list[tuple[bytes, str]] = []
        self.says = "Where is a German course?"
        self.error: Exception | None = None

    async def __call__(self, content: bytes, language: str) -> str:
        self.heard.append((content, language))
        if self.error is not None:
            raise self.error
        return self.says


@pytest.fixture
def ears() -> Ears:
    return Ears()


@pytest.fixture
async def voiced(telegram: FakeTelegram, agent: EchoAgent, ears: Ears) -> AsyncIterator[Running]:
    """The channel with ears and a voice that speaks English only."""

    async def speak(text: str, language: str) -> bytes:
        return b"OggS" + text.encode() if "silent" not in text else b""

    telegram.files["V1"] = b"OggS a voice"
    options = dataclasses.replace(
        OPTIONS, data_dir=telegram.folder, transcribe=ears, speak=speak, spoken=frozenset({"en"})
    )
    async with serve(telegram, agent, options=options, public_url="https://bot.example.org") as running:
        await until(lambda: telegram.webhook)
        yield running


async def answered(running: Running, update: dict[str, Any]) -> list[dict[str, Any]]:
    assert (await running.post(update)).status_code == 200
    await until(lambda: running.channel.inbox.waiting == 0)
    return running.telegram.messages()


async def test_a_voice_message_is_heard_and_answered(voiced: Running, ears: Ears) -> None:
    sent = await answered(voiced, text_update(1, voice=VOICE, language="ar"))
    assert ears.heard == [(b"OggS a voice", "ar")]
    assert [m.text for m in voiced.agent.messages] == ["Where is a German course?"]
    assert "Where is a German course?" in sent[0]["visible"] and "{text}" not in sent[0]["visible"]


@pytest.mark.parametrize("trouble", ["silence", "error", "too long", "no file"])
async def test_what_was_not_heard_is_said_with_topics(voiced: Running, ears: Ears, trouble: str) -> None:
    ears.says = "" if trouble == "silence" else ears.says
    ears.error = RuntimeError("my words") if trouble == "error" else None
    voice = {**VOICE, "duration": 400 if trouble == "too long" else 4}
    voice["file_id"] = "gone" if trouble == "no file" else "V1"
    (sent,) = await answered(voiced, text_update(1, voice=voice))
    assert sent["visible"] == "[en] " + STRINGS["telegram_not_heard"]
    assert "inline_keyboard" in sent["reply_markup"] and voiced.agent.messages == []


async def test_an_answer_is_read_aloud_on_request(voiced: Running) -> None:
    voiced.agent.reply = Reply("The office is open.", "en", "ltr")
    (sent,) = await answered(voiced, text_update(1, "x"))
    (row,) = sent["reply_markup"]["inline_keyboard"]
    assert row[0]["text"].startswith("🔊")
    press = button_update(2, row[0]["callback_data"], signed=False)
    press["callback_query"]["message"]["reply_markup"] = sent["reply_markup"]
    await answered(voiced, press)
    (voice,) = [p for name, p in voiced.telegram.calls if name == "sendVoice"]
    assert voice["voice"].startswith(b"OggSThe office is open.")
    assert len(voiced.telegram.messages()) == 1


async def test_a_voice_that_fails_is_owned_up_to(voiced: Running) -> None:
    voiced.agent.reply = Reply("silent", "en", "ltr")
    (sent,) = await answered(voiced, text_update(1, "x"))
    press = button_update(2, sent["reply_markup"]["inline_keyboard"][0][0]["callback_data"], signed=False)
    press["callback_query"]["message"]["reply_markup"] = sent["reply_markup"]
    assert (await answered(voiced, press))[-1]["visible"] == "[en] " + STRINGS["telegram_cannot_speak"]


async def test_languages_without_a_voice_have_no_button(voiced: Running) -> None:
    voiced.agent.reply = Reply("ሰላም", "ti", "ltr")
    (sent,) = await answered(voiced, text_update(1, "x"))
    assert "inline_keyboard" not in sent["reply_markup"]
