"""Zammad on loopback, as far as its documentation says: tickets, articles, states, and the webhook of a trigger.

Stricter than the original on purpose: an unknown field or value is a 422, so that a typing error of ours shows.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import uuid
from typing import Any

import httpx
from aiohttp import web

TOKEN, GROUP, CUSTOMER, SECRET = "a-token-of-the-fake", "orientation-chat", "bot@example.org", "webhook-secret-0123456"
ARTICLE = {"ticket_id", "subject", "body", "content_type", "type", "internal", "sender"}
STATES = ("new", "open", "closed", "merged")


class Refused(Exception):
    """An error of Zammad's."""

    def __init__(self, status: int, error: str) -> None:
        super().__init__(error)
        self.status, self.error = status, error


class FakeZammad:
    """`tickets` by id, `articles` in order. `mode`: "" or a way to fail: a status, "html", "slow", "empty"; `held` are the
    requests that are kept waiting.
    `agents` are tokens with the permission ticket.agent. `stop` makes it unreachable, `start` brings it back.
    """

    def __init__(self) -> None:
        self.tickets: dict[int, dict[str, Any]] = {}
        self.articles: list[dict[str, Any]] = []
        self.requests: list[tuple[str, str]] = []
        self.agents = {TOKEN}
        self.mode: str | int = ""
        self.port = 0
        self.held = 0
        self._released = asyncio.Event()
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Listen; after `stop` again on the same port."""
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Be unreachable."""
        self._released.set()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def of(self, ticket: int, sender: str = "Customer", internal: bool = False) -> list[str]:
        """The bodies of a ticket's articles of one kind."""
        return [
            a["body"]
            for a in self.articles
            if a["ticket_id"] == ticket and a["sender"] == sender and a["internal"] is internal
        ]

    # what counsellors do
    def write(self, ticket: int, body: str, **changed: Any) -> bytes:
        """A counsellor answers; the body of the webhook that follows. `changed` are other fields of the article."""
        article = self._article(
            {"ticket_id": ticket, "subject": "Re:", "body": body, "content_type": "text/html", "type": "web",
             "internal": False, "sender": "Agent"} | changed
        )  # fmt: skip
        return self.payload(ticket, article)

    def close(self, ticket: int, state: str = "closed") -> bytes:
        """A counsellor changes the state; the webhook carries the latest article again."""
        self.tickets[ticket]["state"] = state
        last = next((a for a in reversed(self.articles) if a["ticket_id"] == ticket), None)
        return self.payload(ticket, last)

    def payload(self, ticket: int, article: dict[str, Any] | None) -> bytes:
        """The body of the webhook."""
        row = self.tickets.get(ticket, {"id": ticket, "number": "0", "title": "", "state": "open"})
        shown = {name: row.get(name) for name in ("id", "number", "title", "state")}
        shown |= {"group": {"id": 3, "name": GROUP}, "customer_id": 10}
        content = {"ticket": shown, "article": article and {"attachments": [], **article}}
        return json.dumps(content, ensure_ascii=False).encode()

    def headers(self, body: bytes, delivery: str = "", secret: str = SECRET) -> dict[str, str]:
        """The headers of a call."""
        signature = hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()
        return {
            "User-Agent": "Zammad User Agent",
            "Content-Type": "application/json; charset=utf-8",
            "X-Zammad-Trigger": "notify-bot",
            "X-Zammad-Delivery": delivery or str(uuid.uuid4()),
            "X-Hub-Signature": f"sha1={signature}",
        }

    async def call(self, url: str, body: bytes, delivery: str = "", secret: str = SECRET) -> int:
        """Call the webhook as a trigger does; the status that came back."""
        async with httpx.AsyncClient(trust_env=False) as client:
            headers = self.headers(body, delivery, secret)
            return (await client.post(f"{url}/webhooks/zammad", content=body, headers=headers)).status_code

    # the REST API
    async def _serve(self, request: web.Request) -> web.StreamResponse:
        self.requests.append((request.method, request.path_qs))
        if self.mode == "slow":
            self.held += 1
            try:
                await self._released.wait()
            finally:
                self.held -= 1
            return web.Response(status=503)
        if self.mode == "html":
            return web.Response(text="<html>Wartungsarbeiten</html>", content_type="text/html")
        if self.mode == "empty":
            return web.Response(status=201)
        if self.mode:
            return web.json_response({"error": "x"}, status=int(self.mode))
        try:
            given = await request.json() if request.can_read_body else {}
            status, answer = self._answer(request, given)
        except Refused as exc:
            return web.json_response({"error": exc.error}, status=exc.status)
        return web.json_response(answer, status=status)

    def _answer(self, request: web.Request, given: Any) -> tuple[int, Any]:
        scheme, _, token = request.headers.get("Authorization", "").partition(" token=")
        if scheme != "Token" or token not in {*self.agents, "a customer's"}:
            raise Refused(401, "Invalid token")
        if token not in self.agents:
            raise Refused(403, "Not authorized")
        parts = request.path.strip("/").split("/")
        if (request.method, parts) == ("POST", ["api", "v1", "tickets"]):
            return 201, self._open(given)
        if (request.method, parts) == ("POST", ["api", "v1", "ticket_articles"]):
            if given.get("ticket_id") not in self.tickets:
                raise Refused(404, "Couldn't find Ticket")
            return 201, self._article(given)
        if request.method == "PUT" and parts[:3] == ["api", "v1", "tickets"] and parts[3:] and parts[3].isdigit():
            ticket = self.tickets.get(int(parts[3]))
            if ticket is None:
                raise Refused(404, "Couldn't find Ticket")
            if set(given) - {"state"} or given.get("state") not in STATES:
                raise Refused(422, "Invalid attribute")
            return 200, {**ticket, **self._change(ticket, given["state"])}
        raise Refused(404, "No route matches")

    def _change(self, ticket: dict[str, Any], state: str) -> dict[str, Any]:
        ticket["state"] = state
        return ticket

    def _open(self, given: dict[str, Any]) -> dict[str, Any]:
        if set(given) - {"title", "group", "customer", "article"} or not given.get("title"):
            raise Refused(422, "Missing or unknown attribute")
        if given.get("group") != GROUP or given.get("customer") != CUSTOMER:
            raise Refused(422, "No lookup value found")
        number = 19 + len(self.tickets)
        self.tickets[number] = {"id": number, "number": f"220{number}", "title": given["title"], "state": "new",
                                "group_id": 2, "state_id": 1, "customer_id": 10}  # fmt: skip
        made = self._article({"ticket_id": number, **given["article"]})
        return {**self.tickets[number], "article_ids": [made["id"]]}

    def _article(self, given: dict[str, Any]) -> dict[str, Any]:
        wrong = set(given) - ARTICLE - {"attachments"} or given["content_type"] not in ("text/html", "text/plain")
        if wrong or given["type"] not in ("web", "note") or given["sender"] not in ("Customer", "Agent"):
            raise Refused(422, "Invalid article")
        if not isinstance(given["internal"], bool) or not str(given["body"]).strip():
            raise Refused(422, "Need at least an 'article body' field.")
        article = {"id": 30 + len(self.articles), **given}
        self.articles.append(article)
        return article
