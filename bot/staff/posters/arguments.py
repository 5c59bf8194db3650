"""What `wegweiser poster` takes."""

from __future__ import annotations

import argparse

from bot.staff.posters.order import CHANNELS, FORMATS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("--list-sites", action="store_true", help="list id and name of all sites, and end")
    parser.add_argument("--site", default="", help="where it hangs: an id of --list-sites")
    parser.add_argument("--languages", default="", help="one to six codes separated by commas, e.g. ar,fa,de")
    parser.add_argument("--topics", default=None, help="topics shown as pictograms (default: the main areas; '': none)")
    parser.add_argument("--format", default="a4", help=f"{', '.join(FORMATS)} (default: a4)")
    parser.add_argument("--channel", default="both", help=f"{', '.join(CHANNELS)} (default: both, as far as set up)")
    parser.add_argument("--campaign", default="", help="name in reports (default: made from the site)")
    parser.add_argument("--out", default="", help="the file to write, ending in .pdf or .html")
