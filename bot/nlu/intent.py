"""The intent classifier: sentence embeddings and character n-grams into calibrated probabilities.

Both views have a linear layer of their own; their log-probabilities are mixed with weights found by
cross-validation in training, and one temperature makes the stated probability true.
"""

from __future__ import annotations

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

from bot.nlu.embedding import EMBEDDING
from bot.nlu.heads import DenseHead, SparseHead, log_softmax

RANKING = 10


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IntentClassifier(GraphComponent):
    """Sets `intent` and `intent_ranking`; works without embeddings too, less accurately."""

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        self.config, self._storage, self._resource = config, storage, resource
        self.intents: list[str] = []
        self.dense: DenseHead | None = None
        self.sparse = SparseHead()
        self.mix = 0.0
        self.temperature = 1.0

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """folds: cross-validation folds that choose mix and temperature."""
        return {"folds": 4}

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

    def train(self, training_data: TrainingData) -> Resource:
        """Fit both heads, then choose how to mix them on held-out folds."""
        examples = [m for m in training_data.intent_examples if m.get(TEXT)]
        texts = [m.get(TEXT) for m in examples]
        self.intents = sorted({m.get(INTENT) for m in examples})
        index = {name: i for i, name in enumerate(self.intents)}
        labels = np.array([index[m.get(INTENT)] for m in examples])
        groups = np.array([m.get("language") or "" for m in examples])
        rows = [m.get(EMBEDDING) for m in examples]
        vectors = None if any(r is None for r in rows) else np.vstack(rows)
        self._choose(texts, vectors, groups, labels)
        self.sparse = SparseHead.fit(texts, labels, len(self.intents))
        self.dense = None if vectors is None else DenseHead.fit(vectors, groups, labels, len(self.intents))
        self._save()
        return self._resource

    def _choose(self, texts: list[str], vectors: np.ndarray | None, groups: np.ndarray, labels: np.ndarray) -> None:
        from sklearn.model_selection import StratifiedKFold

        count = len(self.intents)
        held_dense = np.zeros((len(labels), count), dtype=np.float32)
        held_sparse = np.zeros_like(held_dense)
        folds = StratifiedKFold(self.config["folds"], shuffle=True, random_state=0)
        for fit, held in folds.split(texts, labels):
            sparse = SparseHead.fit([texts[i] for i in fit], labels[fit], count)
            held_sparse[held] = sparse.scores([texts[i] for i in held])
            if vectors is not None:
                dense = DenseHead.fit(vectors[fit], groups[fit], labels[fit], count)
                held_dense[held] = dense.scores(vectors[held], groups[held])
        mixes = np.linspace(0, 1, 11) if vectors is not None else np.array([1.0])
        right = [((1 - m) * held_dense + m * held_sparse).argmax(1) == labels for m in mixes]
        self.mix = float(mixes[int(np.argmax([r.mean() for r in right]))])
        mixed = (1 - self.mix) * held_dense + self.mix * held_sparse
        temperatures = np.exp(np.linspace(-2.5, 2.5, 41))
        losses = [-log_softmax(mixed / t)[np.arange(len(labels)), labels].mean() for t in temperatures]
        self.temperature = float(temperatures[int(np.argmin(losses))])

    def process(self, messages: list[Message]) -> list[Message]:
        """Classify each message that has text."""
        for message in messages:
            text = message.get(TEXT)
            if not text:
                continue
            language = message.get("language")
            code = language.get("name", "") if isinstance(language, dict) else ""
            probabilities = self.probabilities(text, message.get(EMBEDDING), code)
            order = np.argsort(-probabilities)[:RANKING]
            ranking = [{"name": self.intents[i], "confidence": float(probabilities[i])} for i in order]
            message.set("intent", ranking[0], add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
            message.set(EMBEDDING, None)
        return messages

    def probabilities(self, text: str, vector: np.ndarray | None, language: str) -> np.ndarray:
        """Calibrated probability of every intent, in the order of `intents`."""
        sparse = self.sparse.scores([text])[0]
        if vector is None or self.dense is None:
            return np.exp(log_softmax(sparse[None, :]))[0]
        dense = self.dense.scores(vector[None, :], np.array([language]))[0]
        mixed = (1 - self.mix) * dense + self.mix * sparse
        return np.exp(log_softmax(mixed[None, :] / self.temperature))[0]

    def _save(self) -> None:
        with self._storage.write_to(self._resource) as folder:
            content = {"intents": self.intents, "mix": self.mix, "temperature": self.temperature}
            (folder / "intent.json").write_text(json.dumps(content), "utf-8")
            self.sparse.save(folder)
            if self.dense is not None:
                self.dense.save(folder)

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
            self.intents, self.mix = content["intents"], content["mix"]
            self.temperature = content["temperature"]
            self.sparse = SparseHead.load(folder)
            self.dense = DenseHead.load(folder)
        return self
