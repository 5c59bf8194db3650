"""Details in a message that are words of a list: status, language level, age, time, languages, office words.

An entity of an office word, and that of a status which is one ("Duldung"), carries the word itself under `word` and
the topic of the word under `topic`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from babel import Locale, UnknownLocaleError
from rapidfuzz import fuzz, process
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc, Span
from spacy.util import filter_spans

from bot.languages import languages
from bot.nlu import letters, programmes, when, wishes
from bot.nlu.normalise import fold
from bot.nlu.tokenizer import DOC, blank

DATA = Path(__file__).resolve().parents[2] / "data"
FUZZY_LETTERS, FUZZY_WORDS, FUZZY_SCORE = 6, 2, 85
# One misspelt word in a sentence must be longer and nearer, and the sentence short: a long one says enough itself.
INNER_LETTERS, INNER_WORDS, INNER_SCORE = 9, 8, 88
_LEVEL = re.compile(r"(?<![a-z0-9])([abc][12])(?![a-z0-9])")


# A number beside the word for years or age; "5 years in Germany" is no age.
_AGE = re.compile(
    r"(?:\b(?:ich bin|i am|i'm|im|bin|ana|man|ben|ez|tengo|j'ai|jai|мені|мне|عمري|انا|من|زه|ኣነ)\s+)"
    r"(\d{1,2})\b(?!\s*(?:years? in|jahren? in|ans en|-|/|:|uhr|euro|€|monat|month|mois|mes))"
    r"|(?<!\d)(\d{1,2})[ -]?(?:jahre alt|jährig\w*|jahrig\w*|years? old|y/?o\b|yrs? old|سنه عمر|ساله|سالمه|کلن|كلن\w*|"
    r"років мені|-?річн\w*|летн\w*|yasinda\w*|yaş\w*|anos tengo|ans\b(?! (?:en|in|ici))|sali me|ዓመት ዕድመ)"
)
OLDEST = 99


class TermMatcher:
    """Phrases to entities, from data/profile.yml (status), data/glossary.yml (term) and CLDR (service_language)."""

    def __init__(self, profile: dict[str, Any], glossary: list[dict[str, Any]]) -> None:
        self._nlp = blank("xx")
        self._matcher = PhraseMatcher(self._nlp.vocab, attr="LOWER")
        self._meaning: dict[str, tuple[str, str]] = {}
        self._words: dict[str, dict[str, str]] = {}
        for status, phrases in profile["status"].items():
            for phrase in phrases:
                self._add(phrase, "status", status)
        for row in glossary:
            for phrase in [row["term"], *row.get("spellings", [])]:
                self._add(phrase, "term", row["topic"])
                self._words.setdefault(fold(phrase), {"word": row["term"], "topic": row["topic"]})
        self._terms = [f for f, (entity, _) in self._meaning.items() if entity == "term" and len(f) >= FUZZY_LETTERS]
        for code, names in language_names(profile).items():
            for name in names:
                self._add(name, "service_language", code)

    def _add(self, phrase: str, entity: str, value: str) -> None:
        form = fold(phrase)
        if len(form) < 2 or form in self._meaning:
            return
        self._meaning[form] = (entity, value)
        self._matcher.add(form, [self._nlp.make_doc(form)])

    def find(self, doc: Doc) -> list[dict[str, Any]]:
        """Entities {entity, value, start, end}, longest phrase first."""
        found = []
        for span in filter_spans([Span(doc, a, b) for _, a, b in self._matcher(doc)]):
            found.append(self._entity(span.text, span.start_char, span.end_char))
        if not found:
            found += self._misspelt(doc)
        for match in _LEVEL.finditer(doc.text):
            found.append(_entity("level", match.group(1).upper(), match.start(), match.end()))
        age = _AGE.search(doc.text)
        if age and 0 < int(age[1] or age[2]) <= OLDEST:
            found.append(_entity("age", str(int(age[1] or age[2])), age.start(), age.end()))
        return [
            *found,
            *when.finder().find(doc.text),
            *wishes.finder().find(doc.text),
            *programmes.finder().find(doc.text),
        ]

    def _misspelt(self, doc: Doc) -> list[dict[str, Any]]:
        """A short message that is nearly an office word: "Behandlungschein", "Jobzenter"."""
        text = doc.text.strip()
        if len(text) < FUZZY_LETTERS or len(text.split()) > INNER_WORDS:
            return []
        if len(text.split()) <= FUZZY_WORDS:
            best = self._nearest(text, FUZZY_SCORE)
            if best:
                return [self._entity(best, 0, len(doc.text))]
        for token in doc:
            if len(token.text) >= INNER_LETTERS:
                best = self._nearest(token.text, INNER_SCORE)
                if best:
                    return [self._entity(best, token.idx, token.idx + len(token.text))]
        return []

    def _nearest(self, text: str, score: int) -> str:
        """The word that is nearly this text, "" for none; the first letter is hardly ever mistyped."""
        near = process.extract(text, self._terms, scorer=fuzz.ratio, score_cutoff=score, limit=5)
        return next((form for form, _, _ in near if form[0] == text[0]), "")

    def _entity(self, form: str, start: int, end: int) -> dict[str, Any]:
        entity, value = self._meaning[form]
        word = self._words.get(form, {}) if entity in ("term", "status") else {}
        return {**_entity(entity, value, start, end), **word}


def _entity(entity: str, value: str, start: int, end: int) -> dict[str, Any]:
    return {"entity": entity, "value": value, "start": start, "end": end, "extractor": "terms"}


def language_names(profile: dict[str, Any]) -> dict[str, list[str]]:
    """Names of the languages people name, by code: those of the profile and what CLDR calls them in ours.

    Only languages we understand are asked: CLDR's data of forty more would take 30 MB.
    """
    found: dict[str, list[str]] = {code: list(names) for code, names in profile.get("language_names", {}).items()}
    for reader, language in languages().items():
        try:
            named = Locale.parse(reader).languages if language.trained else {}
        except (UnknownLocaleError, ValueError):
            continue  # a language CLDR does not know
        for code, names in found.items():
            names += [named[code]] if code in named else []
    return found


@lru_cache(maxsize=1)
def matcher() -> TermMatcher:
    """The matcher of this process."""
    profile = yaml.safe_load((DATA / "profile.yml").read_text(encoding="utf-8"))
    glossary = yaml.safe_load((DATA / "glossary.yml").read_text(encoding="utf-8"))["terms"]
    return TermMatcher(profile, glossary)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class TermExtractor(GraphComponent):
    """Adds `status`, `level`, `age`, `time`, `service_language`, `term`, `wish`, `programme` and `letter` entities."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> TermExtractor:
        """Needs nothing; the lists are read at first use."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Find listed words in each message that was tokenised."""
        for message in messages:
            doc = message.get(DOC)
            if doc is not None:
                letter = letters.reader().read(message.get(TEXT) or "")
                found = matcher().find(doc) + ([letter] if letter else [])
                message.set(ENTITIES, (message.get(ENTITIES) or []) + found, add_to_output=True)
        return messages
