"""The two engines as servers: stock with its action server, and `wegweiser serve`; both started as their users start them."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.quality.bench_messages import Ask
from tools.bench.answers import EMPTY, judge_stock, judge_wegweiser
from tools.bench.http_client import post_once
from tools.bench.processes import clean_environment, free_port, running, wait_until
from tools.stock.project import write_endpoints

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS = 240.0
POLL_SECONDS = 5.0


@dataclass
class Served:
    """An engine that answers at `port`; `processes` are all it needs, `start_seconds` from exec to the first answer."""

    engine: str
    port: int
    processes: list[subprocess.Popen[bytes]]
    start_seconds: float = 0.0
    sessions: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.sessions = [process.pid for process in self.processes]


@dataclass(frozen=True)
class Engines:
    """How to start them. `folder` is where logs and data go, `first` the question whose answer ends the start."""

    folder: Path
    stock_python: Path
    stock_project: Path
    stock_model: Path
    wegweiser_model: Path
    first: Ask
    names: dict[str, str]

    def start(self, engine: str, cores: Sequence[int] = ()) -> contextlib.AbstractContextManager[Served]:
        """Either of them, ready: it has answered a topic question."""
        return self.stock(cores) if engine == "stock" else self.wegweiser(cores)

    @contextlib.contextmanager
    def stock(self, cores: Sequence[int] = ()) -> Iterator[Served]:
        """`rasa run` with the REST channel, and the action server of rasa-sdk."""
        port, actions = free_port(), free_port()
        endpoints = write_endpoints(self.stock_project, actions)
        environment = clean_environment(SANIC_HOST="127.0.0.1")
        rasa = [str(self.stock_python.with_name("rasa")), "run", "-i", "127.0.0.1", "-p", str(port)]
        rasa += ["-m", str(self.stock_model), "--endpoints", endpoints.name, "--credentials", "credentials.yml"]
        server = [str(self.stock_python), "-m", "rasa_sdk", "--actions", "actions", "-p", str(actions)]
        begun = time.monotonic()
        with (
            running(server, self.stock_project, environment, self.folder / "stock-actions.log", cores) as second,
            running(rasa, self.stock_project, environment, self.folder / "stock.log", cores) as first,
        ):
            served = Served("stock", port, [first, second])
            url = f"http://127.0.0.1:{port}/webhooks/rest/webhook"

            def ask() -> bool:
                body = {"sender": f"start-{time.monotonic()}", "message": self.first.text}
                status, rows = post_once(url, body, seconds=POLL_SECONDS)
                return _answered(judge_stock, self.first, status, rows, self.names)

            wait_until(ask, served.processes, READY_SECONDS)
            served.start_seconds = time.monotonic() - begun
            yield served

    @contextlib.contextmanager
    def wegweiser(
        self, cores: Sequence[int] = (), command: Sequence[str] = ("-m", "bot.cli", "serve")
    ) -> Iterator[Served]:
        """`wegweiser serve` with its own folder of data; nobody is refused for coming from one address."""
        port = free_port()
        data = self.folder / f"data-{port}"
        environment = clean_environment(
            WEGWEISER_PORT=str(port), WEGWEISER_DATA_DIR=str(data), WEGWEISER_MODEL=str(self.wegweiser_model),
            WEGWEISER_PER_ADDRESS="0", WEGWEISER_LOG_LEVEL="WARNING",
        )  # fmt: skip
        begun = time.monotonic()
        log = self.folder / f"wegweiser-{port}.log"
        with running([sys.executable, *command], ROOT, environment, log, cores) as process:
            served = Served("wegweiser", port, [process])
            url = f"http://127.0.0.1:{port}/api/v1"

            def ask() -> bool:
                status, opened = post_once(f"{url}/conversations", {}, seconds=POLL_SECONDS)
                if status != 201:
                    return False
                body = {"conversation": opened["conversation"], "id": "1", "text": self.first.text}
                status, answer = post_once(f"{url}/messages", body, opened["token"], POLL_SECONDS)
                return _answered(judge_wegweiser, self.first, status, answer, self.names)

            wait_until(ask, served.processes, READY_SECONDS)
            served.start_seconds = time.monotonic() - begun
            yield served


def _answered(judge: Callable[..., Any], ask: Ask, status: int, answer: Any, names: dict[str, str]) -> bool:
    """Any answer counts, also that it is not sure: how good it is, the other parts measure."""
    return status == 200 and judge(ask, status, json.dumps(answer).encode(), names).verdict != EMPTY
