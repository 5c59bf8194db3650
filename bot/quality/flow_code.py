"""What our code sends out, writes and starts, read from its source: the facts behind docs/data-flow.md."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bot.settings import ROOT

# Rooms that run with the assistant; `bot/quality` are tools of maintainers.
RUNNING = ("actions", "bot")
TOOLS = ("bot.quality", "bot.release.main", "bot.cli")
# Libraries that speak to other machines, and the calls of the standard library that do.
CLIENTS = frozenset(
    "httpx aiohttp requests urllib3 redis psycopg2 telegram socket ssl smtplib ftplib imaplib poplib telnetlib "
    "http.client urllib.request xmlrpc websockets pika kafka".split()
)
SERVERS = frozenset({"sanic"})
_PROCESSES = re.compile(
    r"(subprocess\.(Popen|run|call|check_call|check_output)|(asyncio\.)?create_subprocess_(exec|shell)"
    r"|os\.(system|popen|exec\w*|spawn\w*|posix_spawn\w*|fork)|multiprocessing\.\w+)"
)
_FILE = re.compile(r"\.?[a-z][a-z0-9_-]*\.(sqlite|jsonl)|secret\.[a-z]+")
_DATA_DIR = re.compile(r"data_dir|folder|path", re.IGNORECASE)


@dataclass
class Found:
    """What one module does besides computing; sets of names as they stand in its source."""

    clients: set[str] = field(default_factory=set)
    processes: set[str] = field(default_factory=set)
    files: set[str] = field(default_factory=set)


def modules(root: Path = ROOT) -> Iterator[tuple[str, Path]]:
    """Every module of ours that runs with the assistant, with its file."""
    for room in RUNNING:
        for path in sorted((root / room).rglob("*.py")):
            name = ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
            if not name.startswith(tuple(f"{tool}." for tool in TOOLS)) and name not in TOOLS:
                yield name, path


def read(path: Path) -> Found:
    """What the source of a module does; SyntaxError when it is none."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = Found()
    typing_only = {id(node) for block in _type_checking(tree) for node in ast.walk(block)}
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)) and id(node) not in typing_only:
            found.clients.update(_clients(node))
        elif isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if _PROCESSES.fullmatch(called):
                found.processes.update(_started(node, tree) or [called])
            if called.rpartition(".")[2] == "create_engine":
                found.clients.add("sqlalchemy")
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and _FILE.fullmatch(node.value):
            found.files.add(node.value)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and isinstance(node.right, ast.Constant):
            if _DATA_DIR.search(ast.unparse(node.left)) and str(node.right.value) == "secret":
                found.files.add("secret")
    return found


def everything(root: Path = ROOT) -> dict[str, Found]:
    """What each module does, for those that do anything of it."""
    rows = ((name, read(path)) for name, path in modules(root))
    return {name: found for name, found in rows if found.clients or found.processes or found.files}


def _type_checking(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            yield from node.body


def _clients(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
    for name in names:
        yield from (client for client in CLIENTS if name == client or name.startswith(f"{client}."))


def _started(call: ast.Call, tree: ast.AST) -> list[str]:
    """What a call starts, as far as its source says so: its first argument; of `*command` all lists that name a program."""
    if not call.args:
        return []
    if not isinstance(call.args[0], ast.Starred):
        return [ast.unparse(call.args[0])]
    lists = [node.elts for node in ast.walk(tree) if isinstance(node, ast.List) and len(node.elts) > 1]
    first = [
        items[0].value for items in lists if isinstance(items[0], ast.Constant) and isinstance(items[0].value, str)
    ]
    return first or [ast.unparse(call.args[0])]
