"""Looks into a model's archive before Rasa unpacks it: nothing but ordinary files, in their places, of sane sizes."""

from __future__ import annotations

import gzip
import json
import tarfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from actions import plain_yaml
from bot.release.graph import check_graph, check_slots
from bot.release.manifest import ReleaseError

METADATA = "metadata.json"
COMPONENTS = "components"
# Ours unpacks to 25 MB in 20 files.
MOST_BYTES = 512 * 1024 * 1024
MOST_MEMBERS = 2_000
LONGEST_TEXT = 32 * 1024 * 1024
_PIECE = 64 * 1024
# Longer reads are headers that would be held in memory whole.
_LONGEST_READ = 1024 * 1024


@dataclass(frozen=True)
class Contents:
    """What a model says about itself; `intents` are those its classifier has learnt."""

    model_id: str
    rasa: str
    intents: frozenset[str]


class _Unpacked:
    """The tar inside a gzip file, read with a limit: a few kilobytes can unpack to any size."""

    def __init__(self, source: gzip.GzipFile) -> None:
        self._source = source

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= _LONGEST_READ:
            raise ReleaseError("the model's archive has a header that is far too long")
        return self._within(self._source.read(size))

    def seek(self, position: int) -> int:
        if position > MOST_BYTES:
            raise ReleaseError(f"the model's archive unpacks to more than {MOST_BYTES} bytes")
        return self._source.seek(position)

    def tell(self) -> int:
        return self._source.tell()

    def finish(self) -> None:
        """Read to the end, where gzip keeps the checksum."""
        while self._within(self._source.read(_PIECE)):
            pass

    def _within(self, content: bytes) -> bytes:
        if self._source.tell() > MOST_BYTES:
            raise ReleaseError(f"the model's archive unpacks to more than {MOST_BYTES} bytes")
        return content


def inspect(archive: Path) -> Contents:
    """What is in a model's archive; ReleaseError when it is broken or could do more than be a model."""
    texts: dict[str, bytes] = {}
    try:
        with gzip.open(archive, "rb") as packed:
            unpacked = _Unpacked(packed)
            with tarfile.open(fileobj=unpacked, mode="r:") as tar:  # type: ignore[call-overload]
                _read(tar, texts)
            unpacked.finish()
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile, ValueError, IndexError, OverflowError) as exc:
        if isinstance(exc, ReleaseError):
            raise
        raise ReleaseError(f"the model's archive is broken ({exc.__class__.__name__})") from exc
    except OSError as exc:
        raise ReleaseError(f"{archive} cannot be read: {exc.strerror}") from exc
    return _contents(texts)


def _read(tar: tarfile.TarFile, texts: dict[str, bytes]) -> None:
    """Go through the members and keep the texts that say what the model does."""
    seen: set[str] = set()
    unpacked = 0
    for number, member in enumerate(tar, 1):
        if not (member.isdir() or member.type in (tarfile.REGTYPE, tarfile.AREGTYPE)) or member.sparse is not None:  # type: ignore[attr-defined]
            raise ReleaseError("the model's archive holds a link or a device")
        _check_name(member, seen)
        unpacked += member.size
        if number > MOST_MEMBERS or unpacked > MOST_BYTES:
            raise ReleaseError(f"the model's archive has more than {MOST_MEMBERS} files or {MOST_BYTES} bytes")
        if member.isreg() and (member.name == METADATA or member.name.endswith(("/intent.json", "/domain.yml"))):
            texts[member.name] = _text(tar, member)


def _check_name(member: tarfile.TarInfo, seen: set[str]) -> None:
    """Rasa's archives begin with a folder without a name; a name that comes twice would be read once and used twice."""
    name = member.name
    if name == "" and member.isdir():
        return
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or str(path) != name or "\\" in name or not name.isprintable():
        raise ReleaseError("the model's archive holds a file that would not stay in its folder")
    if name in seen:
        raise ReleaseError("the model's archive holds a file twice")
    if name != METADATA and path.parts[0] != COMPONENTS:
        raise ReleaseError("the model's archive holds a file that belongs to no model")
    seen.add(name)


def _text(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    if member.size > LONGEST_TEXT:
        raise ReleaseError(f"{member.name} in the model's archive is longer than {LONGEST_TEXT} bytes")
    file = tar.extractfile(member)
    pieces = []
    while file is not None and (piece := file.read(_PIECE)):
        pieces.append(piece)
    return b"".join(pieces)


def _contents(texts: dict[str, bytes]) -> Contents:
    if METADATA not in texts:
        raise ReleaseError(f"the model's archive holds no {METADATA}")
    intents: set[str] = set()
    try:
        metadata: dict[str, Any] = json.loads(texts[METADATA])
        for schema in ("train_schema", "predict_schema"):
            check_graph(metadata[schema])
        check_slots(metadata["domain"])
        for name, content in texts.items():
            if name.endswith("/domain.yml"):
                check_slots(plain_yaml.load(content))
            elif name.endswith("/intent.json"):
                intents.update(str(intent) for intent in json.loads(content)["intents"])
        return Contents(str(metadata["model_id"]), str(metadata["rasa_open_source_version"]), frozenset(intents))
    except (ValueError, KeyError, TypeError, RecursionError, yaml.YAMLError) as exc:
        if isinstance(exc, ReleaseError):
            raise
        raise ReleaseError(f"what the model says about itself is broken ({exc.__class__.__name__})") from exc
