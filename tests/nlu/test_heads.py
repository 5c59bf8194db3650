"""The linear views: what they learn survives their files, and nothing unknown breaks them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.embedding import EMBEDDING
from bot.nlu.heads import DenseHead, SparseHead, TunedHead, features
from bot.nlu.intent import IntentClassifier

TEXTS = [f"{word} {i}" for i in range(6) for word in ("doctor appointment", "rent a flat", "german course")]
LABELS = np.array([0, 1, 2] * 6)


def vectors(n: int = 18, seed: int = 0) -> np.ndarray:
    """Three clouds around three directions."""
    rng = np.random.default_rng(seed)
    points = np.eye(384)[LABELS[:n]] + 0.05 * rng.normal(size=(n, 384))
    return (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32)


def test_letters_learn_and_survive_saving(tmp_path: Path) -> None:
    head = SparseHead.fit(TEXTS, LABELS)
    scores = head.scores(["a doctor please", "flat", "course"])
    assert list(scores.argmax(1)) == [0, 1, 2]
    head.save(tmp_path)
    assert np.array_equal(SparseHead.load(tmp_path).scores(["a doctor please", "flat", "course"]), scores)
    assert head.weights.dtype == np.int8


@pytest.mark.parametrize("text", ["", "🙂", "xyzzy", "\ud800"])
def test_letters_nobody_has_seen_say_nothing(text: str) -> None:
    head = SparseHead.fit(TEXTS, LABELS)
    assert np.isfinite(head.scores([text])).all()


def test_missing_diacritics_are_the_same_word() -> None:
    assert np.array_equal(features("KIRIN ê ş ı"), features("kirin e s i"))
    assert not np.array_equal(features("schön"), features("schon"))


def test_embeddings_of_an_unknown_language_use_the_overall_mean(tmp_path: Path) -> None:
    groups = np.array(["de", "en"] * 9)
    head = DenseHead.fit(vectors(), groups, LABELS)
    found = head.scores(vectors(seed=1), np.array(["xx"] * 18))
    assert (found.argmax(1) == LABELS).all()
    head.save(tmp_path)
    loaded = DenseHead.load(tmp_path)
    assert loaded is not None and np.allclose(
        loaded.scores(vectors(seed=1), groups), head.scores(vectors(seed=1), groups)
    )


def test_the_tuned_layer_takes_the_order_of_the_intents(tmp_path: Path) -> None:
    weight = np.arange(6, dtype=np.float16).reshape(3, 2)
    np.savez(
        tmp_path / "a.npz",
        **{"head/intents": ["c", "a", "b"], "head/weight": weight, "head/bias": np.zeros(3), "head/mean": np.zeros(2)},
    )
    head = TunedHead.of_adapter(tmp_path / "a.npz", ["a", "b"])
    assert head is not None
    assert head.scores(np.array([[1.0, 0.0]])).tolist() == [[2.0, 4.0]]
    assert TunedHead.of_adapter(tmp_path / "a.npz", ["a", "new"]) is None
    assert TunedHead.of_adapter(tmp_path / "none.npz", ["a"]) is None


def messages(with_vectors: bool) -> TrainingData:
    found = []
    for text, label, vector in zip(TEXTS, LABELS, vectors(), strict=True):
        message = Message.build(text=text, intent=("doctor", "find_housing", "german_course")[label])
        message.set("language", "en")
        if with_vectors:
            message.set(EMBEDDING, vector)
        found.append(message)
    return TrainingData(found)


@pytest.mark.parametrize("with_vectors", [True, False])
def test_the_classifier_works_with_and_without_an_encoder(tmp_path: Path, with_vectors: bool) -> None:
    storage, resource = LocalModelStorage(tmp_path), Resource("intent")
    IntentClassifier({}, storage, resource).train(messages(with_vectors))
    loaded = IntentClassifier.load({}, storage, resource, None)  # type: ignore[arg-type]
    message = Message({"text": "i need a doctor", "language": {"name": "en"}})
    if with_vectors:
        message.set(EMBEDDING, vectors(3, seed=2)[0])
    loaded.process([message])
    assert message.get("intent")["name"] == "doctor"
    ranking = message.get("intent_ranking")
    assert sum(r["confidence"] for r in ranking) == pytest.approx(1.0)


def test_what_was_asked_in_vain_counts_more(tmp_path: Path) -> None:
    """A contradiction is decided by the reviewed message; a mark that nobody set changes nothing."""
    found = {}
    for name, reviewed in (("marked", True), ("plain", False)):
        data = messages(True)
        odd = Message.build(text="doctor appointment 0", intent="german_course")
        odd.set("language", "en")
        odd.set(EMBEDDING, vectors(1)[0])
        if reviewed:
            odd.set("reviewed", True)
        storage, resource = LocalModelStorage(tmp_path), Resource(name)
        classifier = IntentClassifier({}, storage, resource)
        classifier.train(TrainingData([*data.training_examples, odd]))
        mixed = classifier.probabilities("doctor appointment 0", vectors(1)[0], "en")
        found[name] = mixed[classifier.intents.index("german_course")]
    assert found["marked"] > 2 * found["plain"]


def test_the_model_holds_no_pickles(tmp_path: Path) -> None:
    storage, resource = LocalModelStorage(tmp_path), Resource("intent")
    IntentClassifier({}, storage, resource).train(messages(True))
    with storage.read_from(resource) as folder:
        assert {p.suffix for p in folder.iterdir()} == {".npz", ".json"}
        for path in folder.glob("*.npz"):
            np.load(path, allow_pickle=False)


def test_confidence_is_set_on_what_nobody_has_seen() -> None:
    """With views that are right three times in four, the stated probability becomes about three quarters."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, 400)
    shown = np.where(rng.random(400) < 0.75, labels, (labels + 1) % 3)
    view = 50 * np.eye(3)[shown]
    classifier = IntentClassifier({}, None, None)  # type: ignore[arg-type]
    classifier._calibrate([view, view, np.zeros_like(view)], labels)
    mixed = sum(w * v for w, v in zip(classifier.weights, [view, view, 0 * view], strict=True)) / classifier.temperature
    stated = np.exp(mixed[0]).max() / np.exp(mixed[0]).sum()
    assert stated == pytest.approx((shown == labels).mean(), abs=0.05)
