"""Looks for words in what a server keeps: files as bytes, compressed and encrypted pieces of them, and its memory."""

from __future__ import annotations

import gc
import re
import sys
import types
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from cryptography.fernet import InvalidToken

from bot.keys import Keys

PURPOSES = (
    *("conversations", "fragments", "review text", "handover-desk", "callbacks", "telegram-journal", "web-answers"),
)
_TOKEN = re.compile(rb"gAAAAA[A-Za-z0-9_-]{60,}={0,2}")
_ZLIB = re.compile(rb"\x78[\x01\x5e\x9c\xda]")
# What belongs to the interpreter or stands for code: nothing is kept there.
_CODE = (
    types.ModuleType,
    types.FrameType,
    types.CodeType,
    types.TracebackType,
    types.GeneratorType,
    types.CoroutineType,
)
_PRODUCT = ("bot", "actions", "rasa", "rasa_sdk", "sanic", "telegram")


def files(folder: Path) -> dict[str, bytes]:
    """All files below a folder, with -wal and -shm."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def found(contents: Mapping[str, bytes], needles: Iterable[str], secret: bytes | Keys) -> list[tuple[str, str]]:
    """Where each needle is: name of the content and how it stood there."""
    keys = Keys.of(secret)
    wanted = [(needle, needle.lower().encode()) for needle in needles]
    wide = [(needle, needle.lower().encode("utf-16-le")) for needle in needles]
    places = []
    for name, content in contents.items():
        for how, piece in _pieces(content, keys):
            low = piece.lower()
            places += [(name, f"{needle!r} {how}") for needle, code in wanted if code in low]
            places += [(name, f"{needle!r} {how}, utf-16") for needle, code in wide if code in low]
    return sorted(set(places))


def _pieces(content: bytes, keys: Keys, depth: int = 0) -> Iterator[tuple[str, bytes]]:
    yield "plain", content
    if depth > 2:
        return
    for match in _ZLIB.finditer(content):
        try:
            unpacked = zlib.decompressobj().decompress(content[match.start() :], 1 << 20)
        except zlib.error:
            continue
        if len(unpacked) > 8:
            yield from ((f"compressed, {how}", piece) for how, piece in _pieces(unpacked, keys, depth + 1))
    for match in _TOKEN.finditer(content):
        for purpose in PURPOSES:
            try:
                opened = keys.cipher(purpose).decrypt(_whole(match[0]))
            except (InvalidToken, ValueError):
                continue
            yield from ((f"encrypted for {purpose}, {how}", piece) for how, piece in _pieces(opened, keys, depth + 1))


def _whole(token: bytes) -> bytes:
    """What stands behind a token in a file may look like a part of it: its length is a multiple of four."""
    return token[: len(token) // 4 * 4]


def in_memory(roots: Iterable[Any], needles: Iterable[str]) -> list[str]:
    """Kinds of objects that hold a needle and can be reached from the roots or from modules of the product."""
    gc.collect()
    wanted = [needle.lower() for needle in needles]
    codes = [needle.encode() for needle in wanted]
    modules = [
        m.__dict__ for name, m in list(sys.modules.items()) if name.partition(".")[0] in _PRODUCT and m is not None
    ]
    waiting: list[tuple[Any, str]] = [(root, type(root).__name__) for root in [*roots, *modules]]
    seen = {id(row) for row, _ in waiting}
    holders: set[str] = set()
    while waiting:
        owner, path = waiting.pop()
        for part in gc.get_referents(owner):
            if id(part) in seen:
                continue
            if isinstance(part, str):
                hit = any(needle in part.lower() for needle in wanted)
            elif isinstance(part, (bytes, bytearray)):
                hit = any(code in part.lower() for code in codes)
            else:
                hit = False
                if not isinstance(part, _CODE) and not type(part).__module__.startswith(
                    ("tests.", "_pytest", "pluggy")
                ):
                    seen.add(id(part))
                    waiting.append((part, f"{path} > {type(part).__name__}"[-200:]))
            if hit:
                holders.add(path)
    return sorted(holders)
