"""`wegweiser dataflow`: where data come in, where they go and where they lie, from the code itself, as a page.

Routes are those of the real application with everything switched on. Clients, files and programs are read from the
source. What a client is for and who may call a route is said in the tables here; what is not in them stops the command,
so a new way out or in is never left out of the page in silence.
"""

from __future__ import annotations

import dataclasses
import inspect
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.quality.flow_code import Found, everything
from bot.settings import PREFIX, Settings

EVERYBODY, TOKEN, STAFF = "everybody", "who holds the conversation's token", "staff who logged in"
TELEGRAM, ZAMMAD = "Telegram: secret token of the webhook", "Zammad: signature with the webhook's secret"
INSIDE = "who reaches the port: it belongs into a closed network"
# Blueprint: who may call its routes; those of some routes are given one by one.
WHO = {"site": EVERYBODY, "pages": EVERYBODY, "hsds": EVERYBODY, "staff": STAFF}
WHO_CALLS = {
    "/api/v1/conversations": EVERYBODY,
    "/api/v1/messages": TOKEN,
    "/api/v1/conversations/<conversation:str>": TOKEN,
    "/api/v1/conversations/<conversation:str>/messages": TOKEN,
    "/api/v1/strings": EVERYBODY,
    "/api/v1/topics": EVERYBODY,
    "/api/v1/openapi.json": EVERYBODY,
    "/api/v1/<path:path>": EVERYBODY,
    "/m": f"GET: {EVERYBODY}; POST: {TOKEN} (hidden field)",
    "/m/<rest:path>": EVERYBODY,
    "/staff/login": EVERYBODY,
    "/staff/staff.css": EVERYBODY,
    "/webhooks/telegram/webhook": TELEGRAM,
    "/webhooks/zammad": ZAMMAD,
    "/actions": INSIDE,
    "/webhook": INSIDE,
}


@dataclass(frozen=True)
class Way:
    """A way out of the process: whom it reaches, what goes there, the settings that open it, its modules."""

    to: str
    what: str
    settings: tuple[str, ...]
    modules: tuple[str, ...]


WAYS = (
    Way(
        "Telegram Bot API",
        "answers, buttons; updates come back",
        ("telegram_token", "telegram_api"),
        ("bot.channels.telegram",),
    ),
    Way(
        "Integreat, HSDS feeds, course search",
        "topic, town, language, level; never words",
        ("integreat_url", "hsds_urls", "course_search_url", "course_search_key"),
        ("actions.directory.sources.http",),
    ),
    Way(
        "Zammad of the office",
        "after consent: summary and messages",
        ("zammad_url", "zammad_token", "zammad_group", "zammad_customer", "zammad_webhook_secret"),
        ("bot.handover.zammad",),
    ),
    Way(
        "Redis",
        "conversations, encrypted",
        ("redis_url",),
        ("bot.memory.shared", "bot.memory.redis_store", "bot.memory.redis_locks", "bot.memory.fragments"),
    ),
    Way(
        "PostgreSQL",
        "counters, corrections, review queue (encrypted), answers of directories",
        ("database_url",),
        ("bot.memory.database", "actions.directory.sources.store_postgres"),
    ),
    Way(
        "action server of ours",
        "slots and entities of one message",
        ("actions_url",),
        ("bot.rasa_compat.remote_actions",),
    ),
)
# Modules that import a library for the network and send nothing to another machine, and why.
NO_WAY = {
    "bot.operations.ports": "asks whether a port is free",
    "bot.operations.inspection": "asks this installation's own addresses, for `wegweiser doctor`",
    "bot.operations.endpoint": "listens, for who collects the metrics",
    "bot.rasa_compat.reading_process": "a pair of sockets with the process that understands, without an address",
    "bot.reading": "the other end of that pair",
    "bot.operations.watchdog": "tells systemd on this machine that it is alive",
}
# Settings that hold an address nobody is called at.
NOT_CALLED = {"public_url": "our own address", "transit_url": "a link that people may open"}


def main(out: str, check: bool) -> int:
    """Write the page, or with `check` compare it; 1 with what differs when it is older than the code."""
    text = page()
    path = Path(out)
    if not check:
        path.write_text(text, encoding="utf-8")
        return 0
    have = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    want = text.splitlines()
    for line in want:
        if line not in have:
            print(f"missing in {out}: {line}", file=sys.stderr)
    for line in have:
        if line not in want:
            print(f"no more so, in {out}: {line}", file=sys.stderr)
    return 0 if have == want else 1


