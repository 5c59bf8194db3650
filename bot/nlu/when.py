"""When a person means: "tomorrow morning", "on Saturday" as a day and an hour to look at.

The value of a `time` entity is `+days` or a weekday 0 to 6 (Monday first), and an hour if one was said: `+1 10`, `5`.
What it is on the calendar only the dialogue knows, which has the clock.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from babel import Locale, UnknownLocaleError
from babel.dates import get_day_names

from bot.languages import languages
from bot.nlu.normalise import fold

DATA = Path(__file__).resolve().parents[2] / "data" / "times.yml"
_CLOCK = re.compile(
    r"(?<![\d.,:])(?:um |at |à |a las |в |о |saat |ساعه |الساعه )?([01]?\d|2[0-3])(?:[:.]([0-5]\d)| ?uhr\b| ?h\b)"
)


class TimeFinder:
    """Finds the first day and the first part of a day in a folded text."""

    def __init__(self, content: dict[str, Any]) -> None:
        self._days = {f: f"+{n}" for n, words in content["days"].items() for f in map(fold, words)}
        for code, language in languages().items():
            if not language.trained:
                continue
            try:
                locale = Locale.parse(code)
            except (UnknownLocaleError, ValueError):
                continue  # a language CLDR does not know has the words of the file alone
            for width in ("wide", "abbreviated") if code in ("de", "en") else ("wide",):
                names = get_day_names(width, locale=locale)
                for number, name in names.items():
                    self._days.setdefault(fold(name), str(number))
        for number, words in content["weekdays"].items():
            self._days.update({fold(w): str(number) for w in words})
        self._days |= {fold(w): "5" for w in content["weekend"]}
        self._parts = {fold(w): content["hours"][part] for part, words in content["parts"].items() for w in words}
        self._find = _pattern([*self._days, *self._parts])

    def find(self, text: str) -> list[dict[str, Any]]:
        """At most one `time` entity for a folded text."""
        day, hour, start, end = "", None, len(text), 0
        # "morgen" is tomorrow, "morgen früh" too; "am Morgen" is a part of a day.
        marked = re.sub(r"(?<!am )(?<!jeden )(?<!guten )\bmorgen\b", "#morgen", text)
        shift = 0
        for match in self._find.finditer(marked):
            word = match[1]
            shift = marked[: match.start(1)].count("#morgen")
            if word in self._days and not day:
                day = self._days[word]
            elif word in self._parts and hour is None:
                hour = self._parts[word]
            else:
                continue
            start, end = min(start, match.start(1) - shift), max(end, match.end(1) - shift - word.startswith("#"))
        clock = _CLOCK.search(text)
        if clock and (day or ":" in clock[0] or "uhr" in clock[0]):
            hour = int(clock[1])
            start, end = min(start, clock.start()), max(end, clock.end())
        if not day and hour is None:
            return []
        value = f"{day or '+0'} {'' if hour is None else hour}".strip()
        return [{"entity": "time", "value": value, "start": start, "end": end, "extractor": "when"}]


def _pattern(words: list[str]) -> re.Pattern[str]:
    """Any of the words as a whole word, the longest first; Arabic and Turkish may glue a short prefix or ending."""
    options = "|".join(re.escape(w) for w in sorted(words, key=lambda w: (-len(w), w)) if len(w) > 1)
    return re.compile(
        rf"(?<!good )(?<!guten )(?<!schonen )(?<![^\W_])(?:ال|ب|ل|و|ን|ብ)?({options})(?:'?(?:de|da|te|ta|ki|s)|ê|e)?(?![^\W_])"
    )


@lru_cache(maxsize=1)
def finder() -> TimeFinder:
    """The finder of this process."""
    return TimeFinder(yaml.load(DATA.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))
