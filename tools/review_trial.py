"""Does a review make a better model? Messages that are neither trained nor tested, reviewed, trained and measured.

    .venv/bin/python tools/review_trial.py talk   --work /tmp/trial     # half A asks the assistant, with learning on
    .venv/bin/python tools/review_trial.py review --work /tmp/trial     # a reviewer who knows the right intents
    .venv/bin/python tools/review_trial.py train  --work /tmp/trial     # a copy of the tree, trained with what was accepted
    .venv/bin/python tools/review_trial.py measure --work /tmp/trial    # A, B and tests/nlu, before and after

tests/review/messages.jsonl holds the messages, each with its intent and its half. Of `scene`s that are the same
question in several languages, some are all in A, some all in B, and some (`twin`) in A in one language and in B in
another: what B gains is told for both kinds, because a twin is the easier case. Nothing is written into this tree.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
MESSAGES = ROOT / "tests" / "review" / "messages.jsonl"
COPIED = ("bot", "actions", "data", "locales", "config.yml", "domain.yml", "tests/nlu", "tests/crisis")


def load() -> list[dict[str, Any]]:
    return [json.loads(line) for line in MESSAGES.read_text(encoding="utf-8").splitlines()]


def settings_of(work: Path) -> Any:
    from bot.settings import Settings

    return replace(Settings.from_env(), data_dir=work / "var", learn=True)


def talk(work: Path) -> None:
    """Half A asks. Whoever is asked back presses the right topic when it is offered; who got a wrong one says so."""
    from bot.launcher import build_agent
    from bot.quality.lines import Talker

    shutil.rmtree(work / "var", ignore_errors=True)
    settings = settings_of(work)
    agent: Any = build_agent(settings)
    talker = Talker(agent, settings.secret_bytes())
    seen: Counter[str] = Counter()

    async def run() -> None:
        for number, row in enumerate(r for r in load() if r["half"] == "A"):
            sender = {"sender": f"trial-{number}", "channel": "web", "hint": row["lang"]}
            answer = await talker.answer({**sender, "text": row["text"]})
            offered = {c.get("payload") for reply in answer["replies"] for c in reply.get("choices") or ()}
            tracker = await agent.tracker_store.retrieve(_conversation(settings, sender))
            intent = tracker.latest_message.intent["name"]
            if intent == "nlu_fallback":
                seen["asked back"] += 1
                if f"/{row['intent']}" in offered:
                    seen["pressed the right topic"] += 1
                    await talker.answer({**sender, "payload": f"/{row['intent']}"})
            elif intent == row["intent"]:
                seen["answered rightly"] += 1
            else:
                seen["answered wrongly"] += 1
                await talker.answer({**sender, "payload": "/feedback_bad"})

    asyncio.run(run())
    agent.counters.close()
    agent.review.drain()
    kept = Counter(row.kind for row in agent.review._store.waiting())
    print(f"half A: {dict(seen)}")
    print(f"kept: {sum(kept.values())} {dict(kept)}")


def _conversation(settings: Any, sender: dict[str, str]) -> str:
    from bot.channels import gate

    return gate.conversation_id(settings.secret_bytes(), sender["channel"], sender["sender"])


def review(work: Path) -> None:
    """Export the table, fill it in as a reviewer would, and take it in into a copy of the tree."""
    from bot.memory.review_store import FILE, Store
    from bot.quality import review as verbs
    from bot.quality.training_files import TrainingFiles

    tree = work / "tree"
    shutil.rmtree(tree, ignore_errors=True)
    for name in COPIED:
        source, target = ROOT / name, tree / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    (tree / "models").mkdir()
    for encoder in (ROOT / "models").glob("encoder-*"):
        (tree / "models" / encoder.name).symlink_to(encoder)
    store = Store(settings_of(work).data_dir / FILE)
    start = time.monotonic()
    table = work / "review.xlsx"
    verbs.export(store, table)
    print(f"exported in {time.monotonic() - start:.1f} s")
    _fill(table)
    before = len(TrainingFiles(tree)._trained)
    verbs.take_in(store, table, "trial", root=tree)
    print(
        f"training messages: {before} before, {len(TrainingFiles(tree)._trained)} after; {len(store.waiting())} left in the queue"
    )
    store.close()


def _fill(table: Path) -> None:
    """The reviewer: yes where the proposal is right, else the right intent; what is marked is dropped."""
    from bot.directory_tools import workbook
    from bot.memory.redaction import scrub
    from bot.quality.review_table import COLUMNS
    from bot.quality.vocabulary import vocabulary

    right = {}
    for row in load():
        right[scrub(row["text"], vocabulary())] = row["intent"]
    rows, _ = workbook.read(table)
    at = {name: COLUMNS.index(name) for name in COLUMNS}
    done: Counter[str] = Counter()
    out = [list(COLUMNS)]
    for _, cells in rows[1:]:
        cells = [*cells, *[""] * (len(COLUMNS) - len(cells))]
        text = cells[at["text"]]
        intent = right.get(text, "")
        said = "no" if not intent or "[" in text else "yes" if cells[at["proposed"]] == intent else intent
        done["no" if said == "no" else "yes" if said == "yes" else "other intent"] += 1
        if said not in ("no", "yes"):
            done["of these second or third"] += intent in (cells[at["second"]], cells[at["third"]])
        cells[at["decision"]] = said
        out.append(cells)
    table.write_bytes(workbook.write(out))
    clusters = Counter(row[at["cluster"]] for row in out[1:])
    print(f"{len(out) - 1} messages in {len(clusters)} clusters; decisions: {dict(done)}")


def train(work: Path) -> None:
    """Train the copy with its own code and data."""
    model = work / "after.tar.gz"
    script = (
        "import sys; sys.path.insert(0, '.')\n"
        "from bot.settings import Settings\nfrom bot.launcher import train\nprint(train(Settings.from_env()))\n"
    )
    environment = {
        "WEGWEISER_MODEL": str(model),
        "WEGWEISER_DATA_DIR": str(work / "var"),
        "PATH": "/usr/bin:/bin",
        "HOME": str(work),
    }
    start = time.monotonic()
    subprocess.run(["nice", sys.executable, "-c", script], cwd=work / "tree", env=environment, check=True)
    print(f"trained in {time.monotonic() - start:.0f} s: {model}")


def measure(work: Path) -> None:
    """Top-1, and what would be answered at once and rightly, before and after."""
    from bot.launcher import build_parser
    from bot.quality.evaluate import load_cases
    from bot.quality.evaluate import measure as measured
    from bot.settings import Settings

    mine = load()
    sets: dict[str, list[dict[str, Any]]] = {
        "A": [r for r in mine if r["half"] == "A"],
        "B": [r for r in mine if r["half"] == "B"],
        "B, asked by nobody in A": [r for r in mine if r["half"] == "B" and not r["twin"]],
        "B, asked in A in another language": [r for r in mine if r["half"] == "B" and r["twin"]],
        "tests/nlu": load_cases([str(ROOT / "tests" / "nlu")]),
        "tests/crisis": load_cases([str(ROOT / "tests" / "crisis")]),
    }
    figures: dict[str, dict[str, Any]] = {}
    for name, model in (("before", Settings.from_env().model), ("after", work / "after.tar.gz")):
        parser = build_parser(replace(Settings.from_env(), model=model))
        for label, rows in sets.items():
            results = measured(parser, [{"set": "trial", **row} for row in rows])
            good = sum(r["got"] == r["intent"] for r in results)
            top3 = sum(r["intent"] in r["top3"] for r in results)
            figures.setdefault(label, {})[name] = [good, top3, len(results)]
            print(
                f"{name:7} {label:35} top-1 {good}/{len(results)} = {good / len(results):.1%}  top-3 {top3 / len(results):.1%}",
                flush=True,
            )
    (work / "figures.json").write_text(json.dumps(figures, indent=1))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("step", choices=["talk", "review", "train", "measure"])
    parser.add_argument("--work", type=Path, required=True, help="folder for everything that is written")
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    from bot import rasa_compat

    rasa_compat.install()
    {"talk": talk, "review": review, "train": train, "measure": measure}[arguments.step](arguments.work)
    return 0


if __name__ == "__main__":
    sys.exit(main())
