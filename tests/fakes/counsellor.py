"""A person who talks in place of the assistant, for the web channels: what the handover does, without a help desk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from rasa.core.channels.channel import UserMessage
from sanic import Sanic

from bot.speech.reply import Reply


class Counselled:
    """Mixed into a fake agent: it is silent where a person talks; the test is that person, in a thread of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.talking: set[str] = set()
        self.heard: list[str] = []
        self.channel: Any = None
        self.loop: asyncio.AbstractEventLoop | None = None

    def behind(self, app: Sanic, channel: Any) -> None:
        """To be told before the server starts."""
        self.channel = channel
        channel.with_person = self.talking.__contains__

        @app.before_server_start
        async def keep_loop(app: Sanic, _: Any) -> None:
            self.loop = asyncio.get_running_loop()

    async def handle_message(self, message: UserMessage) -> None:
        """A person comes and goes by the button; what is written meanwhile is theirs to read."""
        sender, parsed = str(message.sender_id), message.parse_data
        intent = parsed["intent"]["name"] if parsed else ""
        if intent == "delete_my_data":
            self.talking.discard(sender)
        elif intent == "human_handover":
            stop = any(entity["value"] == "stop" for entity in parsed["entities"])
            (self.talking.discard if stop else self.talking.add)(sender)
            text = "The assistant is back." if stop else "A person will read this."
            reply = Reply(text, message.metadata.get("hint", "en"), "ltr").to_dict()
            await message.output_channel.send_response(sender, {"custom": {"reply": reply}})
            return
        elif sender in self.talking:
            self.heard.append(message.text or "")
            return
        await super().handle_message(message)  # type: ignore[misc]

    def writes(self, text: str, conversation: str = "", **more: Any) -> bool:
        """The person writes; to the only conversation there is unless one is named."""
        [to] = [conversation] if conversation else self.talking
        reply = {"text": text, "language": "de", "dir": "auto", "author": "person", **more}
        return bool(self.there(lambda: self.channel.deliver(to, reply)))

    def leaves(self, conversation: str = "") -> None:
        """The person ends the conversation."""
        [to] = [conversation] if conversation else self.talking

        def leave() -> None:
            self.talking.discard(to)
            self.channel.wake(to)

        self.there(leave)

    @property
    def readers(self) -> int:
        """How many wait for messages."""
        return int(self.there(lambda: self.channel._mailbox.waiting))

    def there(self, call: Callable[[], Any]) -> Any:
        """What a call gives in the server's event loop."""

        async def run() -> Any:
            return call()

        assert self.loop is not None
        return asyncio.run_coroutine_threadsafe(run(), self.loop).result(10)
