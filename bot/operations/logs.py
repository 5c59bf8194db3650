"""Log lines that carry no words of people: one shape for our own code, Rasa's structlog, Sanic, Telegram and the rest.

A line has a time, a level, the logger, what happened and the place in the code. Nothing of a request goes along:

- of an exception its type and places in the code, in all its causes, never its message, arguments or variables;
- of a library's message only what stands literally in the library's source: "Exception occurred while handling uri: %r"
  is told without the address, and a text that was put together is withheld;
- of a structlog event its name alone, without the values Rasa binds to it.

Our own loggers say what they say: no text of people goes into them, which tests hold.
"""

from __future__ import annotations

import datetime
import logging
import sys
import threading
import warnings
from collections.abc import MutableMapping
from pathlib import PurePath
from types import FrameType, TracebackType
from typing import Any

import structlog

from bot.settings import ROOT

OURS = ("bot", "actions", "wegweiser")
WITHHELD = "(text withheld)"
# Exceptions that caused each other, and places of each, that are told.
MOST_CAUSES, MOST_PLACES = 5, 12


class Formatter(structlog.stdlib.ProcessorFormatter):
    """Formats the records of every logger; `form` is text or json, one line a record in both."""

    def __init__(self, form: str = "text") -> None:
        render = structlog.processors.JSONRenderer(ensure_ascii=False) if form == "json" else _as_text
        super().__init__(processors=[_fields, render], use_get_message=False)

    def format(self, record: logging.LogRecord) -> str:
        """One line, without line breaks from inside a message."""
        # Found here, as the code that logs is still on the stack.
        safe = logging.makeLogRecord({**record.__dict__, "msg": said(record), "args": ()})
        safe.stack_info = None
        return super().format(safe)


def configure(level: str, form: str = "text") -> None:
    """Send the records of all loggers to standard error in this form; warnings and what ends a thread are logged alike."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Formatter(form))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # A record that cannot be formatted would be printed with its arguments.
    logging.raiseExceptions = False
    threading.excepthook = _thread_ended
    sys.unraisablehook = _not_raised
    warnings.showwarning = _warned


def name_only(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: of what is bound to an event, which may be words of people, only the exception stays."""
    kept = {"event": event.get("event", "")}
    return kept | ({"exc_info": event["exc_info"]} if event.get("exc_info") else {})


def said(record: logging.LogRecord) -> str:
    """What a record says: ours as it is, a library's as far as it stands in its source."""
    if record.name.partition(".")[0] in OURS:
        try:
            return " ".join(record.getMessage().split("\n"))
        except (TypeError, ValueError):
            return str(record.msg)
    return record.msg if isinstance(record.msg, str) and _is_literal(record) else WITHHELD


def faults(exception: BaseException) -> list[dict[str, Any]]:
    """Type and places of an exception and of what it came from, the last one first; own code, and where it arose."""
    found: list[dict[str, Any]] = []
    seen: set[int] = set()
    now: BaseException | None = exception
    while now is not None and id(now) not in seen and len(found) < MOST_CAUSES:
        seen.add(id(now))
        found.append({"type": _type(now), "at": _places(now.__traceback__)})
        now = now.__cause__ or (None if now.__suppress_context__ else now.__context__)
    return found


def position(path: str, line: int) -> str:
    """A place in the code without the folders of this machine."""
    parts = PurePath(path).parts
    try:
        return f"{PurePath(path).relative_to(ROOT).as_posix() if '.venv' not in parts else _library(parts)}:{line}"
    except ValueError:
        return f"{_library(parts)}:{line}"


def _library(parts: tuple[str, ...]) -> str:
    for marker in ("site-packages", "dist-packages", "python3.10"):
        if marker in parts:
            return "/".join(parts[len(parts) - parts[::-1].index(marker) :])
    return "/".join(parts[-2:])


def _fields(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    record: logging.LogRecord = event["_record"]
    moment = datetime.datetime.fromtimestamp(record.created, datetime.timezone.utc)
    fields: dict[str, Any] = {
        "time": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "level": record.levelname.lower(),
        "logger": record.name,
        "event": event["event"],
        "at": position(record.pathname, record.lineno),
    }
    given = event.get("exc_info")
    exception = given[1] if isinstance(given, tuple) else given
    if isinstance(exception, BaseException):
        fields["exception"] = faults(exception)
    return fields


def _as_text(_: Any, __: str, fields: MutableMapping[str, Any]) -> str:
    line = f"{fields['time']} {fields['level'].upper()} {fields['logger']}: {fields['event']}"
    if fields["event"] == WITHHELD:
        line += f" at {fields['at']}"
    for fault in fields.get("exception", ()):
        line += f" | {fault['type']} at {' < '.join(reversed(fault['at'])) or 'an unknown place'}"
    return line


def _places(traceback: TracebackType | None) -> list[str]:
    """The places of our code, outermost first, and the innermost place whosever it is."""
    found: list[str] = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        place = position(code.co_filename, traceback.tb_lineno)
        if place.startswith(("bot/", "actions/")) or traceback.tb_next is None:
            found.append(f"{place} {code.co_name}")
        traceback = traceback.tb_next
    return found[-MOST_PLACES:]


def _type(exception: BaseException) -> str:
    kind = type(exception)
    return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"


def _is_literal(record: logging.LogRecord) -> bool:
    """Whether the message stands as it is in the code that logs it, so that it can hold nothing from outside."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        code = frame.f_code
        if code.co_filename == record.pathname and code.co_name == record.funcName:
            return record.msg in code.co_consts
        frame = frame.f_back
    return False


def _thread_ended(arguments: Any) -> None:
    _log_failure("a thread ended", arguments.exc_value)


def _not_raised(arguments: Any) -> None:
    _log_failure("an exception could not be raised", arguments.exc_value)


def _warned(
    message: Any, category: type[Warning], filename: str, lineno: int, file: Any = None, line: Any = None
) -> None:
    """Of a warning of Python or of a library its kind and place: its text may be put together from anything.

    What a library will leave out some day concerns developers, and its version is locked.
    """
    if issubclass(category, DeprecationWarning):
        return
    logging.getLogger("bot.operations.logs").warning("%s in %s", category.__name__, position(filename, lineno))


def _log_failure(what: str, exception: BaseException | None) -> None:
    if not isinstance(exception, SystemExit):
        logging.getLogger("bot.operations.logs").error(what, exc_info=exception)
