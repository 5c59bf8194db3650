"""Ed25519 keys of those who build models: the private one signs a release, the public one stands in the settings."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from bot.release.manifest import ReleaseError


class Signer:
    """A private key. `public` is the base64 of the 32 bytes of its public key, as WEGWEISER_MODEL_KEY wants it."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        raw = key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        self.public = base64.b64encode(raw).decode()

    @classmethod
    def create(cls, path: Path) -> Signer:
        """A new key in a new file that only its owner can read; ReleaseError when the file is there already."""
        key = Ed25519PrivateKey.generate()
        content = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
        except FileExistsError:
            raise ReleaseError(f"{path} is there already: a key is never overwritten") from None
        except OSError as exc:
            raise ReleaseError(f"{path} cannot be written: {exc.strerror}") from exc
        return cls(key)

    @classmethod
    def load(cls, path: Path) -> Signer:
        """The key of a PEM file; ReleaseError when it holds none, another kind, or one behind a password."""
        try:
            key = serialization.load_pem_private_key(path.read_bytes(), password=None)
        except OSError as exc:
            raise ReleaseError(f"{path} cannot be read: {exc.strerror}") from exc
        except (ValueError, TypeError) as exc:
            raise ReleaseError(f"{path} is no private key as `wegweiser model key` makes it") from exc
        if not isinstance(key, Ed25519PrivateKey):
            raise ReleaseError(f"{path} is a key of another kind: Ed25519 is needed")
        return cls(key)

    def sign(self, content: bytes) -> str:
        """The signature in base64."""
        return base64.b64encode(self._key.sign(content)).decode()


def key_id(public: str) -> str:
    """A short name of a public key: it says which key a release wants, and proves nothing."""
    return hashlib.sha256(base64.b64decode(public)).hexdigest()[:16]


def fits(public: str, content: bytes, signature: str) -> bool:
    """Whether the owner of the public key signed exactly this content."""
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public, validate=True))
        key.verify(base64.b64decode(signature, validate=True), content)
    except (InvalidSignature, ValueError, binascii.Error):
        return False
    return True
