"""Sentence embeddings behind one small interface: multilingual-e5-small, tuned, at 8 bit in onnxruntime."""

from __future__ import annotations

import hashlib
import logging
import os
import stat
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
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

from bot.nlu.embedding_cache import EmbeddingCache
from bot.nlu.encoder_weights import EncoderWeightsError, Weights, bundled_weights, read_weights
from bot.nlu.pieces import Pieces, read_vocabulary
from bot.nlu.reader import aside
from bot.nlu.reading import reading_of
from bot.settings import ROOT

logger = logging.getLogger(__name__)
EMBEDDING = "embedding"
ADAPTER = ROOT / "data" / "encoder" / "adapter.npz"
# As in the training of the adapter; a message that is longer keeps its beginning and its end.
LONGEST_PIECES = 128
# Raised when the files written by build() change their shape.
BUILD = "2"
PARALLEL = os.cpu_count() or 1


class Embedder(Protocol):
    """Turns texts into rows of a float32 matrix, L2-normalised; deterministic."""

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """One row per text."""


class E5Embedder:
    """multilingual-e5-small with our adapter: 384 numbers a text, about 3 ms on one core; thread-safe."""

    def __init__(self, folder: Path, weights: Weights) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        # One thread a message: many messages come at once, and two cores are quicker with one each.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            str(folder / "layers.onnx"), options, providers=["CPUExecutionProvider"]
        )
        self._pieces = Pieces.load(folder)
        self._words = weights.rows("emb.word", weights.dims["H"])
        self._positions = weights.floats("emb.pos").reshape(-1, weights.dims["H"]) + weights.floats("emb.type")[:384]

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """One text at a time: in a batch the 8-bit scales would depend on the neighbours."""
        if len(texts) < 2 * PARALLEL:
            return np.vstack([self._one(t) for t in texts]) if texts else np.zeros((0, 384), dtype=np.float32)
        with ThreadPoolExecutor(PARALLEL) as pool:
            return np.vstack(list(pool.map(self._one, texts, chunksize=1)))

    def _one(self, text: str) -> np.ndarray:
        ids = self._pieces.ids("query: " + clean(text), LONGEST_PIECES)
        words = self._words.read(ids)
        inputs = {
            "embedded": (words + self._positions[: len(ids)])[None],
            "lengths": np.array([len(ids)], dtype=np.int32),
        }
        mean = self._session.run(["hidden"], inputs)[0][0].mean(0)
        return np.asarray(mean / max(1e-9, float(np.linalg.norm(mean))), dtype=np.float32)


def clean(text: str) -> str:
    """What the word pieces can take: no lone surrogates, and no more than pieces could need."""
    return text[: LONGEST_PIECES * 16].encode("utf-8", "replace").decode("utf-8")


def adapter_hash() -> str:
    """Short hash of the fine-tuned adapter; "plain" without one."""
    return hashlib.sha256(ADAPTER.read_bytes()).hexdigest()[:12] if ADAPTER.exists() else "plain"


def build(folder: Path, weights: Weights) -> None:
    """Write the graph and the word pieces into a new folder, at once, so that readers never see half of it."""
    from bot.nlu.encoder_graph import write_graph

    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as name:
        part = Path(name) / "part"
        part.mkdir()
        Pieces.of(read_vocabulary(weights.tokenizer)).save(part)
        write_graph(weights, part / "layers.onnx")
        try:
            part.rename(folder)
        except OSError:
            if not folder.exists():  # another process was quicker
                raise


def built(weights: Weights, folder: Path = ROOT / "models") -> Path:
    """The folder of the built encoder, made once beside the model.

    A folder that cannot be written (read-only installation) gets it in one of our own in the system's temporary folder.
    """
    name = f"encoder-{adapter_hash()}-{BUILD}"
    for place in _places(folder):
        try:
            if not (place / name / "layers.onnx").exists():
                build(place / name, weights)
            return place / name
        except OSError as exc:
            logger.warning("the encoder cannot be written to %s: %s", place, exc.strerror)
    raise EncoderWeightsError("there is no folder to write the encoder to")


def _places(folder: Path) -> Iterator[Path]:
    """Where the encoder may be; the temporary folder is touched only when it has to be."""
    yield folder
    yield from own_folders()


def own_folders(parent: Path | None = None) -> list[Path]:
    """A folder that nobody else can write or prepare: everybody may lay files into the temporary folder. [] without."""
    target = (parent or Path(tempfile.gettempdir())) / f"wegweiser-{os.getuid()}"
    try:
        target.mkdir(mode=0o700, exist_ok=True)
        found = target.lstat()
    except OSError:
        return []
    ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o077
    if not ours:
        logger.warning("%s belongs to somebody else or can be written by others: it is not used", target)
    return [target] if ours else []


@lru_cache(maxsize=1)
def embedder() -> Embedder | None:
    """The encoder of this process, loaded once; None when one of its packages is not installed."""
    try:
        weights = read_weights(bundled_weights(), ADAPTER if ADAPTER.exists() else None)
        return E5Embedder(built(weights), weights)
    except (ImportError, EncoderWeightsError) as exc:
        logger.warning("no sentence encoder (%s): understanding works from letters alone and is less accurate", exc)
        return None


@lru_cache(maxsize=1)
def cache() -> EmbeddingCache:
    """The embeddings of this process's last messages."""
    return EmbeddingCache()


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
        return f"{adapter_hash()}-{BUILD}"

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Embed all training messages."""
        messages = [m for m in training_data.intent_examples if m.get(TEXT)]
        model = embedder()
        if model is not None and messages:
            for message, row in zip(messages, model.embed([reading_of(m) for m in messages]), strict=True):
                message.set(EMBEDDING, row)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Embed incoming messages; others may be read meanwhile."""
        model = embedder()
        if model is None:
            return messages
        for message in messages:
            if message.get(TEXT):
                text = reading_of(message)
                with aside():
                    message.set(EMBEDDING, cache().get(text, model.embed))
        return messages
