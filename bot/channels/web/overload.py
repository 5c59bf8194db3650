"""What a web channel says when this process has no room: the words, and the emergency numbers to whoever needs them."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import UserMessage
from sanic.request import Request

from bot.channels.shedding import Full, Shedding
from bot.channels.web.limits import Limits
from bot.channels.web.protocol import ApiError
from bot.channels.web.view import WebOutput
from bot.operations import metrics

# As `crowded` of strings.yml; people read it in their own language.
BUSY = "Very many people are writing to me now. Please write again in a few minutes. In an emergency call 112 or 110."


class Overloaded(ApiError):
    """503 `busy`: too many messages wait. When to ask again differs, so that not everybody comes back at once."""

    def __init__(self) -> None:
        super().__init__(503, "busy", BUSY, {"Retry-After": str(5 + secrets.randbelow(6))})


async def check(shedding: Shedding, limits: Limits, request: Request, message: UserMessage) -> None:
    """Overloaded when a message would be refused now: before it is charged to an allowance, so that trying again is free."""
    if not shedding.full:
        return
    if not await limits.may_look(request, str(message.sender_id)):
        raise _refusal(message)
    try:
        shedding.check(message.text or "")
    except Full:
        raise _refusal(message) from None


async def work(
    shedding: Shedding, on_new_message: Callable[[UserMessage], Awaitable[Any]], messages: list[UserMessage]
) -> list[dict[str, Any]]:
    """The replies to the last of the messages of one conversation, once their turn has come; Overloaded when it does not.

    An emergency that finds its lane full is answered with the numbers to call.
    """
    last = messages[-1]
    try:
        async with shedding.turn(str(last.sender_id), last.text or ""):
            for message in messages[:-1]:
                with contextlib.suppress(Exception):  # a town that cannot be noted must not stop the answer
                    await on_new_message(message)
            await on_new_message(last)
    except Full as full:
        hint = str((last.metadata or {}).get("hint") or "")
        numbers = shedding.first_aid(last.text or "", hint) if full.urgent else None
        if numbers is None:
            raise _refusal(last) from None
        return [numbers.to_dict()]
    output = last.output_channel
    return output.replies if isinstance(output, WebOutput) else []


def _refusal(message: UserMessage) -> Overloaded:
    metrics.SHED.labels(str(message.input_channel or "")).inc()
    return Overloaded()
