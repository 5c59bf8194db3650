"""Logs go to standard error and carry no words of people."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROGRAM = """
import logging, sys
from bot.rasa_compat.quiet import apply, configure_logging, silence_structlog
apply()
silence_structlog()
configure_logging(sys.argv[1])
import structlog
log = structlog.get_logger()
log.debug("parsed", text="Ich heisse Amal")
log.info("parsed", text="Ich heisse Amal")
logging.getLogger("rasa.core.processor").info("Received user message 'Ich heisse Amal'")
logging.getLogger("rasa.core.processor").debug("Received user message 'Ich heisse Amal'")
logging.getLogger("httpx").info("POST https://api.telegram.org/bot123:TOKEN/getUpdates")
logging.getLogger("bot.launcher").info("serving")
logging.getLogger("rasa.core").warning("a warning of Rasa")
import os
assert os.environ["RASA_TELEMETRY_ENABLED"] == "false"
"""


def output(level: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", PROGRAM, level], cwd=ROOT, capture_output=True, text=True, timeout=60)


def test_logs_are_quiet_about_people_at_every_level() -> None:
    for level in ("DEBUG", "INFO"):
        done = output(level)
        assert done.returncode == 0, done.stderr
        assert done.stdout == ""
        assert "Amal" not in done.stderr and "TOKEN" not in done.stderr
        assert "serving" in done.stderr and "a warning of Rasa" in done.stderr


def test_error_level_leaves_out_the_rest() -> None:
    assert output("ERROR").stderr == ""
