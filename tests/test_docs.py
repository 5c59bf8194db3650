"""The documentation says what the code does: settings, commands, fields, languages and files."""

from __future__ import annotations

import argparse
import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.cli import _parser
from bot.languages import languages
from bot.quality.lines import understood
from bot.settings import PREFIX, ROOT, Settings
from bot.speech.reply import Card, Choice, Reply

README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
SETTINGS = [f for f in fields(Settings) if f.name != "origin"]
SETTING = re.compile(rf"{PREFIX}[A-Z_]*[A-Z]")
LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")
FILE = re.compile(r"(?!DATA_DIR)[\w.-]+(/[\w.*<>-]+)*/?")
FILE_ENDING = re.compile(r"\.(py|yml|toml|md|po|txt|lock)$|^Makefile$|/")


def code(text: str) -> list[str]:
    """Lines of fenced blocks and inline code; prose is left out."""
    fenced = re.findall(r"```\w*\n(.*?)```", text, re.S)
    inline = re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.S))
    return [line.partition("#")[0] for block in fenced for line in block.splitlines()] + inline


def table(text: str, heading: str) -> list[list[str]]:
    """Rows of the first table below a heading, without its head."""
    section = re.split(r"^#+ ", text.split(f"# {heading}\n", 1)[1], maxsplit=1, flags=re.M)[0]
    rows = [line.strip("|").split(" | ") for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


def commands() -> dict[str, argparse.ArgumentParser]:
    """The subcommands of `wegweiser`."""
    actions = [a for a in _parser()._actions if isinstance(a, argparse._SubParsersAction)]
    return dict(actions[0].choices)


def make_targets() -> set[str]:
    rules = re.findall(r"^([a-z][\w -]*):(?!=)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
    return {target for rule in rules for target in rule.split()}


def shown_default(value: Any) -> str:
    if isinstance(value, Path):
        return f"`{value.relative_to(ROOT).as_posix()}`"
    if isinstance(value, bool):
        return "`on`" if value else "`off`"
    text = ",".join(value) if isinstance(value, tuple) else str("" if value is None else value)
    return f"`{text}`" if text else "none"


def test_every_setting_with_its_default_and_a_meaning():
    rows = {row[0]: row[1:] for row in table(README, "Settings")}
    assert {name: row[0] for name, row in rows.items()} == {
        f"`{PREFIX}{f.name.upper()}`": shown_default(f.default) for f in SETTINGS
    }
    assert [name for name, row in rows.items() if len(row[1]) < 10] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_no_unknown_setting(page):
    known = {PREFIX + f.name.upper() for f in SETTINGS}
    assert set(SETTING.findall(page.read_text(encoding="utf-8"))) - known == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_make_targets_and_commands_exist(page):
    targets, known = make_targets(), commands()
    for line in code(page.read_text(encoding="utf-8")):
        for words in re.findall(r"\bmake((?: +[a-z][\w-]*)+)", line):
            assert set(words.split()) <= targets, line
        for name, rest in re.findall(r"\bwegweiser +([a-z]+)([^|`]*)", line):
            assert name in known, line
            options = {o for action in known[name]._actions for o in action.option_strings}
            assert set(re.findall(r"--[a-z-]+", rest)) <= options, line


def test_every_target_and_command_is_in_the_readme():
    lines = code(README)
    assert [t for t in make_targets() if not any(f"make {t}" in line for line in lines)] == [], "undocumented target"
    for name, parser in commands().items():
        row = next((r for r in README.splitlines() if r.startswith(f"| `wegweiser {name}")), None)
        assert row is not None, f"undocumented command {name}"
        documented = "\n".join(r for r in README.splitlines() if r.startswith(f"| `wegweiser {name}"))
        for action in parser._actions:
            for option in action.option_strings:
                assert option in ("-h", "--help") or option in documented, f"{name} {option} is undocumented"
            if action.choices and not action.option_strings:
                assert [c for c in action.choices if f"`wegweiser {name} {c}`" not in documented] == []


def test_every_field_of_parse_and_talk():
    parse = README.split("### `wegweiser parse`")[1].split("### `wegweiser talk`")[0]
    talk = README.split("### `wegweiser talk`")[1].split("\n## ")[0]
    assert [key for key in understood("", {}) if f"| `{key}` |" not in parse] == []
    reply, card = talk.split("\nA reply.")[1].split("\nA card.")
    for text, kind in ((reply, Reply), (card, Card)):
        documented = re.findall(r"^\| `(\w+)` \|", text, re.M)
        assert documented and set(documented) == {f.name for f in fields(kind)}
    assert [f.name for f in fields(Choice) if f"`{f.name}`" not in reply] == []


def test_languages_with_the_review_state_of_their_catalogues():
    rows = {row[0].strip("`"): row[2] for row in table(README, "Languages and their review state")}
    assert set(rows) == set(languages())
    for language, state in rows.items():
        catalogue = ROOT / "locales" / language / "LC_MESSAGES" / "wegweiser.po"
        if catalogue.exists():
            found = re.search(r'"X-Review-State: (.*?)\\n"', catalogue.read_text(encoding="utf-8"))
            assert found and state.startswith(found.group(1)), language


def test_number_of_intents():
    rows = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))["intents"]
    count = len(rows) - 2  # nlu_fallback and crisis_near are ours to say, not the person's
    for page in ("README.md", "CHANGELOG.md"):
        named = re.findall(r"(\d+) intents", (ROOT / page).read_text(encoding="utf-8"))
        assert named and set(named) == {str(count)}, page


def test_files_named_in_the_architecture_exist():
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = [n for n in code(text) if FILE.fullmatch(n) and FILE_ENDING.search(n)]
    assert len(named) > 40
    for name in named:
        if name == "strings.yml":  # "each channel's"
            continue
        found = ROOT.glob(re.sub(r"<\w+>", "*", name)) if re.search(r"[*<]", name) else [ROOT / name]
        assert any(path.exists() for path in found), name


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_lead_somewhere_and_no_machine_is_named(page):
    text = page.read_text(encoding="utf-8")
    for target in LINK.findall(text):
        assert "://" in target or (page.parent / target).exists(), target
    assert re.findall(r"(?<![\w.])/(?:home|root|work|Users)/", text) == []
