"""Forgets, every so often, the words of people that spaCy has learnt: it keeps each word it meets for ever, as text."""

from __future__ import annotations

from bot.nlu import places, terms, tokenizer

# About 20 MB, and some weeks of a town. Making everything anew takes half a second.
MOST_WORDS = 100_000


def forget_words(most: int = MOST_WORDS) -> bool:
    """Begin with new vocabularies when too many words were learnt; only while no message is read."""
    if tokenizer.learnt() <= most:
        return False
    tokenizer.forget()
    # They hold on to the vocabulary; made now, so that the next message does not wait for it.
    for matcher in (places.matcher, terms.matcher):
        matcher.cache_clear()
        matcher()
    tokenizer.settle()
    return True
