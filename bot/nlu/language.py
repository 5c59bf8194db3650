"""Which language a message is in, learned from our own training messages; hint and conversation help.

Character n-grams and one linear layer: short, misspelt and Latin-letter messages are in the training data,
so they are told apart better than by a general model, in a tenth of a millisecond. Messages of languages that
are recognised but not spoken, and of others, come from data/languages.
"""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.grams import columns_of, letter_keys
from bot.nlu.normalise import normalise

UNDETERMINED, OTHER = "und", "other"
ARRAYS = ("keys", "weights", "bias", "rarity")
# A language that fewer of its messages than this are written in a script is not looked for there.
SCRIPT_COUNT = 4


def letters_of(text: str, longest: int) -> np.ndarray:
    """Groups of 1 to `longest` letters inside word borders, each once, as sorted numbers."""
    return np.unique(letter_keys(normalise(text).split(), range(1, longest + 1)))


def script_of(text: str) -> str:
    """The script most letters of the text belong to, by Unicode name; empty without letters."""
    counts: dict[str, int] = {}
    for char in text[:400]:
        if char.isalpha():
            name = unicodedata.name(char, "").split(" ")[0]
            counts[name] = counts.get(name, 0) + 1
    return max(counts, key=lambda k: counts[k]) if counts else ""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class LanguageIdentifier(GraphComponent):
    """Sets `language` = {name, confidence, words, script_only, script} on every message.

    name is a code of languages.yml, "other" for what is none of them, "und" without letters.
    """

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        self.config, self._storage, self._resource = config, storage, resource
        self.codes: list[str] = []
        self.scripts: dict[str, list[str]] = {}
        # The numbers of the n-grams it knows, sorted; what each says for each code; how rare each is.
        self.keys = np.zeros(0, dtype=np.uint64)
        self.weights = np.zeros((0, 0), dtype=np.float16)
        self.bias = np.zeros(0, dtype=np.float32)
        self.rarity = np.zeros(0, dtype=np.float32)

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """longest: letters of the longest n-gram; floor: below this probability the language is "other";
        hint, conversation: what the channel's hint and the conversation's language add to a score;
        other: what is taken from the score of languages that are none of ours."""
        return {
            "longest": 4,
            "minimum_count": 3,
            "floor": 0.30,
            "hint": 1.0,
            "conversation": 1.5,
            "other": 1.0,
            "C": 30.0,
        }

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LanguageIdentifier:
        """An untrained identifier."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Fit on all messages that carry a language."""
        from scipy.sparse import csr_matrix
        from sklearn.linear_model import LogisticRegression

        known = [m for m in training_data.training_examples if m.get(TEXT) and m.get("language")]
        rows = [(m.get(TEXT), m.get("language")) for m in known]
        grams = [letters_of(text, self.config["longest"]) for text, _ in rows]
        keys, counts = np.unique(np.concatenate(grams), return_counts=True)
        kept = counts >= self.config["minimum_count"]
        self.keys, self.rarity = keys[kept], np.log(len(rows) / counts[kept]).astype(np.float32)
        found = [self._features(row) for row in grams]
        starts = np.cumsum([0, *(len(columns) for columns, _ in found)])
        columns, data = np.concatenate([c for c, _ in found]), np.concatenate([v for _, v in found])
        matrix = csr_matrix((data, columns, starts), shape=(len(rows), len(self.keys)), dtype=np.float32)
        # One layer for all languages at once: its probabilities are comparable, and it is quicker than one each.
        codes = [code for _, code in rows]
        # Few messages of a language must not make it unlikely, nor many of them sure.
        weights = {code: (len(codes) / n) ** 0.5 for code, n in Counter(codes).items()}
        mean = sum(weights[code] for code in codes) / len(codes)
        model = LogisticRegression(
            C=self.config["C"], max_iter=80, tol=1e-3, class_weight={c: w / mean for c, w in weights.items()}
        )
        model.fit(matrix, codes)
        self.codes = [str(c) for c in model.classes_]
        self.weights, self.bias = model.coef_.T.astype(np.float16), model.intercept_.astype(np.float32)
        if len(self.codes) == 2:  # scikit-learn keeps one column for two classes
            self.weights = np.hstack([-self.weights, self.weights])
            self.bias = np.array([-self.bias[0], self.bias[0]], dtype=np.float32)
        written = Counter((script_of(text), code) for text, code in rows)
        self.scripts = {}
        for (script, code), n in written.items():
            if script and (n >= SCRIPT_COUNT or n == sum(v for (_, c), v in written.items() if c == code)):
                self.scripts.setdefault(script, []).append(code)
        content = {"codes": self.codes, "scripts": self.scripts}
        with self._storage.write_to(self._resource) as folder:
            arrays = {name: getattr(self, name) for name in ARRAYS}
            np.savez_compressed(folder / "language.npz", **arrays)
            (folder / "language.json").write_text(json.dumps(content), "utf-8")
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **_: Any,
    ) -> LanguageIdentifier:
        """A trained identifier from the model archive."""
        self = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            with np.load(folder / "language.npz", allow_pickle=False) as arrays:
                self.keys, self.weights, self.bias, self.rarity = (arrays[name] for name in ARRAYS)
            content = json.loads((folder / "language.json").read_text("utf-8"))
        self.codes, self.scripts = content["codes"], content["scripts"]
        return self

    def process(self, messages: list[Message]) -> list[Message]:
        """Identify the language of each message, with hint and conversation from its metadata."""
        for message in messages:
            about = message.get("metadata") or {}
            hint, current = str(about.get("hint") or ""), str(about.get("conversation") or "")
            message.set("language", self.identify(str(message.get(TEXT) or ""), hint, current), add_to_output=True)
        return messages

    def identify(self, text: str, hint: str = "", conversation: str = "") -> dict[str, Any]:
        """The language of one text; the channel's hint and the conversation's language only tip the balance."""
        script = script_of(text)
        words = len([w for w in text.split() if any(c.isalpha() for c in w)])
        if not script:
            return self._found(UNDETERMINED, 0.0, 0, False, "")
        possible = self.scripts.get(script, [])
        if not possible or possible == [OTHER]:
            return self._found(OTHER, 1.0, words, True, script)
        columns, values = self._features(letters_of(text[:600], self.config["longest"]))
        scores = self.bias + values @ self.weights[columns].astype(np.float32)
        if OTHER in self.codes:
            # Most messages are in one of ours, and noise looks like a language nobody knows.
            scores[self.codes.index(OTHER)] -= self.config["other"]
        for code, bonus in ((hint, self.config["hint"]), (conversation, self.config["conversation"])):
            if code in self.codes:
                scores[self.codes.index(code)] += bonus
        scores = np.where([c in possible for c in self.codes], scores, -np.inf)
        odds = np.exp(scores - scores.max())
        odds /= odds.sum()
        best = int(odds.argmax())
        if odds[best] < self.config["floor"]:
            return self._found(OTHER, odds[best], words, False, script)
        # Nobody types another script by accident, where only one of our languages is written in it.
        alone = script != "LATIN" and len([c for c in possible if c != OTHER]) == 1
        return self._found(self.codes[best], odds[best], words, alone, script)

    @staticmethod
    def _found(name: str, confidence: float, words: int, alone: bool, script: str) -> dict[str, Any]:
        return {
            "name": name, "confidence": float(confidence), "words": words, "script_only": alone, "script": script,
        }  # fmt: skip

    def _features(self, grams: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Columns of the n-grams that are known, each once, and their weights (tf-idf of length 1 at most).

        A rare n-gram says more than " a", and one said three times no more than one said once.
        """
        columns = columns_of(self.keys, grams)
        values = self.rarity[columns]
        return columns, values / max(1.0, float(np.sqrt(values @ values)))
