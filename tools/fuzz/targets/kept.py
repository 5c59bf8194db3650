"""What comes back from our own stores and neighbours: models, conversations, calls of actions, tickets."""

from __future__ import annotations

import io
import json
import tarfile
import zlib
from datetime import datetime, timezone
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

from actions.directory.sources.store import LastKnownGood, Row
from bot.action_server import read_call
from bot.handover.webhook import ENDED, LONGEST, heard_in, signed
from bot.memory.copies import Kept
from bot.memory.stored_events import unpack
from bot.release.archive import inspect
from bot.release.manifest import Manifest, ReleaseError
from tools.fuzz.checks import HARMFUL, text_of
from tools.fuzz.registry import target
from tools.fuzz.targets.editors import file

NOW = datetime(2026, 11, 24, 12, tzinfo=timezone.utc)


@target(share=2, is_json=True)
def release_manifest(data: bytes) -> None:
    """release.json."""
    try:
        manifest = Manifest.of(data)
    except ReleaseError as refused:
        assert str(refused)
        return
    assert manifest.encoder and manifest.files and "/" not in "".join(manifest.files)
    assert Manifest.of(manifest.text().encode()).canonical() == manifest.canonical()


@target(share=0.5, longest=8192)
def model_archive(data: bytes) -> None:
    """A model: bytes as they are, as a tar, or as the metadata of an otherwise good archive."""
    which, rest = (data[0] if data else 0) % 3, data[1:]
    if which == 0:
        content = rest
    elif which == 1:
        content = _zipped(rest)
    else:
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w") as tar:
            for name in ("metadata.json", "components/train_intent/intent.json"):
                member = tarfile.TarInfo(name)
                member.size = len(rest)
                tar.addfile(member, io.BytesIO(rest))
        content = _zipped(out.getvalue())
    try:
        contents = inspect(file("model.tar.gz", content))
    except ReleaseError as refused:
        assert str(refused)
        return
    assert isinstance(contents.model_id, str)


def _zipped(content: bytes) -> bytes:
    packer = zlib.compressobj(1, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    return packer.compress(content) + packer.flush()


@lru_cache(maxsize=1)
def _domain() -> Any:
    return SimpleNamespace(slots=[])


@target(share=0.8, is_json=True)
def stored_conversation(data: bytes) -> None:
    """The events of a conversation as they come back from SQLite or Redis: readable, or it begins anew."""
    for packed in (data, zlib.compress(data, 1)):
        tracker = unpack("web-1", packed, _domain())
        assert tracker is None or tracker.sender_id == "web-1"


@target(share=2)
def stored_values(data: bytes) -> None:
    """Values of Redis with their times, and answers of upstreams in the table of a file."""
    try:
        kept = Kept.from_bytes(data)
        assert kept.outlives(kept)
    except ValueError:
        pass
    store = _store()
    store._table.row = Row(data, NOW.timestamp(), text_of(data))  # type: ignore[attr-defined]
    found = store.get("up", "/list", NOW)
    assert found is None or zlib.decompress(data).startswith(found.body)


class _Table:
    row: Row | None = None

    def read(self, upstream: str, request: str, after: float) -> Row | None:
        """Whatever was put here."""
        return self.row


@lru_cache(maxsize=1)
def _store() -> LastKnownGood:
    store = LastKnownGood(":memory:")
    store.close()
    store._table = _Table()  # type: ignore[assignment]
    return store


@target(share=2, is_json=True)
def action_call(data: bytes) -> None:
    """The call of an action, deflated or not."""
    for content, encoding in ((data, ""), (data, "deflate"), (zlib.compress(data, 1), "deflate")):
        call = read_call(content, encoding)
        assert call is None or (isinstance(call["next_action"], str) and isinstance(call["tracker"], dict))


@target(share=1.5, is_json=True)
def zammad_webhook(data: bytes) -> None:
    """What Zammad posts: at most the words of a counsellor, without markup and marks that turn text around."""
    assert not signed("a secret of the tests", data, text_of(data)[:50].encode("latin-1", "replace").decode("latin-1"))
    heard = heard_in(data)
    if heard is None:
        return
    found, number = heard
    assert len(found.text) <= LONGEST and not HARMFUL.search(found.text.replace("\n", " "))
    assert found.ref.isdecimal() or found.ref == ""
    assert number.isdecimal() or number == ""
    assert not found.ended or json.loads(data)["ticket"]["state"] in ENDED
