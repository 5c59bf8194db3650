"""Train our pipeline on other messages, intents or languages; a command of its own, so that all of it is timed.

As `wegweiser train`: config.yml only names another folder of messages. For this process alone the softmax layer comes
from --head, and the registry of languages from --registry.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from bot.settings import ROOT


def main() -> int:
    """Train; 1 when that fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=Path, default=ROOT / "data" / "nlu")
    parser.add_argument("--domain", type=Path, default=ROOT / "domain.yml")
    parser.add_argument("--stories", type=Path, default=ROOT / "data" / "stories")
    parser.add_argument("--head", type=Path)
    parser.add_argument("--registry", type=Path)
    parser.add_argument("--model", type=Path, required=True)
    given = parser.parse_args()
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(name, str(os.cpu_count() or 1))
    if given.registry:
        from bot import languages

        languages.FILE = given.registry.resolve()
    from bot import rasa_compat

    rasa_compat.install()
    if given.head:
        from bot.nlu import intent

        intent.ADAPTER = given.head.resolve()
    return _train(given)


def _train(given: argparse.Namespace) -> int:
    import rasa.model_training
    import yaml

    config = yaml.safe_load((ROOT / "config.yml").read_text(encoding="utf-8"))
    config["importers"][0]["nlu_folder"] = str(given.messages.resolve())
    given.model.parent.mkdir(parents=True, exist_ok=True)
    name = given.model.name.removesuffix(".tar.gz")
    path = given.model.parent / f"{name}.config.yml"
    path.write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
    result = rasa.model_training.train(
        domain=str(given.domain),
        config=str(path),
        training_files=[str(given.stories)],
        output=str(given.model.parent),
        fixed_model_name=name,
        force_training=True,
        core_additional_arguments={"augmentation_factor": 0},
    )
    return 0 if result.model is not None else 1


if __name__ == "__main__":
    raise SystemExit(main())
