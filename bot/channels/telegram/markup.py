"""Replies as Telegram texts: escaped HTML with a plain twin, split below the limit, safe for both directions."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from html import escape
from urllib.parse import urlsplit

from telegram.constants import MessageLimit

from bot.speech.reply import Card, Reply

LIMIT = int(MessageLimit.MAX_TEXT_LENGTH)
MAX_SOURCES = 3
RLM, FSI, PDI = "\u200f", "\u2068", "\u2069"
_BREAKS = (re.compile(r"\n\s*\n"), re.compile(r"\n|(?<=[.!?؟۔…。])\s+"), re.compile(r"\s+"))
_ISOLATES = frozenset("\u2066\u2067\u2068")


@dataclass(frozen=True, slots=True)
class Part:
    """One text message: as HTML, and as the plain text sent when Telegram refuses the HTML."""

    html: str
    plain: str


def length(text: str) -> int:
    """Length as Telegram counts it, in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def split(text: str, limit: int = LIMIT) -> list[str]:
    """Pieces of at most `limit`: cut between paragraphs, else sentences, else words, else anywhere."""
    pieces = []
    text = text.strip()
    while length(text) > limit:
        head = text.encode("utf-16-le", "surrogatepass")[: 2 * limit].decode("utf-16-le", "ignore")
        end = len(head)
        for pattern in _BREAKS:
            # a break in the first quarter would leave a tiny message
            ends = [m.start() for m in pattern.finditer(head) if m.start() >= len(head) // 4]
            if ends:
                end = ends[-1]
                break
        pieces.append(text[:end].rstrip())
        text = text[end:].lstrip()
    return [*pieces, text] if text else pieces


def direct(text: str, direction: str) -> str:
    """Start lines of a right-to-left text with U+200F where the line itself would begin left to right."""
    if direction != "rtl":
        return text
    return "\n".join(RLM + line if line.strip() and not _begins_rtl(line) else line for line in text.split("\n"))


def _begins_rtl(line: str) -> bool:
    depth = 0
    for character in line:
        if character in _ISOLATES:
            depth += 1
        elif character == PDI:
            depth = max(0, depth - 1)
        elif depth == 0:
            kind = unicodedata.bidirectional(character)
            if kind in ("R", "AL", "L"):
                return kind != "L"
    return False


def text_parts(text: str, direction: str) -> list[Part]:
    """Plain text as messages; every character is shown as it is, no markup is interpreted."""
    text = text.encode("utf-8", "replace").decode("utf-8")
    pieces = split(direct(text, direction), LIMIT - 1)
    # a piece cut in the middle of a line may need its own mark, for which one unit is kept free
    return [Part(escape(piece, quote=False), piece) for piece in (direct(p, direction) for p in pieces)]


def reply_parts(reply: Reply) -> list[Part]:
    """The messages of a reply: its text with links and sources, then its cards."""
    parts = text_parts(reply.text, reply.dir)
    for added in filter(None, (_links(reply), _sources(reply))):
        if parts and length(parts[-1].plain) + length(added.plain) + 2 <= LIMIT:
            last = parts.pop()
            added = Part(f"{last.html}\n\n{added.html}", f"{last.plain}\n\n{added.plain}")
        # Too long with its links, it is sent as its plain twin, in pieces.
        parts += [added] if length(added.plain) <= LIMIT else text_parts(added.plain, reply.dir)
    return parts + packed([card_part(card, reply.dir) for card in reply.cards], reply.dir)


def packed(blocks: list[Part], direction: str) -> list[Part]:
    """Join blocks into as few messages as fit; a block too long for one message loses its formatting."""
    joined: list[Part] = []
    for block in blocks:
        if length(block.plain) > LIMIT:
            joined += text_parts(block.plain, direction)
        elif joined and length(joined[-1].plain) + length(block.plain) + 2 <= LIMIT:
            last = joined.pop()
            joined.append(Part(f"{last.html}\n\n{block.html}", f"{last.plain}\n\n{block.plain}"))
        else:
            joined.append(block)
    return joined


class _Lines:
    """Collects the lines of one block in both forms; names and numbers are isolated in right-to-left text."""

    def __init__(self, direction: str) -> None:
        self._direction = direction
        self._html: list[str] = []
        self._plain: list[str] = []

    def own(self, text: str) -> str:
        """Text of unknown direction inside a line."""
        return f"{FSI}{text}{PDI}" if self._direction == "rtl" and text else text

    def add(self, plain: str, html: str | None = None) -> None:
        """One line; `html` when it is more than the escaped text."""
        mark = RLM if direct(plain, self._direction) != plain else ""
        self._plain.append(mark + plain)
        self._html.append(mark + (escape(plain, quote=False) if html is None else html))

    def part(self) -> Part:
        """Everything collected."""
        return Part("\n".join(self._html), "\n".join(self._plain))


def card_part(card: Card, direction: str) -> Part:
    """One card as a block of lines: name, what it is, address with map and way, phone, hours, languages, date."""
    lines = _Lines(direction)
    name = lines.own(" ".join(card.name.split()))
    lines.add(name, f"<b>{escape(name, quote=False)}</b>")
    distance = f"≈ {max(1, round(card.distance_km))} km" if card.distance_km is not None else ""
    about = " · ".join(v for v in (card.kind, card.cost, *card.about, lines.own(distance)) if v)
    if about:
        lines.add(about)
    if card.address:
        _link(lines, "📍", card.address, card.map, card.route)
    for icon, value in (("📞", card.phone), ("✉️", card.email)):
        if value:
            lines.add(f"{icon} {lines.own(value)}")
    if card.hours:
        lines.add(f"🕒 {card.hours}")
    if card.languages:
        lines.add("🗣 " + " · ".join(card.languages))
    if card.website:
        _link(lines, "🌐", _host(card.website) or card.website, card.website)
    note = lines.own(_host(card.source))
    if card.note or note:
        known = f"ℹ️ {card.note}".strip()
        linked = f'<a href="{escape(card.source)}">{escape(note, quote=False)}</a>'
        if note:
            lines.add(f"{known} {note}", f"{escape(known, quote=False)} {linked}")
        else:
            lines.add(known)
    return lines.part()


def _sources(reply: Reply) -> Part | None:
    """One line of linked sources, the first few, each host once."""
    found = {_host(row.get("url", "")): row for row in reversed(reply.sources)}
    found.pop("", None)
    if not found:
        return None
    lines = _Lines(reply.dir)
    plain, html = [], []
    for host, row in list(reversed(found.items()))[:MAX_SOURCES]:
        name = lines.own(f"{host} ({row['date']})" if row.get("date") else host)
        plain.append(name)
        html.append(f'<a href="{escape(row["url"])}">{escape(name, quote=False)}</a>')
    lines.add("🔗 " + " · ".join(plain), "🔗 " + " · ".join(html))
    return lines.part()


def _links(reply: Reply) -> Part | None:
    """A line for each page to read on, with its title."""
    rows = [row for row in reply.links if _host(row.get("url", ""))]
    if not rows:
        return None
    lines = _Lines(reply.dir)
    for row in rows:
        _link(lines, "🔗", row.get("title") or _host(row["url"]), row["url"])
    return lines.part()


def _link(lines: _Lines, icon: str, label: str, url: str, route: str = "") -> None:
    """One line with a linked label, and behind it a bus that is linked to the way there."""
    label = lines.own(" ".join(label.split()))
    if not _host(url):
        lines.add(f"{icon} {label}")
        return
    html = f'{icon} <a href="{escape(url)}">{escape(label, quote=False)}</a>'
    plain = f"{icon} {label} {lines.own(url)}"
    if _host(route):
        html += f' <a href="{escape(route)}">🚌</a>'
        plain += f" 🚌 {lines.own(route)}"
    lines.add(plain, html)


def _host(url: str) -> str:
    """The host of a web address without "www.", empty when it is not one."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.") if parts.scheme in ("http", "https") else ""
