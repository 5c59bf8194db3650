"""Actions on servers of their own, asked with little, and this process's own actions for all they do not answer.

Rasa's endpoint opens a connection for every action, waits five minutes, and sends the whole conversation (rasa-facts B5).
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable
from typing import Any

import aiohttp
import rasa
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

from bot.rasa_compat.in_process import InProcessEndpoint

logger = logging.getLogger(__name__)

CONNECT_SECONDS = 1.0
# For one action, a second try included. It waits 2.5 s for sources at most (actions/directory/sources/gather.py): a
# server that takes longer hangs, and this process answers sooner than it.
WHOLE_SECONDS = 4.0
# How long servers that did not answer are left alone; doubled each time they turn out to be no better.
PAUSE_SECONDS, LONGEST_PAUSE = 1.0, 30.0
IDLE_SECONDS = 30.0
CONNECTIONS = 128
# A connection ends after this many calls, so that servers that are added get their share of them.
CALLS_A_CONNECTION = 200
LARGEST_ANSWER = 1_000_000
WARN_EVERY = 60.0
# What a balancer says of servers that are starting or gone.
GATEWAY = frozenset({502, 503, 504})
AGAIN = frozenset({502, 503})
_MESSAGE_KEYS = ("intent", "intent_ranking", "entities", "language")
_rasas_format = RemoteAction._action_call_format


class Unanswered(Exception):
    """No server ran the action; `gone` when the next one would not be answered either."""

    def __init__(self, reason: str, gone: bool) -> None:
        super().__init__(reason)
        self.gone = gone


class RemoteEndpoint(EndpointConfig):
    """The action servers behind one address; what they do not answer within 4 s, this process answers itself.

    `runs_here` names actions that are never sent: those that may not wait for a network, or must not run twice.
    After a failure all run here for a second or longer, until a server says in the background that it is well.
    Only rejections are raised, as by one server. Calls carry neither the words of a message nor the conversation's id.
    """

    lean = True

    def __init__(self, url: str, fallback: InProcessEndpoint, runs_here: Callable[[str], bool]) -> None:
        super().__init__(url=url.rstrip("/").removesuffix("/webhook"), enable_selective_domain=True)
        self.whole_seconds = WHOLE_SECONDS
        self._fallback, self._runs_here = fallback, runs_here
        self._client: aiohttp.ClientSession | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._calls = 0
        self._away, self._pause, self._retry_at, self._quiet_until = False, PAUSE_SECONDS, 0.0, 0.0
        self._look: asyncio.Task[None] | None = None

    async def request(self, method: str = "post", *_: Any, **kwargs: Any) -> Any:
        """Run `kwargs["json"]["next_action"]`; ClientResponseError 400 when it refuses, 404 when nobody knows it."""
        call = kwargs["json"]
        if not self._runs_here(call["next_action"]) and self._may_ask():
            try:
                found = await self._ask(call)
            except Unanswered as exc:
                self._note(exc)
            else:
                self._pause = PAUSE_SECONDS
                return found
        return await self._fallback.request(method, **kwargs)

    async def disconnect(self) -> None:
        """Close connections; they are made anew by the next call, in whatever loop that runs."""
        look, client, same = self._look, self._client, self._loop is asyncio.get_running_loop()
        self._look = self._client = self._loop = None
        if look is not None and same:
            look.cancel()
        if client is not None:
            await client.close()

    async def _ask(self, call: dict[str, Any]) -> dict[str, Any]:
        until = time.monotonic() + self.whole_seconds
        try:
            body = json.dumps(slim(call)).encode()
        except (TypeError, ValueError) as exc:
            raise Unanswered("the call is no JSON", gone=False) from exc
        for last in (False, True):
            try:
                status, raw = await self._post(body, until)
            except asyncio.TimeoutError as exc:
                raise Unanswered("no answer in time", gone=True) from exc
            except (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError) as exc:
                # It broke as a server ended, while another one or its next process may be there.
                if last:
                    raise Unanswered(exc.__class__.__name__, gone=True) from exc
                continue
            except aiohttp.ClientError as exc:
                raise Unanswered(exc.__class__.__name__, gone=True) from exc
            if last or status not in AGAIN:
                break
        return _answer(status, raw)

    async def _post(self, body: bytes, until: float) -> tuple[int, bytes]:
        client = await self._connected()
        headers = {"Content-Type": "application/json"}
        self._calls += 1
        if self._calls % CALLS_A_CONNECTION == 0:
            headers["Connection"] = "close"
        patience = aiohttp.ClientTimeout(total=max(0.001, until - time.monotonic()), sock_connect=CONNECT_SECONDS)
        where = f"{self.url}/webhook"
        async with client.post(where, data=body, headers=headers, timeout=patience, allow_redirects=False) as response:
            raw = bytearray()
            async for chunk in response.content.iter_any():
                raw += chunk
                if len(raw) > LARGEST_ANSWER:
                    raise Unanswered("the answer is too large", gone=True)
            return response.status, bytes(raw)

    async def _connected(self) -> aiohttp.ClientSession:
        """The client of the loop that is running; the warm-up has another one than the server."""
        loop = asyncio.get_running_loop()
        if self._client is None or self._loop is not loop:
            before, self._loop = self._client, loop
            self._client = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=CONNECTIONS, keepalive_timeout=IDLE_SECONDS),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
            if before is not None:
                await before.close()
        return self._client

    # whether they are there
    def _may_ask(self) -> bool:
        if self._away and time.monotonic() >= self._retry_at and (self._look is None or self._look.done()):
            self._look = asyncio.get_running_loop().create_task(self._look_again())
        return not self._away

    async def _look_again(self) -> None:
        """Nobody's message is the one to find out with."""
        patience = aiohttp.ClientTimeout(total=CONNECT_SECONDS)
        try:
            client = await self._connected()
            async with client.get(f"{self.url}/health", timeout=patience, allow_redirects=False) as response:
                well = response.status == 200
        except (aiohttp.ClientError, asyncio.TimeoutError):
            well = False
        if well:
            self._away = False
            logger.info("action servers answer again")
        else:
            self._retry_at = time.monotonic() + PAUSE_SECONDS

    def _note(self, failure: Unanswered) -> None:
        now = time.monotonic()
        if failure.gone:
            if not self._away:
                self._away, self._retry_at = True, now + self._pause
                self._pause = min(2 * self._pause, LONGEST_PAUSE)
                logger.warning("action servers do not answer (%s): actions run in this process", failure)
        elif now >= self._quiet_until:
            self._quiet_until = now + WARN_EVERY
            logger.warning("an action server failed (%s): the action ran in this process", failure)


