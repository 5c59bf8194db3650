"""`make chaos`: random faults while people talk, and what must hold all the same (docs/chaos.md).

The schedule is drawn with the seed and printed. Each layout gets its share of the minutes. Exit code 0 when everything
held, 1 when something did not or the run was stopped; whatever was started has ended then, also after Ctrl+C.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import shutil
import signal
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from bot.quality.performance_card import on  # noqa: E402
from tools.bench.run import commit, machine  # noqa: E402
from tools.chaos import report  # noqa: E402
from tools.chaos.faults_processes import libfaketime  # noqa: E402
from tools.chaos.folder import disk_possible  # noqa: E402
from tools.chaos.kinds import CLUSTER, KINDS, SINGLE  # noqa: E402
from tools.chaos.trial import Trial, Wanted  # noqa: E402
from tools.cluster.cluster import ClusterError, programs  # noqa: E402

LAYOUTS = (SINGLE, CLUSTER)


def arguments() -> argparse.Namespace:
    """What can be chosen."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0, help="of faults, shared by the layouts")
    parser.add_argument("--seed", type=int, default=0, help="0: by the time")
    parser.add_argument("--layout", choices=(*LAYOUTS, "both"), default="both")
    parser.add_argument("--rate", type=float, default=5.0, help="messages a second")
    parser.add_argument(
        "--people", type=int, default=24, help="on the web at the same time; a third as many in Telegram"
    )
    parser.add_argument("--cases", type=int, default=3, help="questions of each kind and language")
    parser.add_argument("--gap", type=float, nargs=2, default=None, help="fewest and most seconds between two faults")
    parser.add_argument("--only", default="", help="only these faults, with commas")
    parser.add_argument("--show", action="store_true", help="print the schedule and do nothing")
    parser.add_argument("--json", type=Path, default=ROOT / "build" / "chaos.json")
    parser.add_argument("--card", type=Path, default=None, help="write the tables into this page")
    given = parser.parse_args()
    given.only = frozenset(filter(None, given.only.split(",")))
    unknown = given.only - {kind.name for kind in KINDS}
    if unknown:
        parser.error(f"no such fault: {', '.join(sorted(unknown))}")
    given.seed = given.seed or int(time.time()) % 1_000_000
    return given


def here() -> frozenset[str]:
    """What this machine has of what faults need."""
    with tempfile.TemporaryDirectory(prefix="wegweiser-chaos-try-") as name:
        root = disk_possible(Path(name))
    return frozenset({"root"} if root else set()) | ({"faketime"} if libfaketime() else set())


def main() -> int:
    """Run, write what was found, and say whether it held."""
    given = arguments()
    layouts = LAYOUTS if given.layout == "both" else (given.layout,)
    if CLUSTER in layouts:
        missing = [name for name, found in programs().items() if not found]
        if missing:
            print(f"not installed: {', '.join(missing)} (run `make system` as root)", file=sys.stderr)
            return 1
    found: list[dict[str, Any]] = []
    able, stopped = here(), False
    for number, layout in enumerate(layouts):
        wanted = Wanted(
            layout, given.seed + number, given.minutes * 60 / len(layouts), given.rate, given.people, given.cases,
            tuple(given.gap) if given.gap else None, given.only, able, given.json.with_suffix(".logs"),
        )  # fmt: skip
        trial = Trial(wanted, say)
        say(trial.plan())
        if given.show:
            continue
        try:
            found.append(asyncio.run(_until_asked(trial)))
        except ClusterError as exc:
            say(f"{layout} cannot be started: {exc}")
            return 1
        say(report.text(found[-1]))
        stopped = trial.stopped.is_set()
        if stopped:
            break
    if given.show:
        return 0
    content = {
        "date": date.today().isoformat(), "commit": commit(), "machine": on(machine()), "seed": given.seed,
        "rate": given.rate, "minutes": given.minutes, "layouts": found,
    }  # fmt: skip
    given.json.parent.mkdir(parents=True, exist_ok=True)
    given.json.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if given.card is not None and not stopped:
        report.page(given.card, content)
    if stopped:
        say("stopped before its time")
    return 1 if stopped or any(row["violated"] for row in found) else 0


async def _until_asked(trial: Trial) -> dict[str, Any]:
    """The trial; a signal ends it in order, as the end of its time does."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError, RuntimeError):
            loop.add_signal_handler(number, trial.stopped.set)
    return await trial.run()


def say(text: str) -> None:
    """A line on standard output, at once."""
    print(text, flush=True)


if __name__ == "__main__":
    if shutil.which("mount") is None:
        print("mount is not on the path: faults of the disk are left out", file=sys.stderr)
    raise SystemExit(main())
