"""Which of our files use what is bound to Rasa: the tables of docs/when-rasa-ends.md.

`python tools/audit/adapters.py --write` writes them anew; without it they are shown.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "when-rasa-ends.md"
ROOMS = ("bot", "actions")
# Rasa, and what is held at an old version because Rasa asks for it.
LIBRARIES = ("rasa", "rasa_sdk", "sanic", "pydantic", "sqlalchemy", "aiohttp")
BEGIN, END = "<!-- {}: written by tools/audit/adapters.py -->", "<!-- {}: end -->"


def uses(library: str, root: Path = ROOT) -> dict[str, list[str]]:
    """For each file that imports the library the names it takes, as `module.Name`; also imports inside functions."""
    found: dict[str, list[str]] = {}
    for path in files(root):
        names = sorted(set(_imported(ast.parse(path.read_text(encoding="utf-8")), library)))
        if names:
            found[path.relative_to(root).as_posix()] = names
    return found


def files(root: Path = ROOT) -> list[Path]:
    """Our Python files that are part of the product."""
    return sorted(path for room in ROOMS for path in (root / room).rglob("*.py"))


def import_lines(library: str, root: Path = ROOT) -> int:
    """How many import statements name the library."""
    return sum(len(list(_statements(ast.parse(p.read_text(encoding="utf-8")), library))) for p in files(root))


def table(library: str, root: Path = ROOT) -> str:
    """The table of one library in Markdown."""
    rows = [f"| `{name}` | {', '.join(f'`{n}`' for n in names)} |" for name, names in uses(library, root).items()]
    return "\n".join(["| file | takes |", "| --- | --- |", *rows])


def written(page: str, root: Path = ROOT) -> str:
    """The page with every table as it is now. ValueError when a mark is missing."""
    for library in LIBRARIES:
        begin, end = BEGIN.format(library), END.format(library)
        pattern = re.compile(re.escape(begin) + r"\n.*?" + re.escape(end), re.S)
        if not pattern.search(page):
            raise ValueError(f"the page has no place for {library}")
        block = f"{begin}\n\n{table(library, root)}\n\n{end}"
        page = pattern.sub(lambda _, text=block: text, page)  # type: ignore[misc]
    return page


def _statements(tree: ast.AST, library: str) -> Iterator[ast.Import | ast.ImportFrom]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            modules = [node.module or ""]
        else:
            continue
        if any(_inside(module, library) for module in modules):
            yield node


def _imported(tree: ast.AST, library: str) -> Iterator[str]:
    for node in _statements(tree, library):
        if isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        else:
            yield from (alias.name for alias in node.names if _inside(alias.name, library))


def _inside(module: str, library: str) -> bool:
    return module == library or module.startswith(f"{library}.")


def main() -> int:
    """Show or write the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write them into docs/when-rasa-ends.md")
    if parser.parse_args().write:
        PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    lines = sum(len(path.read_text(encoding="utf-8").splitlines()) for path in files())
    print(f"{len(files())} files with {lines} lines")
    for library in LIBRARIES:
        print(f"{library}: {import_lines(library)} imports in {len(uses(library))} files")
    return 0


if __name__ == "__main__":
    sys.exit(main())
