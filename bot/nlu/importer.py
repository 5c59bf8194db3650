"""Reads training messages from one folder per language and marks each message with its language.

Rasa's own reader knows nothing of languages and validates every line with pykwalify, minutes for our data;
the shape is checked by tests instead.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.message_files import read_messages, read_reviewed, read_samples, text_hash
from bot.settings import ROOT

LANGUAGE = "language"
REVIEWED = "reviewed"


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
        """All training messages with their language, marked when reviewed; samples of other languages have no intent."""
        messages = []
        reviewed = read_reviewed(self.nlu_folder)
        for code, intent, text in read_messages(self.nlu_folder):
            message = Message.build(text=text, intent=intent)
            message.set(LANGUAGE, code)
            if text_hash(text) in reviewed:
                message.set(REVIEWED, True)
            messages.append(message)
        for code, text in read_samples(self.samples_folder):
            message = Message({TEXT: text})
            message.set(LANGUAGE, code)
            messages.append(message)
        return TrainingData(messages)
