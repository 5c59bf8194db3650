"""multilingual-e5-small in PyTorch, rebuilt from the 4-bit file, with a small trainable delta."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

sys.path.insert(0, str(Path(__file__).parents[2]))
import importlib.util  # noqa: E402

_spec = importlib.util.spec_from_file_location(
    "encoder_weights", Path(__file__).parents[2] / "bot/nlu/encoder_weights.py"
)
ew = importlib.util.module_from_spec(_spec)
sys.modules["encoder_weights"] = ew
_spec.loader.exec_module(ew)

BLOCK = ew.BLOCK


def dropout(x, p, training):
    """Dropout of whole features of a message: one mask for all its tokens (cheap on a CPU)."""
    if not training or p == 0:
        return x
    return x * F.dropout(x.new_ones(x.shape[0], 1, x.shape[2]), p)


def q4(w):
    """Round to Q4_0 (own scale per block of 32) as ggml does; returns numbers -8..7 and float16 scales."""
    blocks = w.reshape(w.shape[0], -1, BLOCK)
    top = blocks.gather(2, blocks.abs().argmax(2, keepdim=True))
    d = (top / -8).half().float()
    n = (blocks * torch.where(d == 0, 0.0, 1 / d)).round_().clamp_(-8, 7)
    return n, d


class _Rounded(torch.autograd.Function):
    """A matrix as the 4-bit file will hold it; gradients pass straight through the rounding."""

    @staticmethod
    def forward(ctx, w):
        n, d = q4(w)
        return (n * d).reshape(w.shape).to(torch.bfloat16)

    @staticmethod
    def backward(ctx, grad):
        return grad.float()


class Matrix(nn.Module):
    """A frozen Q4_0 matrix: its bias is trainable, on request also its block scales."""

    def __init__(self, weights, name, outputs, train, steps):
        super().__init__()
        blocks = weights.blocks(name)
        self.name = name
        self.w16 = torch.from_numpy(ew.dequantise(blocks)).view(outputs, -1, BLOCK).to(torch.bfloat16)
        bias = torch.from_numpy(weights.floats(name[:-1] + "b").copy())
        self.bias = nn.Parameter(bias, requires_grad=train)
        self.step = nn.Parameter(torch.zeros(*self.w16.shape[:2], 1)) if train and steps else None

    def forward(self, x):
        w = self.w16 if self.step is None else self.w16 * self.step.exp().to(torch.bfloat16)
        return F.linear(x, w.view(w.shape[0], -1), self.bias.to(x.dtype))


class Layer(nn.Module):
    """One transformer layer, with ``extra`` new units beside those of its feed-forward network."""

    def __init__(self, weights, i, extra, train, steps):
        super().__init__()
        self.h, self.heads, ff = (weights.dims[k] for k in ("H", "NH", "FF"))
        self.train_me = train
        for t in ("q", "k", "v", "ao", "fo"):
            setattr(self, t, Matrix(weights, f"l{i}.{t}.w", self.h, train, steps))
        self.fi = Matrix(weights, f"l{i}.fi.w", ff, train, steps)
        for t in ("aln", "oln"):
            for p in "wb":
                value = torch.from_numpy(weights.floats(f"l{i}.{t}.{p}").copy())
                setattr(self, f"{t}_{p}", nn.Parameter(value, requires_grad=train))
        self.up = self.down = self.up_bias = None
        if train and extra:  # new units begin as copies of old ones whose output is not yet used
            pick = torch.randperm(ff)[:extra]
            self.up = nn.Parameter(self.fi.w16[pick].float().reshape(extra, self.h))
            self.up_bias = nn.Parameter(self.fi.bias.detach()[pick].clone())
            self.down = nn.Parameter(torch.zeros(self.h, extra))

    def small(self, i):
        """Names in the file and parameters of the float32 tensors of this layer, number ``i``."""
        yield from ((f"l{i}.{t}.b", getattr(self, t).bias) for t in ("q", "k", "v", "ao", "fi", "fo"))
        yield from ((f"l{i}.{t}.{p}", getattr(self, f"{t}_{p}")) for t in ("aln", "oln") for p in "wb")

    def forward(self, x, mask, drop):
        b, l, _ = x.shape
        xb = x.to(torch.bfloat16)
        q, k, v = (m(xb).view(b, l, self.heads, -1).transpose(1, 2) for m in (self.q, self.k, self.v))
        # spelled out: on short sequences several times faster than scaled_dot_product_attention
        scores = (q @ k.transpose(-1, -2)).float() * q.shape[-1] ** -0.5
        ctx = (scores if mask is None else scores + mask).softmax(-1).to(torch.bfloat16) @ v
        a = self.ao(ctx.transpose(1, 2).reshape(b, l, self.h)).float()
        x = F.layer_norm(x + dropout(a, drop, self.training), (self.h,), self.aln_w, self.aln_b, 1e-12)
        xb = x.to(torch.bfloat16)
        f = self.fo(F.gelu(self.fi(xb))).float()
        if self.up is not None:
            u = F.gelu(F.linear(xb, _Rounded.apply(self.up), self.up_bias.to(torch.bfloat16)))
            f = f + F.linear(u, _Rounded.apply(self.down)).float()
        return F.layer_norm(x + dropout(f, drop, self.training), (self.h,), self.oln_w, self.oln_b, 1e-12)


class Encoder(nn.Module):
    """The whole encoder; the first ``frozen`` layers and the token embeddings stay as they are."""

    def __init__(self, path: Path, extra=0, frozen=0, steps=False, train=True):
        super().__init__()
        w = ew.read_weights(path)
        self.h, self.eps = w.dims["H"], 1e-12
        word = w.blocks("emb.word")
        self.word_n = ew.unpack(word).reshape(-1, self.h)
        self.word_d = word["d"].astype(np.float32).reshape(-1, self.h // BLOCK)
        self.pos = torch.from_numpy(w.floats("emb.pos").reshape(-1, self.h) + w.floats("emb.type")[: self.h])
        self.eln = [torch.from_numpy(w.floats(f"emb.ln.{p}").copy()) for p in "wb"]
        self.base = {n: w.floats(n).copy() for n, t in w.tensors.items() if t.dtype == ew.F32}
        self.layers = nn.ModuleList(
            Layer(w, i, extra, train and i >= frozen, steps) for i in range(w.dims["NL"]))

    def embed_tokens(self, ids: np.ndarray):
        x = self.word_n[ids].reshape(*ids.shape, -1, BLOCK) * self.word_d[ids][..., None]
        x = torch.from_numpy(x.reshape(*ids.shape, self.h)) + self.pos[: ids.shape[1]]
        return F.layer_norm(x, (self.h,), *self.eln, self.eps)

    def forward(self, batch: list[list[int]], drop=0.0):
        l = max(map(len, batch))
        ids = np.ones((len(batch), l), np.int64)
        keep = torch.zeros(len(batch), l, dtype=torch.bool)
        for r, row in enumerate(batch):
            ids[r, : len(row)] = row
            keep[r, : len(row)] = True
        x = dropout(self.embed_tokens(ids), drop, self.training)
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

    def start_from(self, adapter: Path) -> None:
        """Continue from an earlier adapter of the same kind."""
        z = np.load(adapter)
        with torch.no_grad():
            for i, layer in enumerate(self.layers):
                for m in (layer.q, layer.k, layer.v, layer.ao, layer.fi, layer.fo):
                    if m.step is not None and "step/" + m.name in z:
                        steps = z["step/" + m.name].astype(np.float32)
                        m.step.copy_(torch.from_numpy(steps * float(z["step_unit"]))[..., None])
                for name, p in layer.small(i):
                    if "add/" + name in z:
                        p.add_(torch.from_numpy(z["add/" + name].astype(np.float32)))
                if layer.up is not None and f"up/l{i}" in z:
                    for key, p in ((f"up/l{i}", layer.up), (f"down/l{i}", layer.down)):
                        blocks = np.ascontiguousarray(z[key]).view(ew.Q4).reshape(-1)
                        p.copy_(torch.from_numpy(ew.dequantise(blocks)).reshape(p.shape))
                    layer.up_bias.copy_(torch.from_numpy(z[f"up_bias/l{i}"].astype(np.float32)))

    def delta(self) -> dict[str, np.ndarray]:
        """What training changed, as the arrays of an adapter."""
        out = {"step_unit": np.float32(STEP)}
        for i, layer in enumerate(self.layers):
            if not layer.train_me:
                continue
            for m in (layer.q, layer.k, layer.v, layer.ao, layer.fi, layer.fo):
                if m.step is not None:
                    steps = np.rint(m.step.detach().numpy()[..., 0] / STEP)
                    out["step/" + m.name] = np.clip(steps, -127, 127).astype(np.int8)
            for name, p in layer.small(i):
                out["add/" + name] = (p.detach().numpy() - self.base[name]).astype(np.float16)
            if layer.up is not None:
                out[f"up/l{i}"], out[f"down/l{i}"] = _packed(layer.up), _packed(layer.down)
                out[f"up_bias/l{i}"] = layer.up_bias.detach().numpy().astype(np.float16)
        return out


STEP = 0.004


def _packed(w) -> np.ndarray:
    """A matrix as Q4_0 bytes, shape (outputs, blocks, 18)."""
    n, d = q4(w.detach())
    blocks = np.zeros(d.numel(), ew.Q4)
    blocks["d"] = d.numpy().reshape(-1)
    u = (n.numpy().reshape(-1, BLOCK) + 8).astype(np.uint8)
    blocks["qs"] = u[:, : BLOCK // 2] | (u[:, BLOCK // 2 :] << 4)
    return blocks.view(np.uint8).reshape(w.shape[0], -1, ew.Q4.itemsize)
