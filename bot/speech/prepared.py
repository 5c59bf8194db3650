"""The sentences of all catalogues ready to be said, kept beside the model: parsing twelve PO files takes a second at each
start, reading this a thirtieth of it. Whatever it is made of is in its name, so an old one is never read.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import babel

logger = logging.getLogger(__name__)
HERE = Path(__file__).parent
# What decides which sentence may be said, and how.
CODE = ("catalogue.py", "changed.py", "local_numbers.py", "pofile.py", "prepared.py")
Texts = dict[str, dict[str, str]]


def prepared(folder: Path, files: Mapping[str, bytes], make: Callable[[], Texts]) -> Texts:
    """Language to msgid to sentence: read from `folder`, or made and written there; a folder that refuses is no fault."""
    target = folder / f"catalogue-{_digest(files)}.json"
    with contextlib.suppress(OSError, ValueError):
        found = json.loads(target.read_text("utf-8"))
        if isinstance(found, dict) and found.keys() == files.keys():
            return found
    texts = make()
    try:
        _write(target, texts)
    except OSError as exc:
        logger.info("the prepared sentences cannot be kept in %s: %s", folder, exc.strerror)
    return texts


def _digest(files: Mapping[str, bytes]) -> str:
    found = hashlib.sha256(babel.__version__.encode())
    for name, content in (*sorted(files.items()), *((name, (HERE / name).read_bytes()) for name in CODE)):
        found.update(f"{name} {len(content)}\n".encode() + content)
    return found.hexdigest()[:16]


def _write(target: Path, texts: Texts) -> None:
    """At once, and the only one: who reads meanwhile has a whole file."""
    descriptor, part = tempfile.mkstemp(dir=target.parent, prefix=".catalogue-")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(texts, file, ensure_ascii=False, separators=(",", ":"))
        for old in target.parent.glob("catalogue-*.json"):
            old.unlink(missing_ok=True)
        os.replace(part, target)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise
