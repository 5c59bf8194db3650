"""What is tried: one process on SQLite, or several behind nginx on Redis and PostgreSQL; each behind a wire."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tools.bench.processes import free_port  # noqa: E402
from tools.chaos.folder import DataFolder  # noqa: E402
from tools.chaos.keeper import ENVIRONMENT, Kept, healthy  # noqa: E402
from tools.chaos.kinds import CLUSTER, SINGLE  # noqa: E402
from tools.chaos.telegram import WEBHOOK, TroubledTelegram  # noqa: E402
from tools.chaos.upstreams import Upstreams  # noqa: E402
from tools.chaos.wire import Wire  # noqa: E402
from tools.cluster.cluster import SECRET, START_SECONDS, Cluster, ClusterError, Member, running  # noqa: E402

MODEL = ROOT / "models" / "wegweiser.tar.gz"
Died = Callable[[Kept, int], None]


class Layout:
    """What both have: people come to `url`; `direct` is the same without the wire. Use as an async context manager."""

    name = ""

    def __init__(self, dice: random.Random, died: Died) -> None:
        self.dice, self.died = dice, died
        self.folder = Path(tempfile.mkdtemp(prefix="wegweiser-chaos-"))
        # Who is killed does not clear up after itself.
        self.temporary = self.folder / "tmp"
        self.model = self.folder / "model" / MODEL.name
        self.telegram = TroubledTelegram(dice)
        self.upstreams = Upstreams(dice)
        self.wire = Wire(0, dice)
        self.serving: list[Kept] = []
        self.others: list[Kept] = []
        self.direct = ""

    @property
    def url(self) -> str:
        """Where people come."""
        return self.wire.url

    @property
    def webhook(self) -> str:
        """Where Telegram brings updates, "" when they are asked for."""
        return ""

    @property
    def kept(self) -> list[Kept]:
        """All processes that are started again."""
        return [*self.serving, *self.others]

    @property
    def logs(self) -> list[Path]:
        """Everything that was logged."""
        return sorted(path for path in self.folder.rglob("*") if path.suffix == ".log" or path.name == "log")

    async def __aenter__(self) -> Layout:
        try:
            self.model.parent.mkdir()
            self.temporary.mkdir()
            shutil.copyfile(MODEL, self.model)
            await self.telegram.start()
            await self.upstreams.start()
            await self.start()
            self.wire.target = int(self.direct.rpartition(":")[2])
            await self.wire.start()
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        for close in (self.wire.stop, self.stop, self.upstreams.stop, self.telegram.stop):
            with contextlib.suppress(Exception):  # whatever fails, the rest is ended, too
                await close()
        shutil.rmtree(self.folder, ignore_errors=True)

    async def start(self) -> None:
        """Start it and wait until it answers; ClusterError when it does not."""
        raise NotImplementedError

    async def stop(self) -> None:
        """End all processes."""
        raise NotImplementedError

    async def heal(self) -> None:
        """Whatever a fault has left behind is put right."""
        self.wire.mode, self.telegram.mode = "", ""
        self.telegram.twice = self.telegram.disorder = False
        self.upstreams.end()
        for kept in self.kept:
            kept.again()

    def shared_settings(self) -> dict[str, str]:
        """Settings without their prefix."""
        return {
            "TELEGRAM_TOKEN": self.telegram.token, "TELEGRAM_API": self.telegram.api, "MODEL": str(self.model),
            "LOG_LEVEL": "INFO", **self.upstreams.settings,
        }  # fmt: skip


class Single(Layout):
    """The default installation: one process, SQLite, Telegram asked for updates."""

    name = SINGLE

    def __init__(self, dice: random.Random, died: Died, own_disk: bool) -> None:
        super().__init__(dice, died)
        self.data = DataFolder(self.folder / "var", own_disk)

    async def start(self) -> None:
        """Start the process."""
        port = free_port()
        clean = {key: value for key, value in os.environ.items() if not key.startswith("WEGWEISER_")}
        settings = self.shared_settings() | {
            "PORT": str(port), "DATA_DIR": str(self.data.path), "SECRET": SECRET, "PER_ADDRESS": "0",
        }  # fmt: skip
        environment = clean | {f"WEGWEISER_{key}": value for key, value in settings.items()}
        environment |= {**ENVIRONMENT, "TMPDIR": str(self.temporary)}
        member = Member("serve-0", [sys.executable, "-m", "bot.cli", "serve"], port, environment, self.folder)
        kept = Kept(member, self.died)
        self.serving.append(kept)
        kept.start()
        await asyncio.to_thread(member.wait)
        kept.keep()
        self.direct = f"http://{member.address}"

    async def stop(self) -> None:
        """End the process and take the disk away."""
        try:
            for kept in self.serving:
                await kept.close()
        finally:
            self.data.close()

    async def heal(self) -> None:
        """The disk, too."""
        self.data.free()
        await super().heal()


class Several(Layout):
    """Two serving processes and an action server behind nginx; Telegram brings updates to nginx."""

    name = CLUSTER

    def __init__(self, dice: random.Random, died: Died) -> None:
        super().__init__(dice, died)
        self._stack = contextlib.ExitStack()
        self._cluster: Cluster | None = None

    @property
    def cluster(self) -> Cluster:
        """Redis, PostgreSQL and the processes, while it runs."""
        assert self._cluster is not None
        return self._cluster

    @property
    def webhook(self) -> str:
        """Through the wire, as everybody."""
        return self.url + WEBHOOK

    @property
    def logs(self) -> list[Path]:
        """Those of the cluster's own folder, too."""
        found = [path for path in self.cluster.folder.rglob("*") if path.suffix == ".log" or path.name == "log"]
        return sorted([*super().logs, *found])

    async def start(self) -> None:
        """Start everything."""
        more = self.shared_settings() | {"PUBLIC_URL": "https://bot.example.org"}
        self._stack.enter_context(_environment(**ENVIRONMENT, TMPDIR=str(self.temporary)))
        # A start that is not waited for to its end would leave processes behind.
        opening = asyncio.ensure_future(
            asyncio.to_thread(lambda: self._stack.enter_context(running(serve=2, actions=1, more=more)))
        )
        try:
            self._cluster = await asyncio.shield(opening)
        except asyncio.CancelledError:
            await asyncio.gather(opening, return_exceptions=True)
            raise
        cluster = self.cluster
        self.direct = cluster.url
        self.serving = [Kept(member, self.died) for member in cluster.serving]
        self.others = [Kept(member, self.died) for member in (*cluster.acting, cluster.nginx)]
        for kept in self.kept:
            kept.keep()
        until = asyncio.get_running_loop().time() + START_SECONDS
        while not self.telegram.webhook:
            if asyncio.get_running_loop().time() > until:
                raise ClusterError("the webhook was not registered")
            await asyncio.sleep(0.2)

    async def stop(self) -> None:
        """End the processes, then what they share."""
        for kept in (*reversed(self.others), *self.serving):
            with contextlib.suppress(OSError):
                await kept.close()
        await asyncio.to_thread(self._stack.close)

    async def heal(self) -> None:
        """Redis and PostgreSQL, too."""
        await asyncio.to_thread(self.cluster.redis.start)
        await super().heal()