def page() -> str:
    """The page. LaunchError when the model is missing; ValueError names what is in none of the tables."""
    from bot.action_server import build_app as action_app
    from bot.launcher import build_agent, build_app
    from bot.operations.endpoint import PATH as METRICS

    with tempfile.TemporaryDirectory(prefix="wegweiser-dataflow-") as folder:
        settings = everything_on(Path(folder))
        agent = build_agent(settings)
        served = routes(build_app(settings, agent))
        inside = routes(action_app(agent.resources))  # type: ignore[attr-defined]
        inside += [Route(METRICS, ("GET",), "metrics", INSIDE)]
        agent.counters.close()  # type: ignore[attr-defined]
    found = everything()
    return written(served, inside, ways(found), files(found), programs(found))


def everything_on(folder: Path) -> Settings:
    """Settings with every channel and part, for an application that is never served; `folder` holds its files."""
    from bot.channels.web.staff.password import make_hash

    (folder / "operator.yml").write_text(
        "name: x\naddress: x\nrepresented_by: x\nemail: a@b.example\nsecurity_contact: a@b.example\n", encoding="utf-8"
    )
    return dataclasses.replace(
        Settings(),
        data_dir=folder,
        secret="only for a look at the routes",
        public_url="https://wegweiser.example",
        telegram_token="123456:only-for-a-look",
        staff_password=make_hash("only for a look"),
        legal_dir=folder,
        learn=True,
        callbacks=True,
        handover_name="Office",
        zammad_url="https://zammad.example",
        zammad_token="x",
        zammad_group="x",
        zammad_customer="x@example.org",
        zammad_webhook_secret="only for a look at it",
    )


@dataclass(frozen=True, order=True)
class Route:
    """One address that is served: its methods, the blueprint it belongs to and who may call it."""

    path: str
    methods: tuple[str, ...]
    part: str
    who: str


def routes(app: Any) -> list[Route]:
    """All routes of a Sanic application, by path. ValueError for one nobody said of who may call it."""
    found = set()
    for route in app.router.routes_all.values():
        part = str(route.name).removeprefix(f"{app.name}.").rpartition(".")[0]
        path = f"/{route.path.lstrip('/')}"
        who = WHO_CALLS.get(path.rstrip("/") or "/") or WHO.get(part) or ("" if part else EVERYBODY)
        if not who:
            raise ValueError(f"{path}: say in bot/quality/data_flow.py who may call it")
        found.add(Route(path.rstrip("/") or "/", _methods(route), part or "server", who))
    return sorted(found)


def _methods(route: Any) -> tuple[str, ...]:
    """What a route answers: those of its handlers, where one route takes all methods to refuse in its own words."""
    handler = inspect.unwrap(route.handler)
    known = inspect.getclosurevars(handler).nonlocals.get("handlers") if inspect.isfunction(handler) else None
    return tuple(sorted(known if known else set(route.methods) - {"OPTIONS"})) or ("none",)


def ways(found: dict[str, Found]) -> list[tuple[Way, list[str]]]:
    """Every way out with the modules that use it. ValueError for a module that no way or reason covers."""
    used: dict[str, list[str]] = {way.to: [] for way in WAYS}
    for module, does in found.items():
        if not does.clients or module in NO_WAY:
            continue
        way = next((w for w in WAYS if any(module == m or module.startswith(f"{m}.") for m in w.modules)), None)
        if way is None:
            raise ValueError(
                f"{module} imports {', '.join(sorted(does.clients))}: say in bot/quality/data_flow.py what for"
            )
        used[way.to].append(module)
    return [(way, used[way.to]) for way in WAYS]


def files(found: dict[str, Found]) -> list[tuple[str, list[str]]]:
    """Every file in the data folder, with the modules that name it."""
    named: dict[str, list[str]] = {}
    for module, does in found.items():
        for name in does.files:
            named.setdefault(name, []).append(module)
    return sorted(named.items())


def programs(found: dict[str, Found]) -> list[tuple[str, str]]:
    """Every program that is started, with the module that starts it."""
    return sorted((program, module) for module, does in found.items() for program in does.processes)


def written(
    served: Iterable[Route],
    inside: Iterable[Route],
    out: list[tuple[Way, list[str]]],
    kept: list[tuple[str, list[str]]],
    started: list[tuple[str, str]],
) -> str:
    """The page of these facts."""
    from bot.quality.flow_page import render

    rows = [(way.to, way.what, [f"{PREFIX}{name.upper()}" for name in way.settings], used) for way, used in out]
    return render(list(served), list(inside), rows, kept, started)
