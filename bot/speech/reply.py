"""The channel-neutral reply: text, cards, choices and sources, ready to be shown by any channel."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Card:
    """One service as people read it: every value is text in the reply's language, absent when unknown.

    `about` are short facts such as "For women"; `open_now` is True or False only when hours are known for certain; `checked` is an ISO date prefix;
    `map` and `route` (by bus and train) are links.
    """

    id: str
    name: str
    kind: str = ""
    address: str = ""
    phone: str = ""
    email: str = ""
    hours: str = ""
    open_now: bool | None = None
    languages: list[str] = field(default_factory=list)
    website: str = ""
    map: str = ""
    route: str = ""
    distance_km: float | None = None
    cost: str = ""
    about: list[str] = field(default_factory=list)
    checked: str = ""
    note: str = ""
    source: str = ""


@dataclass(slots=True)
class Choice:
    """A button: what it says and what it sends back."""

    title: str
    payload: str


@dataclass(slots=True)
class Reply:
    """One answer. `asks` names what the person is asked for ("place"), so that channels can offer location.

    `topic` is the topic in hand: channels show nothing of some topics where others could see it. `place` is the German
    name of the town the person named. `author` is "person" when a human being wrote this instead of the assistant.
    """

    text: str
    language: str
    dir: str
    part: str = ""
    cards: list[Card] = field(default_factory=list)
    choices: list[Choice] = field(default_factory=list)
    links: list[dict[str, str]] = field(default_factory=list)
    sources: list[dict[str, str]] = field(default_factory=list)
    asks: str = ""
    topic: str = ""
    place: str = ""
    author: str = ""

    def to_dict(self) -> dict[str, Any]:
        """JSON form with absent keys left out."""
        return dict(_without_empty(self))

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Reply:
        """Rebuild a reply from its JSON form."""
        data = {"text": "", **data}
        data["cards"] = [Card(**card) for card in data.get("cards", ())]
        data["choices"] = [Choice(**choice) for choice in data.get("choices", ())]
        return cls(**data)

    @classmethod
    def from_message(cls, message: dict[str, Any]) -> Reply | None:
        """The reply inside a Rasa bot message, or None when the message carries none."""
        found = (message.get("custom") or {}).get("reply")
        return cls.from_dict(found) if found else None


def _without_empty(value: Any) -> Any:
    """`dataclasses.asdict` without what is empty; it alone took a tenth of the time of an answer."""
    if isinstance(value, (Reply, Card, Choice)):
        value = {name: getattr(value, name) for name in value.__slots__}
    if isinstance(value, dict):
        cleaned = {k: _without_empty(v) for k, v in value.items()}
        return {k: v for k, v in cleaned.items() if v is not None and v != "" and v != []}
    if isinstance(value, list):
        return [_without_empty(v) for v in value]
    return value
