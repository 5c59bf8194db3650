"""Nothing that a person writes is logged: held for every record, of every logger, at every level, in the whole suite.

What passes the gates while tests run is remembered. Every record that any code makes, enabled or not, is formatted as the
server formats it and looked through, and so is what servers that tests start as processes write. A test that finds
something fails, with logger, place and level; the text itself is never printed.
"""

from __future__ import annotations

import functools
import json
import logging
import os
import re
import subprocess
import threading
import urllib.parse
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
GRAM, STEP = 12, 6
# Letters that a piece must have: "------------" says nothing.
DIFFERENT = 5
MOST_GRAMS = 200_000
LONG_NUMBER = re.compile(r"\d{6,}")
PHONE = re.compile(r"\+?\d[\d /().-]{5,}\d")
OURS = ("data", "locales", "bot", "actions")


class Words:
    """What was written; the oldest goes when there is too much. Pieces of our own data and code do not count."""

    def __init__(self) -> None:
        self._grams: tuple[set[str], set[str]] = (set(), set())
        self._numbers: set[str] = set()
        self._lock = threading.Lock()

    def add(self, text: str) -> None:
        """Remember a text, and long numbers in it."""
        text = _plain(text[:4000])
        grams = {text[i : i + GRAM] for i in range(0, len(text) - GRAM + 1, STEP)}
        grams = {gram for gram in grams if len(set(gram)) >= DIFFERENT}
        numbers = {"".join(filter(str.isdigit, found)) for found in PHONE.findall(text)}
        with self._lock:
            self._grams[0].update(grams)
            self._numbers.update(number for number in numbers if len(number) >= 7)
            if len(self._grams[0]) > MOST_GRAMS:
                self._grams = (set(), self._grams[0])

    def add_id(self, native_id: str) -> None:
        """Remember what a channel calls a conversation."""
        self._numbers.update(LONG_NUMBER.findall(native_id))
        if len(native_id) >= 16 and not native_id.isdigit():
            self.add(native_id)

    def found_in(self, said: str) -> bool:
        """Whether a log line holds a piece of anything, also when it was escaped."""
        return any(self._found(line) for line in _readings(said))

    def _found(self, line: str) -> bool:
        if self._numbers and not self._numbers.isdisjoint(LONG_NUMBER.findall(line)):
            return True
        line = _plain(line)
        for i in range(len(line) - GRAM + 1):
            gram = line[i : i + GRAM]
            if (gram in self._grams[0] or gram in self._grams[1]) and gram not in _own_words():
                return True
        return False


