"""Actions in the same process answer as an action server would."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from rasa.core.actions.action import ActionExecutionRejection, RemoteAction
from rasa.core.channels.channel import CollectingOutputChannel
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import RasaException
from rasa.utils.endpoints import ClientResponseError
from rasa_sdk import Action
from rasa_sdk.events import SlotSet as SdkSlotSet
from rasa_sdk.interfaces import ActionExecutionRejection as Rejection

from bot.rasa_compat.in_process import InProcessEndpoint


class Answer(Action):
    def name(self) -> str:
        return "action_answer"

    async def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list:
        dispatcher.utter_message(response="utter_reply", facts={"intent": tracker.latest_message["intent"]["name"]})
        return [SdkSlotSet("topic", "doctor")]


class Reject(Action):
    def name(self) -> str:
        return "action_reject"

    async def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list:
        raise Rejection(self.name(), "not now")


class Broken(Action):
    def name(self) -> str:
        return "action_broken"

    async def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list:
        raise ZeroDivisionError("inside")


class Speech:
    """An NLG that shows what it was given."""

    async def generate(self, key: str, tracker: Any, channel: str, **kwargs: Any) -> dict[str, Any]:
        return {"text": f"{key} {json.dumps(kwargs['facts'])}"}


ENDPOINT = InProcessEndpoint([Answer(), Reject(), Broken()])


def body(name: str) -> dict[str, Any]:
    tracker = {"sender_id": "a", "slots": {}, "latest_message": {"intent": {"name": "doctor"}}, "events": []}
    return {"next_action": name, "sender_id": "a", "tracker": tracker, "domain": {}, "version": "3.6.21"}


def request(name: str) -> Any:
    return asyncio.run(ENDPOINT.request("post", json=body(name)))


def through_rasa(name: str) -> list:
    domain = Domain.from_dict({"slots": {"topic": {"type": "text", "mappings": [{"type": "custom"}]}}})
    tracker = DialogueStateTracker.from_events("a", [], domain.slots)
    tracker.latest_message.intent = {"name": "doctor"}
    tracker.latest_message.parse_data = {"intent": {"name": "doctor"}}  # type: ignore[typeddict-item]
    action = RemoteAction(name, ENDPOINT)
    return asyncio.run(action.run(CollectingOutputChannel(), Speech(), tracker, domain))  # type: ignore[arg-type]


def test_an_action_answers_with_events_and_responses() -> None:
    found = request("action_answer")
    assert found["events"] == [{"event": "slot", "timestamp": None, "name": "topic", "value": "doctor"}]
    assert found["responses"][0]["response"] == "utter_reply"
    assert found["responses"][0]["facts"] == {"intent": "doctor"}


def test_rasa_takes_the_answer() -> None:
    said, slot = through_rasa("action_answer")
    assert isinstance(said, BotUttered) and said.text == 'utter_reply {"intent": "doctor"}'
    assert isinstance(slot, SlotSet) and (slot.key, slot.value) == ("topic", "doctor")


@pytest.mark.parametrize(("name", "status"), [("action_reject", 400), ("action_unknown", 404)])
def test_errors_take_the_shape_of_http(name: str, status: int) -> None:
    with pytest.raises(ClientResponseError) as caught:
        request(name)
    assert caught.value.status == status
    assert json.loads(caught.value.text)["action_name"] == name
    assert json.loads(caught.value.text)["error"]


def test_rasa_understands_a_rejection() -> None:
    with pytest.raises(ActionExecutionRejection, match="not now"):
        through_rasa("action_reject")


def test_rasa_understands_an_unknown_action() -> None:
    with pytest.raises(RasaException, match="action_unknown"):
        through_rasa("action_unknown")


def test_a_broken_action_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        request("action_broken")


def test_the_domain_is_not_sent_along() -> None:
    sent: dict[str, Any] = {}

    class Watched(InProcessEndpoint):
        async def request(self, method: str = "post", *_: Any, **kwargs: Any) -> Any:
            sent.update(kwargs["json"])
            return await super().request(method, **kwargs)

    domain = Domain.from_dict({})
    tracker = DialogueStateTracker.from_events("a", [])
    tracker.latest_message.intent = {"name": "doctor"}
    tracker.latest_message.parse_data = {"intent": {"name": "doctor"}}  # type: ignore[typeddict-item]
    action = RemoteAction("action_answer", Watched([Answer()]))
    asyncio.run(action.run(CollectingOutputChannel(), Speech(), tracker, domain))  # type: ignore[arg-type]
    assert sent["next_action"] == "action_answer"
    assert "domain" not in sent, "serialising it takes longer than most actions"
