"""The web channel: a small JSON API in Rasa's own server, described in docs/widget-api.md."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, empty

from bot.channels import gate
from bot.channels.buckets import Buckets
from bot.channels.shedding import Shedding
from bot.channels.web.limits import Limits
from bot.channels.web.mailbox import Crowded, Mailbox
from bot.channels.web.openapi import openapi
from bot.channels.web.overload import Overloaded, check, work
from bot.channels.web.protocol import (
    METHODS,
    ApiError,
    Handler,
    Origins,
    answer,
    cacheable,
    encode,
    error,
    guarded,
    packed,
    read_body,
    read_json,
)
from bot.channels.web.replays import FORGET_ID, Answers, Late, Replays
from bot.channels.web.view import WebOutput
from bot.keys import Keys
from bot.speech.reply import Reply

FORGET = "delete_my_data"
_CONVERSATION = re.compile(r"[A-Za-z0-9_-]{16,64}")
_MESSAGE_ID = re.compile(r"[\x21-\x7e]{1,64}")
_NUMBER = re.compile(r"[0-9]{1,15}")
_INPUTS = ("text", "payload", "location")
# Errors that a person may read, and the string of the interface that tells them.
_TOLD = {
    "too_many": "busy",
    **dict.fromkeys(("empty", "not_text", "bad_payload", "bad_location", "too_large"), "refused"),
    **dict.fromkeys(("internal", "not_ready", "too_slow"), "failed"),
    "busy": "no_answer",
}
OnMessage = Callable[[UserMessage], Awaitable[Any]]


class WebInput(InputChannel):
    """Takes messages of the widget and answers them in the same HTTP request.

    Conversations need no storage here: a token is a signature of the conversation id. Limits and stored
    answers are per process unless `buckets` and `replays` share them between several. An answer that takes longer than `patience` seconds is a 503; asking again
    with the same message id gets it. `topics` gives the titles of all topics in a language by their ids.
    For `urgent`, `per_address` and `trusted_proxies` see Limits. `shedding` is the line of all channels.

    `with_person` tells of a conversation of Rasa's whether a person talks there instead of the assistant; without it
    nobody ever does. What that person writes comes through `deliver`, waits in the `mailbox` and is asked for
    by GET, which waits for it at most `longest_wait` seconds.
    """

    def __init__(
        self,
        secret: bytes | Keys,
        intents: frozenset[str],
        languages: list[dict[str, str]],
        strings: Callable[[str], dict[str, Any]],
        allowed_origins: tuple[str, ...] = (),
        *,
        limit: gate.RateLimit | None = None,
        patience: float = 25.0,
        topics: Callable[[str], dict[str, str]] | None = None,
        urgent: Callable[[str], bool] | None = None,
        per_address: int = 0,
        trusted_proxies: tuple[str, ...] = (),
        with_person: Callable[[str], bool] | None = None,
        mailbox: Mailbox | None = None,
        longest_wait: float = 20.0,
        replays: Answers | None = None,
        buckets: Buckets | None = None,
        shedding: Shedding | None = None,
    ) -> None:
        self._keys = keys = Keys.of(secret)
        self._intents = intents | {FORGET}
        self._languages = languages
        self._strings = strings
        self._origins = Origins(allowed_origins)
        self._codes = {str(language["code"]).lower(): str(language["code"]) for language in languages}
        common = keys.current if buckets else None
        self._limits = Limits(
            limit or gate.RateLimit(), per_address, trusted_proxies, urgent, buckets=buckets, secret=common
        )
        self._topics = topics
        self._patience = patience
        self._replays: Answers = Replays() if replays is None else replays
        self.with_person = with_person
        self._mailbox = Mailbox() if mailbox is None else mailbox
        self._longest_wait = longest_wait
        self._shedding = shedding or Shedding()

    @classmethod
    def name(cls) -> str:
        """The channel's name in trackers and conversation ids."""
        return "web"

    def url_prefix(self) -> str:
        """Absolute, so that Rasa mounts it here and not below /webhooks."""
        return "/api/v1"

    def blueprint(self, on_new_message: OnMessage) -> Blueprint:
        """All routes; every method of each is ours, so that errors have one shape."""
        blueprint = Blueprint("web")
        routes: dict[str, dict[str, Handler]] = {
            "/conversations": {"POST": self._open},
            "/messages": {"POST": partial(self._message, on_new_message)},
            "/conversations/<conversation>": {"DELETE": partial(self._forget, on_new_message)},
            "/conversations/<conversation>/messages": {"GET": self._written},
            "/strings": {"GET": self._texts, "HEAD": self._texts},
            "/topics": {"GET": self._titles, "HEAD": self._titles},
            "/openapi.json": {"GET": _describe, "HEAD": _describe},
            "/<path:path>": {},
        }
        allowed: dict[str, tuple[str, ...]] = {}
        for index, (path, handlers) in enumerate(routes.items()):
            name = f"route{index}"
            allowed[name] = tuple(handlers)
            handle = guarded(handlers or dict.fromkeys(METHODS, _unknown), self._origins, self._say)
            blueprint.add_route(handle, path, methods=METHODS, name=name, stream=True)

        @blueprint.listener("before_server_stop")
        async def stop_waiting(app: Any, _: Any) -> None:
            self._mailbox.close()

        # A response middleware, because Rasa's own CORS extension answers OPTIONS before any route.
        @blueprint.middleware("response")
        async def cross_origin(request: Request, response: HTTPResponse) -> HTTPResponse | None:
            preflight = request.method == "OPTIONS"
            methods = allowed.get(str(request.route.name).rpartition(".")[2], ()) if request.route else ()
            if preflight and self._origins.permits(request):
                response = empty()
            elif preflight:
                response = error(ApiError(403, "origin", "This website may not use the assistant."))
            for name in ("Access-Control-Allow-Credentials", "Access-Control-Expose-Headers"):
                response.headers.pop(name, None)
            cross = self._origins.headers(request, methods if preflight else ())
            vary = response.headers.get("Vary")
            response.headers.update({**cross, "Vary": f"{cross['Vary']}, {vary}" if vary else cross["Vary"]})
            return response if preflight else None

        return blueprint

    def forget(self, conversation: str) -> Awaitable[None] | None:
        """Drop what is kept for a conversation of Rasa's; to be called in the server's event loop.

        What other processes keep is dropped when what is given back is done; it is under way already.
        """
        self._mailbox.forget(conversation)
        return self._replays.forget(conversation)

    def deliver(self, conversation: str, reply: dict[str, Any] | Reply) -> bool:
        """Have a reply of a person, or about one, shown in a conversation of Rasa's; in the server's event loop.

        False when it cannot be: the conversation is another channel's, or the reply is larger than 64 KiB.
        """
        shown = reply.to_dict() if isinstance(reply, Reply) else reply
        return conversation.startswith(f"{self.name()}-") and self._mailbox.put(conversation, shown)

    def wake(self, conversation: str) -> None:
        """Tell at once whoever waits for messages that the person came or left; in the server's event loop."""
        self._mailbox.wake(conversation)

    async def _open(self, request: Request) -> HTTPResponse:
        """A new conversation; nothing is stored until the first message."""
        await read_body(request)
        await self._limits.opening(request)
        conversation = secrets.token_urlsafe(24)
        return answer({"conversation": conversation, "token": self._token(conversation)}, 201)

    async def _message(self, on_new_message: OnMessage, request: Request) -> HTTPResponse:
        """One message in, its replies out."""
        body = await read_json(request)
        request.ctx.hint = body.get("hint")
        sender = self._sender(request, body.get("conversation"))
        message_id = body.get("id")
        if not isinstance(message_id, str) or not _MESSAGE_ID.fullmatch(message_id):
            raise ApiError(400, "bad_id", "The message needs an id of at most 64 characters.")
        task = self._replays.get(sender, message_id)
        if task is None:
            message = self._read(body, sender)
            _require_agent(request)
            await check(self._shedding, self._limits, request, message)
            toll = self._limits.message(request, sender, message.text or "")
            task = await self._replays.begin(sender, message_id, partial(self._handle, on_new_message, message), toll)
        return packed(request, await self._wait(task))

    async def _forget(self, on_new_message: OnMessage, request: Request, conversation: str) -> HTTPResponse:
        """Have everything of this conversation deleted, our stored answers included."""
        await read_body(request)
        sender = self._sender(request, conversation)
        task = self._replays.get(sender, FORGET_ID)
        if task is None:
            _require_agent(request)
            parsed = gate.parse_payload(f"/{FORGET}", self._intents)
            message = gate.user_message(sender, self.name(), WebOutput(), parsed=parsed)
            work = partial(self._handle, on_new_message, message)
            task = await self._replays.begin(sender, FORGET_ID, work, self._limits.deleting(sender))
        await self._wait(task)
        elsewhere = self.forget(sender)
        if elsewhere is not None:
            await elsewhere
        return empty()

    async def _written(self, request: Request, conversation: str) -> HTTPResponse:
        """What a person wrote after a number, waiting for it while there is a person."""
        sender = self._sender(request, conversation)
        self._limits.reading(sender)
        after = str(request.get_args(keep_blank_values=True).get("after", "0"))
        if not _NUMBER.fullmatch(after):
            raise ApiError(400, "malformed", "The number of the last message is not valid.")
        try:
            found = await self._mailbox.wait(sender, int(after), self._longest_wait if self._talks(sender) else 0)
        except Crowded as full:
            if full.everywhere:
                raise ApiError(503, "busy", "Too many wait at the moment.", {"Retry-After": "10"}) from None
            raise ApiError(429, "too_many", "This conversation is open too often.", {"Retry-After": "10"}) from None
        return packed(request, encode({"messages": found, "person": self._talks(sender)}))

    def _talks(self, sender: str) -> bool:
        return self.with_person is not None and self.with_person(sender)

    async def _handle(self, on_new_message: OnMessage, message: UserMessage) -> bytes:
        answered: dict[str, Any] = {"replies": await work(self._shedding, on_new_message, [message])}
        sender = str(message.sender_id)
        if self._talks(sender):
            answered["person"] = True
        elif self._mailbox.waiting:  # the message ended it
            self._mailbox.wake(sender)
        return encode(answered)

    async def _texts(self, request: Request) -> HTTPResponse:
        """The interface's words in the first wanted language we have, and all languages."""
        language = self._wanted(request.args.get("lang", ""))
        return cacheable(request, {**self._strings(language), "languages": self._languages})

    async def _titles(self, request: Request) -> HTTPResponse:
        """The titles of all topics in the first wanted language we have."""
        language = self._wanted(request.args.get("lang", ""))
        directions = {item["code"]: item["dir"] for item in self._languages}
        titles = self._topics(language) if self._topics else {}
        return cacheable(request, {"language": language, "dir": directions[language], "topics": titles})

    def _wanted(self, wishes: str) -> str:
        codes = [str(language["code"]) for language in self._languages]
        return self._first_known(wishes) or ("en" if "en" in codes else codes[0])

    def _first_known(self, wishes: str) -> str:
        """The first language we speak of a list such as `ckb,ar-SY;q=0.8`; browsers list the most wanted first."""
        found = (self._known(wish.partition(";")[0]) for wish in wishes[:200].split(","))
        return next(filter(None, found), "")

    def _say(self, request: Request, problem: ApiError) -> str:
        """An error in the language of the message or of the browser, "" where we have no words for it."""
        hint = getattr(request.ctx, "hint", None)
        language = self._known(hint) if isinstance(hint, str) else ""
        language = language or self._first_known(request.headers.get("accept-language", ""))
        word = "crowded" if isinstance(problem, Overloaded) else _TOLD.get(problem.code)
        if not language or word is None:
            return ""
        return str(self._strings(language)["strings"].get(word, ""))

    def _known(self, wish: str) -> str:
        """Our code for a BCP 47 tag such as `de-AT`, empty when we do not speak it."""
        wish = wish.strip().lower()
        return self._codes.get(wish) or self._codes.get(wish.partition("-")[0], "")

    def _token(self, conversation: str) -> str:
        return gate.token(self._keys.current, self.name(), conversation)

    def _sender(self, request: Request, conversation: Any) -> str:
        """Rasa's conversation id of the bearer of a valid token."""
        if not isinstance(conversation, str) or not _CONVERSATION.fullmatch(conversation):
            raise ApiError(400, "bad_conversation", "The conversation is not valid.")
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        sender = gate.opened(self._keys, self.name(), conversation, token.strip())
        if scheme.lower() != "bearer" or not sender:
            headers = {"WWW-Authenticate": "Bearer"}
            raise ApiError(401, "unauthorized", "The conversation is not known. Please start a new one.", headers)
        return sender

    def _read(self, body: dict[str, Any], sender: str) -> UserMessage:
        """Rasa's message for exactly one of text, payload and location."""
        given = [name for name in _INPUTS if body.get(name) is not None]
        hint = "" if body.get("hint") is None else body["hint"]
        if len(given) != 1:
            raise ApiError(400, "malformed", "Send exactly one of text, payload and location.")
        if not isinstance(hint, str):
            raise ApiError(400, "malformed", "The hint must be a language tag.")
        campaign = "" if body.get("campaign") is None else body["campaign"]
        if not isinstance(campaign, str):
            raise ApiError(400, "malformed", "The campaign must be a short name.")
        value = body[given[0]]
        message = partial(
            gate.user_message, sender, self.name(), WebOutput(), hint=self._known(hint), campaign=campaign
        )
        if given[0] == "text":
            return message(text=gate.clean_text(value))
        if given[0] == "payload":
            return message(parsed=gate.parse_payload(value, self._intents))
        if not isinstance(value, dict) or any(isinstance(value.get(name), bool) for name in ("lat", "lon")):
            raise gate.Refused("bad_location", "The location is not valid.")
        return message(parsed=gate.parse_location(value.get("lat"), value.get("lon")))  # type: ignore[arg-type]

    async def _wait(self, task: asyncio.Task[bytes]) -> bytes:
        await asyncio.wait({task}, timeout=self._patience)
        try:
            if task.done():
                return task.result()
        except Late:
            pass
        text = "The answer takes longer than usual. Please try again."
        raise ApiError(503, "busy", text, {"Retry-After": "2"})


def agent_ready(request: Request) -> bool:
    """True when Rasa has loaded a model into this server."""
    agent = getattr(request.app.ctx, "agent", None)
    return agent is not None and bool(getattr(agent, "is_ready", lambda: True)())


def _require_agent(request: Request) -> None:
    if not agent_ready(request):
        raise ApiError(503, "not_ready", "The assistant is starting. Please try again.", {"Retry-After": "5"})


async def _describe(request: Request) -> HTTPResponse:
    """The description of this API."""
    return cacheable(request, openapi())


async def _unknown(request: Request, **_: str) -> HTTPResponse:
    raise ApiError(404, "not_found", "There is nothing at this address.")
