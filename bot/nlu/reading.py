"""What the classifier reads of a message: noise removed, Latin letters read back into the language's own script.

People without the right keyboard type by sound. The encoder and the n-grams know the words in their own
script, so a rough way back helps both; it is only what the classifier reads, never what anybody sees.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import yaml

from bot.settings import ROOT

if TYPE_CHECKING:  # tools/finetune reads messages without Rasa
    from rasa.shared.nlu.training_data.message import Message

TABLES = ROOT / "data" / "readings.yml"
_WORD = re.compile(r"[0-9a-zäöüßščž'’]+")
_GERMAN = re.compile(
    r"[äöüß]|sch(?!i|o|a|e|u)|amt$|ung$|schein$|karte$|geld$|center$|behörde|kurs$|haus$|termin|^(?:a1|a2|b1|b2|c1|c2)$"
)
_NOISE = re.compile(r"[\u064b-\u0652\u0640\u200b\u200d-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_REPEAT = re.compile(r"(\w)\1{2,}|([!?.])\2+")
LATIN_SHARE = 0.7


@dataclass(frozen=True)
class Table:
    """One language's way back. `pairs`: spelling and letters, longest first; `first`, `last`: vowels at the edges."""

    pairs: list[tuple[str, str]]
    first: dict[str, str] = field(default_factory=dict)
    last: dict[str, str] = field(default_factory=dict)

    def word(self, word: str) -> str:
        """One lower-case Latin word in the letters of the language; what no spelling fits stays."""
        out: list[str] = []
        at = 0
        while at < len(word):
            edge = self.first if at == 0 else self.last if at == len(word) - 1 else {}
            if word[at] in edge and not any(word.startswith(p, at) for p, _ in self.pairs if len(p) > 1):
                out.append(edge[word[at]])
                at += 1
                continue
            for latin, own in self.pairs:
                if word.startswith(latin, at):
                    out.append(own)
                    at += len(latin)
                    break
            else:
                if word[at] not in self.first:
                    out.append(word[at])
                at += 1
        return "".join(out)


def _table(content: dict[str, Any]) -> Table:
    if "syllables" in content:
        return Table(_syllables(content))
    words = content["pairs"].split()
    pairs = sorted(zip(words[::2], words[1::2], strict=True), key=lambda p: -len(p[0]))
    return Table(pairs, content.get("first", {}), content.get("last", {}))


def _syllables(content: dict[str, Any]) -> list[tuple[str, str]]:
    words = content["syllables"].split()
    pairs = {}
    for latin, letter in zip(words[::2], words[1::2], strict=True):
        pairs[latin] = chr(ord(letter) + content["none"])
        pairs |= {latin + vowel: chr(ord(letter) + order) for vowel, order in content["vowels"].items()}
    pairs |= {vowel: chr(ord(content["alone"]) + order) for vowel, order in content["vowels"].items()}
    return sorted(pairs.items(), key=lambda p: -len(p[0]))


@lru_cache(maxsize=1)
def tables() -> dict[str, Table]:
    """The tables of data/readings.yml, read once per process."""
    content = yaml.load(TABLES.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return {code: _table(rows) for code, rows in content.items()}


def tidy(text: str) -> str:
    """Without marks nobody hears, stretched letters cut to two, shouting in small letters."""
    text = _REPEAT.sub(lambda m: m[1] * 2 if m[1] else m[2], _NOISE.sub("", text))
    capitals = sum(c.isupper() for c in text)
    return text.lower() if capitals > 4 and capitals > 0.6 * sum(c.isalpha() for c in text) else text


def reading(text: str, language: str) -> str:
    """The tidy text; Latin words of a language with a script of its own stand in that script.

    German-looking words, numbers and words in other scripts stay.
    """
    text = tidy(text)
    table = tables().get(language)
    if table is None or not _latin(text):
        return text
    folded = unicodedata.normalize("NFC", text).casefold()
    return _WORD.sub(lambda m: m[0] if m[0].isdigit() or _GERMAN.search(m[0]) else table.word(m[0]), folded)


def reading_of(message: Message) -> str:
    """The reading of a message; its language is a code in training and LanguageIdentifier's answer later."""
    language = message.get("language")
    code = language.get("name", "") if isinstance(language, dict) else str(language or "")
    return reading(str(message.get("text") or ""), code)


def _latin(text: str) -> bool:
    letters = [c for c in text if c.isalpha()]
    return bool(letters) and sum("a" <= c.casefold() <= "z" for c in letters) > LATIN_SHARE * len(letters)
