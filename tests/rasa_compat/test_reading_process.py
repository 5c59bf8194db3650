"""Messages read in a process of their own: the same as here, whatever becomes of that process."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from rasa.core.channels.channel import UserMessage

from bot.launcher import build_parser
from bot.nlu import reader
from bot.rasa_compat import nlu_only, reading_process
from bot.rasa_compat.nlu_only import Spare, Understanding
from bot.rasa_compat.reading_process import Child, ModelCopy, Reading, Unavailable
from bot.reading import start_reading, wanted
from bot.settings import ROOT, Settings

COMMAND = (sys.executable, "-m", "tests.fakes.reading_child")
PATIENCE = 60.0
LANGUAGES = ("ar", "de", "en", "es", "fa", "fr", "ku", "ps", "ru", "ti", "tr", "uk")


@pytest.fixture(autouse=True)
def from_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(reading_process, "FIRST_WAIT", 0.01)


def copy_of(folder: Path, name: str) -> ModelCopy:
    path = folder / name
    path.write_text(name)
    return ModelCopy(path, name)


class Here(Spare):
    """Instead of a model that is loaded in this process."""

    def parse(self, text: str, metadata: dict[str, Any]) -> dict[str, Any]:
        self._loaded = self  # type: ignore[assignment]
        return {"text": text, "model": "here", **metadata}


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nlu_only, "Spare", Here)


async def until(true: Callable[[], bool]) -> None:
    end = asyncio.get_running_loop().time() + PATIENCE
    while not true():
        assert asyncio.get_running_loop().time() < end, "it did not happen"
        await asyncio.sleep(0.01)


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_many_messages_at_once_come_back_to_whoever_asked(tmp_path: Path, here: None) -> None:
    async def scene() -> None:
        model = copy_of(tmp_path, "first")
        reading = Reading(COMMAND, model)
        await reading.watch()
        assert await reading.child.until_ready()
        reads = reading.of(model).read
        found = await asyncio.gather(*(reads(f"message {n}\n\ud800", {"hint": str(n)}) for n in range(200)))
        pid = reading.child.pid
        await reading.close()
        assert [row["text"] for row in found] == [f"message {n}\n\ud800" for n in range(200)]
        assert [row["hint"] for row in found] == [str(n) for n in range(200)]
        assert {row["pid"] for row in found} == {pid} and gone(pid)

    asyncio.run(scene())


@pytest.mark.parametrize("fault", ["die", "silent", "garbage", "fail"])
def test_what_is_not_read_there_is_read_here_and_the_process_begins_anew(
    tmp_path: Path, here: None, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    forgotten: list[int] = []

    async def scene() -> None:
        model = copy_of(tmp_path, "first")
        reading = Reading(COMMAND, model, lambda: forgotten.append(1))
        await reading.watch()
        assert await reading.child.until_ready()
        first, reads = reading.child, reading.of(model)
        if fault == "silent":
            monkeypatch.setattr(Child.read, "__defaults__", (0.5,))
        faulty, waiting = await asyncio.gather(reads.read(fault, {}), reads.read("beside it", {}))
        assert faulty["model"] == "here" and faulty["text"] == fault
        assert waiting["text"] == "beside it", "whoever waited meanwhile is answered, too"
        if fault != "fail":
            await until(lambda: reading.child is not first and reading.child.ready)
            assert gone(first.pid)
        assert (await reads.read("afterwards", {}))["model"] == "first"
        await until(lambda: len(forgotten) == (1 if fault == "fail" else 2))
        if fault != "fail":
            assert reads._spare._loaded is None, "what was loaded to read here is given back"
        await reading.close()

    asyncio.run(scene())


def test_a_process_that_never_gets_ready_leaves_the_reading_here(tmp_path: Path, here: None) -> None:
    async def scene() -> None:
        model = copy_of(tmp_path, "broken")
        reading = Reading(COMMAND, model)
        assert not await reading.open()
        await reading.leave()
        await reading.watch()
        assert (await reading.of(model).read("hello", {}))["model"] == "here"
        await reading.close()

    asyncio.run(scene())


def test_another_event_loop_goes_on_with_the_same_process(tmp_path: Path, here: None) -> None:
    """The server warms up in one loop and serves in another."""
    model = copy_of(tmp_path, "first")
    reading = Reading(COMMAND, model)
    reads = reading.of(model)

    async def first() -> int:
        assert await reading.open()
        found = await reads.read("one", {})
        await reading.leave()
        return int(found["pid"])

    async def second() -> int:
        await reading.watch()
        found = await reads.read("two", {})
        await reading.close()
        return int(found["pid"])

    assert asyncio.run(first()) == asyncio.run(second())


def test_a_new_model_is_read_there_once_its_process_is_ready(tmp_path: Path, here: None) -> None:
    async def scene() -> None:
        old, new = copy_of(tmp_path, "old"), copy_of(tmp_path, "new")
        reading = Reading(COMMAND, old)
        await reading.watch()
        assert await reading.child.until_ready()
        before, after = reading.of(old), reading.of(new)
        assert (await after.read("x", {}))["model"] == "here", "never by another model"
        first = reading.child
        reading.renew(new)
        await until(lambda: reading.child is not first)
        assert (await after.read("x", {}))["model"] == "new"
        assert (await before.read("x", {}))["model"] == "here", "messages that began with the old model end with it"
        await until(lambda: gone(first.pid))
        os.kill(reading.child.pid, signal.SIGKILL)
        second = reading.child
        await until(lambda: reading.child is not second and reading.child.ready)
        assert (await after.read("x", {}))["model"] == "new", "it begins anew with the new model"
        await reading.close()

    asyncio.run(scene())


def test_the_model_is_the_one_that_was_checked(tmp_path: Path) -> None:
    model = copy_of(tmp_path, "checked")
    (tmp_path / "checked").write_text("exchanged by somebody")
    (tmp_path / "checked").unlink()
    (tmp_path / "checked").write_text("another file")

    async def scene() -> None:
        reading = Reading(COMMAND, model)
        await reading.watch()
        assert await reading.child.until_ready()
        assert (await reading.child.read("x", {}))["model"] == "exchanged by somebody"
        await reading.close()

    # A file that is written to in place would be seen; a release is put in place by a rename (bot/release/manifest.py),
    # and what is opened here is a copy in a folder of our own.
    asyncio.run(scene())


def test_it_ends_with_the_process_that_serves(tmp_path: Path) -> None:
    (tmp_path / "model").write_text("model")
    code = (
        "import asyncio, sys, pathlib, time\n"
        "from bot.rasa_compat.reading_process import Child, ModelCopy\n"
        f"child = Child({COMMAND!r}, ModelCopy(pathlib.Path({str(tmp_path / 'model')!r}), 'x'))\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-W", "ignore", "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert not gone(pid)
        parent.kill()
        parent.wait()
    asyncio.run(until(lambda: gone(pid)))


def test_nothing_is_read_before_anybody_talks_to_it(tmp_path: Path) -> None:
    child = Child(COMMAND, copy_of(tmp_path, "first"))

    async def scene() -> None:
        child.ended = asyncio.Event()
        with pytest.raises(Unavailable):
            await child.read("x", {})

    asyncio.run(scene())
    child.end()


@pytest.mark.parametrize(
    ("given", "cores", "expected"),
    [
        ({}, 2, True),
        ({}, 1, False),
        ({"WEGWEISER_READING_PROCESS": "on"}, 1, True),
        ({"WEGWEISER_READING_PROCESS": "off"}, 8, False),
        ({"WEGWEISER_REDIS_URL": "redis://127.0.0.1:1/0", "WEGWEISER_SECRET": "a secret of sixteen"}, 8, False),
    ],
)
def test_when_there_is_one(given: dict[str, str], cores: int, expected: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(cores)))
    assert wanted(Settings.from_env(given)) is expected


@pytest.fixture(scope="module")
def model() -> Iterator[ModelCopy]:
    yield ModelCopy(Settings.from_env({}).model, "trained")


def messages() -> list[tuple[str, str]]:
    found = []
    for language in LANGUAGES:
        for path in sorted((ROOT / "tests" / "nlu" / language).glob("*.jsonl")):
            rows = path.read_text("utf-8").splitlines()
            found += [(json.loads(row)["text"], language) for row in rows[::37]]
    return found


@pytest.mark.model
def test_the_real_one_reads_as_rasa_does(model: ModelCopy) -> None:
    """Every number of the parse data, in twelve languages; also what comes back over the socket."""
    processor = build_parser(Settings.from_env({}))._processor
    understanding = Understanding.load(model.path)
    texts = messages()
    assert len(texts) > 200

    async def scene() -> None:
        reading = start_reading(model)
        await reading.watch()
        assert await reading.child.until_ready()
        for text, hint in texts:
            metadata = {"hint": hint}
            wanted_ = await processor.parse_message(UserMessage(text=text, metadata=metadata))  # type: ignore[union-attr]
            assert understanding.parse(text, dict(metadata)) == wanted_
            assert await reading.child.read(text, dict(metadata)) == json.loads(json.dumps(wanted_))
        for text in ("", "\x00", "x" * 2000):
            assert "intent" in await reading.child.read(text, {})
        await reading.close()

    asyncio.run(scene())
    assert reader.SIDE_BY_SIDE >= 2
