"""What may only be read with the server's secret: values in SQLite that say who somebody is or what they wrote."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cryptography.fernet import InvalidToken

from bot.keys import Keys
from bot.operations.schema import Schema
from bot.operations.sqlite_file import SqliteFile


class Seal:
    """Encrypts with a key made of the secret and a purpose; `cipher` is for content that is bytes."""

    def __init__(self, secret: bytes | Keys, purpose: str) -> None:
        self.cipher = Keys.of(secret).cipher(purpose)

    def close(self, value: Any) -> bytes:
        """A JSON value, encrypted."""
        return self.cipher.encrypt(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())

    def open(self, content: bytes) -> Any:
        """The value; None when it was closed with another secret."""
        try:
            return json.loads(self.cipher.decrypt(content))
        except (InvalidToken, ValueError):
            return None

    def renewed(self, content: bytes) -> bytes | None:
        """What the former secret closed, closed with the one of now; None when there is nothing to be done."""
        return self.cipher.renewed(content)


def open_file(path: Path | str, schema: Schema, numbered: frozenset[str] = frozenset()) -> SqliteFile:
    """A small database whose deleted rows are overwritten; for `numbered` see SqliteFile."""
    return SqliteFile(path, schema, numbered=numbered)


def erase(file: SqliteFile) -> None:
    """Write the log beside the file back and empty it: it holds what was deleted until then."""
    file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
