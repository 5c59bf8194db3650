"""All regular expressions of ours: read from the source, evaluated in their modules, and those of data files."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
CALLS = ("compile", "search", "match", "fullmatch", "sub", "subn", "split", "findall", "finditer")
ANYWHERE = {"search", "sub", "subn", "split", "findall", "finditer"}


@dataclass(frozen=True)
class Pattern:
    """`where` is file:line; `anywhere` says whether it is looked for inside of a text, else from its beginning only."""

    where: str
    text: str
    flags: int
    anywhere: bool


def collected() -> tuple[list[Pattern], list[str]]:
    """Patterns, and places whose pattern is made of local names, as file:function."""
    found: list[Pattern] = []
    local: list[str] = []
    for path in sorted([*(ROOT / "bot").rglob("*.py"), *(ROOT / "actions").rglob("*.py")]):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        methods = _methods(tree)
        for call, owner, names in _calls(tree):
            where = f"{path.relative_to(ROOT)}:{call.lineno}"
            try:
                text, flags = _evaluated(call, path)
            except Exception:
                local.append(f"{path.relative_to(ROOT)}:{owner}")
                continue
            used = (
                {call.func.attr}
                if call.func.attr != "compile"
                else set().union(*(methods.get(n, set()) for n in names)) or ANYWHERE
            )  # type: ignore[attr-defined]
            found.append(Pattern(where, text, flags, bool(used & ANYWHERE)))
    return found, sorted(set(local))


def built() -> Iterator[Pattern]:
    """Patterns that modules make at run time, from data files or from parts."""
    from bot.channels.web import hsds_parameters
    from bot.directory_tools import editing
    from bot.memory import name_cues
    from bot.nlu import crisis, letters, phrases, sounds, when, wishes
    from bot.speech import negations

    for name, pattern in name_cues._patterns().items():
        yield Pattern(f"bot/memory/name_cues.py:{name}", pattern.pattern, pattern.flags, True)
    for path in sorted((ROOT / "data").glob("*.yml")):
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        if path.name == "hsds_terms.yml":
            for name, rows in content["phrases"].items():
                for kind in ("says", "not"):
                    if rows.get(kind):
                        yield Pattern(
                            f"data/{path.name}:{name}", "|".join(rows[kind]), re.UNICODE, not rows.get("whole")
                        )
    from actions.directory.sources.integreat_categories import Categories

    for number, (pattern, _) in enumerate(Categories.load()._titles):
        yield Pattern(f"data/integreat_categories.yml:{number}", pattern.pattern, pattern.flags, True)
    for module in (when, wishes):
        for number, pattern in enumerate(_inside(module.finder())):
            yield Pattern(f"{module.__name__}:{number}", pattern.pattern, pattern.flags, True)
    for module in (letters, negations, sounds):
        for name, value in vars(module).items():
            for pattern in _inside(value, 3):
                yield Pattern(f"{module.__name__}:{name}", pattern.pattern, pattern.flags, True)
    for text, _ in editing.COLUMN_OF:
        yield Pattern("bot/directory_tools/editing.py:COLUMN_OF", text, re.UNICODE, False)
    for text in re.findall(r'_matching\(r?"(.*?)"\)', Path(hsds_parameters.__file__).read_text(encoding="utf-8")):
        yield Pattern("bot/channels/web/hsds_parameters.py:_matching", text, re.UNICODE, False)
    for option in ("3arabizi", "kh7b2", "mmmaaa"):
        shape = phrases._shape(option)
        yield Pattern("bot/nlu/phrases.py:_shape", shape.pattern, shape.flags, False)
    for finder in crisis.patterns()._finders.values():
        if finder._any_shape is not None:
            yield Pattern("bot/nlu/phrases.py:__init__", finder._any_shape.pattern, finder._any_shape.flags, False)


def _inside(thing: Any, depth: int = 4) -> Iterator[re.Pattern[str]]:
    if isinstance(thing, re.Pattern):
        yield thing
    elif depth and isinstance(thing, dict):
        for value in thing.values():
            yield from _inside(value, depth - 1)
    elif depth and isinstance(thing, (list, tuple, set, frozenset)):
        for value in thing:
            yield from _inside(value, depth - 1)
    elif depth and hasattr(thing, "__dict__") and not isinstance(thing, ModuleType):
        yield from _inside(vars(thing), depth - 1)


def _calls(tree: ast.AST) -> Iterator[tuple[ast.Call, str, list[str]]]:
    """Calls of `re`, the function around them, and the names that a compiled pattern gets."""

    def walk(node: ast.AST, owner: str, names: list[str]) -> Iterator[tuple[ast.Call, str, list[str]]]:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            owner = node.name
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [t.id for t in targets if isinstance(t, ast.Name)]
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CALLS:
            if isinstance(node.func.value, ast.Name) and node.func.value.id == "re" and node.args:
                yield node, owner, names
        for child in ast.iter_child_nodes(node):
            yield from walk(child, owner, names)

    yield from walk(tree, "", [])


def _methods(tree: ast.AST) -> dict[str, set[str]]:
    """Name of a pattern to the methods that the module calls on it."""
    found: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.attr in CALLS:
            found.setdefault(node.value.id, set()).add(node.attr)
    return found


def _evaluated(call: ast.Call, path: Path) -> tuple[str, int]:
    """Pattern and flags of a call, with the names of its module."""
    flags: int = 0
    given = [keyword.value for keyword in call.keywords if keyword.arg == "flags"]
    place = {
        "compile": 1,
        "search": 2,
        "match": 2,
        "fullmatch": 2,
        "findall": 2,
        "finditer": 2,
        "split": 3,
        "sub": 4,
        "subn": 4,
    }
    at = place[call.func.attr]  # type: ignore[attr-defined]
    if len(call.args) > at:
        given.append(call.args[at])
    try:
        text = ast.literal_eval(call.args[0])
        names: dict[str, Any] = {"re": re}
    except ValueError:
        names = vars(import_module(".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")))
        text = eval(compile(ast.Expression(call.args[0]), "pattern", "eval"), dict(names))
    if given:
        flags = int(eval(compile(ast.Expression(given[0]), "flags", "eval"), {**names, "re": re}))
    if isinstance(text, bytes):
        text = text.decode("latin-1")
    if isinstance(text, re.Pattern):
        return text.pattern, text.flags
    assert isinstance(text, str)
    return text, flags
