"""The intent classifier: sentence embeddings and character n-grams into calibrated probabilities.

Three linear views (bot/nlu/heads.py) are brought to one scale and added. Their weights and the temperature that
makes the stated probability true come from the fold of messages that neither encoder nor views have seen.
"""

from __future__ import annotations

import itertools
import json
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.embedding import ADAPTER, EMBEDDING
from bot.nlu.folds import HELD_OUT, fold_of
from bot.nlu.heads import DenseHead, SparseHead, TunedHead, log_softmax
from bot.nlu.reading import reading_of

RANKING = 10
LETTERS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)
TUNED = (0.0, 0.25, 0.5, 0.75, 1.0)
TEMPERATURES = np.exp(np.linspace(-2.5, 2.5, 61))
# Fewer held-out messages than this say nothing about a probability.
ENOUGH = 50
# A message that people asked in vain, reviewed, counts as often as so many others (tools/review_trial.py).
REVIEWED_COUNTS = 8.0


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IntentClassifier(GraphComponent):
    """Sets `intent` and `intent_ranking`; works without embeddings too, less accurately."""

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        self.config, self._storage, self._resource = config, storage, resource
        self.intents: list[str] = []
        self.dense: DenseHead | None = None
        self.sparse: SparseHead | None = None
        self.tuned: TunedHead | None = None
        # What each view counts after its scale: letters, dense, tuned.
        self.weights: tuple[float, ...] = (0.4, 1.0, 0.0)
        self.temperature = 1.0

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
    ) -> IntentClassifier:
        """An untrained classifier."""
        return cls(config, model_storage, resource)

    @staticmethod
    def fingerprint_addon(config: dict[str, Any]) -> str | None:
        """Another adapter brings another softmax layer."""
        from bot.nlu.embedding import adapter_hash

        return adapter_hash()

    def train(self, training_data: TrainingData) -> Resource:
        """Choose how to mix the views on the held-out fold, then fit them on all messages."""
        examples = [m for m in training_data.intent_examples if m.get(TEXT)]
        texts = [reading_of(m) for m in examples]
        self.intents = sorted({m.get(INTENT) for m in examples})
        index = {name: i for i, name in enumerate(self.intents)}
        labels = np.array([index[m.get(INTENT)] for m in examples])
        groups = np.array([m.get("language") or "" for m in examples])
        reviewed = np.array([bool(m.get("reviewed")) for m in examples])
        importance = np.where(reviewed, REVIEWED_COUNTS, 1.0) if reviewed.any() else None
        rows = [m.get(EMBEDDING) for m in examples]
        vectors = None if any(r is None for r in rows) else np.vstack(rows)
        self.tuned = None if vectors is None else TunedHead.of_adapter(ADAPTER, self.intents)
        held = np.array([fold_of(m.get(TEXT)) == HELD_OUT for m in examples])
        if held.sum() >= ENOUGH and len(set(labels[~held])) == len(self.intents):
            known = [t for t, h in zip(texts, held, strict=True) if not h]
            self._fit(known, vectors, groups, labels, ~held, importance)
            apart = np.flatnonzero(held)
            views = self._views([texts[i] for i in apart], None if vectors is None else vectors[apart], groups[apart])
            self._calibrate(views, labels[apart])
        self._fit(texts, vectors, groups, labels, np.ones(len(labels), dtype=bool), importance)
        self._save()
        return self._resource

    def _fit(
        self,
        texts: list[str],
        vectors: np.ndarray | None,
        groups: np.ndarray,
        labels: np.ndarray,
        kept: np.ndarray,
        importance: np.ndarray | None,
    ) -> None:
        counts = None if importance is None else importance[kept]
        self.sparse = SparseHead.fit(texts, labels[kept], counts)
        self.dense = None if vectors is None else DenseHead.fit(vectors[kept], groups[kept], labels[kept], counts)

    def _views(self, texts: list[str], vectors: np.ndarray | None, groups: np.ndarray) -> list[np.ndarray]:
        """Scores of letters, embedding and tuned layer; those that are missing count nothing."""
        assert self.sparse is not None
        letters = self.sparse.scores(texts)
        nothing = np.zeros_like(letters)
        dense = self.dense.scores(vectors, groups) if self.dense is not None and vectors is not None else nothing
        tuned = self.tuned.scores(vectors) if self.tuned is not None and vectors is not None else nothing
        return [letters, dense, tuned]

    def _calibrate(self, views: list[np.ndarray], labels: np.ndarray) -> None:
        """The mixture and temperature under which the right intents of unseen messages are likeliest."""
        scales = [float(v.std()) or 1.0 for v in views]
        best = np.inf
        for letters, tuned in itertools.product(LETTERS, TUNED if self.tuned is not None else (0.0,)):
            weights = tuple(w / s for w, s in zip((letters, 1 - tuned, tuned), scales, strict=True))
            mixed = _mix(weights, views)
            for temperature in TEMPERATURES:
                loss = -log_softmax(mixed / temperature)[np.arange(len(labels)), labels].mean()
                if loss < best:
                    best, self.weights, self.temperature = loss, weights, float(temperature)

    def process(self, messages: list[Message]) -> list[Message]:
        """Classify each message that has text."""
        for message in messages:
            if not message.get(TEXT):
                continue
            language = message.get("language")
            code = language.get("name", "") if isinstance(language, dict) else ""
            probabilities = self.probabilities(reading_of(message), message.get(EMBEDDING), code)
            order = np.argsort(-probabilities)[:RANKING]
            ranking = [{"name": self.intents[i], "confidence": float(probabilities[i])} for i in order]
            message.set("intent", ranking[0], add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
            message.set(EMBEDDING, None)
        return messages

    def probabilities(self, text: str, vector: np.ndarray | None, language: str) -> np.ndarray:
        """Calibrated probability of every intent, in the order of `intents`."""
        views = self._views([text], None if vector is None else vector[None, :], np.array([language]))
        mixed = _mix(self.weights, views)
        return np.asarray(np.exp(log_softmax(mixed / self.temperature))[0])

    def _save(self) -> None:
        with self._storage.write_to(self._resource) as folder:
            content = {"intents": self.intents, "weights": self.weights, "temperature": self.temperature}
            (folder / "intent.json").write_text(json.dumps(content), "utf-8")
            assert self.sparse is not None
            for head in (self.sparse, self.dense, self.tuned):
                if head is not None:
                    head.save(folder)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **_: Any,
    ) -> IntentClassifier:
        """A trained classifier from the model archive."""
        self = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            content = json.loads((folder / "intent.json").read_text("utf-8"))
            self.intents, self.weights = content["intents"], tuple(content["weights"])
            self.temperature = content["temperature"]
            self.sparse, self.dense, self.tuned = (
                SparseHead.load(folder),
                DenseHead.load(folder),
                TunedHead.load(folder),
            )
        return self


def _mix(weights: tuple[float, ...], views: list[np.ndarray]) -> np.ndarray:
    return np.asarray(sum(w * v for w, v in zip(weights, views, strict=True)))
