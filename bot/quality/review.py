"""`wegweiser review`: what the assistant did not get right, in clusters; accepted messages become training messages."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

from bot.directory_tools.limits import TableError
from bot.memory.database import missing_file
from bot.memory.review_store import ReviewError, Store, review_url
from bot.quality import review_table
from bot.quality.review_clusters import proposals
from bot.quality.review_opening import open_review
from bot.quality.training_files import TrainingFiles
from bot.settings import ROOT, Settings

# Clusters that `list` shows.
SHOWN = 30


def main(settings: Settings, arguments: argparse.Namespace) -> int:
    """Run one verb; 1 with a sentence when there is no queue or a file cannot be used."""
    if arguments.verb in ("export", "import") and not arguments.file:
        return _fail("name the table, such as review.xlsx")
    if arguments.verb == "import" and not arguments.by.strip():
        return _fail("say with --by who has reviewed the messages: nothing becomes a training message by itself")
    missing = missing_file(review_url(settings))
    if missing is not None:
        return _fail(f"there is no queue at {missing}: messages are kept only with WEGWEISER_LEARN=on")
    try:
        store = open_review(settings)
        try:
            if arguments.verb == "list":
                return show(store)
            if arguments.verb == "export":
                return export(store, Path(arguments.file))
            if arguments.verb == "clear":
                print(f"{store.clear()} messages deleted")
                return 0
            return take_in(store, Path(arguments.file), arguments.by)
        finally:
            store.close()
    except (OSError, ValueError, TableError, ReviewError) as exc:
        return _fail(str(exc))


def _fail(sentence: str) -> int:
    print(f"wegweiser review: {sentence}", file=sys.stderr)
    return 1


def show(store: Store) -> int:
    """Print counts, and clusters with what they seem to mean; no texts, so that a log of it tells nothing."""
    rows = _clustered(store)
    print(f"{len(rows)} messages wait")
    unread = store.counts()["total"] - len(rows)
    if unread > 0:
        print(f"{unread} more were encrypted with another WEGWEISER_SECRET")
    counts = Counter((row.message.language, row.message.kind) for row in rows)
    for (language, kind), count in sorted(counts.items()):
        print(f"  {language:3} {kind:15} {count:5}")
    clusters: dict[int, list[Any]] = {}
    for row in rows:
        clusters.setdefault(row.cluster, []).append(row)
    print(f"{len(clusters)} clusters")
    for number, members in list(clusters.items())[:SHOWN]:
        first = Counter(row.intents[0] for row in members if row.intents).most_common(1)
        languages = ", ".join(sorted({row.message.language for row in members}))
        print(f"  {number:3}: {len(members):4} messages, {first[0][0] if first else '?'} ({languages})")
    return 0


def export(store: Store, path: Path) -> int:
    """Write the table for the reviewer."""
    rows = _clustered(store)
    review_table.write(path, rows)
    print(
        f"{len(rows)} messages in {path}. In the column decision, write yes, an intent, or no; * behind it: all of the cluster."
    )
    return 0


def take_in(store: Store, path: Path, by: str, root: Path = ROOT, today: date | None = None) -> int:
    """Write accepted messages into the training files and drop what was decided; 1 when some could not be taken.

    What cannot be taken stays in the queue and is named by its row.
    """
    from bot.quality.vocabulary import vocabulary

    decided, faults = review_table.read(path)
    waiting = {row.id: row for row in store.waiting()}
    files = TrainingFiles(root, vocabulary(root / "data"))
    accepted: list[tuple[str, str, str]] = []
    seen: set[tuple[str, str]] = set()
    done: list[int] = []
    for row in decided:
        message = waiting.get(row.id)
        if message is None:
            faults.append(f"row {row.row}: waits no more (taken in before, forgotten or older than 30 days)")
            continue
        if row.intent:
            fault = files.fault(message.language, row.intent, row.text)
            if not fault and (message.language, row.text.casefold()) in seen:
                done.append(row.id)  # the same words twice: one is enough
                continue
            if fault:
                faults.append(f"row {row.row}: {fault}")
                if "already" in fault and "," not in fault:
                    done.append(row.id)
                continue
            seen.add((message.language, row.text.casefold()))
            accepted.append((message.language, row.intent, row.text))
        done.append(row.id)
    files.add(accepted, "review", by, today or date.today())
    store.delete(done)
    print(
        f"{len(accepted)} messages are training messages now, {len(done) - len(accepted)} dropped, {len(faults)} not taken"
    )
    for fault in faults:
        print(f"  {fault}")
    if accepted:
        print("now: `wegweiser train`, then `make evaluate`")
    return 1 if faults else 0


def _clustered(store: Store) -> list[Any]:
    from bot import rasa_compat

    rasa_compat.install()
    from bot.quality.review_clusters import groups_of

    messages = store.waiting()
    return proposals(messages, groups_of(messages))
