"""Train our pipeline on a sample, as `wegweiser train` does on everything; a command of its own, so that all of it is timed.

Pipeline, policies, domain, stories and the samples of other languages are the product's own: a copy of config.yml only
names another folder of messages. With --plain the encoder has the weights as published, without our adapter, whose
training has seen our messages; --parse measures a trained model on test messages.
"""

from __future__ import annotations

import argparse
import functools
import json
import os
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))


def main() -> int:
    """Train, or read test messages; 1 when training fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=Path, help="folder of training messages by language")
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--plain", action="store_true", help="the encoder without our adapter")
    parser.add_argument("--parse", type=Path, help="JSON lines of test messages; figures go to --json")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    if given.parse is None:
        for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
            os.environ.setdefault(name, str(os.cpu_count() or 1))
    from bot import rasa_compat

    rasa_compat.install()
    if given.plain:
        _without_adapter(given.model.parent)
    if given.parse is not None:
        given.json.write_text(json.dumps(_parse(given.model, given.parse)) + "\n", encoding="utf-8")
        return 0
    return _train(given.messages, given.model)


def _without_adapter(folder: Path) -> None:
    """For this process only: no adapter, neither in the encoder nor as a view of the classifier."""
    from bot.nlu import embedding, intent

    nowhere = folder / "no-adapter.npz"
    embedding.ADAPTER = intent.ADAPTER = nowhere
    embedding.built = functools.partial(embedding.built, folder=folder)


def _train(messages: Path, model: Path) -> int:
    import rasa.model_training
    import yaml

    config = yaml.safe_load((ROOT / "config.yml").read_text(encoding="utf-8"))
    config["importers"][0]["nlu_folder"] = str(messages.resolve())
    model.parent.mkdir(parents=True, exist_ok=True)
    path = model.parent / f"{model.name.removesuffix('.tar.gz')}.config.yml"
    path.write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
    result = rasa.model_training.train(
        domain=str(ROOT / "domain.yml"),
        config=str(path),
        training_files=[str(ROOT / "data" / "stories")],
        output=str(model.parent),
        fixed_model_name=model.name.removesuffix(".tar.gz"),
        force_training=True,
        core_additional_arguments={"augmentation_factor": 0},
    )
    return 0 if result.model is not None else 1


def _parse(model: Path, cases: Path) -> dict[str, Any]:
    """Answers to the test messages, and what the letters alone say."""
    import dataclasses

    import numpy as np

    from bot.launcher import build_parser
    from bot.nlu.intent import IntentClassifier
    from bot.nlu.reading import reading
    from bot.quality.evaluate import measure
    from bot.settings import Settings

    rows = [json.loads(line) for line in cases.read_text(encoding="utf-8").splitlines()]
    parser = build_parser(dataclasses.replace(Settings.from_env({}), model=model))
    results = measure(parser, rows)
    nodes = parser._processor.graph_runner._instantiated_nodes.values()
    classifier = next(node._component for node in nodes if isinstance(node._component, IntentClassifier))
    scores = classifier.sparse.scores([reading(row["text"], row["language"]) for row in results])
    letters = [classifier.intents[i] for i in np.asarray(scores).argmax(axis=1)]
    return {
        "got": [row["got"] for row in results],
        "letters": letters,
        "ms": [row["ms"] for row in results],
    }


if __name__ == "__main__":
    raise SystemExit(main())
