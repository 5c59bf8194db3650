"""What `wegweiser model` takes."""

from __future__ import annotations

import argparse

VERBS = ("key", "pack", "sign", "check", "deliver")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("verb", choices=VERBS)
    parser.add_argument("folder", nargs="?", default="", help="folder of a release, for `sign`, `check` and `deliver`")
    parser.add_argument("--key", default="", help="file of the private key, for `pack` and `sign`")
    parser.add_argument("--out", default="", help="new file for `key`, folder for `pack` (default: build/release)")
