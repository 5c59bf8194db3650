"""To the person, through the channel named in the conversation's id; and what the assistant itself says beside it."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from bot.speech.reply import Reply

logger = logging.getLogger(__name__)
BACK = '/human_handover{"person":"stop"}'
# Conversation and reply in, and the chat for a channel that needs it; whether it was delivered out.
Send = Callable[..., "Awaitable[bool] | bool"]
# Facts of a reply as actions hand them to speech in, the reply out.
Speak = Callable[[dict[str, Any]], Reply]
LONGEST = 12_000


class Delivery:
    """`add` names how a channel is reached; a conversation of another channel (a test, the command line) is not."""

    def __init__(self) -> None:
        self._channels: dict[str, tuple[Send, bool]] = {}

    def add(self, channel: str, send: Send, needs_chat: bool = False) -> None:
        """Conversations of this channel are reached with `send`."""
        self._channels[channel] = (send, needs_chat)

    def reaches(self, conversation: str) -> bool:
        """Whether an answer that comes later can be brought to this conversation."""
        return conversation.partition("-")[0] in self._channels

    async def __call__(self, conversation: str, reply: dict[str, Any], chat: str) -> bool:
        """Bring a reply; False when it did not arrive. Never raises."""
        send, needs_chat = self._channels.get(conversation.partition("-")[0], (None, False))
        if send is None:
            return False
        try:
            done = send(conversation, reply, *([chat] if needs_chat else []))
            return bool(await done if inspect.isawaitable(done) else done)
        except Exception as exc:  # whatever a channel does, the others go on
            logger.error("a person's answer could not be delivered: %s", type(exc).__name__)
            return False


class Sayings:
    """Sentences of the assistant around a conversation with a person. `office` is an argument of speech."""

    def __init__(self, speak: Speak, office: Any) -> None:
        self._speak, self._office = speak, office

    def say(self, language: str, *keys: str, back: bool = True) -> dict[str, Any]:
        """A reply of the assistant's own sentences, with the button back to it."""
        return self._made(language, keys, back).to_dict()

    def person(self, language: str, text: str) -> dict[str, Any]:
        """What a counsellor wrote, in whatever language."""
        reply = self._made(language, (), True)
        reply.text, reply.dir = text[:LONGEST], "auto"
        return {**reply.to_dict(), "author": "person"}

    def _made(self, language: str, keys: tuple[str, ...], back: bool) -> Reply:
        blocks = [{"say": key, "args": {"office": self._office}} for key in keys]
        choices = [{"say": "utter_choice_back", "payload": BACK}] if back else []
        return self._speak({"blocks": blocks, "choices": choices, "speak": language})
