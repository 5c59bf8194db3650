"""Stock Rasa and the published sets as `wegweiser evaluate` meets them."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from bot.quality.evaluate import load_cases
from bot.quality.public import load_set
from bot.quality.stock import measure_stock

CASES = [
    {"text": "hello", "intent": "greet", "lang": "en"},
    {"text": "ich suche arbeit", "intent": "find_job", "lang": "de"},
]


def stand_in(folder: Path, body: str) -> Path:
    """What answers in the place of stock Rasa's Python: the same lines as tools/stock/parse.py."""
    python = folder / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f"#!{sys.executable}\nimport json, sys\n{body}", "utf-8")
    python.chmod(0o755)
    (folder / "model.tar.gz").write_bytes(b"")
    return folder


def test_without_a_baseline_the_command_that_makes_it_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="make baseline"):
        measure_stock(CASES, tmp_path)


def test_its_answers_become_results(tmp_path: Path) -> None:
    body = """
for line in sys.stdin:
    known = json.loads(line)["text"] == "hello"
    ranking = [{"intent": "greet", "confidence": 0.8}, {"intent": "help", "confidence": 0.1}] if known else []
    print("noise"); print(json.dumps({"ranking": ranking, "ms": 12.5}))
"""
    first, second = measure_stock(CASES, stand_in(tmp_path, body))
    assert (first["got"], first["confidence"], first["top3"], first["ms"]) == ("greet", 0.8, ["greet", "help"], 12.5)
    assert (second["got"], second["confidence"]) == ("out_of_scope", 0.0)


def test_a_baseline_that_breaks_is_said(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"answered 0 of 2 messages: .*kaputt"):
        measure_stock(CASES, stand_in(tmp_path, "sys.exit('kaputt')"))


def test_the_baseline_is_the_pipeline_of_rasa_init() -> None:
    text = (Path(__file__).parents[2] / "tools" / "stock" / "config.yml").read_text("utf-8")
    names = [line.removeprefix("- name: ") for line in text.splitlines() if line.startswith("- name")]
    assert names == [
        "WhitespaceTokenizer", "RegexFeaturizer", "LexicalSyntacticFeaturizer", "CountVectorsFeaturizer",
        "CountVectorsFeaturizer", "DIETClassifier", "EntitySynonymMapper", "ResponseSelector", "FallbackClassifier",
    ]  # fmt: skip


def test_clinc150(tmp_path: Path) -> None:
    path = tmp_path / "data_full.json"
    path.write_text(json.dumps({"train": [["hi", "greet"]], "test": [["hey", "greet"]], "val": []}), "utf-8")
    assert load_set(path) == ([("hi", "greet")], [("hey", "greet")])


def test_banking77(tmp_path: Path) -> None:
    for name in ("train", "test"):
        (tmp_path / f"{name}.csv").write_text(f'text,category\n"{name}, please",card\n', "utf-8")
    assert load_set(tmp_path / "test.csv") == ([("train, please", "card")], [("test, please", "card")])


@pytest.mark.parametrize(
    ("name", "content"),
    [("x.json", "[]"), ("x.json", "{"), ("train.csv", "a,b\n1,2\n"), ("x.txt", "text")],
)
def test_other_files_are_refused(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content, "utf-8")
    with pytest.raises(ValueError):
        load_set(tmp_path / name)


@pytest.mark.parametrize(
    ("content", "said"),
    [('{"text": "a"}', ":1: needs text"), ("[1]", ":1: needs text"), ("{", ":1: not a JSON"), ("\n\n", "no messages")],
)
def test_files_that_cannot_be_measured(tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "x.jsonl").write_text(content, "utf-8")
    with pytest.raises(ValueError, match=said):
        load_cases([str(tmp_path)])
