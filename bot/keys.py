"""The secret of this server, and the one before it while a change of secrets lasts.

Pseudonyms, signatures and encryption are made with the current secret. For one retention after a change, what the former
one made is still known; then it is destroyed, and nothing that it made can be linked to anybody or read any more.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import json
import logging
import math
import os
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from bot.settings import Settings

logger = logging.getLogger(__name__)
CURRENT, FORMER = "secret", "secret.former"


class KeyChangeError(RuntimeError):
    """The secret cannot be changed now; the message says why and what to do."""


class Keys:
    """`former` is known until `until` (Unix time), b"" when there is none; `destroy` deletes it where it is stored."""

    def __init__(
        self,
        current: bytes,
        former: bytes = b"",
        until: float = math.inf,
        clock: Callable[[], float] = time.time,
        destroy: Callable[[], None] | None = None,
    ) -> None:
        self.current, self.until = current, until
        self._former, self._clock, self._destroy = former, clock, destroy

    @classmethod
    def of(cls, secret: bytes | Keys) -> Keys:
        """The same keys, or those of a secret that was never changed."""
        return secret if isinstance(secret, Keys) else cls(secret)

    @property
    def former(self) -> bytes:
        """The secret before this one; b"" when there is none or its time is over."""
        if self._former and self._clock() >= self.until:
            self._former = b""
        return self._former

    def all(self) -> tuple[bytes, ...]:
        """The secrets that are known, the current one first."""
        former = self.former
        return (self.current, former) if former else (self.current,)

    def derived(self, purpose: str) -> tuple[bytes, ...]:
        """A key of 32 bytes for a purpose, made of each known secret, the current one first."""
        return tuple(_derived(secret, purpose) for secret in self.all())

    def pseudonyms(self, channel: str, native_id: str) -> tuple[str, ...]:
        """The conversation ids of a channel's own id: what it is called now, and what it was called before."""
        return tuple(pseudonym(secret, channel, native_id) for secret in self.all())

    def cipher(self, purpose: str) -> Cipher:
        """Encryption for a purpose."""
        return Cipher(self, purpose)

    def sweep(self) -> None:
        """Destroy the former secret when its time is over."""
        if self._destroy is not None and self._clock() >= self.until:
            self._former = b""
            try:
                self._destroy()
            except OSError as exc:  # the next hour tries again
                logger.error("the former secret cannot be deleted: %s", exc.strerror)
            else:
                self._destroy = None


class Cipher:
    """Encrypts with the current secret, and decrypts what was encrypted with any that is known."""

    def __init__(self, keys: Keys, purpose: str) -> None:
        self._keys, self._purpose = keys, purpose
        self._known: tuple[bytes, ...] = ()
        self._fernets: list[Fernet] = []

    def encrypt(self, data: bytes) -> bytes:
        """The content, encrypted."""
        return self._made()[0].encrypt(data)

    def decrypt(self, token: bytes) -> bytes:
        """The content; InvalidToken when it was encrypted with another key."""
        return MultiFernet(self._made()).decrypt(token)

    def renewed(self, token: bytes) -> bytes | None:
        """The content of the former secret encrypted with the current one; None when there is nothing to be done."""
        fernets = self._made()
        if len(fernets) < 2:
            return None
        try:
            fernets[0].decrypt(token)
        except InvalidToken:
            with contextlib.suppress(InvalidToken):
                return MultiFernet(fernets).rotate(token)
        return None

    def _made(self) -> list[Fernet]:
        known = self._keys.all()
        if known != self._known:
            self._fernets = [Fernet(base64.urlsafe_b64encode(_derived(secret, self._purpose))) for secret in known]
            self._known = known
        return self._fernets


def pseudonym(secret: bytes, channel: str, native_id: str) -> str:
    """A conversation id that cannot be turned back without the secret, e.g. `web-3f2a…`."""
    digest = hmac.new(secret, f"{channel}:{native_id}".encode(), hashlib.sha256).hexdigest()
    return f"{channel}-{digest[:32]}"


def open_keys(settings: Settings, clock: Callable[[], float] = time.time) -> Keys:
    """The keys that settings and data folder say; a former secret whose time is over is deleted."""
    current = settings.secret_bytes()
    keys = _of_settings(settings, current, clock) if settings.secret else _of_folder(settings, current, clock)
    keys.sweep()
    return keys


