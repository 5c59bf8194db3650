"""What Zammad tells us: a counsellor has written, or the ticket was closed. POST /webhooks/zammad.

A trigger of Zammad calls it for every change of a ticket. Only a public article of an agent is passed on, never what
we have posted ourselves, or each message would come back as an answer.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json as jsonlib
import logging
import re
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, json

from bot.handover.zammad import AUTOMATIC

logger = logging.getLogger(__name__)
PATH = "/webhooks/zammad"
MAX_BODY = 200 * 1024
# Zammad calls once for every change and tries again by itself.
MOST_AT_ONCE = 200
ENDED = frozenset({"closed", "merged", "removed"})
_ID = re.compile(r"[\x21-\x7e]{1,100}")
# What is read of an article, in characters, and what is passed on.
MOST_HTML, MOST_TAGS = 100_000, 5_000
LONGEST = 20_000
FEW = 20  # beginnings of markup without an end that are read as text
_TAG = re.compile(r"<[^<>]*>")
# Control characters, and what turns the text around it.
_HARMFUL = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)
# Id of a call or of an article in, whether it was not seen before out.
FirstTime = Callable[[str], bool]


@dataclass(frozen=True)
class Heard:
    """The ticket, the words of a counsellor ("" for none), whether the ticket has ended, whether files hang on it."""

    ref: str
    text: str
    ended: bool
    files: bool = False


Hear = Callable[[Heard], Coroutine[Any, Any, Any]]


def zammad_blueprint(secret: str, first_time: FirstTime, hear: Hear) -> Blueprint:
    """The route; `secret` is the one of the webhook in Zammad. What is heard is worked on after the answer."""
    blueprint = Blueprint("zammad_webhook")
    tasks: set[asyncio.Task[Any]] = set()

    @blueprint.post(PATH)
    async def webhook(request: Request) -> HTTPResponse:
        if len(request.body) > MAX_BODY:
            return _status(413, "too large")
        if not signed(secret, request.body, request.headers.get("x-hub-signature", "")):
            return _status(403, "forbidden")
        found = heard_in(request.body)
        if found is None:
            return _status(400, "not a ticket")
        if len(tasks) >= MOST_AT_ONCE:
            return _status(503, "busy")
        heard, number = found
        ref, ended, delivery = heard.ref, heard.ended, request.headers.get("x-zammad-delivery", "")
        if not ref or (_ID.fullmatch(delivery) and not first_time(f"delivery:{delivery}")):
            return _status(200, "ok")
        # The latest article comes again with every later change of the ticket.
        if (heard.text or heard.files) and number and not first_time(f"article:{number}"):
            heard = Heard(ref, "", ended, False)
        if not (heard.text or heard.files or ended):
            return _status(200, "ok")
        task: asyncio.Task[Any] = asyncio.get_running_loop().create_task(hear(heard))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        return _status(200, "ok")

    return blueprint


def heard_in(body: bytes) -> tuple[Heard, str] | None:
    """What a call tells and the number of its article ("" for none); None when it tells of no ticket."""
    try:
        row = jsonlib.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(row, dict) or not isinstance(row.get("ticket"), dict):
        return None
    state, found = row["ticket"].get("state"), row.get("article")
    article: dict[str, Any] = found if isinstance(found, dict) else {}
    ended = isinstance(state, str) and state in ENDED
    files = public(article) and bool(article.get("attachments"))
    return Heard(_number(row["ticket"].get("id")), words_of(article), ended, files), _number(article.get("id"))


def signed(secret: str, body: bytes, signature: str) -> bool:
    """Whether the body was signed with the secret ("sha1=" and the HMAC-SHA1 in hexadecimal); never without a secret."""
    right = "sha1=" + hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()
    return bool(secret) and hmac.compare_digest(signature.encode("utf-8", "surrogateescape"), right.encode())


def words_of(article: dict[str, Any]) -> str:
    """What a counsellor wrote to the person; "" for notes, for what the customer or we have posted, and for nothing."""
    body = article.get("body")
    if not public(article) or not isinstance(body, str):
        return ""
    text = body if article.get("content_type") == "text/plain" else plain(body)
    return _HARMFUL.sub("", text).strip()[:LONGEST]


def public(article: dict[str, Any]) -> bool:
    """Whether a counsellor wrote an article for the person; ours carry a subject of their own."""
    subject = article.get("subject")
    ours = isinstance(subject, str) and AUTOMATIC in subject.casefold()
    return article.get("internal") is False and article.get("sender") == "Agent" and not ours


def plain(html: str) -> str:
    """The text of an article: lines and paragraphs stay, markup, styles, scripts and what it quotes go."""
    html = _bounded(html)
    return _read(html, quotes=False) or _read(html, quotes=True)


def _read(html: str, quotes: bool) -> str:
    reader = _Reader(quotes)
    try:
        reader.feed(html)
        reader.close()
    except AssertionError:  # what Python's parser calls a declaration that it does not know
        reader.pieces = [_TAG.sub("\n", html)]
    lines = (" ".join(line.split()) for line in "".join(reader.pieces).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _bounded(html: str) -> str:
    """The beginning, without a comment or a tag that is never closed: the parser would look for its end again and again."""
    html = html[:MOST_HTML]
    closed = html.rfind(">") + 1
    if html.count("<", closed) > FEW:
        html = html[:closed] + html[closed:].partition("<")[0]
    comment = html.find("<!--", max(0, html.rfind("-->") - 3))
    if comment >= 0 and html.count("<!--", comment) > FEW:
        html = html[:comment]
    return html if html.count("<") <= MOST_TAGS else "<".join(html.split("<", MOST_TAGS + 1)[:-1])


class _Reader(HTMLParser):
    _BLOCKS = frozenset({"p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "ul", "ol", "table"})
    _SILENT = frozenset({"script", "style", "head", "title"})

    def __init__(self, quotes: bool) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._passed_over = self._SILENT if quotes else self._SILENT | {"blockquote"}
        self._silent: list[str] = []
        self._address = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self._passed_over:
            self._silent.append(tag)
        elif tag in self._BLOCKS and not self._silent:
            self.pieces.append("\n• " if tag == "li" else "\n")
        elif tag == "a" and not self._silent:
            address = dict(attrs).get("href") or ""
            self._address = address if address.startswith(("http://", "https://")) else ""

    def handle_endtag(self, tag: str) -> None:
        if tag in self._silent:
            while self._silent and self._silent.pop() != tag:
                pass
        elif tag in ("p", "div", "li") and not self._silent:
            self.pieces.append("\n")
        elif tag == "a" and self._address and not self._silent:
            if self._address not in "".join(self.pieces[-3:]):
                self.pieces.append(f" ({self._address})")
            self._address = ""

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.pieces.append(data.replace("\n", " "))


def _number(value: Any) -> str:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**63 else ""


def _status(status: int, word: str) -> HTTPResponse:
    return json({"status": word}, status=status)
