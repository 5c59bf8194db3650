"""`wegweiser directory …`: the verbs, their options, and what is printed. Results go to standard output."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from actions.directory.geo import SAXONY
from actions.directory.model import DirectoryError, load_records
from bot.directory_tools import diff, editing, office, show, stale, table, workbook
from bot.directory_tools.arguments import DISTRICT, UseError, check_arguments
from bot.directory_tools.columns import Record
from bot.directory_tools.corrections import open_corrections
from bot.directory_tools.holdings import Holdings
from bot.directory_tools.house_style import record_text
from bot.directory_tools.limits import TableError
from bot.directory_tools.text_edit import EditError
from bot.settings import ROOT, Settings

DATA = ROOT / "data"
MAX_LISTED = 100


def main(settings: Settings, arguments: argparse.Namespace, data: Path = DATA) -> int:
    """Run one verb; 1 for a failure that is explained, 2 for wrong use."""
    try:
        check_arguments(arguments)
        return RUN[arguments.verb](settings, arguments, data)
    except UseError as exc:
        print(f"wegweiser directory: {exc}", file=sys.stderr)
        return 2
    except (DirectoryError, TableError, EditError) as exc:
        print(f"wegweiser directory {arguments.verb}: {exc}", file=sys.stderr)
    except BrokenPipeError:
        raise  # the reader of a report has seen enough: the command's affair
    except OSError as exc:
        where = f"{exc.filename}: " if exc.filename else ""
        print(f"wegweiser directory {arguments.verb}: {where}{exc.strerror}", file=sys.stderr)
    return 1


def _coverage(_: Settings, arguments: Any, data: Path) -> int:
    from bot.quality.coverage import main as coverage

    return coverage(arguments.verb, arguments.out, data)


def _stale(_: Settings, arguments: Any, data: Path) -> int:
    holdings = Holdings.load(data)
    today = date.today()
    limit, by = arguments.months or 12, arguments.by or DISTRICT
    found, gaps = stale.findings(holdings, today, limit), stale.gaps(holdings, today)
    names = _german_names(holdings)
    if arguments.format == "csv":
        text = office.stale_csv(found, gaps, names, limit, by)
        _give(text, arguments.out, "utf-8-sig")
    else:
        _give(office.stale_text(found, gaps, names, today, limit, by), arguments.out, "utf-8")
    return 0


def _show(_: Settings, arguments: Any, data: Path) -> int:
    holdings = Holdings.load(data)
    record = next((r for r in holdings.records if r.get("id") == arguments.target), None)
    if record is None:
        near = get_close_matches(arguments.target, list(holdings.area_of), 3)
        hint = f"; similar: {', '.join(near)}" if near else ""
        raise DirectoryError(f"there is no service {table.shortened(arguments.target)}{hint}")
    print("\n".join(show.lines(record, holdings.area_of[record["id"]], date.today())))
    return 0


def _export(_: Settings, arguments: Any, data: Path) -> int:
    holdings = Holdings.load(data)
    records = _chosen(holdings, arguments.topic, arguments.district)
    if arguments.format == "yaml":
        content = ("services:\n" + "".join(map(record_text, records)) if records else "services: []\n").encode()
    else:
        rows = table.rows_of(records)
        content = table.write_csv(rows) if arguments.format == "csv" else workbook.write(rows)
    _put(Path(arguments.out), content)
    print(f"{len(records)} services in {arguments.out}", file=sys.stderr)
    return 0


def _import(_: Settings, arguments: Any, data: Path) -> int:
    holdings = Holdings.load(data)
    found = editing.plan(table.read(Path(arguments.target)), holdings)
    print("\n".join(diff.lines(found.changes)))
    if found.faults:
        _complain(found.faults)
        return 1
    texts = editing.texts(found, holdings)
    if not found.changes:
        return 0
    if not arguments.write:
        print("nothing is written yet; repeat with --write", file=sys.stderr)
        return 0
    for path in holdings.write(texts):
        print(f"{path} written", file=sys.stderr)
    return 0


def _diff(_: Settings, arguments: Any, data: Path) -> int:
    path = Path(arguments.target)
    if not path.exists():
        raise DirectoryError(f"there is no file or folder {arguments.target}")
    holdings = Holdings.load(data)
    records, faults = diff.other(path, holdings.records)
    print("\n".join(diff.lines(diff.changes(holdings.records, records))))
    if faults:
        _complain(faults)
    return 1 if faults else 0


def _corrections(settings: Settings, arguments: Any, data: Path) -> int:
    queue = open_corrections(settings)
    names = {str(r.get("id")): str(r.get("name", "")) for r in load_records(data / "services")}
    if arguments.done is None:
        print(office.corrections_text(queue.entries(), names), end="")
        return 0
    gone = queue.done(arguments.done)
    if gone is None:
        raise DirectoryError(f"Zeile {arguments.done} gibt es nicht")
    print(f"erledigt: {office.correction_line(gone, names)}")
    return 0


RUN: dict[str, Callable[[Settings, Any, Path], int]] = {
    "check": _coverage,
    "coverage": _coverage,
    "stale": _stale,
    "show": _show,
    "export": _export,
    "import": _import,
    "diff": _diff,
    "corrections": _corrections,
}


def _chosen(holdings: Holdings, topic: str, district: str) -> list[Record]:
    districts = [place.id for place in holdings.gazetteer.districts()]
    if topic and topic not in holdings.topics:
        near = get_close_matches(topic, list(holdings.topics), 3)
        raise UseError(f"there is no topic {topic}" + (f"; similar: {', '.join(near)}" if near else ""))
    if district and district not in (*districts, SAXONY):
        raise UseError(f"there is no district {district}; there are {', '.join(sorted((*districts, SAXONY)))}")
    return [
        record
        for record in holdings.records
        if (not topic or topic in (record.get("topics") or []))
        and (not district or district in holdings.gazetteer.districts_of(map(str, record.get("area") or ())))
    ]


def _german_names(holdings: Holdings) -> dict[str, str]:
    from bot.speech.catalogue import Catalogue

    catalogue = Catalogue.load(ROOT / "locales")
    names = {topic.id: catalogue.text(topic.title, "de")[0] for topic in holdings.topics.values()}
    return names | {place.id: place.name for place in holdings.gazetteer.districts()}


def _complain(faults: Any) -> None:
    for fault in faults[:MAX_LISTED]:
        print(fault, file=sys.stderr)
    if len(faults) > MAX_LISTED:
        print(f"… and {len(faults) - MAX_LISTED} more", file=sys.stderr)
    print("nothing is written while this is so", file=sys.stderr)


def _give(text: str, out: str, encoding: str) -> None:
    """To the file, else to standard output."""
    if out:
        _put(Path(out), text.encode(encoding))
    else:
        print(text.replace("\r\n", "\n"), end="")


def _put(path: Path, content: bytes) -> None:
    """The whole file or nothing of it."""
    if path.exists() and not path.is_file():
        path.write_bytes(content)  # a device such as /dev/stdout
        return
    draft = path.resolve().with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        draft.write_bytes(content)
        os.replace(draft, path.resolve())
    finally:
        draft.unlink(missing_ok=True)
