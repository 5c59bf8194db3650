"""Held-out accuracy with the product's own encoder, without and with adapters, for its own heads.

The fold named here must be the one ``train.py --fold`` kept out. Runs in the project's environment:
``.venv/bin/python tools/finetune/evaluate.py ADAPTER.npz``.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))
sys.path.insert(0, str(Path(__file__).parent))
from bot import rasa_compat  # noqa: E402

rasa_compat.install()
from data import load  # noqa: E402

from bot.nlu.embedding import E5Embedder, build  # noqa: E402
from bot.nlu.encoder_weights import bundled_weights, read_weights  # noqa: E402
from bot.nlu.heads import DenseHead, SparseHead, TunedHead  # noqa: E402


def main() -> None:
    ap = argparse.ArgumentParser()
    ap.add_argument("--languages", default="")
    ap.add_argument("--data", type=Path, default=ROOT / "data/nlu")
    ap.add_argument("--fold", type=int, default=0)
    ap.add_argument("adapters", nargs="*", type=Path)
    a = ap.parse_args()
    codes = a.languages.split(",") if a.languages else sorted(p.name for p in a.data.iterdir() if p.is_dir())
    data = load(a.data, codes)
    intents = sorted({m.intent for m in data})
    y = np.array([intents.index(m.intent) for m in data])
    out = np.array([m.fold == a.fold for m in data])
    langs = np.array([m.lang for m in data])
    texts = [m.read for m in data]

    def show(name: str, scores: np.ndarray) -> None:
        hit = np.argsort(-scores, axis=1)[:, :3] == y[out][:, None]
        per = "  ".join(
            f"{g} {100 * hit[langs[out] == g, 0].mean():.1f}/{100 * hit[langs[out] == g].any(1).mean():.1f}"
            for g in np.unique(langs)
        )
        print(f"  {name:8} {100 * hit[:, 0].mean():.1f}/{100 * hit.any(1).mean():.1f}   {per}", flush=True)

    letters = SparseHead.fit([t for t, o in zip(texts, out, strict=True) if not o], y[~out])
    show("letters", letters.scores([t for t, o in zip(texts, out, strict=True) if o]))
    for adapter in [None, *a.adapters]:
        print(adapter or "without adapter")
        weights = read_weights(bundled_weights(), adapter)
        with tempfile.TemporaryDirectory() as folder:
            build(Path(folder) / "encoder", weights)
            x = E5Embedder(Path(folder) / "encoder", weights).embed(texts)
        show("dense", DenseHead.fit(x[~out], langs[~out], y[~out]).scores(x[out], langs[out]))
        tuned = TunedHead.of_adapter(adapter, intents) if adapter else None
        if tuned is not None:
            show("tuned", tuned.scores(x[out]))


if __name__ == "__main__":
    main()