def change(settings: Settings, force: bool = False, clock: Callable[[], float] = time.time) -> float:
    """Make a new secret in the data folder and keep the one of now beside it; gives the time until which it is known.

    A stop in the middle leaves the secret of now in use. With `force` an earlier secret that is still known ends at
    once. KeyChangeError when the secret is a setting, or an earlier one is still known; OSError when the folder cannot
    be written.
    """
    if settings.secret:
        raise KeyChangeError(
            "the secret is a setting: give the one of now to WEGWEISER_SECRET_OLD, a new one to WEGWEISER_SECRET "
            "(`openssl rand -base64 32`), and restart"
        )
    known = _of_folder(settings, settings.secret_bytes(), clock)
    if known.former and not force:
        day = time.strftime("%Y-%m-%d %H:%M", time.localtime(known.until))
        raise KeyChangeError(
            f"the secret before this one is known until {day}: wait, or end its conversations with --force"
        )
    now, path = clock(), settings.data_dir / CURRENT
    with path.open("r+b") as old:
        _write(settings.data_dir / FORMER, {"since": now, "key": settings.secret_bytes().decode()})
        _replace(path, secrets.token_hex(32).encode())
        _overwrite(old.fileno())  # no name leads to it any more, but its blocks would stay
    return now + settings.retention_hours * 3600


def _of_folder(settings: Settings, current: bytes, clock: Callable[[], float]) -> Keys:
    path = settings.data_dir / FORMER
    row = _read(path)
    former = str(row.get("key") or "").encode()
    if not path.exists():
        return Keys(current, clock=clock)
    if not former or former == current:  # a change that was stopped, a setting that was taken out, an unreadable file
        return Keys(current, b"", 0.0, clock, lambda: _destroy(path))
    until = _since(path, row, clock()) + settings.retention_hours * 3600
    return Keys(current, former, until, clock, lambda: _destroy(path))


def _of_settings(settings: Settings, current: bytes, clock: Callable[[], float]) -> Keys:
    """Only when the setting was first seen is written down; a keyed mark tells whether it is still the same."""
    path, former = settings.data_dir / FORMER, settings.secret_old.encode()
    if not former or former == current:
        return Keys(current, b"", 0.0, clock, (lambda: _destroy(path)) if path.exists() else None)
    mark, row = _derived(former, "former secret")[:16].hex(), _read(path)
    if row.get("mark") != mark:
        row = {"since": clock(), "mark": mark}
        try:
            settings.data_dir.mkdir(parents=True, exist_ok=True)
            _write(path, row)
        except OSError as exc:
            logger.warning("since when WEGWEISER_SECRET_OLD is set cannot be kept: %s", exc.strerror)
    until = _since(path, row, clock()) + settings.retention_hours * 3600

    def warn() -> None:
        logger.warning("WEGWEISER_SECRET_OLD is not used any more: take it out of the settings and destroy it")

    return Keys(current, former, until, clock, warn)


def _since(path: Path, row: dict[str, Any], now: float) -> float:
    """When the change was; a clock that was wrong then must not make it last for years."""
    since = row.get("since")
    if isinstance(since, (int, float)) and 0 <= since <= now:
        return float(since)
    with contextlib.suppress(OSError):
        _write(path, row | {"since": now})
    return now


def _derived(secret: bytes, purpose: str) -> bytes:
    return hmac.new(secret, purpose.encode(), hashlib.sha256).digest()


def _read(path: Path) -> dict[str, Any]:
    try:
        row = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return row if isinstance(row, dict) else {}


def _write(path: Path, row: dict[str, Any]) -> None:
    _replace(path, json.dumps(row).encode())


def _replace(path: Path, content: bytes) -> None:
    """A file that only its owner can read, there as a whole or not at all."""
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(new, path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _destroy(path: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        with path.open("r+b") as file:
            _overwrite(file.fileno())
        path.unlink()


def _overwrite(descriptor: int) -> None:
    os.pwrite(descriptor, bytes(os.fstat(descriptor).st_size), 0)
    os.fsync(descriptor)
