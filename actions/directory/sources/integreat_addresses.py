"""Addresses around an Integreat CMS: what we ask for, and what people are sent to."""

from __future__ import annotations

import re
from urllib.parse import quote

PUBLIC_WEB = "https://integreat.app"
"""Where people read what the CMS publishes; addresses inside the answers name the CMS itself."""

SLUG = re.compile(r"[\w-]+", re.ASCII)


def public_url(path: str) -> str:
    """The page for people at a path like "/region/de/…/", percent-encoded; "" for what is no such path."""
    if not path.startswith("/") or path.startswith("//") or ".." in path.split("/"):
        return ""
    return PUBLIC_WEB + quote(path, safe="/%$~")


def endpoint(region: str, language: str, name: str) -> str:
    """The path of a list, such as "/api/v3/landkreisleipzig/de/locations/"; without the last slash it redirects."""
    for slug in (region, language):
        if not SLUG.fullmatch(slug):
            raise ValueError("not a slug")
    return f"/api/v3/{quote(region, safe='')}/{quote(language, safe='')}/{name}/"
