"""`wegweiser messages new-language xx`: every file a language needs, empty but complete, and its line in the registry.

The language begins as `started`: nothing of it is used until its line says `complete`.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import yaml
from babel import Locale, UnknownLocaleError
from babel.core import get_global

from bot.quality.figures import CRISIS
from bot.settings import ROOT

CODE = re.compile(r"[a-z]{2,3}")
MODEL = "en"
SCRIPTS = {
    "Latn": "Latin", "Cyrl": "Cyrillic", "Arab": "Arabic", "Ethi": "Ethiopic", "Geor": "Georgian", "Armn": "Armenian",
    "Grek": "Greek", "Hebr": "Hebrew", "Deva": "Devanagari", "Beng": "Bengali", "Guru": "Gurmukhi", "Taml": "Tamil",
    "Hans": "Cjk", "Hant": "Cjk", "Jpan": "Cjk", "Kore": "Hangul", "Thai": "Thai", "Syrc": "Syriac",
}  # fmt: skip


class NewLanguageError(ValueError):
    """The language cannot be started; the message says why."""


def create(code: str, root: Path = ROOT) -> list[Path]:
    """Write the files of a new language; returns them. NewLanguageError when it exists or the code is none."""
    if not CODE.fullmatch(code):
        raise NewLanguageError(f"{code!r} is no language code: two or three small letters of ISO 639, such as `sw`")
    registry = root / "bot" / "languages.yml"
    text = registry.read_text(encoding="utf-8")
    if code in yaml.safe_load(text)["languages"]:
        raise NewLanguageError(f"{code} is already in {registry.relative_to(root)}")
    written = [registry]
    registry.write_text(text.rstrip("\n") + f"\n  {code}: {_row(code)}\n", "utf-8")
    for model in sorted((root / "data" / "nlu" / MODEL).glob("*.yml")):
        written.append(_write(root / "data" / "nlu" / code / model.name, _messages(model)))
        written.append(_write(root / "tests" / "nlu" / code / f"{model.stem}.jsonl", ""))
    phrases = "# Syntax: bot/nlu/crisis.py. One phrase a line; a look-alike must cover the whole phrase it cancels.\n"
    phrases += "words: {}\n" + "".join(f"{name}: []\n" for name in (*CRISIS, "look_alike"))
    written.append(_write(root / "data" / "crisis" / f"{code}.yml", phrases))
    written.append(_write(root / "tests" / "crisis" / f"{code}.jsonl", ""))
    return written


def _row(code: str) -> str:
    """The line of the registry, as far as CLDR knows the language."""
    endonym, direction, script = code, "ltr", "Latin"
    try:
        locale = Locale.parse(code)
        endonym, direction = locale.get_language_name() or code, locale.text_direction
    except (UnknownLocaleError, ValueError):
        pass
    likely = str(get_global("likely_subtags").get(code, "")).split("_")
    script = next((SCRIPTS[part] for part in likely if part in SCRIPTS), script)
    return f"{{endonym: {endonym}, direction: {direction}, script: {script}, fallback: [en], status: started}}"


def _messages(model: Path) -> str:
    """The intents of an area without a message; comments show what English says, to understand, not to translate."""
    lines = ['version: "3.1"', "nlu:"]
    for block in yaml.safe_load(model.read_text(encoding="utf-8"))["nlu"]:
        shown = [x[2:] for x in block["examples"].splitlines()[:2]]
        lines += [f"# in English, for instance: {text}" for text in shown]
        lines += [f"- intent: {block['intent']}", '  examples: ""']
    return "\n".join(lines) + "\n"


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def main(code: str) -> int:
    """Create it and say what comes next; 1 when it cannot be created."""
    try:
        written = create(code)
    except NewLanguageError as exc:
        print(f"wegweiser messages: {exc}", file=sys.stderr)
        return 1
    print("\n".join(str(p.relative_to(ROOT)) for p in written))
    print("Next: docs/adding-a-language.md", file=sys.stderr)
    return 0
