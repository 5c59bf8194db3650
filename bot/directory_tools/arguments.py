"""The command line of `wegweiser directory`. Imports nothing of ours: the command's help must be quick."""

from __future__ import annotations

import argparse
from dataclasses import dataclass

DISTRICT, ORGANISATION = "district", "organisation"
OPTIONS = ("out", "format", "months", "by", "topic", "district", "write", "done")


class UseError(ValueError):
    """The command line asks for something that does not exist; exit code 2."""


@dataclass(frozen=True, slots=True)
class Verb:
    """What a verb takes: its target as the usage names it ("" for none), options and formats."""

    target: str = ""
    options: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()


VERBS = {
    "check": Verb(),
    "coverage": Verb(options=("out",)),
    "stale": Verb(options=("months", "format", "by", "out"), formats=("text", "csv")),
    "show": Verb("an id"),
    "export": Verb(options=("format", "out", "topic", "district"), formats=("yaml", "csv", "xlsx")),
    "import": Verb("a CSV or XLSX file", ("write",)),
    "diff": Verb("a table, a YAML file or a folder"),
    "corrections": Verb(options=("done",)),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of all verbs; which verb takes which is the work of `check_arguments`."""
    parser.add_argument("verb", choices=list(VERBS))
    parser.add_argument("target", nargs="?", default="", help="show: an id; import: a table; diff: a table or folder")
    parser.add_argument("--out", default="", help="file to write (coverage, stale, export)")
    formats = ["text", "yaml", "csv", "xlsx"]
    parser.add_argument("--format", default="", choices=formats, help="stale: text, csv; export: yaml, csv, xlsx")
    parser.add_argument("--months", default=None, type=int, help="stale: a date older than this is old (12)")
    parser.add_argument(
        "--by", default="", choices=[DISTRICT, ORGANISATION], help="stale: how it is grouped (district)"
    )
    parser.add_argument("--topic", default="", help="export: only services of this topic")
    parser.add_argument("--district", default="", help="export: only services of this district")
    parser.add_argument("--write", action="store_true", help="import: change the files instead of only showing it")
    parser.add_argument("--done", default=None, type=int, metavar="N", help="corrections: take out line N")


def check_arguments(arguments: argparse.Namespace) -> None:
    """UseError when a verb lacks its target or got what it does not take."""
    name, verb = arguments.verb, VERBS[arguments.verb]
    if verb.target and not arguments.target:
        raise UseError(f"{name} needs {verb.target}")
    if arguments.target and not verb.target:
        raise UseError(f"{name} takes no {arguments.target!r}")
    for option in OPTIONS:
        if getattr(arguments, option) not in ("", None, False) and option not in verb.options:
            raise UseError(f"{name} has no --{option}")
    if arguments.format and arguments.format not in verb.formats:
        raise UseError(f"{name} --format is {' or '.join(verb.formats)}")
    if arguments.months is not None and not 1 <= arguments.months <= 600:
        raise UseError("--months is a number from 1 to 600")
    if name == "export" and not (arguments.out and arguments.format):
        raise UseError("export needs --format yaml, csv or xlsx and --out FILE")