def _answer(status: int, raw: bytes) -> dict[str, Any]:
    """What a server answered; Unanswered when that is no answer of an action."""
    try:
        content = json.loads(raw)
    except (ValueError, RecursionError):
        content = None
    if status == 200 and _is_result(content):
        return dict(content)
    if status == 400 and isinstance(content, dict) and isinstance(content.get("action_name"), str):
        raise ClientResponseError(400, "rejected", raw.decode())
    # A program that answers 200 with something else is none of ours.
    raise Unanswered(f"status {status}", gone=status in GATEWAY or status < 400)


def _is_result(content: Any) -> bool:
    if not isinstance(content, dict) or not content.keys() >= {"events", "responses"}:
        return False
    events, responses = content["events"], content["responses"]
    return (
        isinstance(events, list)
        and isinstance(responses, list)
        and all(isinstance(row, dict) and isinstance(row.get("event"), str) for row in events)
        and all(isinstance(row, dict) for row in responses)
    )


def slim(call: dict[str, Any]) -> dict[str, Any]:
    """A call for another machine: what our actions read of it, without words, ids and earlier messages."""
    tracker = call["tracker"]
    message = tracker.get("latest_message") or {}
    slots = {name: value for name, value in tracker["slots"].items() if value is not None}
    slots.pop("session_started_metadata", None)  # what the channel said of the person
    return {
        "next_action": call["next_action"],
        "sender_id": "",
        "version": call["version"],
        "tracker": {
            "sender_id": "",
            "slots": slots,
            "latest_message": {key: message[key] for key in _MESSAGE_KEYS if key in message},
            "events": [],
        },
    }


def action_call_format(self: RemoteAction, tracker: DialogueStateTracker, domain: Domain) -> dict[str, Any]:
    """Takes the place of RemoteAction._action_call_format: of all events, our actions read the facts of the last answer.

    Rasa makes a dict of every event for every action, twice a message. Endpoints that are not ours get what Rasa sends.
    """
    if not getattr(self.action_endpoint, "lean", False):
        return dict(_rasas_format(self, tracker, domain))
    state = tracker.current_state()
    state["events"] = _last_facts(tracker)
    return {"next_action": self._name, "sender_id": tracker.sender_id, "tracker": state, "version": rasa.__version__}


def _last_facts(tracker: DialogueStateTracker) -> list[dict[str, Any]]:
    for event in reversed(tracker.events):
        if isinstance(event, BotUttered) and (event.data.get("custom") or {}).get("facts"):
            return [event.as_dict()]
    return []
