"""Is the trained model newer than everything it was trained from?"""

from __future__ import annotations

import hashlib
from pathlib import Path

from bot.settings import ROOT

# What the model is made of; articles, services and catalogues are read at start-up and need no training.
INPUTS = (
    "data/nlu",
    "data/languages",
    "data/readings.yml",
    "data/stories",
    "data/encoder",
    "bot/nlu",
    "domain.yml",
    "config.yml",
)


def inputs_hash(root: Path = ROOT) -> str:
    """A hash over the content of every training input."""
    digest = hashlib.sha256()
    for name in INPUTS:
        path = root / name
        files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
        for file in files:
            if "__pycache__" in file.parts or not file.exists():
                continue
            digest.update(str(file.relative_to(root)).encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()


def stamp_path(model: Path) -> Path:
    """Where the hash of the inputs of a model stands."""
    return model.with_name(model.name.removesuffix(".tar.gz") + ".inputs")


def model_is_current(model: Path) -> bool:
    """True when the model exists and was trained from exactly these inputs."""
    stamp = stamp_path(model)
    return model.exists() and stamp.exists() and stamp.read_text().strip() == inputs_hash()


def write_stamp(model: Path, inputs: str) -> None:
    """Remember what a fresh model was trained from: `inputs_hash()` as it was before the training."""
    stamp_path(model).write_text(inputs + "\n")
