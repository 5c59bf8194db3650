"""The letters of a text in groups, as numbers: what language and intent are told by.

A group of letters is a number of 64 bits, a fifth of the memory of the group itself, and all groups of a text are
numbered at once: one by one they took a fifth of the time of reading a message.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

import numpy as np

_SPACE = ord(" ")
_STEP = np.uint64(0x100000001B3)
# The last steps of SplitMix64 (Steele and others 2014, https://doi.org/10.1145/2660193.2660195).
_MIX = ((np.uint64(30), np.uint64(0xBF58476D1CE4E5B9)), (np.uint64(27), np.uint64(0x94D049BB133111EB)))


def letter_keys(words: list[str], sizes: Iterable[int]) -> np.ndarray:
    """The number of every group of neighbouring letters of these sizes within a word and the spaces around it."""
    if not words:
        return np.zeros(0, dtype=np.uint64)
    # Words hold no white space; whatever else is in them is letters.
    text = f" {' '.join(words)} "
    codes = np.frombuffer(text.encode("utf-32-le", "replace"), dtype="<u4").astype(np.uint64)
    before = np.concatenate([[0], np.cumsum(codes == _SPACE)])
    found = []
    for size in sizes:
        count = len(codes) - size + 1
        if count <= 0:
            break
        number = np.full(count, size, dtype=np.uint64)
        for place in range(size):
            number = number * _STEP + codes[place : place + count]
        # A group with a space inside belongs to two words.
        inside = before[size - 1 : size - 1 + count] - before[1 : 1 + count]
        found.append(number[inside <= 0])
    return _mixed(np.concatenate(found))


def name_keys(names: Iterable[str]) -> np.ndarray:
    """The number of every name: words and pairs of words."""
    digests = b"".join(blake2b(name.encode("utf-8", "replace"), digest_size=8).digest() for name in names)
    return np.frombuffer(digests, dtype="<u8")


def columns_of(keys: np.ndarray, row: np.ndarray) -> np.ndarray:
    """Where the numbers of `row` stand among the sorted `keys`, those that do."""
    at = np.searchsorted(keys, row)
    inside = at < len(keys)
    at, row = at[inside], row[inside]
    return np.asarray(at[keys[at] == row])


def _mixed(numbers: np.ndarray) -> np.ndarray:
    """Spread over all bits, so that neighbouring letters do not give neighbouring numbers."""
    for shift, factor in _MIX:
        numbers = (numbers ^ (numbers >> shift)) * factor
    return np.asarray(numbers ^ (numbers >> np.uint64(31)))
