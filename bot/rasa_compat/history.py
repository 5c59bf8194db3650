"""The states of a conversation for the policies, without replaying it on a tracker of its own each time (rasa-facts B6).

Rasa makes a new tracker for every look of every policy and applies all events to it: five times a message, and each
time with a copy of every slot. What the policies see of it is read off the events here; where an event is met
that this cannot read, Rasa's own way is taken.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from typing import Any

from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.events import (
    ActionExecuted,
    BotUttered,
    DefinePrevUserUtteredFeaturization,
    Event,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.slots import Slot
from rasa.shared.core.trackers import DialogueStateTracker

_all_prior_trackers = DialogueStateTracker.generate_all_prior_trackers
# Two policies look at the same moments.
_ATTRIBUTE = "_wegweiser_moments"
# Of no effect on what a policy sees.
_SILENT = (BotUttered, DefinePrevUserUtteredFeaturization)


class Moment:
    """What a policy asks of a tracker, at one moment of the conversation."""

    __slots__ = ("followup_action", "latest_action", "latest_message", "slots")
    active_loop = None
    active_loop_name = None

    def __init__(
        self, message: UserUttered, action: dict[str, str], followup: str | None, slots: dict[str, Slot]
    ) -> None:
        self.latest_message, self.latest_action, self.followup_action, self.slots = message, action, followup, slots

    @property
    def latest_action_name(self) -> str | None:
        """The action that ran last, None before the first."""
        return self.latest_action.get("action_name") or self.latest_action.get("action_text")


def copy_slot(slot: Slot) -> Slot:
    """A slot of the same value; `copy.copy` asks every slot how it would like to be pickled."""
    made: Slot = object.__new__(type(slot))
    made.__dict__.update(slot.__dict__)
    return made


def moments(tracker: DialogueStateTracker) -> list[tuple[Moment, bool]] | None:
    """The conversation before each action and now, each with whether that action's turn is hidden; None: ask Rasa."""
    last = tracker.events[-1] if tracker.events else None
    known = tracker.__dict__.get(_ATTRIBUTE)
    if known is not None and known[0] == len(tracker.events) and known[1] is last:
        return known[2]  # type: ignore[no-any-return]
    found = _read(tracker)
    tracker.__dict__[_ATTRIBUTE] = (len(tracker.events), last, found)
    return found


def _read(tracker: DialogueStateTracker) -> list[tuple[Moment, bool]] | None:
    events = _since_start(tracker.events)
    slots = {}
    for name, slot in tracker.slots.items():
        if slot.influence_conversation:
            slots[name] = copy_slot(slot)
            slots[name].reset()
    message = UserUttered.empty()
    action: dict[str, str] = {}
    followup: str | None = ACTION_LISTEN_NAME
    found = []
    for event in events:
        if isinstance(event, ActionExecuted):
            found.append((Moment(message, action, followup, slots), event.hide_rule_turn))
            action, followup = event.as_sub_state(), None
        elif isinstance(event, UserUttered):
            message, followup = event, None
        elif isinstance(event, SlotSet):
            if event.key in slots:
                changed = copy_slot(slots[event.key])
                changed.value = event.value
                slots = {**slots, event.key: changed}
        elif not isinstance(event, _SILENT):
            return None
    found.append((Moment(message, action, followup, slots), False))
    return found


def _since_start(events: Iterable[Event]) -> list[Event]:
    """Those after the last restart or start of a session; what came before has no effect any more."""
    found: list[Event] = []
    for event in reversed(list(events)):
        if isinstance(event, (Restarted, SessionStarted)):
            break
        found.append(event)
    found.reverse()
    return found


def generate_all_prior_trackers(self: DialogueStateTracker) -> Generator[tuple[Any, bool], None, None]:
    """Takes the place of Rasa's method of this name."""
    found = moments(self)
    yield from _all_prior_trackers(self) if found is None else found


def copy(self: DialogueStateTracker) -> DialogueStateTracker:
    """Takes the place of Rasa's `tracker.copy`, which applies all events to a new one."""
    if self.active_loop is not None:  # it changes in place
        return self.travel_back_in_time(float("inf"))
    made: DialogueStateTracker = object.__new__(type(self))
    made.__dict__.update(self.__dict__)
    made.events = self._create_events(list(self.events))
    made.slots = type(self.slots)()
    made.slots.update((name, copy_slot(slot)) for name, slot in self.slots.items())
    return made
