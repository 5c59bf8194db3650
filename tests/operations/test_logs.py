"""Log lines of every library in one shape, and without what people wrote, whatever goes wrong."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from bot.settings import ROOT

# Every way known to us by which a text gets into a log: all of them say AMAL.
PROGRAM = """
import asyncio, gc, logging, sys, threading
from bot.rasa_compat.quiet import apply, configure_logging, silence_structlog
apply(); silence_structlog(); configure_logging("DEBUG", sys.argv[1])
import structlog
secret = "AMAL"

def fail():
    text = secret
    try:
        int(text)
    except ValueError as exc:
        raise RuntimeError(f"cannot answer {text}") from exc

foreign = logging.getLogger("sanic.error")
foreign.error("Exception occurred while handling uri: %r", "/?text=AMAL")
foreign.error("one: %s" % secret)
foreign.error(f"two: {secret}")
foreign.error("three %d", secret)
foreign.error(ValueError(secret))
foreign.error("with extra", extra={"text": secret})
foreign.error("with stack", stack_info=True)
structlog.get_logger("rasa.core").warning("processor.message.text", text=secret, message=secret, name=secret)
try:
    fail()
except Exception:
    logging.getLogger("telegram.ext").exception("No error handlers are registered, logging exception.")
    logging.getLogger("bot.launcher").error("ours\\nfailed", exc_info=True)
    structlog.get_logger("rasa.core").exception("processor.failed", text=secret)
logging.getLogger("bot.launcher").info("serving on %s", "http://127.0.0.1:5005/")
logging.getLogger("bot.launcher").error("ours %d", secret)

import warnings
warnings.warn(f"a warning with {secret}", UserWarning)
thread = threading.Thread(target=fail); thread.start(); thread.join()

class Broken:
    def __del__(self):
        raise ValueError(secret)
Broken()

async def main():
    asyncio.get_running_loop().create_task(task())
    await asyncio.sleep(0.01)
    gc.collect()
    asyncio.get_running_loop().call_soon(fail)
    await asyncio.sleep(0.01)

async def task():
    raise ValueError(secret)

asyncio.run(main())
print("done")
"""


@pytest.fixture(scope="module", params=["text", "json"])
def lines(request: pytest.FixtureRequest) -> tuple[str, list[str]]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, request.param], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0 and done.stdout == "done\n", done.stderr
    return request.param, done.stderr.splitlines()


def test_nothing_of_people_is_told(lines: tuple[str, list[str]]) -> None:
    assert not [line for line in lines[1] if "AMAL" in line]
    assert len(lines[1]) == 18, "nothing is lost, and a record is one line"


def test_what_happened_is_told(lines: tuple[str, list[str]]) -> None:
    text = "\n".join(lines[1])
    for said in (
        *("Exception occurred while handling uri: %r", "processor.message.text", "processor.failed", "with extra"),
        *("No error handlers are registered", "ours failed", "serving on http://127.0.0.1:5005/", "a thread ended"),
        *("RuntimeError", "ValueError", "(text withheld)", "UserWarning in "),
    ):
        assert said in text, said
    assert text.count("(text withheld)") == 5  # three texts that were put together, and two of asyncio


def test_json_has_the_same_fields_for_everybody() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM, "json"], cwd=ROOT, capture_output=True, text=True, timeout=60)
    rows = [json.loads(line) for line in done.stderr.splitlines()]
    for row in rows:
        assert list(row) in (
            ["time", "level", "logger", "event", "at"],
            ["time", "level", "logger", "event", "at", "exception"],
        )
        assert row["time"].endswith("Z") and row["level"] in ("info", "warning", "error")
    failed = next(row for row in rows if row["event"] == "ours failed")
    assert [fault["type"] for fault in failed["exception"]] == ["RuntimeError", "ValueError"]
    assert not [row for row in rows if str(ROOT) in json.dumps(row)], "no path of this machine"


def test_places_are_those_of_our_code() -> None:
    from bot.operations.logs import faults
    from bot.settings import Settings

    try:
        Settings.from_env({"WEGWEISER_PORT": "AMAL"})
    except ValueError as exc:
        (fault,) = faults(exc)
    assert fault["type"] == "bot.settings.SettingsError"
    assert fault["at"][-1].startswith("bot/settings.py:") and fault["at"][-1].endswith(" from_env")


def test_a_circle_of_causes_ends() -> None:
    from bot.operations.logs import faults

    first, second = ValueError("AMAL"), KeyError("AMAL")
    first.__cause__, second.__cause__ = second, first
    assert [fault["type"] for fault in faults(first)] == ["ValueError", "KeyError"]
