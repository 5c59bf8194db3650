"""`make soak`: the real server for hours at half of what it can, while conversations come, go and are forgotten.

Every few seconds: memory, latency, what the store holds, open files and threads. At the end memory must be flat, answers
as quick as at the beginning, the store bounded, and no message without its answer. The store's time runs faster than the
clock (soak_store.py), so that the retention comes to bear within the run.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from bot.quality.bench_messages import Workload, draw, load_resources  # noqa: E402
from bot.quality.sections import put  # noqa: E402
from tools.bench.http_client import post_once  # noqa: E402
from tools.bench.processes import clean_environment, cpu_seconds, free_port, running, wait_until  # noqa: E402
from tools.bench.run import commit, machine  # noqa: E402
from tools.growth.figures import family, open_files, rss_mb, share, threads  # noqa: E402
from tools.load import soak_card  # noqa: E402
from tools.load.soak_store import StoreOutside  # noqa: E402
from tools.load.soak_traffic import People  # noqa: E402
from tools.load.soak_verdict import Limits, Traffic, faults, figures  # noqa: E402

SECRET = "a secret of the soak, long enough"
RETENTION_HOURS = 1
SWEEP_EVERY = 200
PEAK_WARM, PEAK_SECONDS, PEAK_CLIENTS = 15.0, 45.0, 8
PEAK_CONVERSATIONS = 2000
READY_SECONDS = 180.0


@contextlib.contextmanager
def server(folder: Path) -> Iterator[tuple[int, int, Callable[[], float]]]:
    """`wegweiser serve` with a folder of its own: its port, its process id, and a call that waits until it is ready."""
    port = free_port()
    environment = clean_environment(
        WEGWEISER_PORT=str(port), WEGWEISER_DATA_DIR=str(folder / "var"), WEGWEISER_SECRET=SECRET,
        WEGWEISER_PER_ADDRESS="0", WEGWEISER_LOG_LEVEL="WARNING", WEGWEISER_RETENTION_HOURS=str(RETENTION_HOURS),
    )  # fmt: skip
    with running([sys.executable, "-m", "bot.cli", "serve"], ROOT, environment, folder / "server.log") as process:
        url = f"http://127.0.0.1:{port}/api/v1/conversations"
        yield (
            port,
            process.pid,
            lambda: wait_until(lambda: post_once(url, {}, seconds=5.0)[0] == 201, [process], READY_SECONDS),
        )


class Soak:
    """One run: `kept` seconds after its last message a conversation is over, every `every` seconds is a sample."""

    def __init__(self, people: People, store: StoreOutside, pid: int, every: float) -> None:
        self.people, self.store, self.pid, self.every = people, store, pid, every
        self.samples: list[dict[str, Any]] = []
        self.aged = 0

    async def run(self, rate: float, seconds: float) -> None:
        """Messages at this rate, and samples meanwhile."""
        watch = asyncio.create_task(self._watch(rate))
        try:
            await self.people.steadily(rate, seconds)
        finally:
            watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watch

    async def _watch(self, rate: float) -> None:
        begun, number = time.monotonic(), 0
        self.people.latencies = []
        while True:
            number += 1
            await asyncio.sleep(max(0.0, begun + number * self.every - time.monotonic()))
            self.samples.append(await self._sample(time.monotonic() - begun, rate))

    async def _sample(self, seconds: float, rate: float) -> dict[str, Any]:
        taken, self.people.latencies = self.people.latencies, []
        forgotten = self.people.forgotten
        rows = await asyncio.to_thread(self.store.rows)
        # Aged at the last sample, swept after so many saves more, and both take a moment; counted after the rows, so that
        # whoever wrote meanwhile is in it, and with those who were forgotten meanwhile.
        allowed = self.people.written_within(self.store.kept + 2 * self.every + SWEEP_EVERY / rate + 2.0)
        allowed += self.people.forgotten - forgotten
        whole = family(self.pid)
        row = {
            "seconds": round(seconds, 1),
            "rss_mb": round(sum(map(rss_mb, whole)), 1),
            "p50_ms": round(1000 * share(taken, 50), 2) if taken else None,
            "p95_ms": round(1000 * share(taken, 95), 2) if taken else None,
            "messages": len(taken),
            "rows": rows,
            "rows_allowed": allowed,
            "file_mb": self.store.megabytes(),
            "open_files": sum(map(open_files, whole)),
            "threads": sum(map(threads, whole)),
        }
        self.aged += await asyncio.to_thread(self.store.age)
        return row


async def soak(given: argparse.Namespace, work: Workload, port: int, pid: int, folder: Path) -> dict[str, Any]:
    """The whole run with its figures and what does not hold."""
    from bot.channels.gate import conversation_id

    people = People(port, work, given.conversations, partial(conversation_id, SECRET.encode(), "web"))
    store = StoreOutside(folder / "var" / "conversations.sqlite", RETENTION_HOURS * 3600, given.kept)
    peak = None
    begun = time.monotonic()
    if given.rate == "half":
        await people.as_many_as_possible(PEAK_WARM, PEAK_CLIENTS)
        peak = await people.as_many_as_possible(PEAK_SECONDS, PEAK_CLIENTS)
    rate = round(peak / 2, 2) if peak is not None else float(given.rate)
    run = Soak(people, store, pid, given.every)
    seconds = given.minutes * 60 - (time.monotonic() - begun)
    used = cpu_seconds([pid])
    await run.run(rate, seconds)
    left = store.holds(list(people.forgotten_last))
    store.close()
    traffic = Traffic(people.sent, people.answered, people.errors, people.forgotten, left)
    found = figures(run.samples, given.warm)
    limits = Limits(given.memory_growth, *((None, None, None) if given.gentle else (0.2, 0.3, 0.1)))
    return {
        "minutes": given.minutes, "peak_per_second": peak, "rate": rate, "conversations": given.conversations,
        "kept_seconds": given.kept, "came": people.came, "aged": run.aged, "late": people.late,
        "cpu_share": round((cpu_seconds([pid]) - used) / seconds, 3),
        "traffic": asdict(traffic), "told": people.told, "figures": found, "limits": asdict(limits),
        "faults": faults(found, traffic, limits), "samples": run.samples,
    }  # fmt: skip


def arguments() -> argparse.Namespace:
    """What can be chosen."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=120.0)
    parser.add_argument("--conversations", type=int, default=10_000, help="at the same time")
    parser.add_argument("--rate", default="half", help="messages a second, or half of what 8 clients get answered")
    parser.add_argument("--kept", type=float, default=600.0, help="seconds after which a conversation is over")
    parser.add_argument("--every", type=float, default=10.0, help="seconds between samples")
    parser.add_argument("--warm", type=float, default=900.0, help="seconds at the beginning that are not judged")
    parser.add_argument("--memory-growth", type=float, default=0.05, help="most growth in the second half, as a share")
    parser.add_argument("--gentle", action="store_true", help="judge neither latency nor the size of the file")
    parser.add_argument("--json", type=Path, default=ROOT / "build" / "soak.json")
    parser.add_argument("--card", type=Path, default=None, help="write the tables into this page")
    given = parser.parse_args()
    if given.rate == "half" and given.conversations < PEAK_CONVERSATIONS:
        parser.error(f"--rate half needs --conversations {PEAK_CONVERSATIONS} at least: each may send 20 a minute")
    return given


