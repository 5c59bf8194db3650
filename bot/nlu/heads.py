"""The two linear views of a message: its embedding and its letters. Arrays only, no pickles."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from pathlib import Path

import numpy as np

from bot.nlu.normalise import normalise

LONGEST = 5
MINIMUM = 2


def log_softmax(scores: np.ndarray) -> np.ndarray:
    """Row-wise log-probabilities."""
    shifted = scores - scores.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


class DenseHead:
    """Shrunk linear discriminant on embeddings whose per-language mean has been taken away.

    The mean of a language says which language it is, not what is asked: without it one language's
    examples teach the others.
    """

    SHRINKAGE = 0.5

    def __init__(self, weights: np.ndarray, bias: np.ndarray, means: dict[str, np.ndarray]) -> None:
        self.weights, self.bias, self.means = weights, bias, means

    @classmethod
    def fit(cls, vectors: np.ndarray, groups: np.ndarray, labels: np.ndarray, count: int) -> DenseHead:
        """Class means against a shared, shrunk covariance."""
        means = {str(g): vectors[groups == g].mean(0) for g in np.unique(groups)}
        means[""] = vectors.mean(0)
        centred = vectors - np.vstack([means[str(g)] for g in groups])
        centres = np.zeros((count, vectors.shape[1]))
        for label in range(count):
            chosen = centred[labels == label]
            if len(chosen):
                centres[label] = chosen.mean(0)
        within = centred - centres[labels]
        covariance = within.T @ within / len(within)
        size = covariance.shape[0]
        shrunk = (1 - cls.SHRINKAGE) * covariance + cls.SHRINKAGE * np.trace(covariance) / size * np.eye(size)
        weights = np.linalg.solve(shrunk, centres.T)
        bias = -0.5 * np.einsum("ij,ji->i", centres, weights)
        return cls(weights.astype(np.float32), bias.astype(np.float32), means)

    def scores(self, vectors: np.ndarray, groups: np.ndarray) -> np.ndarray:
        """Log-odds per class; a language without training messages uses the overall mean."""
        offsets = np.vstack([self.means.get(str(g), self.means[""]) for g in groups])
        return (vectors - offsets) @ self.weights + self.bias

    def save(self, folder: Path) -> None:
        """Write dense.npz."""
        names = sorted(self.means)
        np.savez_compressed(
            folder / "dense.npz",
            weights=self.weights,
            bias=self.bias,
            names=np.array(names),
            means=np.vstack([self.means[n] for n in names]),
        )

    @classmethod
    def load(cls, folder: Path) -> DenseHead | None:
        """Read dense.npz; None when the model was trained without an encoder."""
        path = folder / "dense.npz"
        if not path.exists():
            return None
        arrays = np.load(path, allow_pickle=False)
        return cls(
            arrays["weights"], arrays["bias"], dict(zip(map(str, arrays["names"]), arrays["means"], strict=False))
        )


def features(text: str) -> set[str]:
    """Words, word pairs and character n-grams of 2 to 5 letters within a word."""
    words = normalise(text).split()
    found = {f"w {w}" for w in words} | {f"p {a} {b}" for a, b in itertools.pairwise(words)}
    for word in words:
        padded = f" {word} "
        for size in range(2, LONGEST + 1):
            found.update(padded[i : i + size] for i in range(len(padded) - size + 1))
    return found


class SparseHead:
    """Smoothed log-count ratios of letters and words (complement naive Bayes), closed form and tiny to train."""

    ALPHA = 0.3

    def __init__(self, vocabulary: dict[str, int] | None = None, weights: np.ndarray | None = None) -> None:
        self.vocabulary = vocabulary or {}
        self.weights = weights if weights is not None else np.zeros((0, 0), dtype=np.float32)

    @classmethod
    def fit(cls, texts: list[str], labels: np.ndarray, count: int) -> SparseHead:
        """One pass over the messages."""
        rows = [features(t) for t in texts]
        frequency = Counter(f for row in rows for f in row)
        kept = sorted(f for f, n in frequency.items() if n >= MINIMUM)
        vocabulary = {f: i for i, f in enumerate(kept)}
        idf = np.array([np.log(len(rows) / frequency[f]) for f in kept], dtype=np.float32)
        totals = np.zeros((len(kept), count), dtype=np.float32)
        for row, label in zip(rows, labels, strict=False):
            columns = [vocabulary[f] for f in row if f in vocabulary]
            if columns:
                values = idf[columns]
                totals[columns, label] += values / np.sqrt((values**2).sum())
        other = totals.sum(1, keepdims=True) - totals + cls.ALPHA
        weights = -np.log(other / other.sum(0, keepdims=True))
        weights -= weights.mean(1, keepdims=True)
        weights *= idf[:, None]
        return cls(vocabulary, (weights / np.abs(weights).sum(0, keepdims=True) * 1000).astype(np.float16))

    def scores(self, texts: list[str]) -> np.ndarray:
        """Log-odds-like scores per class, normalised by message length."""
        out = np.zeros((len(texts), self.weights.shape[1]), dtype=np.float32)
        for i, text in enumerate(texts):
            columns = [self.vocabulary[f] for f in features(text) if f in self.vocabulary]
            if columns:
                out[i] = self.weights[columns].astype(np.float32).sum(0) / np.sqrt(len(columns))
        return out

    def save(self, folder: Path) -> None:
        """Write sparse.npz and its vocabulary."""
        np.savez_compressed(folder / "sparse.npz", weights=self.weights)
        (folder / "sparse.json").write_text(json.dumps(list(self.vocabulary), ensure_ascii=False), "utf-8")

    @classmethod
    def load(cls, folder: Path) -> SparseHead:
        """Read what save() wrote."""
        names = json.loads((folder / "sparse.json").read_text("utf-8"))
        weights = np.load(folder / "sparse.npz", allow_pickle=False)["weights"]
        return cls({f: i for i, f in enumerate(names)}, weights)
