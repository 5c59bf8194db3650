"""/.well-known/security.txt (RFC 9116): whom to tell of a weakness of this copy, when its operator has said so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone

from sanic.request import Request
from sanic.response import HTTPResponse

from bot.channels.web.pages.page import HEADERS, PUBLIC

PATH = "/.well-known/security.txt"
# The address comes from a file that the running server was started with: a copy of this page is good for a season.
GOOD_DAYS = 90


class SecurityText:
    """The page. `contact` is an e-mail or https address; `public_url` is "" where the site's address is not known."""

    def __init__(self, contact: str, public_url: str, languages: Sequence[str]) -> None:
        self._contact = contact if contact.startswith("https://") else f"mailto:{contact}"
        self._public_url, self._languages = public_url.rstrip("/"), languages

    def text(self, now: datetime) -> str:
        """The file as it is at a moment (aware)."""
        good = (now.astimezone(timezone.utc) + timedelta(days=GOOD_DAYS)).strftime("%Y-%m-%dT00:00:00Z")
        lines = [f"Contact: {self._contact}", f"Expires: {good}"]
        lines += [f"Preferred-Languages: {', '.join(self._languages)}"]
        if self._public_url.startswith("https://"):
            lines.append(f"Canonical: {self._public_url}{PATH}")
        return "".join(f"{line}\n" for line in lines)

    async def __call__(self, request: Request) -> HTTPResponse:
        """Answer a request for it."""
        headers = {**HEADERS, "Cache-Control": PUBLIC}
        text = self.text(datetime.now(timezone.utc))
        return HTTPResponse(text, headers=headers, content_type="text/plain; charset=utf-8")
