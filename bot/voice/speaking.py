"""Answers read aloud by espeak-ng, as OGG/Opus by opusenc: programs of this machine, no service."""

from __future__ import annotations

import asyncio
import logging
import re
import shutil
import unicodedata

logger = logging.getLogger(__name__)
# Languages espeak-ng reads, by our code; Tigrinya and Pashto it does not.
VOICES = {
    "ar": "ar",
    "fa": "fa",
    "ru": "ru",
    "uk": "uk",
    "tr": "tr",
    "ku": "ku",
    "fr": "fr-fr",
    "en": "en-gb",
    "de": "de",
    "es": "es",
}
WORDS_A_MINUTE = "140"
MOST_LETTERS = 1500
SECONDS = 20.0
_UNSAID = re.compile(r"https?://\S+|[•🔗📍📞✉️🕒🗣🌐ℹ️✓]")


class SpeakingError(RuntimeError):
    """Reading aloud cannot be switched on; the message says why."""


class Espeak:
    """Reads texts; SpeakingError when one of the two programs is missing."""

    def __init__(self) -> None:
        missing = [name for name in ("espeak-ng", "opusenc") if shutil.which(name) is None]
        if missing:
            raise SpeakingError(f"reading aloud needs {' and '.join(missing)} (Debian: espeak-ng, opus-tools)")

    async def __call__(self, text: str, language: str) -> bytes:
        """A voice message as OGG/Opus, b"" when the language or the programs do not allow it."""
        voice = VOICES.get(language)
        said = spoken_text(text)
        if voice is None or not said:
            return b""
        try:
            wave = await _run(["espeak-ng", "-v", voice, "-s", WORDS_A_MINUTE, "--stdin", "--stdout"], said.encode())
            return await _run(["opusenc", "--quiet", "--bitrate", "24", "-", "-"], wave)
        except (OSError, RuntimeError, asyncio.TimeoutError) as exc:
            logger.warning("Reading aloud failed: %s", type(exc).__name__)
            return b""


def spoken_text(text: str) -> str:
    """What of a text is read: no addresses of pages, no signs, no marks of direction."""
    text = _UNSAID.sub(" ", text)
    text = "".join(c for c in text if unicodedata.category(c) not in ("Cf", "Cc", "So") or c == "\n")
    return re.sub(r"[ \t]+", " ", text).strip()[:MOST_LETTERS]


async def _run(command: list[str], given: bytes) -> bytes:
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        out, _ = await asyncio.wait_for(process.communicate(given), SECONDS)
    except asyncio.TimeoutError:
        process.kill()
        await process.wait()
        raise
    if process.returncode or not out:
        raise RuntimeError(f"{command[0]} gave nothing")
    return out
