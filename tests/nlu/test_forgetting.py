"""Words of people do not stay in spaCy's vocabularies for ever."""

from __future__ import annotations

import asyncio
import random
import string

from bot.nlu import places, reader, terms, tokenizer
from bot.nlu.forgetting import forget_words
from bot.nlu.tokenizer import blank, shared_vocab_doc


def words(count: int) -> str:
    dice = random.Random(count)
    return " ".join("".join(dice.choices(string.ascii_lowercase, k=12)) for _ in range(count))


def test_words_are_kept_until_they_are_too_many() -> None:
    shared_vocab_doc("a beginning")
    before = tokenizer.learnt()
    secret = "jemandsname"
    shared_vocab_doc(f"{secret} {words(500)}")
    assert tokenizer.learnt() >= before + 500 and secret in blank("xx").vocab.strings
    assert not forget_words(most=before + 10_000)
    assert secret in blank("xx").vocab.strings
    assert forget_words(most=before + 100)
    assert secret not in blank("xx").vocab.strings
    assert tokenizer.learnt() == 0


def test_everything_is_found_afterwards() -> None:
    def found() -> tuple[list[str], list[str]]:
        doc = shared_vocab_doc("ich suche in leipzig einen wohnberechtigungsschein")
        return (
            [str(entity["value"]) for entity in places.matcher().find(doc, doc.text)],
            [str(entity["value"]) for entity in terms.matcher().find(doc)],
        )

    before = found()
    assert before[0] == ["leipzig"] and before[1]
    assert forget_words(most=-1)
    assert found() == before


def test_only_while_nobody_is_read() -> None:
    told: list[int] = []
    inside = 0

    def message() -> None:
        nonlocal inside
        inside += 1
        with reader.aside():
            pass
        inside -= 1

    async def many() -> None:
        await asyncio.gather(*(reader.read(message) for _ in range(20)))

    reader.when_idle.append(lambda: told.append(inside))
    try:
        asyncio.run(many())
    finally:
        reader.when_idle.pop()
    assert told and set(told) == {0}
