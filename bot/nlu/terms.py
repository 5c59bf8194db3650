"""Details in a message that are words of a list: status, language level, age, time, languages, office words.

An entity of an office word, and that of a status which is one ("Duldung"), carries the word itself under `word` and
the topic of the word under `topic`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
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
from bot.nlu.sounds import skeleton, sound
from bot.nlu.tokenizer import DOC, blank

DATA = Path(__file__).resolve().parents[2] / "data"
FUZZY_LETTERS = 6
_LATIN = re.compile("[a-zäöü]")
# A word as it was heard: inside a sentence it must be longer and nearer than alone. Up to three words may be one.
# A shorter one must sound quite the same.
INNER_LETTERS, HEARD_SCORE, ALONE_SCORE = 8, 92, 85
PARTS, PARTED_LETTERS = 3, 13
# In alphabets without vowels more consonants must be the same.
BONES, LONG_BONES, PARTED_BONES, BONES_SCORE = 6, 8, 9, 93
_VOWELLESS = re.compile("[\u0600-\u06ff]")
_ARTICLE = re.compile("^(?:[وفبلك]?ال|لل)(?=...)")
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

    def __init__(self, profile: dict[str, Any], glossary: list[dict[str, Any]], alike: Iterable[str] = ()) -> None:
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
        self._alike = frozenset(sound(word) for word in alike)
        self._sounds: dict[str, dict[str, str]] = {}
        self._bones: dict[str, dict[str, str]] = {}
        for form in self._words:
            if len(form) >= FUZZY_LETTERS and _LATIN.match(form):
                # In a German compound these letters are two sounds: Beratungs-hilfe.
                _keep(self._sounds, sound(form.replace("sh", "s")), form)
                _keep(self._bones, skeleton(form), form)
        for form, (entity, _) in self._meaning.items():
            if entity == "status" and form not in self._words:
                heard = self._heard(form, parted=False, alone=True)
                self._words.update({form: self._words[heard]} if heard else {})
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
        found += self._misspelt(doc, found)
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

    def _misspelt(self, doc: Doc, known: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """An office word as somebody heard it, in any alphabet: "Behandlungschein", "wonberechtigung schain"."""
        tokens = [t for t in doc if t.text[0].isalpha() and not any(e["start"] <= t.idx < e["end"] for e in known)]
        whole = {t.i for t in tokens if self._heard(t.text, parted=False, alone=False)}
        for size in range(PARTS, 0, -1):
            for i in range(len(tokens) - size + 1):
                part = tokens[i : i + size]
                if part[-1].i - part[0].i >= size or (size > 1 and any(t.i in whole for t in part)):
                    continue
                form = self._heard("".join(t.text for t in part), parted=size > 1, alone=size == len(doc))
                if form:
                    return [self._entity(form, part[0].idx, part[-1].idx + len(part[-1].text))]
        return []

    def _heard(self, text: str, parted: bool, alone: bool) -> str:
        """The form of the office word that sounds like this text, "" for none."""
        if _VOWELLESS.search(text):
            bones = skeleton(_ARTICLE.sub("", text))
            return self._nearest(self._bones, bones, LONG_BONES, BONES_SCORE) if self._tells(bones, parted) else ""
        # Most words are too short to tell; how a word sounds takes longer to say than how long it is.
        short = not alone and len(text) < (PARTED_LETTERS if parted else INNER_LETTERS)
        if short and (parted or len(text) < FUZZY_LETTERS):
            return ""
        key = sound(text)
        if key in self._alike:
            return ""
        if short:
            return self._sounds.get(key[:1], {}).get(key, "")
        if alone:
            return self._nearest(self._sounds, key, FUZZY_LETTERS - 1, ALONE_SCORE)
        return self._nearest(self._sounds, key, FUZZY_LETTERS, HEARD_SCORE)

    def _tells(self, bones: str, parted: bool) -> bool:
        if not parted:
            return len(bones) >= BONES
        return len(bones) >= PARTED_BONES and bones in self._bones.get(bones[:1], {})

    @staticmethod
    def _nearest(known: dict[str, dict[str, str]], key: str, least: int, score: int) -> str:
        """The form whose key is nearly this one; the first letter is hardly ever mistaken."""
        rows = known.get(key[:1], {})
        if key in rows:
            return rows[key]
        if len(key) < least:
            return ""
        best = process.extractOne(key, rows.keys(), scorer=fuzz.ratio, score_cutoff=score)
        return rows[best[0]] if best else ""

    def _entity(self, form: str, start: int, end: int) -> dict[str, Any]:
        entity, value = self._meaning[form]
        word = self._words.get(form, {}) if entity in ("term", "status") else {}
        return {**_entity(entity, value, start, end), **word}


def _entity(entity: str, value: str, start: int, end: int) -> dict[str, Any]:
    return {"entity": entity, "value": value, "start": start, "end": end, "extractor": "terms"}


def _keep(known: dict[str, dict[str, str]], key: str, form: str) -> None:
    known.setdefault(key[:1], {}).setdefault(key, form)


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
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    profile, glossary = (
        yaml.load((DATA / name).read_text(encoding="utf-8"), Loader=loader) for name in ("profile.yml", "glossary.yml")
    )
    return TermMatcher(profile, glossary["terms"], glossary["alike"])


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
