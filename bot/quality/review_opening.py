"""Where messages to learn from are, and the seal on them: in a database that others look after, texts are encrypted."""

from __future__ import annotations

from bot.keys import Keys, open_keys
from bot.memory.review_store import Sealing, Store, review_url
from bot.settings import Settings


def review_seal(settings: Settings, keys: Keys | None = None) -> Sealing | None:
    """The seal, made of the server's secret; None for a file, which only its owner can read."""
    if not settings.database_url:
        return None
    from bot.handover.sealed import Seal

    return Seal(keys or open_keys(settings), "review text")


def open_review(settings: Settings) -> Store:
    """The store of this installation; not opened before first use."""
    return Store(review_url(settings), review_seal(settings))
