"""Collects the replies of one message for the HTTP answer."""

from __future__ import annotations

from typing import Any

from rasa.core.channels.channel import OutputChannel

from bot.speech.reply import Reply


class WebOutput(OutputChannel):
    """Gathers replies in order instead of sending them.

    A message without a Reply, which only Rasa's own fallbacks produce, is shown as plain text.
    """

    def __init__(self) -> None:
        self.replies: list[dict[str, Any]] = []

    @classmethod
    def name(cls) -> str:
        """The channel these replies belong to."""
        return "web"

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Keep one bot message; `message` is what the NLG made."""
        reply = Reply.from_message(message)
        if reply is None and message.get("text"):
            reply = Reply(text=str(message["text"]), language="", dir="auto")
        if reply is not None:
            self.replies.append(reply.to_dict())
