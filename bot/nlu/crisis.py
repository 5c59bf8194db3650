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
CLAUSE = "~"
COMMAS = (",", "،")
ENDS = (*COMMAS, ".", "!", "?", "؟", ";", "؛", "..", "…", ":")
ARABIZI = {"7": "[7h]", "5": "(?:5|kh|x)", "2": "[2q9gk']", "3": "[3']", "$": "(?:sh|ch)", "8": "(?:8|gh)", "y": "[yi]"}
GAPS: dict[str, dict[str, Any]] = {
    "*": {"OP": "{0,3}", "LOWER": {"NOT_IN": [".", "!", "?", "؟"]}},
    "**": {"OP": "{0,12}"},
}


class CrisisPatterns:
    """The phrases of all languages, one matcher a file: people mix languages when they are afraid."""

    def __init__(self, folder: Path = DATA) -> None:
        self._matchers: dict[str, Matcher] = {}
        self._breaks = set(ENDS)
        for path in sorted(folder.glob("*.yml")):
            content = yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
            matcher = self._matchers[path.stem] = Matcher(blank("xx").vocab)
            words = content.pop(WORDS, {})
            self._breaks.update(normalise(word) for word in words.get(BREAK, "").split("|"))
            for intent, phrases in content.items():
                if intent not in (*INTENTS, LOOK_ALIKE):
                    raise ValueError(f"{path.name}: {intent} is no crisis intent")
                for phrase in phrases:
                    kind = phrase[0] if phrase[0] in (WHOLE, CLAUSE) else " "
                    matcher.add(intent + kind, [pattern(phrase.removeprefix(kind), words)])

    def find(self, doc: Doc, language: str = "") -> str | None:
        """The crisis intent a phrase points to, or None; a look-alike that covers the phrase cancels it.

        With a language only its own phrases count: "wan machn die auf" holds no English "die".
        """
        said = [t.i for t in doc if t.text[0].isalnum()] or [0]
        hits, excused, clauses = [], [], []
        chosen = [self._matchers[language]] if language in self._matchers else self._matchers.values()
        for key, start, end in (match for matcher in chosen for match in matcher(doc)):
            name = doc.vocab.strings[key]
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


def pattern(phrase: str, words: dict[str, str] | None = None) -> list[dict[str, Any]]:
    """A spaCy token pattern of one phrase; words: the sets of alternatives it may name."""
    tokens: list[dict[str, Any]] = []
    for word in re.sub(r"<(\w+)>", lambda m: (words or {})[m[1]].strip("|"), phrase).split():
        if word in GAPS:
            tokens.append(GAPS[word])
            continue
        options = [normalise(option) for option in word.rstrip("?").split("|")]
        absent = {"OP": "?"} if word.endswith("?") else {}
        if any(len(o) > 1 and (o[0] in "-%" or o.endswith("-")) for o in options):
            tokens.append({"LOWER": {"REGEX": f"^(?:{'|'.join(_part(o) for o in options)})$"}, **absent})
        elif len(options) == 1:
            tokens.extend({"LOWER": piece.text, **absent} for piece in blank("xx").make_doc(options[0]))
        else:
            tokens.append({"LOWER": {"IN": options}, **absent})
    return tokens


def _part(option: str) -> str:
    """A regular expression of one alternative: `stem-`, `-end`, `-part-`, `%consonants` or a whole word."""
    if option.startswith("%"):
        return "[aeiou]*" + "".join(f"{ARABIZI.get(letter, letter)}+[aeiou]*" for letter in option[1:])
    before = r"\w*" if option.startswith("-") else ""
    after = r"\w*" if option.endswith("-") else ""
    return before + re.escape(option.strip("-")) + after


@lru_cache(maxsize=1)
def patterns() -> CrisisPatterns:
    """The patterns of this process."""
    return CrisisPatterns()
