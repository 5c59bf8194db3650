"""Groups of letters as numbers: the same groups as cut one by one, and no two of them one number."""

from __future__ import annotations

import json

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.grams import columns_of, letter_keys, name_keys
from bot.settings import ROOT


def groups(words: list[str], sizes: range) -> list[str]:
    """The groups cut one by one."""
    found = []
    for size in sizes:
        for word in words:
            padded = f" {word} "
            found.extend(padded[i : i + size] for i in range(len(padded) - size + 1))
    return found


def number(group: str) -> int:
    """The number of a group, from a text that is this group: a lone space stands at every border."""
    keys = letter_keys([group.strip(" ")], range(len(group), len(group) + 1))
    padded = f" {group.strip(' ')} "
    return int(keys[padded.index(group)])


def test_groups_of_a_word() -> None:
    assert groups(["ab"], range(1, 4)) == [" ", "a", "b", " ", " a", "ab", "b ", " ab", "ab "]
    assert sorted(letter_keys(["ab"], range(2, 4))) == sorted(map(number, groups(["ab"], range(2, 4))))


@given(st.lists(st.text(st.characters(exclude_categories=("Z", "C")), min_size=1, max_size=8), max_size=6))
def test_the_same_groups_as_one_by_one(words: list[str]) -> None:
    words = " ".join(words).split()
    sizes = range(2, 6)
    expected = {number(group) for group in groups(words, sizes)}
    assert set(letter_keys(words, sizes).tolist()) == expected


def test_a_group_does_not_reach_into_the_next_word() -> None:
    assert set(letter_keys(["ab", "cd"], range(2, 6)).tolist()) == {
        *letter_keys(["ab"], range(2, 6)).tolist(),
        *letter_keys(["cd"], range(2, 6)).tolist(),
    }


def test_no_two_groups_have_one_number() -> None:
    texts = [
        json.loads(line)["text"] for path in sorted((ROOT / "tests/nlu").glob("*/*.jsonl")) for line in path.open()
    ]
    seen: set[str] = set()
    for text in texts[:3000]:
        seen.update(groups(text.lower().split(), range(2, 6)))
    numbers = {number(group) for group in seen if group.strip(" ")}
    assert len(numbers) == len({group for group in seen if group.strip(" ")}) > 20_000


def test_nothing_has_no_groups() -> None:
    assert letter_keys([], range(1, 5)).size == 0 and name_keys([]).size == 0
    assert letter_keys(["\ud800"], range(1, 5)).size > 0


def test_columns_are_those_that_are_known() -> None:
    keys = np.array([2, 5, 9], dtype=np.uint64)
    assert columns_of(keys, np.array([1, 5, 9, 12], dtype=np.uint64)).tolist() == [1, 2]
