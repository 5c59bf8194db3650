"""What may only be read with the server's secret: values in SQLite that say who somebody is or what they wrote."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import sqlite3
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken


class Seal:
    """Encrypts with a key made of the secret and a purpose; `cipher` is for content that is bytes."""

    def __init__(self, secret: bytes, purpose: str) -> None:
        key = hmac.new(secret, purpose.encode(), hashlib.sha256).digest()
        self.cipher = Fernet(base64.urlsafe_b64encode(key))

    def close(self, value: Any) -> bytes:
        """A JSON value, encrypted."""
        return self.cipher.encrypt(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())

    def open(self, content: bytes) -> Any:
        """The value; None when it was closed with another secret."""
        try:
            return json.loads(self.cipher.decrypt(content))
        except (InvalidToken, ValueError):
            return None


def open_file(path: Path | str, schema: str) -> sqlite3.Connection:
    """A small database whose deleted rows are overwritten."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("PRAGMA secure_delete=ON")
    connection.executescript(schema)
    return connection
