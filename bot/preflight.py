"""What would stop the start, found all at once and in a moment, before the model is loaded."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bot.operations.ports import refusal
from bot.settings import PREFIX, Settings

Check = Callable[[Settings], Iterator[str]]


def faults(
    settings: Settings, wrong: frozenset[str] = frozenset(), actions: tuple[str, int] | None = None
) -> list[str]:
    """One line for each fault, saying what to do. Settings named in `wrong` have no value of their own and are left out.

    `actions`: host and port of an action server, which needs less; without it the whole assistant is meant.
    """
    if actions is not None:
        checks: list[tuple[tuple[str, ...], Check]] = [((), lambda _: _port(*actions))]
    else:
        checks = [
            (("host", "port"), lambda given: _port(given.host, given.port)),
            (("model",), _model),
            (("legal_dir",), _legal),
            (("goals",), _goals),
            (("staff_password",), _staff),
            (("speech_model", "read_aloud"), _voice),
        ]
    checks += [(("metrics",), _metrics), (("data_dir",), _data_dir), (("redis_url", "database_url"), _stores)]
    return [line for needed, check in checks if not wrong & set(needed) for line in check(settings)]


def told(found: list[str]) -> str:
    """One fault as it is, several as a list."""
    if len(found) == 1:
        return found[0]
    return f"it cannot start, {len(found)} things are wrong:\n" + "\n".join(found)


def _port(host: str, port: int) -> Iterator[str]:
    why = refusal(host, port)
    if why:
        yield f"port {port} on {host} cannot be used ({why}): stop the other program or set {PREFIX}PORT"


def _metrics(settings: Settings) -> Iterator[str]:
    if not settings.metrics:
        return
    host, _, port = settings.metrics.rpartition(":")
    why = refusal(host, int(port))
    if why:
        yield f"{PREFIX}METRICS: {settings.metrics} cannot be used ({why}): choose another host or port"


def _model(settings: Settings) -> Iterator[str]:
    from bot.launcher import LaunchError, require_model

    try:
        require_model(settings)
    except LaunchError as exc:
        yield str(exc)


def _legal(settings: Settings) -> Iterator[str]:
    from bot.legal import LegalError, load

    try:
        load(settings.legal_dir)
    except LegalError as exc:
        yield f"the legal pages cannot be made:\n{exc}"


def _goals(settings: Settings) -> Iterator[str]:
    if settings.goals is None:
        return
    from bot.staff.report.goals import GoalsError, load_goals

    try:
        load_goals(settings.goals)
    except GoalsError as exc:
        yield f"{PREFIX}GOALS: {exc}"


def _staff(settings: Settings) -> Iterator[str]:
    if not settings.staff_password:
        return
    from bot.channels.web.staff.password import PasswordError, check_hash

    try:
        check_hash(settings.staff_password)
    except PasswordError as exc:
        yield f"{PREFIX}STAFF_PASSWORD: {exc}"


def _voice(settings: Settings) -> Iterator[str]:
    if not settings.telegram_token:
        return
    from bot.voice.hearing import HearingError, Whisper
    from bot.voice.speaking import Espeak, SpeakingError

    try:
        if settings.speech_model is not None:
            Whisper(settings.speech_model)
    except HearingError as exc:
        yield f"{PREFIX}SPEECH_MODEL: {exc}"
    try:
        if settings.read_aloud:
            Espeak()
    except SpeakingError as exc:
        yield f"{PREFIX}READ_ALOUD: {exc}"


def _stores(settings: Settings) -> Iterator[str]:
    """Addresses that are none; whether anybody answers there, `wegweiser doctor` says: the start does not wait for it."""
    if settings.redis_url:
        from bot.memory.shared import Shared

        try:
            Shared.open(settings.redis_url)
        except ValueError as exc:
            yield f"{PREFIX}REDIS_URL: {exc}"
    if settings.database_url:
        import sqlalchemy as sa

        from bot.memory.database import Database

        try:
            Database(settings.database_url, sa.MetaData()).close()
        except ValueError as exc:
            yield f"{PREFIX}DATABASE_URL: {exc}"


def _data_dir(settings: Settings) -> Iterator[str]:
    """A folder that takes no writes does not stop the start; what is no folder, or a link into nothing, does."""
    folder = settings.data_dir
    if (folder.exists() or folder.is_symlink()) and not folder.is_dir():
        yield f"{folder} cannot be written: it is no folder; set {PREFIX}DATA_DIR to one, which is made when missing"
