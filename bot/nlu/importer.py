"""Reads training messages from one folder per language and marks each message with its language.

Rasa's own reader knows nothing of languages and validates every line with pykwalify, minutes for our data;
the shape is checked by tests instead.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.languages import languages
from bot.settings import ROOT

LANGUAGE = "language"


def read_messages(folder: Path) -> list[tuple[str, str, str]]:
    """(language, intent, text) of every training message under `folder/<language>/<area>.yml`.

    A language that is only started, or not in the registry, is left out.
    """
    rows: list[tuple[str, str, str]] = []
    for path in sorted(folder.glob("*/*.yml")):
        if path.parent.name not in languages() or not languages()[path.parent.name].trained:
            continue
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        for block in content["nlu"]:
            for line in block["examples"].splitlines():
                if line.startswith("- "):
                    rows.append((path.parent.name, block["intent"], line[2:].strip()))
    return rows


def read_samples(folder: Path) -> list[tuple[str, str]]:
    """(language, text) of the samples under `folder/<language>.txt`, one message a line."""
    lines = [(p.stem, x.strip()) for p in sorted(folder.glob("*.txt")) for x in p.read_text("utf-8").splitlines()]
    return [(code, text) for code, text in lines if text and not text.startswith("#")]


class LanguageFolders(RasaFileImporter):
    """Stories, domain and config as Rasa reads them; NLU data from the language folders."""

    def __init__(
        self,
        config_file: str | None = None,
        domain_path: str | None = None,
        training_data_paths: Any = None,
        nlu_folder: str = str(ROOT / "data" / "nlu"),
        samples_folder: str = str(ROOT / "data" / "languages"),
        **_: Any,
    ) -> None:
        super().__init__(config_file, domain_path, training_data_paths)
        self.nlu_folder = Path(nlu_folder)
        self.samples_folder = Path(samples_folder)

    def get_nlu_data(self, language: str | None = None) -> TrainingData:
        """All training messages with their language; samples of other languages have no intent."""
        messages = []
        for code, intent, text in read_messages(self.nlu_folder):
            message = Message.build(text=text, intent=intent)
            message.set(LANGUAGE, code)
            messages.append(message)
        for code, text in read_samples(self.samples_folder):
            message = Message({TEXT: text})
            message.set(LANGUAGE, code)
            messages.append(message)
        return TrainingData(messages)
