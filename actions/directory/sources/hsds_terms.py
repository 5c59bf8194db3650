"""The words of foreign feeds and what they mean here: data/hsds_terms.yml, read into look-ups."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from actions.directory.geo import fold
from actions.directory.model import load_kinds

DATA = Path(__file__).resolve().parents[3] / "data"
# Codes that say that there is no language, or several.
NO_LANGUAGE = frozenset({"und", "mul", "mis", "zxx"})
# Kurdish as a whole: the name may tell which of its languages.
KURDISH = "ku"
# A feed has few words for what its many services are.
_folded = lru_cache(maxsize=4096)(fold)


@dataclass(frozen=True, slots=True)
class _Phrase:
    """What a text says in one of several ways, unless it also says one of the others."""

    says: re.Pattern[str]
    unless: re.Pattern[str] | None
    whole: bool


@dataclass(frozen=True, slots=True)
class Terms:
    """Topics, kinds, languages and phrases by the words of feeds; all words are compared folded."""

    topics: Mapping[str, str]
    kinds: Mapping[str, str]
    kind_of_topic: Mapping[str, str]
    saxony: frozenset[str]
    germany: frozenset[str]
    _phrases: Mapping[str, _Phrase]
    _codes: Mapping[str, str]
    _names: Mapping[str, str]

    def says(self, phrase: str, text: str) -> bool:
        """Whether a text says what the phrase of this name stands for."""
        found, folded = self._phrases[phrase], fold(text)
        if found.whole:
            return found.says.fullmatch(folded) is not None
        return found.says.search(folded) is not None and not (found.unless and found.unless.search(folded))

    def topic(self, words: Iterable[str]) -> str:
        """The topic that the first known of these words means, or ""."""
        return next((self.topics[_folded(word)] for word in words if _folded(word) in self.topics), "")

    def kind(self, words: Iterable[str]) -> str:
        """The kind of service that the first known of these words means, or ""."""
        return next((self.kinds[_folded(word)] for word in words if _folded(word) in self.kinds), "")

    def language(self, code: str, name: str) -> str:
        """Two letters where ISO 639-1 has them, else three; "" for what is not known to be a language."""
        short = re.split(r"[-_]", code.strip().lower())[0]
        short = self._codes.get(short, short)
        if not re.fullmatch(r"[a-z]{2,3}", short) or short in NO_LANGUAGE or short == KURDISH:
            return self._names.get(fold(name), short if short == KURDISH else "")
        return short


@lru_cache(maxsize=4)
def load_terms(data: Path = DATA) -> Terms:
    """Read hsds_terms.yml and services/kinds.yml of the folder `data`."""
    content = yaml.safe_load((data / "hsds_terms.yml").read_text(encoding="utf-8"))
    kinds = load_kinds(data / "services")
    words_of_kinds = {kind: [*labels.values(), *content["kinds"].get(kind, ())] for kind, labels in kinds.items()}
    return Terms(
        topics=_by_word(content["topics"]),
        kinds=_by_word(words_of_kinds),
        kind_of_topic=content["kind_of_topic"],
        saxony=frozenset(fold(word) for word in content["saxony"]),
        germany=frozenset(fold(word) for word in content["germany"]),
        _phrases={name: _phrase(**rows) for name, rows in content["phrases"].items()},
        _codes={code: short for short, codes in content["languages"]["iso"].items() for code in codes},
        _names={fold(name): code for code, names in content["languages"]["names"].items() for name in names},
    )


def _by_word(words: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Folded word to its meaning; the meaning's own id is a word of it."""
    return {fold(word): meaning for meaning, all_words in words.items() for word in (meaning, *all_words)}


def _phrase(says: list[str], whole: bool = False, **others: Any) -> _Phrase:
    unless = others.get("not")
    return _Phrase(re.compile("|".join(says)), re.compile("|".join(unless)) if unless else None, whole)
