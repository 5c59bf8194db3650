"""Every topic, part and language: the sourced part in the right language, or the sentence that it is not known here.

The share of the second kind is printed for each part: `make test` with `-s`, or `pytest -s tests/dialogue/test_matrix.py`.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from actions.crisis import AFTERWARDS
from actions.follow_up import BESIDE
from actions.turn import PARTS_BY_INTENT
from bot.languages import languages

TRAINED = [code for code, language in languages().items() if language.trained]
ISOLATES = re.compile("[\u2066-\u2069]")
QUESTIONS = {part: intent for intent, part in PARTS_BY_INTENT.items()}
PLACE = "leipzig"


def plain(text: str) -> str:
    return ISOLATES.sub("", text)


@pytest.mark.parametrize("language", TRAINED)
def test_every_topic_and_part(talk: Any, language: str) -> None:
    agent = talk.talker.agent
    catalogue, knowledge, responses = agent.nlg.catalogue, agent.resources.knowledge, agent.nlg.responses
    unknown: dict[str, int] = dict.fromkeys(QUESTIONS, 0)
    topics = [topic for topic in knowledge.articles if topic not in AFTERWARDS]
    for topic in topics:
        article, sender = knowledge.article(topic), f"matrix-{language}-{topic}"
        talk.send(sender, payload=f'/change_language{{"service_language":"{language}"}}')
        talk.send(sender, payload=f'/inform{{"place":"{PLACE}"}}')
        answer = talk.send(sender, payload=f"/{topic}")
        summary = article.part("summary", "", frozenset({PLACE}))
        check(catalogue, answer, [s.text for s in summary], language, topic)
        assert answer["replies"][0]["sources"], topic
        for part, intent in QUESTIONS.items():
            answer = talk.send(sender, payload=f"/{intent}")
            names = (part, *BESIDE.get(part, ()))
            statements = [s.text for name in names for s in article.part(name, "", frozenset({PLACE}))]
            if statements:
                check(catalogue, answer, statements, language, f"{topic} {part}")
                assert answer["replies"][0]["sources"], (topic, part)
            else:
                unknown[part] += 1
                said = answer["replies"][0]
                sentence = catalogue.text(responses["utter_part_unknown"][0]["text"], said["language"])[0]
                assert plain(sentence).split("{")[0].strip() in plain(said["text"]), (topic, part)
                assert said["cards"], (topic, part)
        answer = talk.send(sender, payload="/simplify")
        check(catalogue, answer, [s.text for s in article.easy("", frozenset({PLACE}))], language, f"{topic} simple")
        assert answer["replies"][0]["sources"], topic
    print(f"\n{language}: not known here: " + ", ".join(f"{p} {n / len(topics):.0%}" for p, n in unknown.items()))


def check(catalogue: Any, answer: dict[str, Any], statements: list[str], language: str, where: str) -> None:
    (reply,) = answer["replies"]
    if languages()[language].complete:
        assert reply["language"] == language, where
    said = plain(reply["text"])
    for statement in statements:
        assert catalogue.text(statement, reply["language"])[0] in said, (where, statement)
