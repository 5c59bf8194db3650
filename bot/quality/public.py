"""The intent views on two published sets, CLINC150 and Banking77, trained on their training part: a sanity check.

CLINC150 (Larson et al. 2019): JSON with `train` and `test` lists of [text, intent]; Banking77 (Casanueva et al. 2020):
a CSV with `text` and `category`, `train.csv` beside `test.csv`. The files are not part of this project.
"""

from __future__ import annotations

import csv
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

Pairs = list[tuple[str, str]]


def load_set(path: Path) -> tuple[Pairs, Pairs]:
    """(training pairs, test pairs) of one file; ValueError when it is neither of the two."""
    if path.suffix == ".json":
        content = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(content, dict) or not {"train", "test"} <= set(content):
            raise ValueError(f"{path} has no train and test: is it CLINC150's data_full.json?")
        return [(t, i) for t, i in content["train"]], [(t, i) for t, i in content["test"]]
    if path.suffix == ".csv":
        return _csv(path.with_name("train.csv")), _csv(path.with_name("test.csv"))
    raise ValueError(f"{path} is neither CLINC150 (.json) nor Banking77 (.csv)")


def _csv(path: Path) -> Pairs:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    if not rows or not {"text", "category"} <= set(rows[0]):
        raise ValueError(f"{path} has no columns text and category")
    return [(r["text"], r["category"]) for r in rows]


def accuracy(train: Pairs, test: Pairs) -> dict[str, Any]:
    """Top-1 and top-3 of our classifier trained on `train`, without the layer tuned on our own intents."""
    from rasa.engine.storage.local_model_storage import LocalModelStorage
    from rasa.engine.storage.resource import Resource
    from rasa.shared.nlu.training_data.message import Message
    from rasa.shared.nlu.training_data.training_data import TrainingData

    from bot.nlu.embedding import EMBEDDING, SentenceEmbedding
    from bot.nlu.intent import IntentClassifier

    def messages(pairs: Pairs) -> list[Message]:
        found = [Message.build(text=t, intent=i) for t, i in pairs]
        for message in found:
            message.set("language", "en")
        SentenceEmbedding({}).process(found)
        return found

    with tempfile.TemporaryDirectory() as folder:
        classifier = IntentClassifier({}, LocalModelStorage(Path(folder)), Resource("intent"))
        classifier.train(TrainingData(messages(train)))
        hits = []
        for message in messages(test):
            meant, vector = message.get("intent"), message.get(EMBEDDING)
            order = (-classifier.probabilities(message.get("text"), vector, "en")).argsort()[:3]
            hits.append([classifier.intents[i] == meant for i in order])
    return {
        "train": len(train),
        "test": len(test),
        "top1": round(sum(h[0] for h in hits) / len(hits), 4),
        "top3": round(sum(any(h) for h in hits) / len(hits), 4),
    }


def main(paths: list[str], engine: str, json_out: str) -> int:
    """Measure each file; 1 when one cannot be read."""
    from bot import rasa_compat

    rasa_compat.install()
    if engine != "wegweiser":
        print("wegweiser evaluate: --public measures our own engine only", file=sys.stderr)
        return 1
    found = {}
    for name in paths:
        try:
            found[Path(name).name] = accuracy(*load_set(Path(name)))
        except (OSError, ValueError) as exc:
            print(f"wegweiser evaluate: {exc}", file=sys.stderr)
            return 1
        print(Path(name).name, found[Path(name).name])
    if json_out:
        Path(json_out).write_text(json.dumps(found, indent=1), "utf-8")
    return 0
