"""The linear views of a message: its embedding and its letters. Arrays only, no pickles."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np

from bot.nlu.grams import columns_of, letter_keys, name_keys
from bot.nlu.normalise import fold

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
    def fit(
        cls, vectors: np.ndarray, groups: np.ndarray, labels: np.ndarray, importance: np.ndarray | None = None
    ) -> DenseHead:
        """Fit on all messages; `groups` are their languages, `importance` how often each counts (None: once)."""
        from sklearn.linear_model import LogisticRegression

        means = {str(g): vectors[groups == g].mean(0) for g in np.unique(groups)}
        means[""] = vectors.mean(0)
        model = LogisticRegression(C=cls.C, max_iter=cls.ROUNDS)
        model.fit(_centred(vectors, groups, means), labels, sample_weight=importance)
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


class TunedHead:
    """The softmax layer that was trained together with the encoder; it has not seen the fold held out.

    What the other heads are fitted on, the encoder has seen, and so they find it too easy; this one has learned
    to tell intents apart while the encoder was still moving.
    """

    def __init__(self, weights: np.ndarray, bias: np.ndarray, mean: np.ndarray) -> None:
        self.weights, self.bias, self.mean = weights, bias, mean

    @classmethod
    def of_adapter(cls, path: Path, intents: list[str]) -> TunedHead | None:
        """The layer inside an adapter with its columns in the order of `intents`; None without one or for others."""
        if not path.exists():
            return None
        with np.load(path, allow_pickle=False) as arrays:
            known = [str(name) for name in arrays["head/intents"]]
            if not set(intents) <= set(known):
                return None
            rows = [known.index(name) for name in intents]
            weights, bias = arrays["head/weight"][rows].T, arrays["head/bias"][rows]
            return cls(weights.astype(np.float32), bias.astype(np.float32), arrays["head/mean"])

    def scores(self, vectors: np.ndarray) -> np.ndarray:
        """One score per class."""
        return np.asarray((vectors - self.mean) @ self.weights + self.bias)

    def save(self, folder: Path) -> None:
        """Write tuned.npz."""
        np.savez_compressed(folder / "tuned.npz", weights=self.weights, bias=self.bias, mean=self.mean)

    @classmethod
    def load(cls, folder: Path) -> TunedHead | None:
        """Read tuned.npz; None when there is none."""
        path = folder / "tuned.npz"
        if not path.exists():
            return None
        arrays = np.load(path, allow_pickle=False)
        return cls(arrays["weights"], arrays["bias"], arrays["mean"])


def _centred(vectors: np.ndarray, groups: np.ndarray, means: dict[str, np.ndarray]) -> np.ndarray:
    moved = vectors - np.vstack([means.get(str(g), means[""]) for g in groups])
    return np.asarray(moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-9))


def features(text: str) -> np.ndarray:
    """Words, word pairs and groups of 2 to 5 letters within a word, each once, as sorted numbers."""
    words = fold(text).split()
    names = name_keys([*(f"w {w}" for w in words), *(f"p {a} {b}" for a, b in pairwise(words))])
    return np.unique(np.concatenate([names, letter_keys(words, range(2, LONGEST + 1))]))


class SparseHead:
    """A linear support vector machine on words and letters, weighted by how rare they are.

    `keys` are the sorted numbers of the features it knows; `weights` are int8 with one scale a feature.
    """

    C = 0.3

    def __init__(self, keys: np.ndarray, idf: np.ndarray, weights: np.ndarray, scales: np.ndarray, bias: np.ndarray):
        self.keys, self.idf, self.weights, self.scales, self.bias = keys, idf, weights, scales, bias

    @classmethod
    def fit(cls, texts: list[str], labels: np.ndarray, importance: np.ndarray | None = None) -> SparseHead:
        """Fit on all messages; features seen once are left out. `importance` is how often each counts (None: once)."""
        from scipy.sparse import csr_matrix
        from sklearn.svm import LinearSVC

        rows = [features(t) for t in texts]
        keys, frequency = np.unique(np.concatenate(rows), return_counts=True)
        kept = frequency >= MINIMUM
        idf = (np.log((1 + len(rows)) / (1 + frequency[kept])) + 1).astype(np.float32)
        head = cls(keys[kept], idf, np.zeros((0, 0), np.int8), np.zeros(0, np.float32), np.zeros(0, np.float32))
        found = [head._values(row) for row in rows]
        starts = np.cumsum([0, *(len(columns) for columns, _ in found)])
        columns, values = np.concatenate([c for c, _ in found]), np.concatenate([v for _, v in found])
        matrix = csr_matrix((values, columns, starts), shape=(len(rows), len(head.keys)))
        model = LinearSVC(C=cls.C, random_state=0, max_iter=200).fit(matrix, labels, sample_weight=importance)
        weights = model.coef_.T
        head.scales = (np.maximum(np.abs(weights).max(axis=1), 1e-9) / 127).astype(np.float32)
        head.weights = np.rint(weights / head.scales[:, None]).astype(np.int8)
        head.bias = model.intercept_.astype(np.float32)
        return head

    def _values(self, row: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Columns and values of a message's features, those it knows, as a vector of length one."""
        known = columns_of(self.keys, row)
        values = self.idf[known]
        return known, values / max(1e-9, float(np.sqrt((values**2).sum())))

    def scores(self, texts: list[str]) -> np.ndarray:
        """One score per class."""
        out = np.tile(self.bias, (len(texts), 1)).astype(np.float32)
        for i, text in enumerate(texts):
            known, values = self._values(features(text))
            out[i] += (values * self.scales[known]) @ self.weights[known].astype(np.float32)
        return out

    def save(self, folder: Path) -> None:
        """Write sparse.npz."""
        arrays = {k: getattr(self, k) for k in ("keys", "idf", "weights", "scales", "bias")}
        np.savez_compressed(folder / "sparse.npz", **arrays)

    @classmethod
    def load(cls, folder: Path) -> SparseHead:
        """Read what save() wrote."""
        arrays = np.load(folder / "sparse.npz", allow_pickle=False)
        return cls(*(arrays[k] for k in ("keys", "idf", "weights", "scales", "bias")))
