"""`make fuzz`: every target in a process of its own, with a limit for memory and for the time of one input.

The corpus in tests/fuzz/corpus is where each begins; what is found besides goes to build/fuzz and is kept for the next run.
A target that fails leaves its input in build/fuzz/<target>-crash-…; run it with `tools/fuzz/replay.py`.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))
CORPUS, BUILD = ROOT / "tests" / "fuzz" / "corpus", ROOT / "build" / "fuzz"
MEMORY_MB, INPUT_SECONDS = 2048, 300
_DONE = re.compile(r"#(\d+)\s+(?:DONE|pulse|REDUCE|NEW|RELOAD|INITED)\s+cov: (\d+) ft: (\d+)")


def fuzz(name: str, runs: int, seconds: int) -> dict[str, Any]:
    """One target; what happened, as it stands in build/fuzz.json."""
    BUILD.mkdir(parents=True, exist_ok=True)
    found, seeds, state = BUILD / "found" / name, CORPUS / name, BUILD / f"{name}.json"
    found.mkdir(parents=True, exist_ok=True)
    seeds.mkdir(parents=True, exist_ok=True)
    state.write_text("{}")
    command = [
        *(sys.executable, "-m", "tools.fuzz.one", name, str(state), f"-runs={runs}", f"-rss_limit_mb={MEMORY_MB}"),
        *(f"-timeout={INPUT_SECONDS}", f"-max_total_time={seconds}", "-print_final_stats=1", "-verbosity=1"),
        *(f"-artifact_prefix={BUILD}/{name}-", str(found), str(seeds)),
    ]
    began = time.monotonic()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "0"}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, errors="replace", check=False
    )
    (BUILD / f"{name}.log").write_text(done.stdout + done.stderr, encoding="utf-8")
    figures = read(done.stderr)
    if done.returncode and not figures["faults"]:
        figures["faults"] = [f"exit {done.returncode}"]
    return {"target": name, **figures, **json.loads(state.read_text()), "exit": done.returncode,
            "seconds": round(time.monotonic() - began, 1)}  # fmt: skip


def read(said: str) -> dict[str, Any]:
    """Inputs, coverage and faults in what libFuzzer said."""
    lines = _DONE.findall(said)
    number, coverage, features = map(int, lines[-1]) if lines else (0, 0, 0)
    executed = re.search(r"stat::number_of_executed_units: (\d+)", said)
    memory = re.search(r"stat::peak_rss_mb:\s+(\d+)", said)
    kinds = {
        "timeout": "ALARM|libFuzzer: timeout",
        "memory": "out-of-memory|malloc limit",
        "crash": "Uncaught Python exception|deadly signal|fuzz target exited",
    }
    faults = [kind for kind, pattern in kinds.items() if re.search(pattern, said)]
    return {
        "inputs": int(executed[1]) if executed else number,
        "coverage": coverage,
        "features": features,
        "peak_mb": int(memory[1]) if memory else None,
        "faults": faults,
    }


def main() -> int:
    """Fuzz all targets, or one; 1 when any of them failed."""
    from bot.rasa_compat import install

    install()
    from tools.fuzz.card import write
    from tools.fuzz.registry import load

    targets = load()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20_000, help="inputs for a target of share 1 (20000)")
    parser.add_argument(
        "--seconds", type=int, default=0, help="stop a target after so many seconds (0: when it is done)"
    )
    parser.add_argument("--target", default="", help="only these, with commas between")
    parser.add_argument("--json", type=Path, default=ROOT / "build" / "fuzz.json")
    parser.add_argument("--card", type=Path, default=None, help="page whose table is written")
    arguments = parser.parse_args()
    wanted = [name for name in arguments.target.split(",") if name] or list(targets)
    unknown = set(wanted) - set(targets)
    if unknown:
        parser.error(f"no such target: {', '.join(sorted(unknown))}; there are {', '.join(targets)}")
    results = {row["target"]: row for row in json.loads(arguments.json.read_text())} if arguments.json.exists() else {}
    failed = []
    for name in wanted:
        row = fuzz(name, max(1, round(arguments.runs * targets[name].share)), arguments.seconds)
        # Figures add up over runs of the same inputs found so far; a fault is told of the last one.
        before = results.get(name, {"inputs": 0, "seconds": 0.0, "slowest_ms": 0.0})
        row["slowest_ms"] = max(row.get("slowest_ms", 0.0), before.get("slowest_ms") or 0.0)
        row["inputs"], row["seconds"] = row["inputs"] + before["inputs"], round(row["seconds"] + before["seconds"], 1)
        results[name] = row
        print(f"{name}: {row['inputs']} inputs, {row['features']} features, slowest {row['slowest_ms']} ms, "
              f"{', '.join(row['faults']) or 'no fault'}", flush=True)  # fmt: skip
        if row["faults"] or row["exit"]:
            failed.append(name)
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(
            json.dumps([results[known] for known in targets if known in results], indent=1) + "\n"
        )
    if arguments.card:
        write(arguments.card, [results[known] for known in targets if known in results])
    print(f"{sum(row['inputs'] for row in results.values())} inputs in total; faults in: {', '.join(failed) or 'none'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
