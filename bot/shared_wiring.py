"""Where conversations live and who may answer next, put together from settings: in this process alone, or on Redis."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from bot.keys import Keys, open_keys
from bot.settings import Settings

if TYPE_CHECKING:
    from rasa.core.lock_store import LockStore

    from bot.channels.buckets import Buckets
    from bot.channels.web.replays import Answers
    from bot.channels.web.staff.entrance import Access, Entrance
    from bot.memory.conversations import Conversations
    from bot.memory.fragments import Pieces
    from bot.memory.shared import Shared
    from bot.operations.steady import SteadyClock

logger = logging.getLogger(__name__)


def open_shared(settings: Settings) -> Shared | None:
    """The Redis that all processes share, None without one; nothing is connected yet."""
    if not settings.redis_url:
        return None
    from bot.launcher import LaunchError
    from bot.memory.shared import Shared

    try:
        return Shared.open(settings.redis_url)
    except ValueError as exc:
        raise LaunchError(f"WEGWEISER_REDIS_URL: {exc}") from exc


def build_store(
    settings: Settings, shared: Shared | None, keys: Keys | None = None, steady: SteadyClock | None = None
) -> Conversations:
    """The store of conversations; its domain is set when the model is loaded. LaunchError when its folder cannot be one."""
    from rasa.shared.core.domain import Domain

    from bot.launcher import LaunchError

    try:
        make_folder(settings)
        if shared is not None:
            from bot.handover.sealed import Seal
            from bot.memory.redis_store import RedisConversations

            cipher = Seal(keys or open_keys(settings), "conversations").cipher
            return RedisConversations(Domain.empty(), shared, cipher, settings.retention_hours)
        from bot.memory.tracker_store import SqliteTrackerStore

        path, hours = settings.data_dir / "conversations.sqlite", settings.retention_hours
        if steady is None:
            return SqliteTrackerStore(Domain.empty(), path, hours)
        store = SqliteTrackerStore(Domain.empty(), path, hours, clock=steady.time, deletes=steady.deletes)
        steady.on_set.append(store.shift)
        return store
    except OSError as exc:
        raise LaunchError(f"{settings.data_dir} cannot be written: {exc.strerror}") from exc


def make_folder(settings: Settings) -> None:
    """The data folder; one on a disk that cannot be written is done without. OSError when the setting is wrong."""
    from bot.settings import UNWRITABLE

    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        if exc.errno not in UNWRITABLE:
            raise
        logger.warning("the data folder cannot be made (%s): everything is kept in memory", exc.strerror)


def build_locks(shared: Shared | None) -> LockStore:
    """One message of a conversation at a time, over all processes."""
    if shared is not None:
        from bot.memory.redis_locks import RedisLocks

        return RedisLocks(shared)
    from rasa.core.lock_store import InMemoryLockStore

    return InMemoryLockStore()


def build_pieces(shared: Shared | None, keys: Keys) -> Pieces:
    """The words of a conversation that were not yet a question."""
    from bot.memory.fragments import Fragments, SharedFragments

    if shared is None:
        return Fragments()
    from bot.handover.sealed import Seal

    return SharedFragments(shared, Seal(keys, "fragments"))


def web_answers(shared: Shared | None, secret: bytes | Keys) -> Callable[[], Answers | None]:
    """Makes the answers of a web channel by message id, over all processes; None for this process alone."""
    if shared is None:
        return lambda: None
    from bot.channels.web.shared_replays import SharedReplays

    return lambda: SharedReplays(shared, secret)


def web_buckets(shared: Shared | None) -> Buckets | None:
    """What everybody may still send, counted over all processes; None for this process alone."""
    if shared is None:
        return None
    from bot.channels.buckets import SharedBuckets

    return SharedBuckets(shared)


def staff_entrance(settings: Settings, access: Access, shared: Shared | None) -> Entrance | None:
    """The login of staff for all processes; None for this process alone."""
    if shared is None:
        return None
    from bot.channels.buckets import SharedBuckets
    from bot.channels.web.staff.entrance import Entrance
    from bot.channels.web.staff.shared_sessions import SharedSessions

    secure = settings.public_url.startswith("https://")
    return Entrance(access, SharedSessions(shared, access.secret, access.password, secure), SharedBuckets(shared))


def forget_shared(settings: Settings, everything: bool) -> int:
    """Delete all conversations in Redis, which drops by itself those past their retention; returns how many."""
    import asyncio

    from bot import rasa_compat

    shared = open_shared(settings)
    if shared is None or not everything:
        return 0
    rasa_compat.install()
    from bot.memory.redis_store import forget_all

    return asyncio.run(forget_all(shared))
