"""The password of the staff pages as an argon2id hash; nobody stores the password itself."""

from __future__ import annotations

import unicodedata

SHORTEST, LONGEST = 12, 200  # characters
# About a tenth of a second and 64 MiB: much for who guesses, little for the assistant beside it.
_PASSES, _MEMORY, _LANES = 2, 64 * 1024, 1
_DEAREST = 1024 * 1024  # KiB
_SLOWEST = 20  # passes


class PasswordError(ValueError):
    """A password or a hash cannot be used; the message says why and never quotes it."""


def make_hash(password: str) -> str:
    """The hash for WEGWEISER_STAFF_PASSWORD; PasswordError when the password is too short or cannot be typed."""
    from argon2 import PasswordHasher

    password = _normal(password)
    if len(password) < SHORTEST:
        raise PasswordError(f"the password must have at least {SHORTEST} characters")
    if len(password) > LONGEST:
        raise PasswordError(f"the password must have at most {LONGEST} characters")
    if len(set(password)) < 5:
        raise PasswordError("the password must have at least 5 different characters")
    if not password.isprintable():
        raise PasswordError("the password must not have control characters")
    return PasswordHasher(time_cost=_PASSES, memory_cost=_MEMORY, parallelism=_LANES).hash(password)


def check_hash(hashed: str) -> None:
    """PasswordError when a hash cannot be read, or would cost more than a server can spare."""
    from argon2 import extract_parameters
    from argon2.exceptions import InvalidHashError

    try:
        cost = extract_parameters(hashed)
    except (InvalidHashError, ValueError) as exc:
        raise PasswordError("the hash cannot be read: make a new one with `wegweiser staff hash`") from exc
    if cost.memory_cost > _DEAREST or cost.time_cost > _SLOWEST:
        raise PasswordError("the hash is too expensive to check: make a new one with `wegweiser staff hash`")


def matches(hashed: str, password: str) -> bool:
    """Whether a password is the one of the hash. Takes a tenth of a second: to be called in a thread."""
    from argon2 import PasswordHasher
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        return bool(PasswordHasher().verify(hashed, _normal(password)[: LONGEST + 1]))
    except (VerificationError, InvalidHashError, MemoryError):
        return False


def _normal(password: str) -> str:
    """An ü is one letter, whichever keyboard made it; halves of characters are replaced."""
    return unicodedata.normalize("NFC", password.encode("utf-8", "replace").decode("utf-8"))
