"""Embeddings of the last messages: "hello" and "deutschkurs" come all day, and the encoder is half of the work.

What is kept says nothing to a reader: the key is a hash with a secret of this process, the vector one of thousands.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence

import numpy as np

SIZE = 2000


class EmbeddingCache:
    """The last `size` embeddings by their text; counts `lookups` and `hits`. Safe to use from threads."""

    def __init__(self, size: int = SIZE) -> None:
        self._size, self._key = size, os.urandom(32)
        self._rows: OrderedDict[bytes, np.ndarray] = OrderedDict()
        self._lock = threading.Lock()
        self.lookups = self.hits = 0

    def get(self, text: str, embed: Callable[[Sequence[str]], np.ndarray]) -> np.ndarray:
        """The embedding of a text; one that is not known is the only row of what `embed` makes of it."""
        key = hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16, key=self._key).digest()
        with self._lock:
            self.lookups += 1
            row = self._rows.get(key)
            if row is not None:
                self.hits += 1
                self._rows.move_to_end(key)
                return row
        row = embed([text])[0]
        with self._lock:
            self._rows[key] = row
            if len(self._rows) > self._size:
                self._rows.popitem(last=False)
        return row