@contextlib.contextmanager
def _environment(**wanted: str) -> Iterator[None]:
    """Processes that are started meanwhile have these variables."""
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


async def ill(layout: Layout, seconds: float, stopped: Callable[[], bool]) -> list[str]:
    """What does not say within so many seconds that all is well: processes, all together, and checks of `/ready`."""
    until = asyncio.get_running_loop().time() + seconds
    asked = [kept.healthy(seconds, stopped) for kept in layout.kept]
    found = await asyncio.gather(*asked, healthy(layout.url, seconds, stopped))
    names = [*(kept.name for kept in layout.kept), "all together"]
    told = [name for name, well in zip(names, found, strict=True) if not well]
    async with httpx.AsyncClient(trust_env=False, timeout=3) as http:
        while not told and (failed := await _failed(layout, http)):
            if asyncio.get_running_loop().time() > until or stopped():
                return failed
            await asyncio.sleep(0.5)
    return told


async def _failed(layout: Layout, http: httpx.AsyncClient) -> list[str]:
    """Checks that processes say have failed."""
    found = []
    for kept in layout.serving:
        try:
            said = (await http.get(f"http://{kept.member.address}/ready")).json()
            found += [f"{kept.name}: {said['status']} ({', '.join(said['failed'])})"] * (said["status"] != "ready")
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as exc:
            found.append(f"{kept.name}: {type(exc).__name__}")
    return found
