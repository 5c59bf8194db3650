"""Rasa must be prepared before any test imports rasa.core; and no test may log what a person wrote (tests/leaks.py)."""

import pytest

from bot.rasa_compat import install
from tests.leaks import Leaks

install()


def pytest_configure(config: pytest.Config) -> None:
    leaks = Leaks()
    leaks.install()
    config.add_cleanup(leaks.uninstall)
    config.pluginmanager.register(leaks, "leaks")
    install()  # once more: what Rasa's structlog says at every level is heard now
