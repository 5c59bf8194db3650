"""Rules found by an index: RulePolicy compares every rule with every turn, two hundred thousand times in 300 messages.

What decides whether a rule fits a turn is the state of that turn alone, and few states are different. So the rules that
fit a state at a distance are remembered, and the answer is an intersection of sets.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any
from weakref import WeakMethod

from rasa.core.policies.rule_policy import RulePolicy
from rasa.shared.core.constants import ACTION_LISTEN_NAME, PREVIOUS_ACTION, USER
from rasa.shared.core.domain import Domain, State
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import TEXT

from bot.rasa_compat.history import moments

REMEMBERED = 5_000
# States back from now that a rule may look at; the longest rule is held to it.
LONGEST = 16
_prediction_states = RulePolicy._prediction_states
_find_action_from_rules = RulePolicy._find_action_from_rules
_ATTRIBUTE = "_wegweiser_rules"


class RuleIndex:
    """The rules of one lookup table of a policy. `fits` tells whether a rule fits a state so many turns back."""

    def __init__(self, rules: dict[str, list[State]], fits: Callable[[str, int, State], bool]) -> None:
        self._rules, self._fits = rules, fits
        self._remembered: OrderedDict[Any, frozenset[str]] = OrderedDict()
        self.longest = max(map(len, rules.values()), default=0)
        # Without a rule that is about the words themselves, the words of a message make no difference.
        self._words = any(TEXT in state.get(USER, {}) for states in rules.values() for state in states)
        self.reads_words = self._words or any(
            states[-1].get(PREVIOUS_ACTION, {}).get("action_name") == ACTION_LISTEN_NAME and not states[-1].get(USER)
            for states in rules.values()
            if states
        )

    def possible(self, states: list[State]) -> set[str]:
        """The rules that fit all these states, the last of which is now."""
        found: frozenset[str] | None = None
        for back, state in enumerate(reversed(states)):
            if back >= self.longest or (found is not None and not found):
                break
            fitting = self._fitting(back, state)
            found = fitting if found is None else found & fitting
        return set(self._rules if found is None else found)

    def _fitting(self, back: int, state: State) -> frozenset[str]:
        key = (back, *sorted((kind, self._frozen(kind, part)) for kind, part in state.items()))
        fitting = self._remembered.get(key)
        if fitting is None:
            fitting = frozenset(rule for rule in self._rules if self._fits(rule, back, state))
            if len(self._remembered) >= REMEMBERED:
                self._remembered.popitem(last=False)
            self._remembered[key] = fitting
        return fitting

    def _frozen(self, kind: str, part: Any) -> tuple[Any, ...]:
        return tuple(sorted((k, repr(v)) for k, v in part.items() if self._words or (kind, k) != (USER, TEXT)))


def _index(policy: RulePolicy, lookup: dict[str, str]) -> RuleIndex:
    """The index of a table, made at its first use."""
    made: dict[int, tuple[dict[str, str], RuleIndex]] = policy.__dict__.setdefault(_ATTRIBUTE, {})
    known = made.get(id(lookup))
    if known is None or known[0] is not lookup:
        rules = {key: policy._rule_key_to_state(key) for key in lookup}
        # Weak, or policy and index would keep each other, and with them a model that was replaced.
        fits = WeakMethod(policy._is_rule_applicable)
        index = RuleIndex(rules, lambda *given: bool(fits()(*given)))  # type: ignore[misc]
        if index.longest > LONGEST:
            raise RuntimeError(f"a rule looks back {index.longest} turns, only {LONGEST} are kept for it")
        known = made[id(lookup)] = (lookup, index)
    return known[1]


def get_possible_keys(self: RulePolicy, lookup: dict[str, str], states: list[State]) -> set[str]:
    """Takes the place of RulePolicy's method of this name."""
    return _index(self, lookup).possible(states)


def prediction_states(
    self: RulePolicy,
    tracker: DialogueStateTracker,
    domain: Domain,
    use_text_for_last_user_input: bool = False,
    rule_only_data: dict[str, Any] | None = None,
) -> list[State]:
    """Takes the place of RulePolicy's method of this name: the last states are all that rules look at."""
    found = moments(tracker)
    if found is None or self.featurizer is None:
        return list(_prediction_states(self, tracker, domain, use_text_for_last_user_input, rule_only_data))
    seen: list[Any] = [moment for moment, _ in found[-LONGEST:]]
    states = [domain._clean_state(domain.get_active_state(moment)) for moment in seen]
    self.featurizer._choose_last_user_input([states], use_text_for_last_user_input)
    return states


def find_action_from_rules(
    self: RulePolicy, tracker: DialogueStateTracker, domain: Domain, use_text_for_last_user_input: bool
) -> Any:
    """Takes the place of RulePolicy's method of this name: no rule is about the words, so they are not looked up."""
    if use_text_for_last_user_input and not tracker.active_loop_name:
        if not _index(self, self.lookup["rules"]).reads_words:
            return None, None, False
    return _find_action_from_rules(self, tracker, domain, use_text_for_last_user_input)
