"""Each workaround does what it says, only on the Rasa it was written for, and is still needed there.

A test of `TestStillNeeded` that fails after an upgrade of Rasa means: that patch can go.
"""

from __future__ import annotations

import ast
import asyncio
import inspect
import time
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import rasa
import rasa.server
from hypothesis import given, settings
from hypothesis import strategies as st
from rasa.core.actions.action import RemoteAction
from rasa.core.lock import TicketLock
from rasa.core.lock_store import InMemoryLockStore, LockStore
from rasa.shared.core.events import Event, SlotSet
from sanic import Sanic

from bot import rasa_compat
from bot.rasa_compat import patches

RASA = Path(rasa.__file__).parent
ACTION = RemoteAction("action_answer", None)  # type: ignore[arg-type]


def original(file: str, name: str) -> str:
    """Source of a function as Rasa ships it, whatever was patched in this process."""
    source = (RASA / file).read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name == name:
            return ast.get_source_segment(source, node) or ""
    raise AssertionError(f"rasa/{file} has no {name}: look at the patch again")


class TestStillNeeded:
    def test_the_version_is_the_one_supported(self) -> None:
        assert rasa.__version__ == patches.SUPPORTED == rasa_compat.SUPPORTED

    def test_rasa_builds_its_schema_for_every_action(self) -> None:
        assert "validate(result, self.action_response_format_spec())" in original(
            "core/actions/action.py", "_validate_action_result"
        )

    def test_rasa_looks_for_the_class_of_an_event_each_time(self) -> None:
        assert "all_subclasses(Event)" in original("shared/core/events.py", "resolve_by_type")

    def test_rasa_polls_a_lock_every_second(self) -> None:
        assert "wait_time_in_seconds: float = 1," in original("core/lock_store.py", "lock")

    def test_rasa_answers_the_root(self) -> None:
        assert "Hello from Rasa" in original("server.py", "add_root_route")
        assert "server.add_root_route(app)" in original("core/run.py", "_create_app_without_api")

    def test_rasa_adds_credentials_to_cross_origin_answers(self) -> None:
        assert "CORS_SUPPORTS_CREDENTIALS = True" in original("server.py", "configure_cors")
        assert "server.configure_cors(app, cors)" in original("core/run.py", "_create_app_without_api")

    def test_rasa_imports_tensorflow_whatever_is_configured(self) -> None:
        recipe = (RASA / "engine/recipes/default_components.py").read_text(encoding="utf-8")
        assert "diet_classifier" in recipe and "ted_policy" in recipe
        assert "import tensorflow" in (RASA / "nlu/classifiers/diet_classifier.py").read_text(encoding="utf-8")


def test_installing_twice_changes_nothing() -> None:
    before = (RemoteAction._validate_action_result, LockStore.lock, rasa.server.add_root_route)
    rasa_compat.install()
    assert before[:2] == (RemoteAction._validate_action_result, LockStore.lock)
    assert RemoteAction._validate_action_result is patches._validate_action_result
    assert LockStore.lock is patches._lock


def test_another_rasa_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rasa, "__version__", "3.7.0")
    monkeypatch.setattr(LockStore, "lock", None)
    with pytest.raises(RuntimeError, match=r"written for Rasa 3\.6\.21, found 3\.7\.0"):
        patches.apply()
    assert LockStore.lock is None, "it must refuse before it patches"


def judged(result: Any) -> tuple[bool, bool]:
    """Does our validator accept it, does jsonschema?"""
    try:
        ours = ACTION._validate_action_result(result)
    except jsonschema.ValidationError:
        ours = False
    try:
        jsonschema.validate(result, ACTION.action_response_format_spec())
    except jsonschema.ValidationError:
        return ours, False
    return ours, True


EVENT = {"event": "slot", "timestamp": None, "name": "topic", "value": "doctor"}


@pytest.mark.parametrize(
    ("result", "accepted"),
    [
        ({"events": [EVENT], "responses": [{"response": "utter_reply", "facts": {}}]}, True),
        ({"events": [], "responses": []}, True),
        ({}, True),
        ({"events": None}, False),
        ({"events": [{"name": "topic"}]}, False),
        ({"events": ["slot"]}, False),
        ({"responses": "hello"}, False),
        ([], False),
        ("", False),
        (None, False),
    ],
)
def test_the_validator_judges_as_jsonschema_does(result: Any, accepted: bool) -> None:
    assert judged(result) == (accepted, accepted)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["event", "name", "events"]), inner),
    max_leaves=6,
)


@settings(max_examples=40, deadline=None)
@given(st.fixed_dictionaries({}, optional={"events": values, "responses": values}) | values)
def test_the_validator_judges_anything_as_jsonschema_does(result: Any) -> None:
    ours, theirs = judged(result)
    assert ours == theirs


def test_the_validator_raises_what_rasa_catches() -> None:
    with pytest.raises(jsonschema.ValidationError):
        ACTION._validate_action_result({"events": 5})


def test_the_class_of_an_event_is_what_rasa_finds() -> None:
    assert Event.resolve_by_type("slot") is SlotSet
    assert Event.resolve_by_type("topic") is None
    assert Event.resolve_by_type("no such", SlotSet) is SlotSet
    with pytest.raises(ValueError, match="Unknown event name"):
        Event.resolve_by_type("no such")


def test_a_contended_lock_is_taken_quickly() -> None:
    async def run() -> tuple[float, list[str]]:
        store, order, released = InMemoryLockStore(), [], 0.0

        async def first() -> None:
            nonlocal released
            async with store.lock("cli-1"):
                order.append("first in")
                await asyncio.sleep(0.1)
                order.append("first out")
                released = time.monotonic()

        async def second() -> float:
            await asyncio.sleep(0.02)
            async with store.lock("cli-1"):
                order.append("second in")
                return time.monotonic() - released

        _, waited = await asyncio.gather(first(), second())
        assert store.get_lock("cli-1") is None, "nothing is left behind"
        return waited, order

    waited, order = asyncio.run(run())
    assert order == ["first in", "first out", "second in"]
    assert waited < 0.2


def test_the_lock_keeps_the_order_of_arrival() -> None:
    async def run() -> list[int]:
        store, order = InMemoryLockStore(), []

        async def one(number: int) -> None:
            async with store.lock("cli-1"):
                order.append(number)
                await asyncio.sleep(0.005)

        await asyncio.gather(*(one(n) for n in range(8)))
        return order

    assert asyncio.run(run()) == list(range(8))


def test_the_lock_is_given_back_after_an_error() -> None:
    async def run() -> TicketLock | None:
        store = InMemoryLockStore()
        with pytest.raises(ZeroDivisionError):
            async with store.lock("cli-1"):
                raise ZeroDivisionError
        return store.get_lock("cli-1")

    assert asyncio.run(run()) is None


def test_the_lock_has_rasas_signature() -> None:
    """Rasa's own callers pass what they always passed."""
    source = original("core/lock_store.py", "lock")
    names = [a.arg for a in ast.parse(inspect.cleandoc(source)).body[0].args.args]  # type: ignore[attr-defined]
    assert names == list(inspect.signature(patches._lock).parameters)
    assert isinstance(patches._lock, type(asynccontextmanager(lambda: None)))  # type: ignore[arg-type]


def test_root_and_cross_origin_are_left_to_the_channel() -> None:
    app = Sanic("patched-root")
    rasa.server.add_root_route(app)
    rasa.server.configure_cors(app, "*")
    assert app.router.routes == ()
    assert "CORS_SUPPORTS_CREDENTIALS" not in app.config
    assert not app.request_middleware and not app.response_middleware
