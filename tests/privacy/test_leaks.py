"""The watch over the logs of the suite sees what it should, and only that."""

from __future__ import annotations

import logging
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bot.operations.logs import Formatter
from bot.settings import ROOT
from tests import leaks as leaks_module
from tests.leaks import Leaks, Words

TEXT = "my landlord hid the copper teapot, call 0341 555 0123"


@pytest.fixture
def words() -> Words:
    made = Words()
    made.add(TEXT)
    made.add_id("7415926535")
    made.add_id("-1001415926535:7415926777")
    return made


@pytest.mark.parametrize(
    "said",
    [
        f"could not answer {TEXT!r}", "… HID THE COPPER  TEAPOT …", "copper%20teapot%2C%20call", "03415550123",
        "chat 7415926535 is gone", "1001415926535", "hid the copper te\\u0061pot, call",
    ],
)  # fmt: skip
def test_what_is_a_leak(words: Words, said: str) -> None:
    assert words.found_in(said)


@pytest.mark.parametrize(
    "said", ["", "landlord", "a message could not be answered: RuntimeError", "port 45123", "=" * 40]
)
def test_what_is_none(words: Words, said: str) -> None:
    assert not words.found_in(said)


def test_our_own_words_are_none() -> None:
    """A person may write what stands in our data; that it is logged is no leak."""
    made = Words()
    made.add("an update failed: %s but my copper teapot did not")
    assert not made.found_in("An update failed: TimeoutError")
    assert made.found_in("but my copper teapot did")


def test_the_oldest_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaks_module, "MOST_GRAMS", 100)
    made = Words()
    made.add(TEXT)
    assert made.found_in("hid the copper teapot")
    for number in range(200):
        made.add(f"{number:06} is another text, {number:06}")
    assert not made.found_in("hid the copper teapot")
    assert len(made._grams[0] | made._grams[1]) < 300


def test_a_record_is_looked_at_as_it_would_be_written() -> None:
    leaks = Leaks()
    leaks.words.add(TEXT)
    leaks._formatter = Formatter()

    def record(name: str, message: str, *args: object) -> logging.LogRecord:
        return logging.LogRecord(name, logging.DEBUG, __file__, 1, message, args, None)

    leaks.look_at(record("rasa.core", "said %s", TEXT))
    assert leaks.take() == [], "what is withheld is not written"
    leaks.look_at(record("bot.channels", "said %s", TEXT))
    (found,) = leaks.take()
    assert "bot.channels at DEBUG" in found and "teapot" not in found


PLUGIN = "from tests.conftest import pytest_configure\n"
TESTS = """
import logging, subprocess, sys, warnings
from bot.channels import gate

def test_quiet():
    gate.clean_text("my landlord hid the copper teapot")
    logging.getLogger("rasa.core").debug("said %s", "my landlord hid the copper teapot")

def test_loud():
    logging.getLogger("bot.channels").debug("heard: hid the copper teapot")

def test_process(tmp_path):
    with open(tmp_path / "log", "wb") as log:
        subprocess.run([sys.executable, "-c", "print('hid the copper teapot')  # bot."], stdout=log, check=True)

def test_another():
    pass
"""


@pytest.mark.parametrize("more", [[], ["-n", "1"]], ids=["alone", "xdist"])
def test_the_suite_fails_and_names_the_test(tmp_path: Path, more: list[str]) -> None:
    (tmp_path / "conftest.py").write_text(PLUGIN)
    (tmp_path / "test_some.py").write_text(TESTS)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-rA", "--rootdir", str(tmp_path), "-c", os.devnull, *more, str(tmp_path)],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 1, done.stdout[-3000:] + done.stderr[-2000:]
    failed = set(re.findall(r"^ERROR \S*test_some\.py::(\w+)", done.stdout, re.M))
    assert failed == {"test_loud", "test_process"}, done.stdout[-3000:]
    assert "bot.channels at DEBUG" in done.stdout
