"""Adds messages to the training files, line by line: everything else in them, comments too, stays as it is."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Container, Iterable, Sequence
from datetime import date
from pathlib import Path

import yaml

from bot.memory.redaction import identifying
from bot.nlu.message_files import PROVENANCE, read_messages, text_hash
from bot.nlu.normalise import normalise
from bot.quality.figures import CRISIS
from bot.settings import ROOT

LONGEST = 600
_HEAD = """# Where training messages come from that were not written for this project: a hash of the text, the day it was
# accepted, by whom. `wegweiser review import` adds lines; a line may go when its message is gone.
version: 1
messages:
"""
_INTENT = re.compile(r"- intent: ([a-z_]+)\s*")


class TrainingFiles:
    """The training messages below `root`, and what must stay apart from them.

    `known` are words that are no names, see bot/memory/redaction.py.
    """

    def __init__(self, root: Path = ROOT, known: Container[str] | None = None) -> None:
        self.folder = root / "data" / "nlu"
        self._known = known
        self._places = _places(self.folder)
        self._trained = {(code, normalise(text)): intent for code, intent, text in read_messages(self.folder)}
        self._tested = set(_tested(root / "tests"))

    @property
    def intents(self) -> frozenset[str]:
        """Intents that have training messages."""
        return frozenset(intent for _, intent in self._places)

    def fault(self, language: str, intent: str, text: str) -> str:
        """Why a message cannot be a training message, or "" when it can."""
        plain = normalise(text)
        if intent in CRISIS:
            return "messages about emergencies are not taken from people"
        if intent not in self.intents:
            return f"{intent!r} is no intent"
        if (language, intent) not in self._places:
            return f"there are no messages in {language!r}"
        if not any(map(str.isalpha, text)) or len(text) > LONGEST:
            return f"the text must have letters, and at most {LONGEST} characters"
        if identifying(text, self._known):
            return "the text still identifies, or holds a mark such as [name]: write it anew without that"
        if text.startswith(("/", "- ")) or set("[]{}") & set(text) or len(text.splitlines()) > 1:
            return "the text must not begin with / or -, nor hold brackets"
        if plain in self._tested:
            return "the text is in the test set, which must stay apart"
        trained = self._trained.get((language, plain))
        if trained is not None:
            return "the text is a training message already" + ("" if trained == intent else f", of {trained}")
        return ""

    def add(self, rows: Sequence[tuple[str, str, str]], source: str, by: str, day: date) -> None:
        """Append (language, intent, text) to their blocks and to the provenance; rows must have no fault."""
        by_file: dict[Path, list[tuple[str, str]]] = {}
        for language, intent, text in rows:
            by_file.setdefault(self._places[language, intent], []).append((intent, text))
        changed = {path: _with(path.read_text(encoding="utf-8"), added) for path, added in by_file.items()}
        for path, content in changed.items():
            before = sum(map(len, _blocks(path.read_text(encoding="utf-8")).values()))
            if sum(map(len, _blocks(content).values())) != before + len(by_file[path]):
                raise ValueError(f"{path.name}: its blocks are not written as `examples: |`")
        for path, content in changed.items():
            _replace(path, content)
        for language, intent, text in rows:
            self._trained[language, normalise(text)] = intent
        if rows:
            self._note(rows, source, by, day)

    def _note(self, rows: Sequence[tuple[str, str, str]], source: str, by: str, day: date) -> None:
        path = self.folder / PROVENANCE
        content = path.read_text(encoding="utf-8") if path.exists() else _HEAD
        lines = [
            f'- {{text: "{text_hash(text)}", language: {language}, intent: {intent}, source: {source}, '
            f'day: "{day.isoformat()}", by: {json.dumps(by, ensure_ascii=False)}}}\n'
            for language, intent, text in rows
        ]
        _replace(path, content + "".join(lines))


def _places(folder: Path) -> dict[tuple[str, str], Path]:
    """The file of each language's intent."""
    found = {}
    for path in sorted(folder.glob("*/*.yml")):
        for line in path.read_text(encoding="utf-8").splitlines():
            match = _INTENT.fullmatch(line)
            if match:
                found[path.parent.name, match[1]] = path
    return found


def _tested(folder: Path) -> Iterable[str]:
    for path in sorted([*folder.glob("nlu/*/*.jsonl"), *folder.glob("crisis/*.jsonl")]):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.strip():
                yield normalise(str(json.loads(line).get("text", "")))


def _with(content: str, added: list[tuple[str, str]]) -> str:
    """A file's text with (intent, message) pairs at the end of their blocks."""
    lines = content.splitlines(keepends=True)
    intent, ends = "", {}
    for number, line in enumerate(lines):
        match = _INTENT.fullmatch(line.rstrip("\n"))
        intent = match[1] if match else intent
        if line.startswith("    - "):
            ends[intent] = number
    wanted = {intent for intent, _ in added}
    if not wanted <= set(ends):
        raise ValueError(f"{', '.join(sorted(wanted - set(ends)))}: no message to write others behind")
    # From the end of the file to its beginning, so that the numbers of lines stay true.
    for name in sorted(wanted, key=lambda name: -ends[name]):
        at = ends[name]
        if not lines[at].endswith("\n"):
            lines[at] += "\n"
        lines[at + 1 : at + 1] = [f"    - {text}\n" for intent, text in added if intent == name]
    return "".join(lines)


def _blocks(content: str) -> dict[str, list[str]]:
    loaded = yaml.load(content, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return {block["intent"]: block["examples"].splitlines() for block in loaded["nlu"]}


def _replace(path: Path, content: str) -> None:
    """Write a file at once, so that nobody reads half of it."""
    part = path.with_name(path.name + ".part")
    part.write_text(content, encoding="utf-8")
    os.replace(part, path)
