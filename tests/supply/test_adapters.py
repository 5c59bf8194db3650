"""docs/when-rasa-ends.md names every file that Rasa, or what Rasa pins, is used in."""

from __future__ import annotations

import re

import pytest

from bot.settings import ROOT
from tools.audit.adapters import BEGIN, END, LIBRARIES, PAGE, import_lines, uses, written

ANEW = "run `.venv/bin/python tools/audit/adapters.py --write`, and say in the page what the new use rests on"


def named(library: str) -> dict[str, list[str]]:
    """The table of the page."""
    block = PAGE.read_text(encoding="utf-8").split(BEGIN.format(library))[1].split(END.format(library))[0]
    rows = re.findall(r"^\| `([^`]+)` \| (.*) \|$", block, re.M)
    return {file: re.findall(r"`([^`]+)`", names) for file, names in rows}


@pytest.mark.parametrize("library", LIBRARIES)
def test_the_page_names_every_file_and_what_it_takes(library):
    found = uses(library)
    assert found and named(library) == found, ANEW


def test_imports_are_found_wherever_they_stand(tmp_path):
    (tmp_path / "bot").mkdir()
    (tmp_path / "actions").mkdir()
    (tmp_path / "bot" / "a.py").write_text(
        "import rasa.core.agent as a\nimport os, rasa\n\ndef f():\n    from rasa.core.agent import Agent, load\n",
        encoding="utf-8",
    )
    (tmp_path / "bot" / "b.py").write_text("import rasa_sdk\nfrom rasaish import x\n# import rasa\n", encoding="utf-8")
    assert uses("rasa", tmp_path) == {
        "bot/a.py": ["rasa", "rasa.core.agent", "rasa.core.agent.Agent", "rasa.core.agent.load"]
    }
    assert import_lines("rasa", tmp_path) == 3
    page = "\n".join(f"{BEGIN.format(name)}\nold\n{END.format(name)}" for name in LIBRARIES)
    assert "| `bot/a.py` | `rasa`, `rasa.core.agent`" in written(page, tmp_path)
    assert "old" not in written(page, tmp_path)
    with pytest.raises(ValueError, match="no place for rasa"):
        written("", tmp_path)


def test_what_knows_nothing_of_rasa_stays_so():
    for library in ("rasa", "rasa_sdk", "sanic"):
        for file in uses(library):
            assert not file.startswith(("actions/directory/", "actions/knowledge/", "bot/staff/", "bot/voice/")), file


def test_numbers_of_the_page_are_near_the_truth():
    """The page gives counts of one day; when they are far off, it describes another program."""
    text = PAGE.read_text(encoding="utf-8")
    files, imports = map(int, re.search(r"(\d+) of our \d+ files import Rasa, with (\d+) import", text).groups())  # type: ignore[union-attr]
    assert abs(files - len(uses("rasa"))) <= 8 and abs(imports - import_lines("rasa")) <= 30
    assert (ROOT / "bot" / "rasa_compat").is_dir()
