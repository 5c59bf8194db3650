"""A run as JSON and as tables of docs/chaos.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bot.quality.sections import put, table
from tools.chaos.kinds import KINDS, Kind
from tools.chaos.ledger import Ledger, Message
from tools.growth.figures import share

SECTION = "chaos"


def summed(ledger: Ledger, left_out: Sequence[Kind], seconds: float, more: dict[str, Any]) -> dict[str, Any]:
    """The figures of one layout."""
    waits = [m.answered - m.sent for m in ledger.messages if m.answered is not None]
    faults = Counter(fault.name for fault in ledger.faults)
    why: Counter[str] = Counter()
    for message in ledger.messages:
        why.update(message.why)
    return {
        "layout": ledger.layout, "seed": ledger.seed, "seconds": round(seconds, 1), "faults": dict(sorted(faults.items())),
        "left_out": sorted(kind.name for kind in left_out),
        "killed": sum(fault.deaths for fault in ledger.faults),
        "messages": dict(sorted(Counter(m.channel for m in ledger.messages).items())),
        "kinds": dict(sorted(Counter(m.kind for m in ledger.messages).items())),
        "answered": sum(m.answered is not None for m in ledger.messages),
        "tries_more": sum(max(0, m.tries - 1) for m in ledger.messages),
        "failures": dict(why.most_common()),
        "began_anew": sum(ledger.anew.values()),
        "asked_again": sum(m.again for m in ledger.messages),
        "p50_seconds": round(share(waits, 50), 2) if waits else None,
        "p99_seconds": round(share(waits, 99), 2) if waits else None,
        "longest_seconds": round(max(waits), 1) if waits else None,
        "violated": ledger.violated, "violations": ledger.violations,
        "history": [_row(ledger, fault) for fault in ledger.faults],
        "slowest": [_slow(ledger, m) for m in sorted(ledger.messages, key=_waited, reverse=True)[:10]],
        **more,
    }  # fmt: skip


def _waited(message: Message) -> float:
    return (message.answered or float("inf")) - message.sent


def _slow(ledger: Ledger, message: Message) -> dict[str, Any]:
    waited = round(message.answered - message.sent, 1) if message.answered is not None else None
    at = round(message.sent - ledger.began, 1)
    return {"message": message.id, "kind": message.kind, "sent": at, "waited": waited, "why": dict(message.why)}


def _row(ledger: Ledger, fault: Any) -> dict[str, Any]:
    return {
        "name": fault.name, "began": round(fault.began - ledger.began, 1),
        "ended": round((fault.ended or fault.began) - ledger.began, 1), "detail": fault.detail, "deaths": fault.deaths,
    }  # fmt: skip


def text(found: dict[str, Any]) -> str:
    """A layout in a few lines."""
    failures = ", ".join(f"{number} x {why}" for why, number in list(found["failures"].items())[:6]) or "none"
    return "\n".join(
        [
            f"{found['layout']}, seed {found['seed']}: {found['seconds']:.0f} s, {sum(found['faults'].values())} faults "
            f"of {len(found['faults'])} kinds, {found['killed']} serving processes killed",
            f"  {found['answered']} of {sum(found['messages'].values())} messages answered, {found['tries_more']} tries "
            f"more, {found['began_anew']} began anew, {found.get('repeats', 0)} answers of Telegram came twice",
            f"  p50 {found['p50_seconds']} s, p99 {found['p99_seconds']} s, longest {found['longest_seconds']} s; "
            f"failures: {failures}",
            f"  {found['violated']} violations",
        ]
    )


def page(path: Path, content: dict[str, Any]) -> None:
    """Write the tables of a run into its section of the page."""
    rows = content["layouts"]
    names = [row["layout"] for row in rows]

    def line(what: str, key: str) -> list[Any]:
        return [what, *("–" if row.get(key) is None else row[key] for row in rows)]

    lines = [
        f"Run on {content['date']} at commit `{content['commit']}`: {content['machine']}; seed {content['seed']}, "
        f"{content['rate']:g} messages a second.",
        "",
        *table(
            ["", *names],
            [
                line("seconds of faults", "seconds"),
                ["faults", *(sum(row["faults"].values()) for row in rows)],
                line("serving processes killed", "killed"),
                ["messages", *(sum(row["messages"].values()) for row in rows)],
                ["of them about an emergency", *(row["kinds"].get("crisis", 0) for row in rows)],
                line("answered", "answered"),
                line("tries more", "tries_more"),
                line("answers of Telegram that came twice", "repeats"),
                line("conversations that began anew", "began_anew"),
                line("waited for an answer, median seconds", "p50_seconds"),
                line("p99", "p99_seconds"),
                line("longest", "longest_seconds"),
                line("seconds until all was well after the last fault", "healthy_after"),
                line("violations", "violated"),
            ],
        ),
        "",
        "What clients met before they were answered:",
        "",
        *table(["failure", *names], _counted(rows, "failures")),
        "",
        "Faults by kind:",
        "",
        *table(["fault", "what", *names], _with_meaning(_counted(rows, "faults"))),
    ]
    put(path, SECTION, lines)


def _counted(rows: Sequence[dict[str, Any]], key: str) -> list[list[Any]]:
    every = sorted({name for row in rows for name in row[key]})
    return [[name, *(row[key].get(name, 0) for row in rows)] for name in every] or [["none", *("" for _ in rows)]]


def _with_meaning(rows: list[list[Any]]) -> list[list[Any]]:
    about = {kind.name: kind.about for kind in KINDS}
    return [[f"`{row[0]}`", about.get(row[0], ""), *row[1:]] for row in rows]
