"""The body of an answer, unpacked piece by piece: a few kilobytes can unpack to gigabytes."""

from __future__ import annotations

import zlib
from typing import Any

# What we ask for and understand; several of them on top of each other are never needed.
ACCEPTED = "gzip, deflate"


class TooLarge(ValueError):
    """The body unpacks to more than it may."""


class Unreadable(ValueError):
    """The body is packed in a way nobody asked for, broken, or cut off."""


class Body:
    """Collects at most `largest` bytes of a body with this Content-Encoding; TooLarge when there are more.

    Never more than that is unpacked, whatever comes in.
    """

    def __init__(self, encoding: str, largest: int) -> None:
        self._encoding, self._largest = encoding.strip().lower(), largest
        self._content = bytearray()
        self._first = True
        self._unpacker: Any = None
        if self._encoding in ("gzip", "x-gzip"):
            self._unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS)
        elif self._encoding == "deflate":
            self._unpacker = zlib.decompressobj()
        elif self._encoding not in ("", "identity"):
            raise Unreadable("an encoding that was not asked for")

    def add(self, piece: bytes) -> None:
        """The next piece as it came over the network."""
        if self._unpacker is None:
            self._take(piece)
            return
        while piece:
            try:
                self._take(self._unpacker.decompress(piece, self._largest + 1 - len(self._content)))
            except zlib.error as exc:
                if self._encoding != "deflate" or self._content or not self._first:
                    raise Unreadable("packed wrongly") from exc
                # Some servers leave the frame around it out.
                self._first, self._unpacker = False, zlib.decompressobj(-zlib.MAX_WBITS)
                continue
            piece = self._unpacker.unconsumed_tail

    def finish(self) -> bytes:
        """All of it; Unreadable when the end is missing."""
        if self._unpacker is not None and not self._unpacker.eof:
            raise Unreadable("cut off")
        return bytes(self._content)

    def _take(self, content: bytes) -> None:
        self._content += content
        if len(self._content) > self._largest:
            raise TooLarge("too large")
