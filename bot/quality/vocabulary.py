"""Words that people write to us: what the scrubber tells names from (bot/memory/redaction.py)."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from pathlib import Path

from bot.memory.name_lists import first_names
from bot.settings import ROOT

# A word of fewer training messages may be somebody's name.
ENOUGH = 2
_WORD = re.compile(r"[^\W\d_](?:[\w\u064b-\u0652\u0670\u200c\u135d-\u135f]{0,40}\w)?")


@lru_cache(maxsize=2)
def vocabulary(folder: Path = ROOT / "data") -> frozenset[str]:
    """Words in lower case of at least two training messages, of the places, of articles and of German office words.

    Reading them takes some seconds, so they are read when learning is on and for reviews only.
    """
    from bot.nlu.message_files import read_messages

    said: Counter[str] = Counter()
    for _, _, text in read_messages(folder / "nlu"):
        said.update({word.lower() for word in _WORD.findall(text)})
    words = {word for word, count in said.items() if count >= ENOUGH}
    others = [
        *sorted((folder / "articles").glob("*.yml")),
        *(folder / f"{n}.yml" for n in ("places", "glossary", "profile", "programmes")),
    ]
    for path in others:
        if path.exists():
            words.update(word.lower() for word in _WORD.findall(path.read_text(encoding="utf-8")))
    return frozenset(words - first_names())
