"""docs/data-flow.md: the diagram and its tables, from what bot/quality/data_flow.py has found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

HEAD = """# Data flow

This page is made by `wegweiser dataflow` from the code, with every part switched on; a test fails when it is older than the code. What each flow is exposed to, and what guards it, is in [security.md](security.md). How long anything is kept is in [privacy.md](privacy.md).

## Diagram

Every box is a trust boundary: what crosses its border is checked on the way in. Dotted lines are off until a setting names the other end.

```mermaid
flowchart LR
"""
PEOPLE = """  subgraph people["People (not trusted)"]
    browser["Browser: widget, light pages"]
    website["Website that embeds the widget"]
    phone["Telegram on a phone or in a group"]
    scraper["Anybody on the internet"]
  end
"""


def render(
    served: Sequence[Any],
    inside: Sequence[Any],
    out: Sequence[tuple[str, str, list[str], list[str]]],
    kept: Sequence[tuple[str, list[str]]],
    started: Sequence[tuple[str, str]],
) -> str:
    """The whole page."""
    parts = [HEAD + _diagram(served, out, kept, started) + "```\n"]
    parts += [
        _table("Routes", "What the server answers.", ("address", "methods", "part", "who may call it"), _routes(served))
    ]
    parts += [
        _table(
            "Other ports",
            "Of an action server (`wegweiser actions`), and of the metrics (`WEGWEISER_METRICS`); the server above does not have them.",
            ("address", "methods", "part", "who may call it"),
            _routes(inside),
        )
    ]
    parts += [
        _table(
            "Ways out",
            "Every client the code has. Without its setting a way does not exist; no other module imports a library for the network.",
            ("to", "what goes there", "settings", "modules"),
            [(to, what, _code(settings), _code(used)) for to, what, settings, used in out],
        )
    ]
    parts += [
        _table(
            "Files",
            "What is named as a file by modules that run with the assistant; they lie in the data folder. Contents and times: [privacy.md](privacy.md).",
            ("file", "modules"),
            [(f"`{name}`", _code(modules)) for name, modules in kept],
        )
    ]
    parts += [
        _table(
            "Programs",
            "What is started as a process of its own; what it is started with stands in the module.",
            ("command", "module"),
            [(f"`{program}`", f"`{module}`") for program, module in started],
        )
    ]
    return "\n".join(parts)


def _diagram(
    served: Sequence[Any],
    out: Sequence[tuple[str, str, list[str], list[str]]],
    kept: Sequence[tuple[str, list[str]]],
    started: Sequence[tuple[str, str]],
) -> str:
    groups = sorted({route.part for route in served})
    lines = [PEOPLE.rstrip("\n"), '  subgraph server["Server process (trusted code, untrusted input)"]']
    lines += ['    gate["one gate: size, commands, ids, buttons, rate"]', '    rasa["understanding and dialogue"]']
    lines += ['    actions["actions: directory, articles"]', '    speech["catalogue: the only words that are said"]']
    lines += [f'    {_id("in", part)}["{part}: {_count(served, part)}"]' for part in groups]
    lines += ["    gate --> rasa --> actions --> speech", "  end"]
    lines += ['  subgraph disk["Data folder (thief of a disk or a backup)"]']
    lines += [f'    {_id("file", name)}[("{name}")]' for name, _ in kept]
    lines += ["  end", '  subgraph programs["Programs of this machine"]']
    lines += [f'    {_id("run", str(n))}["{_plain(program)}"]' for n, (program, _) in enumerate(started)]
    lines += ["  end", '  subgraph others["Others (may be taken over)"]']
    lines += [f'    {_id("out", to)}["{to}"]' for to, *_ in out]
    lines += ["  end"]
    lines += [f"  {who} --> {_id('in', part)}" for part in groups for who in _callers(part)]
    lines += [f"  {_id('in', part)} --> gate" for part in groups if part in ("web", "light", "telegram_channel")]
    lines += [
        f'  actions -. "{what}" .-> {_id("out", to)}' if "HSDS" in to else f'  server -. "{what}" .-> {_id("out", to)}'
        for to, what, *_ in out
    ]
    lines += ["  server --> disk", "  server --> programs"]
    return "\n".join(lines) + "\n"


def _callers(part: str) -> tuple[str, ...]:
    """Who reaches the routes of a part."""
    return {
        "web": ("browser", "website"),
        "light": ("browser",),
        "telegram_channel": ("phone",),
        "site": ("browser", "website", "scraper"),
    }.get(part, ("scraper",))


def _count(served: Sequence[Any], part: str) -> str:
    number = sum(route.part == part for route in served)
    return f"{number} route" + ("s" if number != 1 else "")


def _routes(served: Sequence[Any]) -> list[tuple[str, ...]]:
    return [(f"`{r.path}`", ", ".join(r.methods), r.part, r.who) for r in served]


def _table(title: str, text: str, head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [f"## {title}", "", text, "", "| " + " | ".join(head) + " |", "| " + " | ".join("---" for _ in head) + " |"]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)]) + "\n"


def _code(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "none"


def _plain(text: str) -> str:
    """A text that may stand between the quotes of a box."""
    return "".join(c for c in text if c.isalnum() or c in " .-_*")


def _id(kind: str, name: str) -> str:
    return f"{kind}_" + "".join(c if c.isalnum() else "_" for c in name.lower())
