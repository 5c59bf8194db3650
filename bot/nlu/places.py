"""Places of Saxony named in a message, in any script, inflected or misspelt, and postal codes.

Exact spellings come from data/places.yml through spaCy's PhraseMatcher; what is left is compared fuzzily,
longer words only, because a wrong place is worse than none. A name of several places is settled by another place
in the message ("Neustadt, Vogtland"); what stays open is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
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

from actions.directory.geo import Gazetteer, Place, likeliest
from bot.nlu.normalise import fold
from bot.nlu.tokenizer import DOC, blank

DATA = Path(__file__).resolve().parents[2] / "data"
FUZZY_SCORE = 88
FUZZY_LETTERS = 6
STEM_LETTERS = 4
# A town of this size is meant by its bare name, not a quarter of another one: Plauen, not Dresden-Plauen.
LARGE = 20000
_POSTCODE = re.compile(r"(?<!\d)(0[1-9]\d{3})(?!\d)")
# Particles that Arabic and Tigrinya glue to the front of a name.
_PREFIXES = ("ب", "ل", "ف", "و", "بال", "ال", "وب", "فب", "ع", "ን", "ብ", "ካብ", "ናብ", "ኣብ", "ናይ", "ከም")
# Endings that languages glue to its back, folded: Turkish and Kurmanji, then German and Persian.
_SUFFIXES = tuple(
    "'de 'da 'te 'ta de da te ta dan den tan ten e a i u ye ya yi in un nin nun li lu deki daki teki taki "
    "deyim dayim teyim tayim deyiz dayiz teyiz tayiz liyim luyum er s 's ه م".split()
)
# Russian and Ukrainian cases, and with what the name itself may have ended: Пирна, Фрайталь, Фрайберг.
_CASES = {
    **dict.fromkeys("і и у а е ы ю я ом ем єм ям ой ою ей ею ові еві".split(), ("", "а", "ь")),
    "зі": ("г",),
}
# What stands behind an apostrophe is an ending, of Turkish above all: "Leipzig'teyim".
_APOSTROPHE = "'"
# Towns that are everyday words somewhere: only with a capital letter of their own in Latin script.
_NEEDS_CAPITAL = frozenset(
    {"bergen", "thum", "werda", "aue", "steinberg", "lichtenberg", "oderwitz", "mark", "burgau", "wahren", "lausen"}
)

# Everyday words that are, or nearly are, a spelling of some village; کابل is Kabul, desten "hands" in Kurmanji.
_EVERYDAY = frozenset(
    "machen sachen meisten krippe krippen further stolen дома دوما رايك بول وردا "
    "كابل كلوچه كوتا ميران desten pelaven mehane pierna piernas risa perna goda niska laz luty slepo saydali зайду мульды мульде".split()
)
# Names of the whole country or state say nothing about where somebody lives.
_EVERYWHERE = frozenset({"sachsen", "deutschland"})
# What may stand between a quarter and its city; "from Dresden to Plauen" or "Dresden or Plauen" are two towns.
_INSIDE = frozenset(
    fold(
        "in im at der die stadtteil ortsteil district quarter area of в у районе районі район місті في حي مدينة "
        "در محله شهر په کې کي د سيمه ښار de en el la barrio quartier à a dans le li taxa bajarê ኣብ ናይ"
    ).split()
)
_QUARTER_OF_MANY = frozenset({"altstadt", "innere altstadt", "südvorstadt"})


@lru_cache(maxsize=1)
def gazetteer() -> Gazetteer:
    """The places of this installation, read once per process."""
    return Gazetteer.load(DATA / "places.yml", DATA / "postcodes.yml")


@dataclass(frozen=True, slots=True)
class _Named:
    """A name in a message: the places it may mean, the likeliest first, and where it stands."""

    places: tuple[Place, ...]
    start: int
    end: int

    @property
    def rivals(self) -> list[Place]:
        """What else the name may mean, when it is not clear."""
        best = self.places[0]
        others = [p for p in self.places[1:] if p.kind == best.kind or (p.settlement and best.settlement)]
        return [p for p in others if not (best.population >= LARGE and p.kind == "quarter")]


class PlaceMatcher:
    """Finds places in a normalised Doc."""

    def __init__(self, places: Gazetteer) -> None:
        self.gazetteer = places
        vocabulary = blank("xx")
        self._matcher = PhraseMatcher(vocabulary.vocab, attr="LOWER")
        self._forms: dict[str, list[str]] = {}
        for place in places.places.values():
            for form in map(fold, place.forms()):
                self._add(form, place)
                self._add(re.sub("[-/]+", " ", form), place)
        for place in places.places.values():
            # A quarter also goes by its bare name where that is a place of its own: Plauen, Gablenz, Bernsdorf.
            for form in map(fold, _bare(place)):
                if form in self._forms:
                    self._add(form, place)
        self._keys = {vocabulary.vocab.strings.add(form): form for form in self._forms}
        for form in self._forms:
            self._matcher.add(form, [vocabulary.make_doc(form)])
        self._long: dict[str, list[str]] = {}
        for form, ids in self._forms.items():
            if len(form) >= FUZZY_LETTERS and any(_worth_guessing(places.places[i], form) for i in ids):
                self._long.setdefault(form[0], []).append(form)

    def _add(self, form: str, place: Place) -> None:
        ids = self._forms.setdefault(form, [])
        if place.id not in ids:
            ids.append(place.id)

    def find(self, doc: Doc, original: str) -> list[dict[str, Any]]:
        """Place entities {entity, value, options, start, end} in their order; `options` when a name is ambiguous.

        A city or district beside one of its parts has the part's value: "Neustadt in Dresden" names one place.
        """
        named: list[_Named] = []
        spans = [Span(doc, a, b, label=key) for key, a, b in self._matcher(doc)]
        taken: set[int] = set()
        # "Dresden - Plauen" is a railway line, not a quarter.
        for span in filter_spans([s for s in spans if " - " not in s.text]):
            form = self._keys[span.label]
            if form in _EVERYDAY:
                continue
            taken.update(range(span.start, span.end))
            if form in _NEEDS_CAPITAL and not re.search(rf"\b{form[0].upper()}{form[1:]}", original):
                continue
            named.append(self._named(form, span.start_char, span.end_char))
        for match in _POSTCODE.finditer(doc.text):
            places = self.gazetteer.by_postcode(match.group(1))
            if places:
                # The centre of a shared code is most likely in the city.
                ordered = tuple(p for p in places if p.kind == "city") or tuple(likeliest(places, ""))
                named.append(_Named(ordered, match.start(), match.end()))
        more = next(self._inflected_or_misspelt(doc, taken), None) if _unsure(named) else None
        if more is not None:
            both = settled([*named, more], doc.text)
            # Beside a name that means several places, what only looks like a place counts when it settles that.
            if all(n.places[0].id in _EVERYWHERE for n in named) or not any(n.rivals for n in both):
                named.append(more)
        return [_entity(n) for n in settled(sorted(named, key=lambda n: n.start), doc.text)]

    def _inflected_or_misspelt(self, doc: Doc, taken: set[int]) -> Iterator[_Named]:
        for token in doc:
            word = token.text
            if token.i in taken or len(word) < STEM_LETTERS or not word[0].isalpha() or word in _EVERYDAY:
                continue
            form = self._stem(word)
            before = word.partition(_APOSTROPHE)[0]
            if form is None and before in self._forms and before not in _EVERYDAY:
                form = before
            if form is None and len(word) >= FUZZY_LETTERS:
                near = self._long.get(word[0], ())
                best = process.extractOne(word, near, scorer=fuzz.ratio, score_cutoff=FUZZY_SCORE)
                form = best[0] if best is not None else None
            if form is not None and not _EVERYWHERE.issuperset(self._forms[form]):
                yield self._named(form, token.idx, token.idx + len(word))
                return

    def _stem(self, word: str) -> str | None:
        """The known name that `word` is with a particle before or an ending behind it."""
        for prefix in ("", *_PREFIXES):
            if word.startswith(prefix):
                for stem in _without_ending(word[len(prefix) :]):
                    if len(stem) >= STEM_LETTERS and stem in self._forms and stem != word and stem not in _EVERYDAY:
                        return stem
        return None

    def _named(self, form: str, start: int, end: int) -> _Named:
        places = (self.gazetteer.places[i] for i in self._forms[form])
        return _Named(tuple(likeliest(places, form)), start, end)


def _worth_guessing(place: Place, form: str) -> bool:
    """Own names, spellings of cities and of other scripts; near a hamlet's name are everyday words ("during")."""
    return place.kind == "city" or form[0] > "\u02ff" or place.is_called(form)


