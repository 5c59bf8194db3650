"""Crisis phrases per language: the second path beside the classifier; either one is enough.

data/crisis/<lang>.yml lists phrases per crisis intent and look-alikes that cancel a phrase they contain.
In a phrase `a|b` are alternatives, `stem-` begins a word, `-end` ends one, `-part-` is inside one; a word with
`?` behind it may be absent; `*` stands for up to three words, `**` for up to twelve; `<name>` is a set of
alternatives that `words` of the file names. A phrase after `= ` must be the whole message but for punctuation.
The gaps of a look-alike end at the end of a sentence and at the file's `break` words: "years ago ... but now".
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from spacy.matcher import Matcher
from spacy.tokens import Doc

from bot.nlu.normalise import normalise
from bot.nlu.tokenizer import blank

DATA = Path(__file__).resolve().parents[2] / "data" / "crisis"
INTENTS = ("emergency_medical", "emergency_violence", "crisis_suicide")
LOOK_ALIKE = "look_alike"
WORDS = "words"
WHOLE = "="
BREAK = "break"
SENTENCE_ENDS = [".", "!", "?", "؟", "..", "…"]
GAPS = {"*": "{0,3}", "**": "{0,12}"}


class CrisisPatterns:
    """All phrases of all languages in one matcher: people mix languages when they are afraid."""

    def __init__(self, folder: Path = DATA) -> None:
        self._matcher = Matcher(blank("xx").vocab)
        for path in sorted(folder.glob("*.yml")):
            content = yaml.safe_load(path.read_text(encoding="utf-8"))
            words = content.pop(WORDS, {})
            ends = [*SENTENCE_ENDS, *(normalise(word) for word in words.get(BREAK, "").split("|"))]
            for intent, phrases in content.items():
                breaks = ends if intent == LOOK_ALIKE else []
                if intent not in (*INTENTS, LOOK_ALIKE):
                    raise ValueError(f"{path.name}: {intent} is no crisis intent")
                for phrase in phrases:
                    whole = phrase.startswith(WHOLE)
                    self._matcher.add(intent + WHOLE * whole, [pattern(phrase.lstrip(WHOLE), words, breaks)])

    def find(self, doc: Doc) -> str | None:
        """The crisis intent a phrase points to, or None; a look-alike that covers the phrase cancels it."""
        said = [t.i for t in doc if t.text[0].isalnum()] or [0]
        spans = [
            (name.rstrip(WHOLE), start, end)
            for name, start, end in ((doc.vocab.strings[key], a, b) for key, a, b in self._matcher(doc))
            if not name.endswith(WHOLE) or (start <= said[0] and said[-1] < end)
        ]
        excused = [(a, b) for name, a, b in spans if name == LOOK_ALIKE]
        hits = [
            (intent, end - start)
            for intent, start, end in spans
            if intent != LOOK_ALIKE and not any(a <= start and end <= b for a, b in excused)
        ]
        return max(hits, key=lambda hit: (hit[1], -INTENTS.index(hit[0])))[0] if hits else None


def pattern(phrase: str, words: dict[str, str] | None = None, breaks: list[str] | None = None) -> list[dict[str, Any]]:
    """A spaCy token pattern of one phrase; words: the sets it may name, breaks: what its gaps do not cross."""
    tokens: list[dict[str, Any]] = []
    for word in re.sub(r"<(\w+)>", lambda m: (words or {})[m[1]].strip("|"), phrase).split():
        if word in GAPS:
            tokens.append({"OP": GAPS[word], **({"LOWER": {"NOT_IN": breaks}} if breaks else {})})
            continue
        options = [normalise(option) for option in word.rstrip("?").split("|")]
        absent = {"OP": "?"} if word.endswith("?") else {}
        if any(len(o) > 1 and (o.startswith("-") or o.endswith("-")) for o in options):
            tokens.append({"LOWER": {"REGEX": f"^(?:{'|'.join(_part(o) for o in options)})$"}, **absent})
        elif len(options) == 1:
            tokens.extend({"LOWER": piece.text, **absent} for piece in blank("xx").make_doc(options[0]))
        else:
            tokens.append({"LOWER": {"IN": options}, **absent})
    return tokens


def _part(option: str) -> str:
    """A regular expression of one alternative: `stem-`, `-end`, `-part-` or a whole word."""
    before = r"\w*" if option.startswith("-") else ""
    after = r"\w*" if option.endswith("-") else ""
    return before + re.escape(option.strip("-")) + after


@lru_cache(maxsize=1)
def patterns() -> CrisisPatterns:
    """The patterns of this process."""
    return CrisisPatterns()
