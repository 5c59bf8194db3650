"""Places of Saxony named in a message, in any script, inflected or misspelt, and postal codes.

Exact spellings come from data/places.yml through spaCy's PhraseMatcher; what is left is compared fuzzily,
longer words only, because a wrong place is worse than none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz, process
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES
from rasa.shared.nlu.training_data.message import Message
from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc, Span
from spacy.util import filter_spans

from actions.directory.geo import Gazetteer, Place
from bot.nlu.normalise import fold
from bot.nlu.tokenizer import DOC, blank

DATA = Path(__file__).resolve().parents[2] / "data"
FUZZY_SCORE = 88
FUZZY_LETTERS = 6
_POSTCODE = re.compile(r"(?<!\d)(0[1-9]\d{3})(?!\d)")
# Endings and prefixes that languages glue to a name: Russian and Ukrainian cases, Turkish suffixes, Arabic particles.
_PREFIXES = ("ب", "ل", "ف", "و", "بال", "ال", "وب", "فب")
_SUFFIXES = (
    "",
    "і",
    "и",
    "у",
    "а",
    "е",
    "ом",
    "ем",
    "ові",
    "ю",
    "er",
    "'de",
    "'da",
    "'te",
    "'ta",
    "de",
    "da",
    "s",
    "'s",
    "e",
    "ê",
    "î",
    "dan",
    "den",
    "tan",
    "ten",
)
# What stands behind an apostrophe is an ending, of Turkish above all: "Leipzig'teyim".
_APOSTROPHE = "'"
# Towns that are everyday words somewhere: only with a capital letter of their own in Latin script.
_NEEDS_CAPITAL = frozenset({"bergen", "thum", "werda", "aue", "steinberg", "lichtenberg", "oderwitz", "mark", "burgau"})

# Everyday words that are, or nearly are, a spelling of some village.
_EVERYDAY = frozenset("machen sachen meisten krippe further stolen дома دوما رايك بول وردا".split())
# Names of the whole country or state say nothing about where somebody lives.
_EVERYWHERE = frozenset({"sachsen", "deutschland"})


@lru_cache(maxsize=1)
def gazetteer() -> Gazetteer:
    """The places of this installation, read once per process."""
    return Gazetteer.load(DATA / "places.yml", DATA / "postcodes.yml")


class PlaceMatcher:
    """Finds places in a normalised Doc."""

    def __init__(self, places: Gazetteer) -> None:
        self.gazetteer = places
        vocabulary = blank("xx")
        self._matcher = PhraseMatcher(vocabulary.vocab, attr="LOWER")
        self._ids: dict[int, list[str]] = {}
        self._forms: dict[str, list[str]] = {}
        for place in places.places.values():
            for form in place.forms():
                self._forms.setdefault(fold(form), []).append(place.id)
        for form, ids in self._forms.items():
            key = vocabulary.vocab.strings.add(form)
            self._ids[key] = ids
            self._matcher.add(form, [vocabulary.make_doc(form)])
        self._long = [f for f in self._forms if len(f) >= FUZZY_LETTERS]

    def find(self, doc: Doc, original: str) -> list[dict[str, Any]]:
        """Place entities {entity, value, options, start, end}; `options` when a name is ambiguous."""
        found: list[dict[str, Any]] = []
        spans = filter_spans([Span(doc, a, b, label=key) for key, a, b in self._matcher(doc)])
        taken: set[int] = set()
        for span in spans:
            if span.text in _EVERYDAY:
                continue
            if span.text in _NEEDS_CAPITAL and not re.search(rf"\b{span.text[0].upper()}{span.text[1:]}", original):
                taken.update(range(span.start, span.end))
                continue
            found.append(self._entity(self._ids[span.label], span.start_char, span.end_char))
            taken.update(range(span.start, span.end))
        for match in _POSTCODE.finditer(doc.text):
            places = self.gazetteer.by_postcode(match.group(1))
            if places:
                found.append(self._entity([p.id for p in places], match.start(), match.end()))
        if all(e["value"] in _EVERYWHERE for e in found):
            found.extend(self._inflected_or_misspelt(doc, taken))
        return found

    def _inflected_or_misspelt(self, doc: Doc, taken: set[int]) -> Iterator[dict[str, Any]]:
        for token in doc:
            if token.i in taken or len(token.text) < 4 or not token.text[0].isalpha() or token.text in _EVERYDAY:
                continue
            ids = self._stem(token.text)
            if ids is None and _APOSTROPHE in token.text:
                ids = self._forms.get(token.text.partition(_APOSTROPHE)[0])
            if ids is None and len(token.text) >= FUZZY_LETTERS:
                best = process.extractOne(token.text, self._long, scorer=fuzz.ratio, score_cutoff=FUZZY_SCORE)
                if best is not None and best[0][0] == token.text[0]:
                    ids = self._forms[best[0]]
            if ids and not _EVERYWHERE.issuperset(ids):
                yield self._entity(ids, token.idx, token.idx + len(token.text))
                return

    def _stem(self, word: str) -> list[str] | None:
        for prefix in ("", *_PREFIXES):
            if not word.startswith(prefix):
                continue
            rest = word[len(prefix) :]
            for suffix in _SUFFIXES:
                if suffix and not rest.endswith(suffix):
                    continue
                stem = rest[: len(rest) - len(suffix)] if suffix else rest
                if len(stem) >= 4 and stem in self._forms and (prefix or suffix):
                    return self._forms[stem]
        return None

    def _entity(self, ids: list[str], start: int, end: int) -> dict[str, Any]:
        places = sorted({i: self.gazetteer.places[i] for i in ids}.values(), key=_likelihood)
        best = places[0]
        rivals = [p for p in places if p.kind == best.kind and p.id != best.id]
        clear = best.kind in ("city", "state", "country") or not rivals
        return {
            "entity": "place",
            "value": best.id,
            "options": [] if clear else [best.id, *(p.id for p in rivals)],
            "start": start,
            "end": end,
            "extractor": "places",
        }


def _likelihood(place: Place) -> tuple[int, int]:
    rank = {"city": 0, "municipality": 1, "quarter": 2, "district": 3, "region": 4, "state": 5, "country": 6}
    return rank.get(place.kind, 9), -place.population


@lru_cache(maxsize=1)
def matcher() -> PlaceMatcher:
    """The matcher of this process."""
    return PlaceMatcher(gazetteer())


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class PlaceExtractor(GraphComponent):
    """Adds `place` entities; a name that means only Germany or Saxony is left to the topic."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> PlaceExtractor:
        """Needs nothing; the gazetteer is read at first use."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Find places in each message that was tokenised."""
        for message in messages:
            doc = message.get(DOC)
            if doc is None:
                continue
            found = [e for e in matcher().find(doc, str(message.get("text"))) if e["value"] not in _EVERYWHERE]
            message.set(ENTITIES, (message.get(ENTITIES) or []) + found, add_to_output=True)
        return messages


__all__ = ["PlaceExtractor", "PlaceMatcher", "gazetteer", "matcher"]
