"""Crisis phrases per language: the second path beside the classifier; either one is enough.

data/crisis/<lang>.yml lists phrases per crisis intent and look-alikes that cancel a phrase they contain.
In a phrase `a|b` are alternatives, `stem-` begins a word, `-end` ends one, `-part-` is inside one; `%y2tlni` are the
consonants of an Arabic word in Latin letters, with any vowels; a word or a set with `?` behind it may be absent; `*`
stands for up to three words of one sentence, `**` for up to twelve; `<name>` is a set of alternatives that `words`
of the file names. A phrase after `= ` must be the whole message but for punctuation.
A look-alike after `~ ` ("years ago") excuses the emergencies, never a suicide, in its whole clause: up to a comma,
the end of the sentence or a word of the file's `break` set ("but", "now").
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import yaml
from spacy.tokens import Doc

from bot.nlu.normalise import fold
from bot.nlu.phrases import PhraseFinder, tokens_of

DATA = Path(__file__).resolve().parents[2] / "data" / "crisis"
INTENTS = ("emergency_medical", "emergency_violence", "crisis_suicide")
LOOK_ALIKE = "look_alike"
WORDS = "words"
WHOLE = "="
BREAK = "break"
CLAUSE = "~"
COMMAS = (",", "،")
ENDS = (*COMMAS, ".", "!", "?", "؟", ";", "؛", "..", "…", ":")


class CrisisPatterns:
    """The phrases of all languages, one finder a file: people mix languages when they are afraid."""

    def __init__(self, folder: Path = DATA) -> None:
        self._finders: dict[str, PhraseFinder] = {}
        self._breaks = set(ENDS)
        for path in sorted(folder.glob("*.yml")):
            content = yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
            words = content.pop(WORDS, {})
            found: list[tuple[str, str]] = []
            self._breaks.update(fold(word) for word in words.get(BREAK, "").split("|"))
            for intent, phrases in content.items():
                if intent not in (*INTENTS, LOOK_ALIKE):
                    raise ValueError(f"{path.name}: {intent} is no crisis intent")
                for phrase in phrases:
                    kind = phrase[0] if phrase[0] in (WHOLE, CLAUSE) else " "
                    found.append((intent + kind, phrase.removeprefix(kind)))
            self._finders[path.stem] = PhraseFinder(found, words)

    def find(self, doc: Doc, language: str = "") -> str | None:
        """The crisis intent a phrase points to, or None; a look-alike that covers the phrase cancels it.

        With a language only its own phrases count: "wan machn die auf" holds no English "die".
        """
        said = [t.i for t in doc if t.text[0].isalnum()] or [0]
        hits, excused, clauses = [], [], []
        chosen = [self._finders[language]] if language in self._finders else self._finders.values()
        tokens = tokens_of(doc)
        for name, start, end in (match for finder in chosen for match in finder.find_in(tokens)):
            intent, kind = name[:-1], name[-1]
            if kind == WHOLE and not (start <= said[0] and said[-1] < end):
                continue
            if kind == CLAUSE:
                clauses.append(self._clause(doc, start, end))
            elif intent == LOOK_ALIKE:
                excused.append((start, end))
            else:
                hits.append((intent, start, end))
        lengths = [
            (intent, end - start)
            for intent, start, end in hits
            if not any(a <= start and end <= b for a, b in excused)
            and (intent == INTENTS[2] or not any(a <= start and end <= b for a, b in clauses))
        ]
        return max(lengths, key=lambda hit: (hit[1], -INTENTS.index(hit[0])))[0] if lengths else None

    def _clause(self, doc: Doc, start: int, end: int) -> tuple[int, int]:
        """The clause around a span; a comma right beside the span does not end it."""
        start -= start > 0 and doc[start - 1].text in COMMAS
        end += end < len(doc) and doc[end].text in COMMAS
        while start > 0 and doc[start - 1].text not in self._breaks:
            start -= 1
        while end < len(doc) and doc[end].text not in self._breaks:
            end += 1
        return start, end


@lru_cache(maxsize=1)
def patterns() -> CrisisPatterns:
    """The patterns of this process."""
    return CrisisPatterns()