class Leaks:
    """The plugin of one pytest process."""

    def __init__(self) -> None:
        self.words = Words()
        self.found: list[str] = []
        self.test = ""
        self._files: dict[Path, int] = {}
        self._busy = threading.local()
        self._undo: list[Callable[[], None]] = []
        self._total: list[str] = []

    def install(self) -> None:
        """Listen at the gates, to all loggers, and for servers that are started."""
        import httpx
        import structlog

        from bot.channels import gate
        from bot.keys import Keys
        from bot.operations.logs import Formatter

        self._formatter = Formatter()
        enabled, handle = logging.Logger.isEnabledFor, logging.Logger.handle

        def heard(logger: logging.Logger, record: logging.LogRecord) -> None:
            self.look_at(record)
            if enabled(logger, record.levelno):
                handle(logger, record)

        def always(logger: logging.Logger, level: int) -> bool:
            # SQLAlchemy would tell of every row; tests/privacy/test_logs.py lets a server do so.
            return enabled(logger, level) or not logger.name.startswith("sqlalchemy")

        self._replace(logging.Logger, "isEnabledFor", always)
        self._replace(logging.Logger, "handle", heard)
        # Rasa says most at levels that are switched off for good when it is prepared.
        filtering = structlog.make_filtering_bound_logger
        self._replace(structlog, "make_filtering_bound_logger", lambda level: filtering(logging.DEBUG))
        self._before(gate, "clean_text", lambda text: isinstance(text, str) and self.words.add(text))
        self._before(gate, "conversation_id", lambda secret, channel, native_id: self.words.add_id(str(native_id)))
        self._before(Keys, "pseudonyms", lambda keys, channel, native_id: self.words.add_id(str(native_id)))
        self._before(httpx.Client, "send", lambda client, request, **_: self.sent(request))
        self._before(httpx.AsyncClient, "send", lambda client, request, **_: self.sent(request))
        self._before(subprocess.Popen, "__init__", self.started)

    def uninstall(self) -> None:
        """Listen no more."""
        while self._undo:
            self._undo.pop()()

    def look_at(self, record: logging.LogRecord) -> None:
        """Note a record that holds what somebody wrote."""
        if getattr(self._busy, "now", False):
            return
        self._busy.now = True
        try:
            if self.words.found_in(self._formatter.format(record)):
                place = f"{_short(record.pathname)}:{record.lineno}"
                self.note(f"{record.name} at {record.levelname}, {place}, holds what a person wrote")
        finally:
            self._busy.now = False

    def note(self, what: str) -> None:
        """Something was found."""
        self.found.append(f"{what} [{self.test or 'outside of a test'}]")

    def sent(self, request: Any) -> None:
        """Texts that a test sends to a server, which may be another process."""
        try:
            content = bytes(request.content)
        except Exception:  # a stream: nothing of ours sends texts so
            return
        for text in _texts(content, str(request.headers.get("content-type", ""))):
            self.words.add(text)

    def started(self, process: Any, args: Any, *more: Any, **options: Any) -> None:
        """A process of ours was started, which writes into files."""
        if not isinstance(args, (list, tuple)) or not any("bot." in str(word) for word in args):
            return
        for stream in (options.get("stdout"), options.get("stderr")):
            name = getattr(stream, "name", None)
            if isinstance(name, str):
                path = Path(name).absolute()
                self._files.setdefault(path, path.stat().st_size if path.exists() else 0)

    def look_at_files(self) -> None:
        """Look through what servers have written since the last time."""
        for path, read in list(self._files.items()):
            try:
                with path.open("rb") as file:
                    file.seek(read)
                    lines = file.read().split(b"\n")
            except OSError:
                continue
            # An unfinished line is read with its end.
            self._files[path] = read + sum(len(line) + 1 for line in lines[:-1])
            for line in lines[:-1]:
                if self.words.found_in(line.decode("utf-8", "replace")):
                    self.note(f"the output of a server, {path.name}, holds what a person wrote")

    def take(self) -> list[str]:
        """What was found since the last time."""
        taken, self.found = list(dict.fromkeys(self.found)), []
        return taken

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        self.test = item.nodeid

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Generator[None, Any, Any]:
        done = yield
        self.look_at_files()
        found = self.take()
        if found:
            raise AssertionError("logged: " + "; ".join(found))
        return done

    def pytest_warning_recorded(self, warning_message: Any, nodeid: str) -> None:
        if self.words.found_in(str(warning_message.message)):
            self.note(f"a {warning_message.category.__name__} holds what a person wrote")

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        self.look_at_files()
        self._total += self.take()
        output = getattr(session.config, "workeroutput", None)
        if output is not None:  # a worker of xdist hands it to the one who counts
            output["leaks"] = self._total
        elif self._total:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        self._total += getattr(node, "workeroutput", {}).get("leaks", [])

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        for line in self._total:
            terminalreporter.line(f"LEAK {line}", red=True)

    def _replace(self, owner: Any, name: str, value: Any) -> None:
        before = owner.__dict__[name]
        setattr(owner, name, value)
        self._undo.append(lambda: setattr(owner, name, before))

    def _before(self, owner: Any, name: str, listen: Callable[..., object]) -> None:
        original = owner.__dict__[name]

        @functools.wraps(original)
        def called(*args: Any, **kwargs: Any) -> Any:
            listen(*args, **kwargs)
            return original(*args, **kwargs)

        self._replace(owner, name, called)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _readings(said: str) -> Iterator[str]:
    """A line, and what it says when it was escaped as Python, JSON or an address."""
    yield said
    if "\\u" in said or "\\x" in said:
        yield re.sub(r"\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})", lambda m: chr(int(m[1] or m[2], 16)), said)
    if "%" in said:
        yield urllib.parse.unquote_plus(said)


def _texts(content: bytes, kind: str) -> Iterator[str]:
    """What stands under `text` in a request to the web channel, a form or an update of Telegram."""
    if kind.startswith("application/x-www-form-urlencoded"):
        yield from urllib.parse.parse_qs(content.decode("utf-8", "replace")).get("text", ())
        return
    if b'"text"' not in content:
        return
    try:
        rows = [json.loads(content)]
    except ValueError:
        return
    while rows:
        row = rows.pop()
        if isinstance(row, list):
            rows += row
        elif isinstance(row, dict):
            rows += row.values()
            if isinstance(row.get("text"), str):
                yield row["text"]


@functools.lru_cache(maxsize=1)
def _own_words() -> str:
    """All of our own texts: what stands there may be logged."""
    files = [path for folder in OURS for path in (ROOT / folder).rglob("*") if path.suffix in (".yml", ".po", ".py")]
    return _plain("\n".join(path.read_text("utf-8", "replace") for path in sorted(files)))


def _short(path: str) -> str:
    return os.path.relpath(path, ROOT) if path.startswith(str(ROOT)) else "/".join(Path(path).parts[-3:])
