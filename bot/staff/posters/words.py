"""What a sheet says, in the language it can be said in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.languages import languages
from bot.speech.catalogue import Catalogue
from bot.speech.formats import checked_date, isolate_terms
from bot.speech.interface import strings


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence, and the language it is in: not the one asked for where a translation is missing."""

    text: str
    lang: str

    @property
    def dir(self) -> str:
        """ltr or rtl."""
        return languages()[self.lang].direction


class Words:
    """Looks the sentences of posters up. `titles` are the English titles of topics."""

    def __init__(self, catalogue: Catalogue, titles: Mapping[str, str]) -> None:
        self.catalogue, self.titles = catalogue, titles

    def voice(self, language: str, keys: Iterable[str]) -> str:
        """The language in which a block says these strings: its own when it has them all, else the next that does."""
        msgids = [strings("staff")[key] for key in keys]
        for code in (language, *languages()[language].fallback):
            if all(self.catalogue.has(msgid, code) for msgid in msgids):
                return code
        return "en"

    def say(self, key: str, language: str) -> Said:
        """One string of bot/staff/strings.yml."""
        return self._said(strings("staff")[key], language)

    def title(self, topic: str, language: str) -> Said:
        """The title of a topic."""
        return self._said(self.titles[topic], language)

    def checked(self, stamp: str, language: str) -> Said:
        """When a number was checked, given an ISO year, month or day."""
        text, found = self.catalogue.text(strings("web")["checked"], language)
        return Said(text.replace("{date}", checked_date(stamp, found)), found)

    def _said(self, msgid: str, language: str) -> Said:
        text, found = self.catalogue.text(msgid, language)
        return Said(isolate_terms(text, languages()[found].direction), found)
