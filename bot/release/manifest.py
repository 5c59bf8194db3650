"""release.json: what a release is, the hash and size of each of its files, and the signature over all of it."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

MANIFEST = "release.json"
MODEL = "wegweiser.tar.gz"
FORMAT = 1
LONGEST = 256 * 1024
_PIECE = 1024 * 1024
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")
_TEXTS = ("version", "made", "inputs", "code", "rasa", "model_id")


class ReleaseError(ValueError):
    """A model or a release must not be used; the message says what is wrong with it and what to do."""


@dataclass(frozen=True)
class Print:
    """What a file must be: its SHA-256 in hex and its size in bytes."""

    sha256: str
    size: int


@dataclass(frozen=True)
class Manifest:
    """The content of a release.json. `encoder` is the folder of the sentence encoder the model was trained with."""

    content: dict[str, Any]

    @classmethod
    def of(cls, raw: bytes) -> Manifest:
        """Read and checked for its form alone; ReleaseError says where it is broken."""
        if len(raw) > LONGEST:
            raise ReleaseError(f"{MANIFEST} is longer than {LONGEST} bytes")
        try:
            content = json.loads(raw.decode("utf-8"))
            if not isinstance(content, dict) or content.get("format") != FORMAT:
                raise ReleaseError(f"{MANIFEST} is not of format {FORMAT}: this program cannot read it")
            if not all(isinstance(content[name], str) for name in _TEXTS):
                raise ReleaseError(f"{MANIFEST}: {', '.join(_TEXTS)} must be texts")
            _prints(content["files"])
            _prints(content["encoder"]["files"])
            if not _NAME.fullmatch(content["encoder"]["name"]):
                raise ReleaseError(f"{MANIFEST}: the encoder's name is none of a folder")
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as exc:
            if isinstance(exc, ReleaseError):
                raise
            raise ReleaseError(f"{MANIFEST} is broken ({exc.__class__.__name__})") from exc
        self = cls(content)
        try:
            self.canonical()
        except UnicodeEncodeError as exc:
            raise ReleaseError(f"{MANIFEST} is broken (half characters)") from exc
        for name in (MODEL, self.encoder_archive):
            if name not in self.files:
                raise ReleaseError(f"{MANIFEST} does not name {name}")
        return self

    @property
    def files(self) -> dict[str, Print]:
        """What lies beside release.json."""
        return _prints(self.content["files"])

    @property
    def encoder(self) -> str:
        """Name of the encoder's folder."""
        return str(self.content["encoder"]["name"])

    @property
    def encoder_files(self) -> dict[str, Print]:
        """What is in the encoder's folder."""
        return _prints(self.content["encoder"]["files"])

    @property
    def encoder_archive(self) -> str:
        """The file that the encoder is delivered in."""
        return f"{self.encoder}.tar"

    @property
    def key(self) -> str:
        """Id of the key it says it is signed with, "" when it is not signed."""
        return str(self.content.get("key") or "")

    @property
    def signature(self) -> str:
        """In base64, "" when it is not signed."""
        return str(self.content.get("signature") or "")

    def signed(self, key: str, signature: str) -> Manifest:
        """The same release with another signature."""
        return Manifest({**self.content, "key": key, "signature": signature})

    def canonical(self, key: str | None = None) -> bytes:
        """What is signed: the JSON without the signature, sorted and without spaces; `key` as it shall be named."""
        content = {name: value for name, value in self.content.items() if name != "signature"}
        if key is not None:
            content["key"] = key
        return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()

    def text(self) -> str:
        """The file, easy to read."""
        return json.dumps(self.content, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def print_of(path: Path) -> Print:
    """Hash and size of a file as it is now."""
    with path.open("rb") as file:
        return copied(file, None)


def copied(source: BinaryIO, target: BinaryIO | None) -> Print:
    """Hash and size of what was copied: another one may replace the source meanwhile."""
    digest, size = hashlib.sha256(), 0
    while piece := source.read(_PIECE):
        digest.update(piece)
        size += len(piece)
        if target is not None:
            target.write(piece)
    return Print(digest.hexdigest(), size)


def replace_file(target: Path, source: Path | bytes) -> None:
    """Put a file into its place at once: who reads meanwhile has the old one or the new one, never half of it."""
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(descriptor, "wb") as part:
            if isinstance(source, bytes):
                part.write(source)
            else:
                with source.open("rb") as file:
                    shutil.copyfileobj(file, part, _PIECE)
            part.flush()
            os.fsync(part.fileno())
        os.chmod(name, 0o644)
        os.replace(name, target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _prints(rows: Any) -> dict[str, Print]:
    found = {}
    for name, row in rows.items():
        sha256, size = row["sha256"], row["size"]
        if not _NAME.fullmatch(name) or not re.fullmatch(r"[0-9a-f]{64}", sha256) or type(size) is not int or size < 0:
            raise ReleaseError(f"{MANIFEST}: a file has a wrong name, hash or size")
        found[name] = Print(sha256, size)
    return found
