"""Two hundred conversations at once: each is answered as if it were alone, in its language, for its place and topic."""

from __future__ import annotations

import asyncio
from typing import Any

from bot.languages import languages
from tests.security.conftest import Assistant

PEOPLE = 200
SPOKEN = [code for code, language in languages().items() if language.trained]


class Person:
    """Somebody with a language, a place and a topic of their own."""

    def __init__(self, assistant: Assistant, number: int) -> None:
        resources = assistant.agent.resources
        towns = sorted(p.id for p in resources.gazetteer.places.values() if p.kind in ("city", "municipality"))
        topics = sorted(name for name, article in resources.knowledge.articles.items() if article.place)
        self.language = SPOKEN[number % len(SPOKEN)]
        self.place, self.topic = towns[number], topics[number % len(topics)]
        self.assistant = assistant

    async def talk(self, sender: str) -> list[dict[str, Any]]:
        """A conversation of five messages, the last of them typed."""
        lines: list[dict[str, Any]] = [
            {"payload": f'/change_language{{"service_language": "{self.language}"}}'},
            {"payload": f'/inform{{"place": "{self.place}"}}'},
            {"payload": f"/{self.topic}"},
            {"payload": "/ask_more_options"},
            {"text": "112 ?"},
        ]
        return [await self.assistant.talker.answer({"sender": sender, "hint": self.language, **line}) for line in lines]


def told(answers: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """What was answered, without who asked."""
    return [(a.get("topic"), a.get("place"), a["replies"]) for a in answers]


def test_nobody_gets_what_belongs_to_somebody_else(assistant: Assistant) -> None:
    people = [Person(assistant, number) for number in range(PEOPLE)]
    assert len({person.place for person in people}) == PEOPLE

    async def all_at_once() -> list[list[dict[str, Any]]]:
        return await asyncio.gather(*(p.talk(f"together-{n}") for n, p in enumerate(people)))

    together = assistant.run(all_at_once())
    german = {p.id: p.display("de") for p in assistant.agent.resources.gazetteer.places.values()}
    for number, (person, answers) in enumerate(zip(people, together, strict=True)):
        for answer in answers[2:4]:
            assert (answer["topic"], answer["place"]) == (person.topic, person.place), number
            for reply in answer["replies"]:
                assert reply["topic"] == person.topic and reply["place"] == german[person.place]
                # A sentence without a translation brings the whole answer in the next language of the chain.
                assert reply["language"] in (person.language, *languages()[person.language].fallback, "en"), number
        slots = assistant.slots(f"together-{number}", "cli")
        assert (slots["place"], slots["language"]) == (person.place, person.language)
    # The same, one after another: to the letter.
    for number in range(0, PEOPLE, 5):
        alone = assistant.run(people[number].talk(f"alone-{number}"))
        assert told(alone) == told(together[number]), number
