"""The text of HTML that editors of upstreams wrote."""

from __future__ import annotations

import re
from html.parser import HTMLParser

# Letters of HTML that are read: a card shows a few sentences.
HTML_READ = 20_000
_ENDLESS = re.compile(r"<!--(?!.*-->).*$", re.DOTALL)


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


def plain(html: str) -> str:
    """The text on one line, without markup, what is not shown and what turns text around.

    Read twice, as markup is often escaped once more. An Integreat `excerpt` glues the words of neighbouring blocks:
    better read its `content`.
    """
    text = html[:HTML_READ]
    for _ in range(2):
        if "<" in text or "&" in text:
            parser = _Text()
            parser.feed(_ENDLESS.sub("", text))
            parser.close()
            text = "".join(parser.parts)
    return " ".join("".join(c for c in text if c.isprintable() or c.isspace()).split())
