"""The text of HTML that editors of upstreams wrote."""

from __future__ import annotations

import re
from html.parser import HTMLParser

# Letters of HTML that are read: a card shows a few sentences.
HTML_READ = 20_000
# Signs of markup that are read; Python's parser looks ahead anew at each.
MARKUP_READ = 3_000
FEW = 20  # beginnings of tags without an end that are read as text
_TAG = re.compile(r"<[^<>]*>")
# Turns text around, is not shown, or is half a character: nothing of it belongs into a name or an address.
_HARMFUL = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    r"\ud800-\udfff\U000e0000-\U000e0fff]"
)


class _Text(HTMLParser):
    """Text with a space where a block ends; contact cards (people's names and numbers) and scripts are left out."""

    _INLINE = frozenset("a abbr b em i small span strong sub sup u".split())
    _VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._skipped: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self._INLINE:
            self.parts.append(" ")
        if tag in self._VOID:
            return
        classes = (dict(attrs).get("class") or "").split()
        if self._skipped or tag in ("script", "style") or "contact-card" in classes:
            self._skipped.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self._INLINE:
            self.parts.append(" ")
        if tag in self._skipped:
            while self._skipped.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if not self._skipped:
            self.parts.append(data)


def tidy(text: str) -> str:
    """At most 20,000 letters of a text of an upstream, without what turns text around or cannot be shown."""
    return _HARMFUL.sub(" ", text[:HTML_READ])


def plain(html: str) -> str:
    """The text on one line, without markup, what is not shown and what turns text around.

    Read twice, as markup is often escaped once more. An Integreat `excerpt` glues the words of neighbouring blocks:
    better read its `content`.
    """
    text = html[:HTML_READ]
    for _ in range(2):
        if "<" in text or "&" in text:
            text = _read(_without_the_endless(text))
    return " ".join("".join(c for c in text if c.isprintable() or c.isspace()).split())


def _read(html: str) -> str:
    parser = _Text()
    try:
        parser.feed(html)
        parser.close()
    except AssertionError:  # what Python's parser calls a declaration that it does not know
        return _TAG.sub(" ", html)
    return "".join(parser.parts)


def _without_the_endless(text: str) -> str:
    """Without a comment or a tag that is never closed, and no more markup than an editor writes.

    The parser would search for the end of each from every later one, again and again.
    """
    comment = text.find("<!--", max(0, text.rfind("-->") - 3))
    if comment >= 0:
        text = text[:comment]
    closed = text.rfind(">") + 1
    if text.count("<", closed) > FEW:
        text = text[:closed] + text[closed:].partition("<")[0]
    if text.count("<") > MARKUP_READ:
        text = "<".join(text.split("<", MARKUP_READ + 1)[:-1])
    return text
