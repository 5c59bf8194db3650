"""Understanding alone out of a trained model: no policies and no agent, so that a process can do nothing but read."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from rasa.core.channels.channel import UserMessage
from rasa.engine.constants import PLACEHOLDER_MESSAGE, PLACEHOLDER_TRACKER
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.shared.core.trackers import DialogueStateTracker

from bot.rasa_compat.reading_process import ModelCopy
from bot.rasa_compat.runner import SequentialRunner


class Understanding:
    """The components of `config.yml`, loaded from a model that was checked.

    Safe to use from threads within `bot.nlu.reader.read`.
    """

    def __init__(self, runner: SequentialRunner, target: str) -> None:
        self._runner, self._target = runner, target

    @classmethod
    def load(cls, path: Path) -> Understanding:
        """From a model archive. Of the graph only what understanding needs is loaded, half of the memory."""
        with tempfile.TemporaryDirectory(prefix="wegweiser-reading-") as folder:
            storage, metadata = LocalModelStorage.from_model_archive(Path(folder), path)
            schema: GraphSchema = metadata.predict_schema
            runner = SequentialRunner.create(
                schema.minimal_graph_schema([metadata.nlu_target]),
                storage,
                ExecutionContext(graph_schema=schema, model_id=metadata.model_id),
            )
        return cls(runner, str(metadata.nlu_target))

    def parse(self, text: str, metadata: dict[str, Any]) -> dict[str, Any]:
        """The parse data that Rasa's processor makes of a message outside any conversation."""
        message = UserMessage(text=text, metadata=metadata)
        tracker = DialogueStateTracker.from_events("reading", [])
        given = {PLACEHOLDER_MESSAGE: [message], PLACEHOLDER_TRACKER: tracker}
        read = self._runner.run(given, [self._target])[self._target][0]
        # As MessageProcessor._parse_message_with_graph.
        nothing = {"text": "", "intent": {"name": None, "confidence": 0.0}, "entities": []}
        return nothing | read.as_dict(only_output_properties=True)


class Spare:
    """Understanding that is loaded when a message has to be read after all, within `bot.nlu.reader.read`."""

    def __init__(self, copy: ModelCopy) -> None:
        self._copy = copy
        self._loaded: Understanding | None = None

    def parse(self, text: str, metadata: dict[str, Any]) -> dict[str, Any]:
        """As Understanding.parse; the first one takes seconds."""
        understanding = self._loaded
        if understanding is None:  # one message at a time is read, so it is loaded once
            understanding = self._loaded = Understanding.load(self._copy.path)
        return understanding.parse(text, metadata)

    def forget(self) -> None:
        """It is not needed for now."""
        self._loaded = None
