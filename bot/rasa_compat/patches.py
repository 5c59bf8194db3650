"""Guarded patches of Rasa 3.6.21: each says what it mends and refuses a Rasa it was not written for."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import cache
from types import SimpleNamespace
from typing import Any

import jsonschema
import rasa
import rasa.core.agent
import rasa.core.policies.memoization
import rasa.core.policies.rule_policy
import rasa.core.processor
import rasa.server
from rasa.core.actions.action import RemoteAction
from rasa.core.lock import TicketLock
from rasa.core.lock_store import LOCK_LIFETIME, LockStore
from rasa.core.policies.rule_policy import RulePolicy
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event
from rasa.shared.core.trackers import DialogueStateTracker

from bot.rasa_compat import history, remote_actions, rules
from bot.rasa_compat.context import ContextProcessor
from bot.rasa_compat.runner import SequentialRunner

SUPPORTED = "3.6.21"
LOCK_POLL_SECONDS = 0.02
_resolve_by_type = Event.resolve_by_type


_validator = jsonschema.Draft7Validator(RemoteAction.action_response_format_spec())
_SLOT_KEYS = {"event", "timestamp", "name", "value"}


def _validate_action_result(self: RemoteAction, result: dict[str, Any]) -> bool:
    """`jsonschema.validate` builds the schema anew for every action, 15 ms (rasa-facts B5): it is compiled once, and not
    asked at all about what our actions nearly always return, which saves 2 ms a message."""
    if _plain(result):
        return True
    error = next(_validator.iter_errors(result), None)
    if error is not None:
        raise error
    return True


def _plain(result: Any) -> bool:
    """True for nothing but slots that are set and responses that are objects."""
    if not isinstance(result, dict) or not result.keys() <= {"events", "responses"}:
        return False
    events, responses = result.get("events", []), result.get("responses", [])
    if not isinstance(events, list) or not isinstance(responses, list):
        return False
    return all(isinstance(row, dict) for row in responses) and all(
        isinstance(row, dict)
        and row.keys() == _SLOT_KEYS
        and row["event"] == "slot"
        and row["timestamp"] is None
        and isinstance(row["name"], str)
        for row in events
    )


@cache
def _event_class(type_name: str) -> type[Event] | None:
    return _resolve_by_type(type_name)


def _resolve_event(type_name: str, default: type[Event] | None = None) -> type[Event] | None:
    """Remembered: Rasa looks through all subclasses of Event for every stored event."""
    try:
        return _event_class(type_name)
    except ValueError:
        if default is not None:
            return default
        raise


@asynccontextmanager
async def _lock(
    self: LockStore,
    conversation_id: str,
    lock_lifetime: float = LOCK_LIFETIME,
    wait_time_in_seconds: float = LOCK_POLL_SECONDS,
) -> AsyncGenerator[TicketLock, None]:
    """Poll a contended conversation every 20 ms instead of every second (RasaHQ/rasa#7921)."""
    ticket = self.issue_ticket(conversation_id, lock_lifetime)
    try:
        yield await self._acquire_lock(conversation_id, ticket, wait_time_in_seconds)
    finally:
        self.cleanup(conversation_id, ticket)


# These modules copy deeply what they would write to a debug log, for every message and also when nothing is written;
# and they copy nothing else (rasa-facts B6).
_LOGGING = (rasa.core.processor, rasa.core.policies.rule_policy, rasa.core.policies.memoization)
_NOT_COPIED = SimpleNamespace(deepcopy=lambda value: value)


_is_empty = Domain.is_empty


def _domain_is_empty(self: Domain) -> bool:
    """Remembered: Rasa builds an empty domain to compare with after every message."""
    if "_wegweiser_empty" not in self.__dict__:
        self.__dict__["_wegweiser_empty"] = _is_empty(self)
    return bool(self.__dict__["_wegweiser_empty"])


def _spare_work() -> None:
    """What Rasa does for every message and nobody needs."""
    for module in _LOGGING:
        module.copy = _NOT_COPIED
    RulePolicy.format_tracker_states = staticmethod(lambda states: states)  # type: ignore[method-assign,assignment]
    RulePolicy._prediction_states = rules.prediction_states  # type: ignore[method-assign]
    RulePolicy._get_possible_keys = rules.get_possible_keys  # type: ignore[method-assign]
    RulePolicy._find_action_from_rules = rules.find_action_from_rules  # type: ignore[method-assign]
    DialogueStateTracker.generate_all_prior_trackers = history.generate_all_prior_trackers  # type: ignore[method-assign]
    RemoteAction._action_call_format = remote_actions.action_call_format  # type: ignore[method-assign]
    Domain.is_empty = _domain_is_empty  # type: ignore[method-assign]
    DialogueStateTracker.copy = history.copy  # type: ignore[method-assign]
    rasa.core.processor.DaskGraphRunner = SequentialRunner  # type: ignore[misc]


def apply() -> None:
    """Install all patches once; RuntimeError on another Rasa version."""
    if rasa.__version__ != SUPPORTED:
        raise RuntimeError(f"bot.rasa_compat is written for Rasa {SUPPORTED}, found {rasa.__version__}")
    RemoteAction._validate_action_result = _validate_action_result  # type: ignore[method-assign]
    Event.resolve_by_type = staticmethod(_resolve_event)  # type: ignore[method-assign]
    _spare_work()
    LockStore.lock = _lock  # type: ignore[method-assign,assignment]
    # NLU components see neither tracker nor earlier messages; this processor hands them on.
    rasa.core.agent.MessageProcessor = ContextProcessor  # type: ignore[misc]
    # "/" belongs to our page; Rasa would answer it with "Hello from Rasa".
    rasa.server.add_root_route = lambda app: None
    # Cross-origin rules are the web channel's; Rasa's would add credentials headers to every answer (rasa-facts B10).
    rasa.server.configure_cors = lambda app, origins=None: None
