"""Text, numbers and addresses as links, the same as widget/parts/replies.js makes of them."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

from markupsafe import Markup, escape

# Addresses, and numbers as they are written in Germany: 110, 112, 116 117, 0341 1234567, +49 …
_LINKS = re.compile(
    r'(?P<url>https?://[^\s<>"\u2066-\u2069]+[^\s<>"\u2066-\u2069.,;:!?)])'
    r"|\+49[\d /()-]{6,}\d|\b0\d{2,4}[ /-]?\d[\d -]{3,}\d\b|\b116 ?\d{3}\b|\b11[02]\b",
    re.ASCII,
)
# An address that begins with its host in letters that cannot be mistaken.
_PLAIN = re.compile(r"https?://[a-z0-9.-]+(:\d+)?([/?#][^@]*)?", re.ASCII)
# 110 or 112 as an amount, a paragraph or a house number instead of an emergency call.
_AMOUNT_BEFORE = re.compile(r"([\d.,]|[§€][\s\u00a0]?|straße |str\. )$", re.ASCII | re.IGNORECASE)
_AMOUNT_AFTER = re.compile(r"([.,]\d|,?[\s\u00a0]?\d{3}|[\s\u00a0]?(€|%|EUR|евро|يورو|یورو))", re.ASCII | re.IGNORECASE)
# The German word to say at the counter stands in round brackets; in other scripts every Latin word there is one.
_TERMS = re.compile(r"\(([\u2066-\u2069]?[A-ZÄÖÜ][A-Za-zÄÖÜäöüß ./&-]{1,60}[\u2066-\u2069]?)\)")


def web(url: str) -> str:
    """The address when it leads to a web page, otherwise "": no script or data addresses."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme.lower() in ("http", "https") and parts.netloc else ""


def host(url: str) -> str:
    """The name of a website; what is no web address stays as it is."""
    return urlsplit(url).netloc.rpartition("@")[2].removeprefix("www.") if web(url) else url


def tel(number: str) -> str:
    """A number as a `tel:` address; the zero of "+49 (0)341" is not dialled."""
    return "tel:" + re.sub(r"[^\d+]", "", re.sub(r"\+(\d+)\s*\(0\)", r"+\1", number, flags=re.ASCII), flags=re.ASCII)


def phones(text: str) -> list[str]:
    """The numbers of a card, which may hold several."""
    return [part.strip() for part in re.split("[;,]", text) if re.search(r"\d", part)]


def mail(address: str) -> str:
    """An e-mail address as a `mailto:` address."""
    return "mailto:" + quote(address, safe="@", errors="replace")


def linked(text: str) -> Markup:
    """Text with its web addresses and phone numbers as links."""
    parts: list[Markup] = []
    end = 0
    for found in _LINKS.finditer(text):
        whole, at = found[0], found.start()
        amount = _AMOUNT_BEFORE.search(text[max(0, at - 12) : at]) or _AMOUNT_AFTER.match(text, found.end())
        if whole in ("110", "112") and amount:
            continue
        parts.append(escape(text[end:at]))
        if found["url"] is None:
            parts.append(Markup('<a href="{}" dir="ltr">{}</a>').format(tel(whole), whole))
        elif web(whole):
            parts.append(Markup('<a href="{}" rel="noreferrer" dir="ltr">{}</a>').format(whole, whole))
        else:
            parts.append(escape(whole))
        end = found.end()
    return Markup("").join([*parts, escape(text[end:])])


def addresses(text: str) -> Markup:
    """Text of a person with its web addresses alone as links; where one may mislead, its host stands behind it."""
    parts: list[Markup] = []
    end = 0
    for found in _LINKS.finditer(text):
        url = found["url"]
        if url is None or not web(url):
            continue
        parts += [
            escape(text[end : found.start()]),
            Markup('<a href="{}" rel="noreferrer" dir="ltr">{}</a>').format(url, url),
        ]
        if not _PLAIN.fullmatch(url):
            parts.append(Markup(' <b dir="ltr">({})</b>').format(_real_host(url)))
        end = found.end()
    return Markup("").join([*parts, escape(text[end:])])


def _real_host(url: str) -> str:
    """The host as it is looked up, so that letters that only look alike show."""
    name = host(url)
    try:
        return name.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return name


def written(text: str, language: str = "") -> Markup:
    """Text with links, and German words marked as German, so that a screen reader speaks them so."""
    if language == "de":
        return linked(text)
    parts: list[Markup] = []
    end = 0
    for found in _TERMS.finditer(text):
        term = Markup('<span lang="de" dir="ltr">{}</span>').format(found[1])
        parts += [linked(text[end : found.start(1)]), term]
        end = found.end(1)
    return Markup("").join([*parts, linked(text[end:])])
