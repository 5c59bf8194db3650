"""The light channel: the conversation as a plain HTML form, without a script and without a cookie."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.channels import gate
from bot.channels.shedding import Shedding
from bot.channels.web.endpoint import FORGET, agent_ready
from bot.channels.web.limits import Limits, Toll
from bot.channels.web.mailbox import Mailbox
from bot.channels.web.overload import Overloaded, check, work
from bot.channels.web.pages.page import Book, Printer, Trouble, add, guarded, trouble_of, without_cors
from bot.channels.web.protocol import ApiError, Handler, Origins, encode, form_fields, read_body
from bot.channels.web.replays import FORGET_ID, Answers, Late, Replays, Work
from bot.channels.web.view import WebOutput
from bot.keys import Keys
from bot.operations import metrics
from bot.speech.reply import Reply

FORM = "application/x-www-form-urlencoded"
LONGEST_TITLE = 300
PERSON_SHOWN = 5  # messages of a person that stay on the page while they talk
_ID = re.compile(r"[A-Za-z0-9_-]{16,64}", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,15}", re.ASCII)
OnMessage = Callable[[UserMessage], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class _Asked:
    """What one press of a button sends: the messages in order, and how the page names the last one."""

    key: str
    messages: list[UserMessage]
    shown: str


@dataclass(slots=True)
class _View:
    """One page of a conversation: its hidden fields, and what it shows."""

    conversation: str
    token: str
    language: str
    page: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    asked: str = ""
    replies: list[Reply] = field(default_factory=list)
    note: str = ""
    text: str = ""
    begun: bool = False
    place: str = ""
    campaign: str = ""
    topics: tuple[str, ...] = ()
    talks: bool = False  # a person does, instead of the assistant
    written: list[Reply] = field(default_factory=list)  # by that person
    after: int = 0  # the number of the last message of theirs that was shown


class LightInput(InputChannel):
    """Takes forms and answers with pages.

    As in the web channel nothing is stored for a conversation: its id and the signature of it are hidden fields.
    A message counts as the same when page and content are the same, so that reloading an answer or pressing twice
    asks once, and going back to choose something else asks anew. Kept answers are per process unless `replays` share
    them between several.

    `with_person` and `deliver` are those of WebInput; what a person wrote is shown with the next page.
    """

    def __init__(
        self,
        secret: bytes | Keys,
        intents: frozenset[str],
        book: Book,
        allowed_origins: tuple[str, ...] = (),
        *,
        limits: Limits | None = None,
        patience: float = 25.0,
        with_person: Callable[[str], bool] | None = None,
        mailbox: Mailbox | None = None,
        replays: Answers | None = None,
        shedding: Shedding | None = None,
    ) -> None:
        self._keys = Keys.of(secret)
        self._intents = intents | {FORGET, "inform", "change_language"}
        self._book = book
        self._printer = Printer(book)
        self._origins = Origins(allowed_origins)
        self._limits = limits or Limits(gate.RateLimit())
        self._patience = patience
        self._replays: Answers = Replays() if replays is None else replays
        self.with_person = with_person
        self._mailbox = Mailbox() if mailbox is None else mailbox
        self._shedding = shedding or Shedding()

    @classmethod
    def name(cls) -> str:
        """The channel's name in trackers and conversation ids."""
        return "light"

    def url_prefix(self) -> str:
        """Absolute, so that Rasa mounts it here and not below /webhooks."""
        return "/m"

    def blueprint(self, on_new_message: OnMessage) -> Blueprint:
        """The page /m; what lies below it is not found."""
        blueprint = Blueprint("light")

        @blueprint.listener("before_server_stop")
        async def stop(app: Any, _: Any) -> None:
            self._mailbox.close()

        handlers: dict[str, Handler] = {
            "GET": self._begin,
            "HEAD": self._begin,
            "POST": partial(self._talk, on_new_message),
        }
        add(blueprint, "/", guarded(handlers, self._printer, self._origins), "talk")
        missing = guarded({"GET": _missing, "HEAD": _missing}, self._printer, self._origins)
        add(blueprint, "/<rest:path>", missing, "missing")
        without_cors(blueprint)
        return blueprint

    def forget(self, conversation: str) -> Awaitable[None] | None:
        """Drop what is kept for a conversation of Rasa's; as in WebInput."""
        self._mailbox.forget(conversation)
        return self._replays.forget(conversation)

    def deliver(self, conversation: str, reply: dict[str, Any] | Reply) -> bool:
        """Have a reply of a person shown with the next page of a conversation; as in WebInput."""
        shown = reply.to_dict() if isinstance(reply, Reply) else reply
        return conversation.startswith(f"{self.name()}-") and self._mailbox.put(conversation, shown)

    def wake(self, conversation: str) -> None:
        """Nobody waits for pages; as in WebInput."""

    async def _begin(self, request: Request) -> HTTPResponse:
        """A new conversation; nothing is stored and nobody is asked until the first press."""
        view = self._new(self._book.language(request))
        view.place = self._book.place(request)
        view.campaign = self._book.campaign(request)
        topic = request.args.get("topic", "")
        if topic in self._intents and self._book.topics.knows(topic):
            view.topics = (topic,)
        return self._show(request, view)

    async def _talk(self, on_new_message: OnMessage, request: Request) -> HTTPResponse:
        """One press in, the page with the answer out."""
        fields = await _read_form(request)
        language = self._book.known(fields.get("lang", "")) or self._book.language(request)
        view = self._new(language)
        view.text = fields.get("text", "")[: gate.MAX_CHARACTERS]
        conversation = fields.get("c", "")
        sender = gate.opened(self._keys, self.name(), conversation, fields.get("s", ""))
        if not _ID.fullmatch(conversation) or not _ID.fullmatch(fields.get("id", "")) or not sender:
            return self._trouble(request, view, Trouble(403, "light_ended"))
        view.conversation, view.token, view.page = conversation, fields["s"], fields["id"]
        view.begun = True
        view.place = fields.get("place", "") if fields.get("place") in self._book.places else ""
        view.campaign = gate.campaign_of(fields.get("via"))
        view.after = int(fields["after"]) if _NUMBER.fullmatch(fields.get("after", "")) else 0
        try:
            if fields.get("do") == "delete":
                return await self._forget(on_new_message, request, sender, language)
            if fields.get("do") == "look":
                return self._look(request, sender, view)
            asked = self._read(fields, sender, view)
            answer = await self._answer(on_new_message, request, sender, asked)
        except Trouble as problem:
            if problem.status == 429:
                metrics.REFUSED.labels("light", "rate").inc()
            return self._trouble(request, view, problem, sender)
        except gate.Refused:
            metrics.REFUSED.labels("light", "content").inc()
            return self._trouble(request, view, Trouble(400, "refused"), sender)
        except Exception as exc:  # what was typed is not lost with it
            return self._trouble(request, view, trouble_of(exc), sender)
        shown = _View(view.conversation, view.token, view.language, asked=asked.shown, begun=True, after=view.after)
        shown.replies = [Reply.from_dict(reply) for reply in answer]
        self._read_out(sender, shown)
        if not answer and not shown.talks and not shown.written:
            shown.note = self._book.words(shown.language)["no_answer"]
        return self._show(request, shown)

    def _look(self, request: Request, sender: str, view: _View) -> HTTPResponse:
        """What a person wrote meanwhile; what is in the field stays there."""
        try:
            self._limits.reading(sender)
        except ApiError as problem:
            raise Trouble(429, "busy", problem.headers) from None
        view.page = secrets.token_urlsafe(12)
        before = view.after
        self._read_out(sender, view)
        if view.after == before:
            view.note = self._book.words(view.language)["light_nothing" if view.talks else "person_left"]
        return self._show(request, view)

    def _read_out(self, sender: str, view: _View) -> None:
        """What a person wrote since the last page and, while they talk, a little of what they wrote before."""
        view.talks = self.with_person is not None and self.with_person(sender)
        found = self._mailbox.since(sender, view.after)
        if found:
            view.after = found[-1]["number"]
        if view.talks:
            found = self._mailbox.since(sender)[-max(len(found), PERSON_SHOWN) :]
        view.written = [Reply.from_dict(row["reply"]) for row in found]

    def _read(self, fields: Mapping[str, str], sender: str, view: _View) -> _Asked:
        """The messages of a press: a language, a choice or a text, the first of them that is given."""
        page, to = fields["id"], self._book.known(fields.get("to", ""))
        if to:
            view.language = to
            name = next(row["name"] for row in self._book.languages if row["code"] == to)
            payload = f'/change_language{{"service_language": "{to}"}}'
            return _Asked(_key(page, payload), [self._pressed(sender, payload, to, view.campaign)], name)
        if "choice" in fields:
            payload, _, title = fields["choice"].partition("|")
            message = self._pressed(sender, payload, view.language, view.campaign)
            return _Asked(_key(page, payload), [message], title[:LONGEST_TITLE])
        text = gate.clean_text(fields.get("text", ""))
        message = gate.user_message(
            sender, self.name(), WebOutput(), text=text, hint=view.language, campaign=view.campaign
        )
        before = []
        if view.place:  # what the address said of the town is told before the first question
            told = f'/inform{{"place": "{view.place}"}}'
            before.append(self._pressed(sender, told, view.language, view.campaign))
        return _Asked(_key(page, text), [*before, message], text)

    def _pressed(self, sender: str, payload: str, language: str, campaign: str = "") -> UserMessage:
        parsed = gate.parse_payload(payload, self._intents)
        return gate.user_message(sender, self.name(), WebOutput(), parsed=parsed, hint=language, campaign=campaign)

    async def _answer(
        self, on_new_message: OnMessage, request: Request, sender: str, asked: _Asked
    ) -> list[dict[str, Any]]:
        """The replies to a press."""
        last = asked.messages[-1]
        toll = self._limits.message(request, sender, last.text or "")
        handle = partial(self._handle, on_new_message, asked.messages)
        replies: list[dict[str, Any]] = json.loads(await self._once(request, sender, asked.key, handle, toll, last))
        return replies

    async def _forget(self, on_new_message: OnMessage, request: Request, sender: str, language: str) -> HTTPResponse:
        """Have everything of this conversation deleted, our kept answers included; the page begins a new one."""
        handle = partial(self._handle, on_new_message, [self._pressed(sender, f"/{FORGET}", language)])
        await self._once(request, sender, FORGET_ID, handle, self._limits.deleting(sender))
        elsewhere = self.forget(sender)
        if elsewhere is not None:
            await elsewhere
        view = self._new(language)
        view.note = self._book.words(language)["deleted"]
        return self._show(request, view)

    async def _handle(self, on_new_message: OnMessage, messages: list[UserMessage]) -> bytes:
        """The replies to the last of the messages, as JSON."""
        return encode(await work(self._shedding, on_new_message, messages))

    async def _once(
        self, request: Request, sender: str, key: str, handle: Work, toll: Toll, message: UserMessage | None = None
    ) -> bytes:
        """What was or is now answered under this key, within the limits and with an agent to answer."""
        task = self._replays.get(sender, key)
        try:
            if task is None:
                if not agent_ready(request):
                    raise Trouble(503, "no_answer", {"Retry-After": "5"})
                if message is not None:
                    await check(self._shedding, self._limits, request, message)
                task = await self._replays.begin(sender, key, handle, toll)
            await asyncio.wait({task}, timeout=self._patience)
            if task.done():
                return task.result()
        except Overloaded as problem:
            raise Trouble(503, "crowded", problem.headers) from None
        except ApiError as problem:
            raise Trouble(429, "busy", problem.headers) from None
        except Late:
            pass
        raise Trouble(503, "no_answer", {"Retry-After": "2"})

    def _new(self, language: str) -> _View:
        conversation = secrets.token_urlsafe(24)
        return _View(conversation, self._token(conversation), language, topics=tuple(self._book.main))

    def _token(self, conversation: str) -> str:
        return gate.token(self._keys.current, self.name(), conversation)

    def _trouble(self, request: Request, view: _View, problem: Trouble, sender: str = "") -> HTTPResponse:
        """The page once more with what is wrong; the text stays, to be sent again under the same id."""
        if sender:
            self._read_out(sender, view)
        view.note = self._book.words(view.language)[problem.word]
        return self._show(request, view, problem.status, problem.headers)

    def _show(
        self, request: Request, view: _View, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> HTTPResponse:
        asks = next((reply.asks for reply in reversed(view.replies) if reply.asks), "")
        values = {"view": view, "asks": asks, "place_name": self._book.topics.place_name(view.place, view.language)}
        return self._printer.respond(request, "light.html", view.language, status, headers, **values)


async def _read_form(request: Request) -> dict[str, str]:
    """The fields of a form; of several with one name the first."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise Trouble(415, "refused")
    body = await read_body(request)
    try:
        return form_fields(body)
    except ValueError:
        raise Trouble(400, "refused") from None


async def _missing(request: Request, rest: str) -> HTTPResponse:
    raise Trouble(404, "topic_missing")


def _key(page: str, content: str) -> str:
    """What makes two presses the same: the page they are made on, and what they say."""
    return f"{page}:{hashlib.sha256(content.encode('utf-8', 'replace')).hexdigest()[:24]}"
