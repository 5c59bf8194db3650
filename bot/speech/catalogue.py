"""Everything people read, per language, from the gettext catalogues under locales/."""

from __future__ import annotations

import logging
from collections import Counter
from pathlib import Path

from babel.messages.catalog import Catalog

from bot.languages import languages
from bot.speech.changed import sayable
from bot.speech.local_numbers import local_numbers
from bot.speech.pofile import DOMAIN, load
from bot.speech.prepared import prepared

logger = logging.getLogger(__name__)


class Catalogue:
    """msgid to sentence for every complete language; `missing` counts what fell back."""

    def __init__(self, texts: dict[str, dict[str, str]]) -> None:
        self._texts = texts
        self.missing: Counter[str] = Counter()

    @classmethod
    def load(cls, folder: Path, kept: Path | None = None) -> Catalogue:
        """Read `folder/<lang>/LC_MESSAGES/wegweiser.po`; a language without a file only falls back.

        In the folder `kept` the sentences stay prepared for the next start.
        """
        paths = {code: folder / code / "LC_MESSAGES" / f"{DOMAIN}.po" for code in languages()}
        files = {code: path.read_bytes() for code, path in paths.items() if path.exists()}

        def make() -> dict[str, dict[str, str]]:
            return {code: usable(load(content), code) for code, content in files.items()}

        return cls(make() if kept is None else prepared(kept, files, make))

    def has(self, msgid: str, language: str) -> bool:
        """True when the sentence is there in this language itself."""
        return language == "en" or bool(self._texts.get(language, {}).get(msgid))

    def text(self, msgid: str, language: str) -> tuple[str, str]:
        """(sentence, language it is in): the translation, else along the fallback chain, else the English msgid."""
        if language == "en":
            return self._texts.get("en", {}).get(msgid, msgid), "en"
        known = languages().get(language)
        for candidate in (language, *(known.fallback if known else ())):
            if candidate == "en":
                break
            found = self._texts.get(candidate, {}).get(msgid)
            if found:
                return found, candidate
        self.missing[language] += 1
        return msgid, "en"


def usable(catalog: Catalog, language: str) -> dict[str, str]:
    """Translated messages that may be said (not empty, not doubtful, not withdrawn), with numbers as people write them."""
    found = ((m.id, str(m.string)) for m in catalog if isinstance(m.id, str) and m.id and sayable(m))
    return {text: local_numbers(text, translated, language) for text, translated in found}