def _unsure(named: list[_Named]) -> bool:
    return all(n.places[0].id in _EVERYWHERE for n in named) or any(n.rivals for n in named)


def _bare(place: Place) -> list[str]:
    """Names of a quarter without its city: "Dresden-Plauen", "Плауен (Дрезден)"."""
    if place.kind != "quarter":
        return []
    return [place.name.partition("-")[2], *(name.partition(" (")[0] for name in place.names.values() if "(" in name)]


def _without_ending(word: str) -> Iterator[str]:
    yield word
    for suffix in _SUFFIXES:
        if word.endswith(suffix):
            yield word[: -len(suffix)]
    for case, own in _CASES.items():
        if word.endswith(case):
            # A short stem with another ending is mostly an everyday word: "Дону" is no case of Дона.
            stem = word[: -len(case)]
            yield from (stem + end for end in own if not end or len(stem) > STEM_LETTERS)


def settled(named: list[_Named], text: str) -> list[_Named]:
    """Names that another name in the message makes clear, and a whole beside its part as the part."""
    named = [_narrowed(n, [o for o in named if o is not n and not o.rivals], text) for n in named]
    for i, name in enumerate(named):
        parts = [o for o in named if all(p.lies_in(name.places[0]) for p in o.places)]
        if parts and not name.rivals:
            named[i] = replace(name, places=parts[-1].places)
    return named


def _narrowed(name: _Named, clear: list[_Named], text: str) -> _Named:
    """`name` with only those places that fit another, clear name: the same, in it, in the same district."""
    best = name.places[0]
    for fits in (Place.__eq__, Place.lies_in, Place.shares_district):
        for other in clear:
            near = best.population < LARGE or _adjacent(name, other, text)
            kept = tuple(p for p in name.places if fits(p, other.places[0]) and (near or p == best))
            if kept:
                return replace(name, places=kept)
    towns = [o.places[0] for o in clear if o.places[0].kind in ("city", "municipality")]
    # "Görlitz, Altstadt" is nothing in Dresden.
    elsewhere = bool(towns) and text[name.start : name.end] in _QUARTER_OF_MANY
    return replace(name, places=(towns[0],)) if elsewhere else name


def _adjacent(one: _Named, other: _Named, text: str) -> bool:
    between = text[min(one.end, other.end) : max(one.start, other.start)]
    return not re.search(r"\s[-–—>]|[>!?]", between) and _INSIDE.issuperset(re.findall(r"\w+", between))


def _entity(name: _Named) -> dict[str, Any]:
    best, rivals = name.places[0], name.rivals
    return {
        "entity": "place",
        "value": best.id,
        "options": [best.id, *(p.id for p in rivals)] if rivals else [],
        "start": name.start,
        "end": name.end,
        "extractor": "places",
    }


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
