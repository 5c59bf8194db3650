"""Addresses around an Integreat CMS: what we ask for, what people are sent to, and what editors typed."""

from __future__ import annotations

import re
from urllib.parse import quote

PUBLIC_WEB = "https://integreat.app"
"""Where people read what the CMS publishes; addresses inside the answers name the CMS itself."""

SLUG = re.compile(r"[\w-]+", re.ASCII)
_WEB = re.compile(r"https?://[^\s<>\"'/@]+\.[^\s<>\"'/@]+(/[^\s<>\"']*)?", re.IGNORECASE)
_EMAIL = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[a-z]{2,}")


def public_url(path: str) -> str:
    """The page for people at a path like "/region/de/…/", percent-encoded; "" for what is no such path."""
    if not path.startswith("/") or path.startswith("//") or ".." in path.split("/"):
        return ""
    return PUBLIC_WEB + quote(path, safe="/%$~")


def web_address(text: str) -> str:
    """The text when it is one http(s) address without a user's name in it, else ""."""
    return text.strip() if _WEB.fullmatch(text.strip()) else ""


def email_address(text: str) -> str:
    """The text, its host in small letters, when it is one e-mail address, else ""."""
    name, _, host = text.strip().rpartition("@")
    found = f"{name}@{host.lower()}"
    return found if _EMAIL.fullmatch(found) else ""


def endpoint(region: str, language: str, name: str) -> str:
    """The path of a list, such as "/api/v3/landkreisleipzig/de/locations/"; without the last slash it redirects."""
    for slug in (region, language):
        if not SLUG.fullmatch(slug):
            raise ValueError("not a slug")
    return f"/api/v3/{quote(region, safe='')}/{quote(language, safe='')}/{name}/"
