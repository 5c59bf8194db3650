"""Train stock Rasa on our training messages, in its own environment (see README.md in this folder).

Writes DIR/model.tar.gz and DIR/model.json with the hash of the data, the number of messages and the seconds it took.
Does nothing when the model there was trained from the same messages.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import sys
import time
from pathlib import Path

import yaml

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1]))
from bot.nlu.message_files import read_messages  # noqa: E402


def main() -> None:
    ap = argparse.ArgumentParser()
    ap.add_argument("--data", type=Path, default=HERE.parents[1] / "data" / "nlu")
    ap.add_argument("--out", type=Path, required=True)
    ap.add_argument("--sample", type=int, default=0, help="only this many messages, all intents evenly; 0 means all")
    a = ap.parse_args()
    rows = [(intent, text) for _, intent, text in read_messages(a.data)]
    if a.sample:
        random.Random(0).shuffle(rows)
        rows = rows[: a.sample]
    config = (HERE / "config.yml").read_text(encoding="utf-8")
    stamp = hashlib.sha256(json.dumps([config, sorted(rows)]).encode()).hexdigest()
    note = a.out / "model.json"
    if note.exists() and json.loads(note.read_text())["data"] == stamp and (a.out / "model.tar.gz").exists():
        print(f"the baseline in {a.out} is up to date")
        return
    folder = a.out / "project"
    folder.mkdir(parents=True, exist_ok=True)
    by_intent: dict[str, list[str]] = {}
    for intent, text in rows:
        by_intent.setdefault(intent, []).append(text)
    blocks = [{"intent": i, "examples": "".join(f"- {t}\n" for t in ts)} for i, ts in sorted(by_intent.items())]
    nlu, domain = folder / "nlu.yml", folder / "domain.yml"
    nlu.write_text(yaml.safe_dump({"version": "3.1", "nlu": blocks}, allow_unicode=True, width=10**6), "utf-8")
    domain.write_text(yaml.safe_dump({"version": "3.1", "intents": sorted(by_intent)}), "utf-8")
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
    from rasa.model_training import train_nlu

    start = time.monotonic()
    result = train_nlu(str(HERE / "config.yml"), str(nlu), str(a.out), fixed_model_name="model", domain=str(domain))
    seconds = time.monotonic() - start
    if not result:
        raise SystemExit("stock Rasa could not be trained")
    note.write_text(json.dumps({"data": stamp, "messages": len(rows), "seconds": round(seconds, 1)}), "utf-8")
    print(f"{len(rows)} messages in {seconds:.0f} s")


if __name__ == "__main__":
    main()
