"""What policies see of a conversation is what Rasa shows them, in a fraction of the time."""

from __future__ import annotations

import json
import random
import tarfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from rasa.core.policies.rule_policy import RulePolicy
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    BotUttered,
    DefinePrevUserUtteredFeaturization,
    Event,
    FollowupAction,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUtteranceReverted,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

from bot.rasa_compat import history, rules
from bot.settings import ROOT, Settings

SEEDS = range(40)


@cache
def domain() -> Domain:
    return Domain.load(ROOT / "domain.yml")


def conversation(seed: int, turns: int = 14) -> list[Event]:
    """A conversation as the assistant has them: sessions, questions, slots, answers, now and then a restart."""
    chance = random.Random(seed)
    intents, actions = sorted(domain().intents), [a for a in domain().action_names_or_texts if a.startswith("action_a")]
    events: list[Event] = [ActionExecuted("action_session_start"), SessionStarted(), ActionExecuted("action_listen")]
    for _ in range(chance.randint(1, turns)):
        intent = {"name": chance.choice(intents), "confidence": chance.random()}
        events.append(UserUttered("words of a person", intent, [{"entity": "place", "value": "leipzig"}]))
        for _ in range(chance.randint(0, 2)):
            slot, value = chance.choice((("awaiting", "place"), ("awaiting", None), ("place", "leipzig")))
            events.append(SlotSet(slot, value))
        events.append(DefinePrevUserUtteredFeaturization(False))
        events.append(ActionExecuted(chance.choice(actions), hide_rule_turn=chance.random() < 0.7))
        events.append(BotUttered("an answer"))
        events.append(ActionExecuted("action_listen", hide_rule_turn=chance.random() < 0.7))
        if chance.random() < 0.05:
            events.extend((Restarted(), ActionExecuted("action_session_start"), SessionStarted()))
            events.append(ActionExecuted("action_listen"))
    return events[: len(events) - chance.randint(0, 3)]


def tracker(events: list[Event]) -> DialogueStateTracker:
    return DialogueStateTracker.from_events("somebody", events, domain().slots)


def rasas_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DialogueStateTracker, "generate_all_prior_trackers", history._all_prior_trackers)


@pytest.mark.parametrize("hidden", [False, True])
def test_the_states_are_rasas(hidden: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    only = {"rule_only_slots": ["awaiting"], "rule_only_loops": []}
    for seed in SEEDS:
        talk = tracker(conversation(seed))
        ours = domain().states_for_tracker_history(talk, ignore_rule_only_turns=hidden, rule_only_data=only)
        with monkeypatch.context() as patch:
            rasas_way(patch)
            theirs = domain().states_for_tracker_history(talk, ignore_rule_only_turns=hidden, rule_only_data=only)
        assert ours == theirs and ours, seed


@pytest.mark.parametrize("event", [FollowupAction("action_answer"), ActiveLoop("form"), UserUtteranceReverted()])
def test_what_cannot_be_read_is_left_to_rasa(event: Event) -> None:
    talk = tracker([*conversation(1), event])
    assert history.moments(talk) is None
    assert domain().states_for_tracker_history(talk)


def test_a_copy_is_a_conversation_of_its_own() -> None:
    for seed in SEEDS:
        talk = tracker(conversation(seed))
        ours, theirs = talk.copy(), talk.travel_back_in_time(float("inf"))
        for name in ("latest_action", "latest_message", "latest_bot_utterance", "followup_action", "active_loop"):
            assert getattr(ours, name) == getattr(theirs, name), name
        assert ours.current_slot_values() == theirs.current_slot_values()
        assert list(ours.events) == list(theirs.events) and ours.is_paused() == theirs.is_paused()
        ours.update(SlotSet("place", "dresden"))
        ours.update(ActionExecuted("action_listen"))
        assert talk.get_slot("place") == theirs.get_slot("place") and len(talk.events) == len(theirs.events)


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> RulePolicy:
    """A RulePolicy with the rules of the trained model."""
    storage = LocalModelStorage(tmp_path_factory.mktemp("storage"))
    context = ExecutionContext(GraphSchema({}))
    return RulePolicy(RulePolicy.get_default_config(), storage, Resource("rules"), context, lookup=lookup())


def lookup() -> dict[str, Any]:
    with tarfile.open(Settings.from_env().model) as archive:
        [member] = [m for m in archive.getmembers() if Path(m.name).name == "rule_policy.json"]
        content = archive.extractfile(member)
        assert content is not None
        return dict(json.load(content)["lookup"])


def possible_by_rasa(policy: RulePolicy, states: list[Any]) -> set[str]:
    """What RulePolicy does, word for word."""
    keys = set(policy.lookup["rules"])
    for back, state in enumerate(reversed(states)):
        keys = {key for key in keys if policy._is_rule_applicable(key, back, state)}
    return keys


def test_the_rules_found_are_rasas(policy: RulePolicy, monkeypatch: pytest.MonkeyPatch) -> None:
    found = 0
    for seed in SEEDS:
        talk = tracker(conversation(seed))
        states = policy._prediction_states(talk, domain(), use_text_for_last_user_input=False)
        with monkeypatch.context() as patch:
            rasas_way(patch)
            theirs = rules._prediction_states(policy, talk, domain(), use_text_for_last_user_input=False)
        assert states == theirs[-rules.LONGEST :], seed
        expected = possible_by_rasa(policy, theirs)
        assert policy._get_possible_keys(policy.lookup["rules"], states) == expected, seed
        found += len(expected)
    assert found > 10, "nothing was compared"


def test_the_prediction_is_rasas(policy: RulePolicy, monkeypatch: pytest.MonkeyPatch) -> None:
    for seed in SEEDS:
        talk = tracker(conversation(seed))
        ours = policy.predict_action_probabilities(talk, domain())
        with monkeypatch.context() as patch:
            rasas_way(patch)
            patch.setattr(RulePolicy, "_prediction_states", rules._prediction_states)
            patch.setattr(RulePolicy, "_find_action_from_rules", rules._find_action_from_rules)
            patch.setattr(RulePolicy, "_get_possible_keys", lambda self, _, states: possible_by_rasa(self, states))
            theirs = policy.predict_action_probabilities(talk, domain())
        assert ours == theirs, seed


def test_words_make_no_difference_to_rules_about_intents(policy: RulePolicy) -> None:
    index = rules._index(policy, policy.lookup["rules"])
    assert not index.reads_words
    assert index.longest <= rules.LONGEST


def test_a_rule_about_words_is_looked_up() -> None:
    about_words = {"r": [{"prev_action": {"action_name": "action_listen"}, "user": {"text": "hello"}}]}

    def fits(rule: str, back: int, state: Any) -> bool:
        return bool(state["user"] == about_words[rule][-1 - back]["user"])

    index = rules.RuleIndex(about_words, fits)
    assert index.reads_words
    assert index.possible([{"user": {"text": "hello"}}]) == {"r"}
    assert index.possible([{"user": {"text": "bye"}}]) == set()


def test_a_rule_too_long_is_refused(policy: RulePolicy) -> None:
    key = json.dumps([{"prev_action": {"action_name": "action_listen"}}] * (rules.LONGEST + 1))
    with pytest.raises(RuntimeError, match="looks back 17 turns"):
        rules._index(policy, {key: "action_answer"})
