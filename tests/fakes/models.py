"""Models and releases to try: a trained one with something changed, and small ones that only look like a model."""

from __future__ import annotations

import copy
import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot.release.encoder import expected_name

Change = Callable[[str, bytes], bytes | None]
NODE = {
    "needs": {"messages": "nlu_message_converter"},
    "uses": "bot.nlu.intent.IntentClassifier",
    "constructor_name": "load",
    "fn": "process",
    "config": {},
    "eager": True,
    "is_target": False,
    "is_input": False,
    "resource": {"name": "train_intents", "output_fingerprint": "0"},
}
POLICY = {**NODE, "uses": "rasa.core.policies.rule_policy.RulePolicy", "fn": "predict_action_probabilities"}
METADATA: dict[str, Any] = {
    "domain": {"slots": {"place": {"type": "text"}}, "intents": ["greet"]},
    "trained_at": "2026-11-29T22:04:12",
    "model_id": "0123456789abcdef",
    "rasa_open_source_version": "3.6.21",
    "train_schema": {"nodes": {}},
    "predict_schema": {"nodes": {"intents": NODE, "rules": POLICY}},
}
INTENT_FILE = "components/train_intents/intent.json"
DOMAIN_FILE = "components/domain_provider/domain.yml"


def metadata(**changes: Any) -> bytes:
    """metadata.json of a small model; `node` changes its first node, anything else the metadata."""
    found = copy.deepcopy(METADATA)
    found["predict_schema"]["nodes"]["intents"].update(changes.pop("node", {}))
    return json.dumps(found | changes).encode()


def small_model(path: Path, members: list[tuple[tarfile.TarInfo, bytes]] | None = None, **files: bytes) -> Path:
    """An archive as Rasa writes it; `members` come after its own, `files` replace "metadata", "intents" or "domain"."""
    content = {
        "metadata.json": files.get("metadata", metadata()),
        INTENT_FILE: files.get("intents", b'{"intents": ["greet"]}'),
        DOMAIN_FILE: files.get("domain", b"slots:\n  place:\n    type: text\n"),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w:gz", compresslevel=1) as tar:
        root = tarfile.TarInfo("")
        root.type = tarfile.DIRTYPE
        tar.addfile(root)
        for name, raw in content.items():
            tar.addfile(*member(name, raw))
        for entry, raw in members or ():
            tar.addfile(entry, io.BytesIO(raw))
    path.with_name("wegweiser.inputs").write_text("0" * 64 + "\n")
    return path


def member(name: str, raw: bytes = b"", kind: bytes = tarfile.REGTYPE, link: str = "") -> tuple[tarfile.TarInfo, Any]:
    """One member of a tar."""
    entry = tarfile.TarInfo(name)
    entry.size, entry.type, entry.linkname = len(raw), kind, link
    return entry, io.BytesIO(raw)


def small_encoder(folder: Path) -> Path:
    """A folder with the name and the files of an encoder."""
    place = folder / expected_name()
    place.mkdir(parents=True)
    for name in ("layers.onnx", "pieces.json", "pieces.marisa", "pieces.npz"):
        (place / name).write_bytes(name.encode() * 50)
    return place


def parts_of(source: Path) -> list[tuple[tarfile.TarInfo, bytes | None]]:
    """The members of a model with their content; None for folders."""
    with tarfile.open(source, "r:gz") as tar:
        files = [(entry, tar.extractfile(entry) if entry.isreg() else None) for entry in tar]
        return [(entry, file.read() if file is not None else None) for entry, file in files]


def repacked(parts: list[tuple[tarfile.TarInfo, bytes | None]], target: Path, change: Change) -> Path:
    """A model with some of its files changed: `change` is given each one's name and content; put in place at once."""
    part = target.with_name(f".{target.name}.part")
    with tarfile.open(part, "w:gz", compresslevel=0) as new:
        for entry, content in parts:
            raw = change(entry.name, content) if content is not None else b""
            if raw is not None:
                entry = copy.copy(entry)
                entry.size = len(raw)
                new.addfile(entry, io.BytesIO(raw))
    part.rename(target)
    return target


def edited(ending: str, edit: Callable[[Any], Any]) -> Change:
    """A change of the JSON files whose names end so."""

    def change(name: str, raw: bytes) -> bytes:
        if not name.endswith(ending):
            return raw
        content = json.loads(raw)
        edit(content)
        return json.dumps(content).encode()

    return change
