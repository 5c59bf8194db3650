"""`wegweiser poster`: a sheet to print, or the list of places where one can hang."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from bot.settings import ROOT, Settings
from bot.speech.catalogue import Catalogue
from bot.staff.posters.order import OrderError
from bot.staff.posters.studio import Studio

KINDS = (".pdf", ".html")


def main(settings: Settings, arguments: argparse.Namespace, main_topics: Sequence[str]) -> int:
    """Print the sites or write the sheet; 2 for a wrong wish, 1 when the file cannot be written."""
    studio = Studio.load(settings, Catalogue.load(ROOT / "locales"), main_topics)
    if arguments.list_sites:
        print("\n".join(f"{site.id} {site.name}" for site in studio.sites()))
        return 0
    out = Path(arguments.out)
    try:
        for name in ("site", "languages", "out"):
            if not getattr(arguments, name):
                raise OrderError(f"--{name} is missing", "")
        if out.suffix.lower() not in KINDS:
            raise OrderError("--out must end in .pdf or .html", "")
        order = studio.order(
            site=arguments.site,
            languages=_parts(arguments.languages),
            topics=None if arguments.topics is None else _parts(arguments.topics),
            format=arguments.format,
            channel=arguments.channel,
            campaign=arguments.campaign,
        )
        made = studio.pdf(order) if out.suffix.lower() == ".pdf" else studio.html(order).encode("utf-8")
    except OrderError as exc:
        print(f"wegweiser poster: {exc}", file=sys.stderr)
        return 2
    try:
        out.write_bytes(made)
    except OSError as exc:
        print(f"wegweiser poster: {out} cannot be written: {exc.strerror}", file=sys.stderr)
        return 1
    print(f"{out}: {order.site.name}, {', '.join(order.languages)}, campaign {order.campaign}")
    return 0


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
