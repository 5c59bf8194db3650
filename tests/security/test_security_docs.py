"""docs/security.md and SECURITY.md: every test they cite exists, every file too, and nothing is invented."""

from __future__ import annotations

import ast
import re

import pytest

from bot.settings import ROOT

THREATS = (ROOT / "docs" / "security.md").read_text("utf-8")
REPORTING = (ROOT / "SECURITY.md").read_text("utf-8")
CITED = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+(?:::\w+)?))?`")
FILE = re.compile(r"`((?:bot|actions|tools|deploy|data|docs|locales)/[\w./-]+)`")


def cited() -> list[tuple[str, str]]:
    return sorted(set(CITED.findall(THREATS)))


@pytest.mark.parametrize(("path", "name"), cited(), ids=lambda value: value)
def test_every_cited_test_exists(path: str, name: str) -> None:
    file = ROOT / path
    assert file.exists()
    if name:
        tree = ast.parse(file.read_text("utf-8"))
        found = {n.name for n in ast.walk(tree) if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))}
        assert set(name.split("::")) <= found


@pytest.mark.parametrize("name", sorted(set(FILE.findall(THREATS + REPORTING))))
def test_every_file_exists(name: str) -> None:
    assert (ROOT / name).exists()


def rows() -> list[list[str]]:
    """The rows of all tables of threats."""
    lines = [line for line in THREATS.splitlines() if re.match(r"\| T\d+ \|", line)]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def test_every_threat_has_a_control_a_test_and_what_remains() -> None:
    assert len(rows()) >= 40
    numbers = [row[0] for row in rows()]
    assert numbers == [f"T{n}" for n in range(1, len(numbers) + 1)]
    for row in rows():
        number, threat, control, proof, remains = row
        assert threat and remains, number
        assert control and (CITED.search(proof) or proof.startswith("none: ")), number


def test_actors_and_assets_are_named() -> None:
    for word in ("abusive partner", "hostile group", "curious operator", "thief", "taken over", "scraper", "embeds the widget",
                 "spreadsheet", "Telegram group", "in the middle", "supply chain"):  # fmt: skip
        assert word in THREATS, word
    for word in ("that somebody asked", "what was asked", "place", "secret", "availability", "staff", "editors"):
        assert word in THREATS, word


def test_no_address_is_invented() -> None:
    """A contact is the operator's or the maintainer's to give: none stands in these pages."""
    for text in (THREATS, REPORTING):
        assert re.findall(r"[\w.+-]+@[\w-]+\.\w+", text) == []
        assert re.findall(r"https?://\S+", text) == []
    assert "[to be filled in by the maintainer" in REPORTING
