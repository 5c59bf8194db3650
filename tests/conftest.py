"""Rasa must be prepared before any test imports rasa.core; and no test may log what a person wrote (tests/leaks.py)."""

import logging
import sys
import threading
from collections.abc import Iterator

import pytest

from bot.operations.logs import Formatter
from bot.rasa_compat import install
from tests.fakes import postgres
from tests.leaks import Leaks

install()


def pytest_configure(config: pytest.Config) -> None:
    leaks = Leaks()
    leaks.install()
    config.add_cleanup(leaks.uninstall)
    config.pluginmanager.register(leaks, "leaks")
    install()  # once more: what Rasa's structlog says at every level is heard now


@pytest.fixture(autouse=True)
def _logs_as_before() -> Iterator[None]:
    """A command that a test runs in this process sets up its logs; the next test hears what it would have heard alone."""
    root = logging.getLogger()
    level, raising, hooks = root.level, logging.raiseExceptions, (threading.excepthook, sys.unraisablehook)
    yield
    own = [handler for handler in root.handlers if isinstance(handler.formatter, Formatter)]
    if own:
        root.setLevel(level)
        logging.raiseExceptions, (threading.excepthook, sys.unraisablehook) = raising, hooks
    for handler in own:
        root.removeHandler(handler)


@pytest.fixture(scope="module")
def postgres_server() -> Iterator[postgres.Postgres]:
    """A real PostgreSQL of the file of tests."""
    if postgres.programs() is None:
        pytest.skip("PostgreSQL is not installed: `make system`")
    with postgres.running() as found:
        yield found