def main() -> int:
    """Soak, write JSON and a short text; 1 when something does not hold."""
    from bot import rasa_compat

    given = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the server is stopped
    rasa_compat.install()
    from bot.wiring import URGENT

    begun = {"date": date.today().isoformat(), "commit": commit(), "machine": machine()}
    with tempfile.TemporaryDirectory(prefix="wegweiser-soak-") as name, server(Path(name)) as (port, pid, wait):
        work = draw(load_resources(), URGENT)  # takes some seconds, as the server does
        wait()
        found = begun | asyncio.run(soak(given, work, port, pid, Path(name)))
    given.json.parent.mkdir(parents=True, exist_ok=True)
    given.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    if given.card is not None:
        put(given.card, soak_card.SECTION, soak_card.lines(found))
    print(text(found))
    return 1 if found["faults"] else 0


def text(found: dict[str, Any]) -> str:
    """The run in a few lines."""
    samples, traffic, figures_ = found["samples"], found["traffic"], found["figures"]
    return "\n".join(
        [
            f"{found['minutes']:g} min at {found['rate']:g} messages/s: {traffic['answered']} of {traffic['sent']} answered, "
            f"{traffic['errors']} errors; {found['came']} conversations came, {traffic['forgotten']} were forgotten, "
            f"{found['aged']} became too old",
            f"memory {samples[0]['rss_mb']} to {samples[-1]['rss_mb']} MB, growth of the second half {figures_['memory_growth']:.1%}",
            f"p95 {samples[0]['p95_ms']} to {samples[-1]['p95_ms']} ms, last over first quarter "
            f"{figures_['p95_last_over_first']:.2f} (p50 {figures_['p50_last_over_first']:.2f})",
            f"store {samples[-1]['rows']} conversations, {samples[-1]['file_mb']} MB, at most {figures_['rows_over_allowed']:.2f} "
            f"of what it may hold; {samples[-1]['open_files']} files open, {samples[-1]['threads']} threads",
            *(f"does not hold: {fault}" for fault in (*found["faults"], *found["told"])),
        ]
    )


if __name__ == "__main__":
    raise SystemExit(main())
