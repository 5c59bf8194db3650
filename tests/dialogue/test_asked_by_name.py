"""Every programme of the concept is told when somebody asks for it by name, in the script the name is written in."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

PATH = Path(__file__).parents[2] / "data" / "programmes.yml"
ROWS = yaml.safe_load(PATH.read_text(encoding="utf-8"))["programmes"]
QUESTIONS = {"latin": ("Was ist {}?", "What is {}?"), "arabic": ("ما هو {}؟",), "cyrillic": ("Що таке {}?",)}
ISOLATES = re.compile("[\u2066-\u2069]")


def script(name: str) -> str:
    return (
        "arabic"
        if re.search("[\u0600-\u06ff]", name)
        else "cyrillic"
        if re.search("[\u0400-\u04ff]", name)
        else "latin"
    )


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_asked_by_name(talk: Any, row: dict[str, Any]) -> None:
    catalogue, programmes = talk.talker.agent.nlg.catalogue, talk.talker.agent.resources.programmes
    first = programmes[row["id"]].statements[0].text
    for number, name in enumerate(row["names"]):
        written = " ".join(word.removesuffix("-") for word in name.split())
        for question in QUESTIONS[script(name)]:
            text = question.format(written)
            (reply,) = talk.send(f"{row['id']}-{number}-{question}", text=text)["replies"]
            assert catalogue.text(first, reply["language"])[0] in ISOLATES.sub("", reply["text"]), text
            assert reply["sources"], text


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("Ich möchte einen Integrationskurs in Leipzig machen, was kostet das?", "german_course"),
        ("I need a place in social housing for my family, we have little money", "find_housing"),
    ],
)
def test_an_everyday_word_in_a_question_is_no_programme(talk: Any, text: str, intent: str) -> None:
    assert talk.send(f"everyday-{intent}", text=text)["intent"] == intent
