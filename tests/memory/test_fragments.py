"""Pieces of a question are kept for a minute, in memory, and no longer."""

from __future__ import annotations

from bot.memory import fragments
from bot.memory.fragments import Fragments


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_pieces_come_back_in_order_until_they_are_cleared() -> None:
    kept = Fragments(Clock())
    kept.add("a", "hello")
    kept.add("a", "my landlord")
    kept.add("b", "other")
    assert kept.before("a") == "hello my landlord"
    kept.clear("a")
    assert (kept.before("a"), kept.before("b")) == ("", "other")


def test_a_minute_later_they_are_gone() -> None:
    clock = Clock()
    kept = Fragments(clock)
    kept.add("a", "early")
    clock.now = 40
    kept.add("a", "late")
    clock.now = 70
    assert kept.before("a") == "late"
    clock.now = 200
    assert kept.before("a") == ""
    assert kept._pieces == {}


def test_words_of_a_conversation_nobody_returns_to_do_not_stay() -> None:
    clock = Clock()
    kept = Fragments(clock)
    kept.add("gone", "secret words")
    clock.now = 61
    kept.add("b", "x")
    assert "gone" not in kept._pieces


def test_few_and_short() -> None:
    kept = Fragments(Clock())
    for i in range(10):
        kept.add("a", f"{i}" * 1000)
    assert len(kept.before("a").split()) == fragments.PIECES
    assert len(kept.before("a")) <= fragments.PIECES * (fragments.CHARACTERS + 1)


def test_not_more_conversations_than_memory_is_given(monkeypatch) -> None:
    monkeypatch.setattr(fragments, "CONVERSATIONS", 3)
    kept = Fragments(Clock())
    for i in range(5):
        kept.add(str(i), "x")
    assert [bool(kept.before(str(i))) for i in range(5)] == [False, False, True, True, True]
