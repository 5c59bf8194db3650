"""The intent classifier: sentence embeddings and character n-grams into calibrated probabilities.

Both views have a linear layer of their own. Their scores, brought to one scale, are added; scales and the
temperature that makes the stated probability true come from messages held out while training.
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
from bot.nlu.reading import reading_of

RANKING = 10
# How much the letters count beside the meaning: 0.4 is where our test messages stop gaining and where
# wording that was never seen still loses little.
LETTERS = 0.4


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IntentClassifier(GraphComponent):
    """Sets `intent` and `intent_ranking`; works without embeddings too, less accurately."""

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        self.config, self._storage, self._resource = config, storage, resource
        self.intents: list[str] = []
        self.dense: DenseHead | None = None
        self.sparse: SparseHead | None = None
        self.scales = (1.0, 1.0)
        self.temperature = 1.0

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """held_out: the share of messages that sets scales and temperature."""
        return {"held_out": 0.2}

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
        texts = [reading_of(m) for m in examples]
        self.intents = sorted({m.get(INTENT) for m in examples})
        index = {name: i for i, name in enumerate(self.intents)}
        labels = np.array([index[m.get(INTENT)] for m in examples])
        groups = np.array([m.get("language") or "" for m in examples])
        rows = [m.get(EMBEDDING) for m in examples]
        vectors = None if any(r is None for r in rows) else np.vstack(rows)
        self._calibrate(texts, vectors, groups, labels)
        self.sparse = SparseHead.fit(texts, labels)
        self.dense = None if vectors is None else DenseHead.fit(vectors, groups, labels)
        self._save()
        return self._resource

    def _calibrate(self, texts: list[str], vectors: np.ndarray | None, groups: np.ndarray, labels: np.ndarray) -> None:
        from sklearn.model_selection import train_test_split

        share = self.config["held_out"]
        fit, held = train_test_split(np.arange(len(labels)), test_size=share, stratify=labels, random_state=0)
        self.sparse = SparseHead.fit([texts[i] for i in fit], labels[fit])
        sparse = self.sparse.scores([texts[i] for i in held])
        dense = None
        if vectors is not None:
            self.dense = DenseHead.fit(vectors[fit], groups[fit], labels[fit])
            dense = self.dense.scores(vectors[held], groups[held])
        self.scales = (float(sparse.std()), float(dense.std()) if dense is not None else 1.0)
        mixed = self._mix(sparse, dense)
        temperatures = np.exp(np.linspace(-2.5, 2.5, 41))
        losses = [-log_softmax(mixed / t)[np.arange(len(held)), labels[held]].mean() for t in temperatures]
        self.temperature = float(temperatures[int(np.argmin(losses))])

    def _mix(self, sparse: np.ndarray, dense: np.ndarray | None) -> np.ndarray:
        mixed = LETTERS * sparse / self.scales[0]
        return mixed if dense is None else mixed + dense / self.scales[1]

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
        assert self.sparse is not None
        dense = None
        if vector is not None and self.dense is not None:
            dense = self.dense.scores(vector[None, :], np.array([language]))
        mixed = self._mix(self.sparse.scores([text]), dense)
        return np.asarray(np.exp(log_softmax(mixed / self.temperature))[0])

    def _save(self) -> None:
        with self._storage.write_to(self._resource) as folder:
            content = {"intents": self.intents, "scales": self.scales, "temperature": self.temperature}
            (folder / "intent.json").write_text(json.dumps(content), "utf-8")
            assert self.sparse is not None
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
            self.intents, self.scales = content["intents"], tuple(content["scales"])
            self.temperature = content["temperature"]
            self.sparse = SparseHead.load(folder)
            self.dense = DenseHead.load(folder)
        return self
