"""Every programme of the concept is told by name, in sourced sentences."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from actions.knowledge.loader import load
from actions.knowledge.model import KnowledgeError
from actions.knowledge.programmes import load_programmes
from bot.nlu.normalise import fold
from bot.nlu.programmes import ProgrammeFinder, finder

ROOT = Path(__file__).parents[2]
PATH = ROOT / "data" / "programmes.yml"
ROWS = yaml.safe_load(PATH.read_text(encoding="utf-8"))["programmes"]
KNOWLEDGE = load(ROOT / "data" / "articles", ROOT / "data" / "knowledge")


def found(text: str) -> list[str]:
    return [entity["value"] for entity in finder().find(fold(text))]


def test_every_programme_says_something_that_a_source_carries() -> None:
    programmes = load_programmes(PATH, KNOWLEDGE)
    assert len(programmes) == len(ROWS) >= 68
    for programme in programmes.values():
        for statement in programme.statements:
            assert statement.text.strip() and set(statement.items) <= set(KNOWLEDGE.items)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_every_name_finds_its_programme(row: dict) -> None:
    for name in row["names"]:
        written = " ".join(word.removesuffix("-") for word in name.split())
        assert row["id"] in found(written), name
        assert row["id"] in found(f"x {written}, y"), name


def test_no_two_programmes_have_one_name() -> None:
    names = [(fold(name), row["id"]) for row in ROWS for name in row["names"]]
    assert len(names) == len({name for name, _ in names})


def test_the_longest_name_wins_and_tells_whether_it_is_an_everyday_word() -> None:
    (entity,) = finder().find("what is the federal integration course")
    assert (entity["value"], entity["common"]) == ("integration_course", True)
    text = "was ist sprint"
    (entity,) = finder().find(text)
    assert (text[entity["start"] : entity["end"]], entity["common"]) == ("sprint", False)


def test_an_ending_may_differ_where_the_name_says_so() -> None:
    finder = ProgrammeFinder([{"id": "a", "names": ["labour market mentor-"]}])
    assert finder.find("the labour market mentors")
    assert not finder.find("labour market")


@pytest.mark.parametrize(
    "row",
    [
        {"id": "x", "topic": "find_job", "say": [{"item": "no-such-item"}]},
        {"id": "x", "topic": "find_job", "say": [{"text": "Invented.", "items": []}]},
        {"id": "x", "topic": "find_job", "say": [{"text": "Invented.", "items": ["no-such-item"]}]},
        {"id": "x", "topic": "no_topic", "say": [{"item": "seed-preise"}]},
        {"id": "x", "topic": "find_job", "say": []},
        {"id": "x"},
        "x",
    ],
)
def test_what_no_source_carries_is_refused(tmp_path: Path, row: object) -> None:
    path = tmp_path / "programmes.yml"
    path.write_text(yaml.safe_dump({"programmes": [row]}), encoding="utf-8")
    with pytest.raises(KnowledgeError, match="program"):
        load_programmes(path, KNOWLEDGE)


def test_a_file_that_is_none_is_named(tmp_path: Path) -> None:
    path = tmp_path / "programmes.yml"
    path.write_text("- [", encoding="utf-8")
    with pytest.raises(KnowledgeError, match="programmes.yml: cannot be read"):
        load_programmes(path, KNOWLEDGE)
