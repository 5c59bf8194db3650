"""Zammad as the system of the office: a ticket a conversation, over its REST API.

One service account posts everything. Its notes carry a subject of their own, so that a trigger of Zammad and our
webhook can tell them from what people write (docs.zammad.org, "Ticket", "Articles").
"""

from __future__ import annotations

import logging
import secrets
from html import escape
from typing import Any

import httpx

from bot.handover.port import HandoverError

logger = logging.getLogger(__name__)
SECONDS = 10.0
FROM_PERSON, AUTOMATIC = "app user message", "automatically generated message"
LONGEST = 20_000


class Zammad:
    """`group` takes the tickets; `customer` is the e-mail address of the account they are opened for."""

    def __init__(self, url: str, token: str, group: str, customer: str, seconds: float = SECONDS) -> None:
        self._group, self._customer = group, customer
        self._client = httpx.AsyncClient(
            base_url=url.rstrip("/"),
            headers={"Authorization": f"Token token={token}", "User-Agent": "Wegweiser"},
            timeout=seconds,
            follow_redirects=False,
        )

    async def open(self, summary: str, language: str, place: str, kind: str = "") -> str:
        """A ticket whose first article is the summary, as an internal note; its id."""
        words = ("Wegweiser", kind, language, place)
        title = " ".join([*(f"[{word}]" for word in words if word), f"{secrets.token_hex(4)}…"])
        article = _article(AUTOMATIC, summary, internal=True)
        row = {"title": title, "group": self._group, "customer": self._customer, "article": article}
        made = await self._call("POST", "/api/v1/tickets", row, 201)
        number = made.get("id") if isinstance(made, dict) else None
        if not isinstance(number, int) or isinstance(number, bool):
            raise HandoverError("Zammad's answer to a new ticket has no id")
        return str(number)

    async def send(self, ref: str, text: str) -> None:
        """An article of the customer."""
        await self._add(ref, _article(FROM_PERSON, text, internal=False))

    async def note(self, ref: str, text: str) -> None:
        """An internal note of ours."""
        await self._add(ref, _article(AUTOMATIC, text, internal=True))

    async def close(self, ref: str) -> None:
        """The ticket's state becomes closed."""
        await self._call("PUT", f"/api/v1/tickets/{int(ref)}", {"state": "closed"}, 200)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _add(self, ref: str, article: dict[str, Any]) -> None:
        await self._call("POST", "/api/v1/ticket_articles", {"ticket_id": int(ref), **article}, 201)

    async def _call(self, method: str, path: str, row: dict[str, Any], wanted: int) -> Any:
        try:
            response = await self._client.request(method, path, json=row)
        except httpx.HTTPError as exc:
            # Its text may hold the address; its cause what was sent.
            raise HandoverError(f"Zammad cannot be reached ({type(exc).__name__})", again=True) from None
        status = response.status_code
        if status != wanted:
            if status in (401, 403, 422):
                logger.error("Zammad refuses what is asked (%d): token, group or customer may be wrong", status)
            # What is neither wanted nor an error is a page of a proxy or of maintenance.
            again = status in (408, 429) or not 400 <= status < 500
            raise HandoverError(f"Zammad answered {status}", again=again, gone=status in (404, 410))
        try:
            return response.json()
        except ValueError:
            raise HandoverError("Zammad's answer is not JSON", again=True) from None


def _article(subject: str, text: str, internal: bool) -> dict[str, Any]:
    return {
        "subject": subject,
        "body": escape(text[:LONGEST]).replace("\n", "<br>"),
        "content_type": "text/html",
        "type": "note" if internal else "web",
        "internal": internal,
        "sender": "Agent" if internal else "Customer",
    }
