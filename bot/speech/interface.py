"""Texts of the channels' own interface (buttons, labels) and of posters, from strings.yml through the catalogue."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from bot.languages import languages, spoken
from bot.speech.catalogue import Catalogue
from bot.speech.formats import isolate_terms

BOT = Path(__file__).resolve().parents[1]


@lru_cache(maxsize=8)
def strings(channel: str) -> dict[str, str]:
    """Key to English msgid of one channel, or of "staff"."""
    folder = BOT if channel == "staff" else BOT / "channels"
    content = yaml.load(
        (folder / channel / "strings.yml").read_text(encoding="utf-8"),
        Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader),
    )
    return dict(content["strings"])


class InterfaceTexts:
    """Looks interface texts up in the catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue

    def web(self, language: str) -> dict[str, Any]:
        """All strings of the widget in one language."""
        code = spoken(language)
        return {"language": code, "dir": languages()[code].direction, "strings": self.words(code, "web")}

    def words(self, language: str, *channels: str) -> dict[str, str]:
        """All strings of some channels in one language that we speak."""
        direction = languages()[language].direction
        msgids = {key: text for channel in channels for key, text in strings(channel).items()}
        return {key: isolate_terms(self.catalogue.text(text, language)[0], direction) for key, text in msgids.items()}

    def telegram(self, key: str, language: str) -> str:
        """One string of the Telegram channel in one language."""
        return self._one("telegram", key, language)

    def staff(self, key: str, language: str) -> str:
        """One string of posters and forwarded links in one language."""
        return self._one("staff", key, language)

    def _one(self, channel: str, key: str, language: str) -> str:
        code = spoken(language)
        return isolate_terms(self.catalogue.text(strings(channel)[key], code)[0], languages()[code].direction)
