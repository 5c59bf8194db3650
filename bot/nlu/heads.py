"""The two linear views of a message: its embedding and its letters. Arrays only, no pickles."""

from __future__ import annotations

import json
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from bot.nlu.normalise import normalise

LONGEST = 5
MINIMUM = 2


def log_softmax(scores: np.ndarray) -> np.ndarray:
    """Row-wise log-probabilities."""
    shifted = scores - scores.max(axis=1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)))


class DenseHead:
    """Logistic regression on unit-length embeddings whose per-language mean has been taken away.

    The mean of a language says which language it is, not what is asked: without it one language's
    examples teach the others.
    """

    C = 10.0
    ROUNDS = 60

    def __init__(self, weights: np.ndarray, bias: np.ndarray, means: dict[str, np.ndarray]) -> None:
        self.weights, self.bias, self.means = weights, bias, means

    @classmethod
    def fit(cls, vectors: np.ndarray, groups: np.ndarray, labels: np.ndarray) -> DenseHead:
        """Fit on all messages; `groups` are their languages."""
        from sklearn.linear_model import LogisticRegression

        means = {str(g): vectors[groups == g].mean(0) for g in np.unique(groups)}
        means[""] = vectors.mean(0)
        model = LogisticRegression(C=cls.C, max_iter=cls.ROUNDS).fit(_centred(vectors, groups, means), labels)
        return cls(model.coef_.T.astype(np.float32), model.intercept_.astype(np.float32), means)

    def scores(self, vectors: np.ndarray, groups: np.ndarray) -> np.ndarray:
        """One score per class; a language without training messages uses the overall mean."""
        return np.asarray(_centred(vectors, groups, self.means) @ self.weights + self.bias)

    def save(self, folder: Path) -> None:
        """Write dense.npz."""
        names = sorted(self.means)
        means = np.vstack([self.means[n] for n in names])
        np.savez_compressed(
            folder / "dense.npz", weights=self.weights, bias=self.bias, names=np.array(names), means=means
        )

    @classmethod
    def load(cls, folder: Path) -> DenseHead | None:
        """Read dense.npz; None when the model was trained without an encoder."""
        path = folder / "dense.npz"
        if not path.exists():
            return None
        arrays = np.load(path, allow_pickle=False)
        means = dict(zip(map(str, arrays["names"]), arrays["means"], strict=True))
        return cls(arrays["weights"], arrays["bias"], means)


def _centred(vectors: np.ndarray, groups: np.ndarray, means: dict[str, np.ndarray]) -> np.ndarray:
    moved = vectors - np.vstack([means.get(str(g), means[""]) for g in groups])
    return np.asarray(moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-9))


def features(text: str) -> set[str]:
    """Words, word pairs and character n-grams of 2 to 5 letters within a word."""
    words = normalise(text).split()
    found = {f"w {w}" for w in words} | {f"p {a} {b}" for a, b in pairwise(words)}
    for word in words:
        padded = f" {word} "
        for size in range(2, LONGEST + 1):
            found.update(padded[i : i + size] for i in range(len(padded) - size + 1))
    return found


class SparseHead:
    """A linear support vector machine on words and letters, weighted by how rare they are."""

    C = 0.3

    def __init__(self, vocabulary: dict[str, int], idf: np.ndarray, weights: np.ndarray, bias: np.ndarray) -> None:
        self.vocabulary, self.idf, self.weights, self.bias = vocabulary, idf, weights, bias

    @classmethod
    def fit(cls, texts: list[str], labels: np.ndarray) -> SparseHead:
        """Fit on all messages; features seen once are left out."""
        from sklearn.svm import LinearSVC

        rows = [features(t) for t in texts]
        frequency = Counter(f for row in rows for f in row)
        kept = sorted(f for f, n in frequency.items() if n >= MINIMUM)
        idf = np.array([np.log((1 + len(rows)) / (1 + frequency[f])) + 1 for f in kept], dtype=np.float32)
        head = cls({f: i for i, f in enumerate(kept)}, idf, np.zeros((0, 0)), np.zeros(0))
        model = LinearSVC(C=cls.C, random_state=0).fit(head._matrix(rows), labels)
        head.weights, head.bias = model.coef_.T.astype(np.float16), model.intercept_.astype(np.float32)
        return head

    def _matrix(self, rows: list[set[str]]) -> Any:
        from scipy.sparse import csr_matrix

        columns: list[int] = []
        data: list[np.ndarray] = []
        starts = [0]
        for row in rows:
            known, values = self._values(row)
            columns.extend(known)
            data.append(values)
            starts.append(len(columns))
        return csr_matrix((np.concatenate(data), columns, starts), shape=(len(rows), len(self.vocabulary)))

    def _values(self, row: set[str]) -> tuple[list[int], np.ndarray]:
        # Sorted, because the order of a set differs from process to process and so would the last digits.
        known = sorted(self.vocabulary[f] for f in row if f in self.vocabulary)
        values = self.idf[known]
        return known, values / max(1e-9, float(np.sqrt((values**2).sum())))

    def scores(self, texts: list[str]) -> np.ndarray:
        """One score per class."""
        out = np.tile(self.bias, (len(texts), 1)).astype(np.float32)
        for i, text in enumerate(texts):
            known, values = self._values(features(text))
            if known:
                out[i] += values @ self.weights[known].astype(np.float32)
        return out

    def save(self, folder: Path) -> None:
        """Write sparse.npz and its vocabulary."""
        np.savez_compressed(folder / "sparse.npz", weights=self.weights, idf=self.idf, bias=self.bias)
        (folder / "sparse.json").write_text(json.dumps(list(self.vocabulary), ensure_ascii=False), "utf-8")

    @classmethod
    def load(cls, folder: Path) -> SparseHead:
        """Read what save() wrote."""
        names = json.loads((folder / "sparse.json").read_text("utf-8"))
        arrays = np.load(folder / "sparse.npz", allow_pickle=False)
        return cls({f: i for i, f in enumerate(names)}, arrays["idf"], arrays["weights"], arrays["bias"])
