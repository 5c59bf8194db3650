"""Who may import whom (docs: "Who may import whom"), and what actions may do: read from the source, not from running it."""

from __future__ import annotations

import ast
import inspect
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from actions.crisis import AFTERWARDS
from actions.registry import ACTIONS
from actions.turn import PARTS_BY_INTENT

ROOT = Path(__file__).parents[1]
FILES = sorted([*(ROOT / "bot").rglob("*.py"), *(ROOT / "actions").rglob("*.py")])
OURS_OR_RASA = ("actions", "bot", "rasa", "rasa_sdk")
DIALOGUE_PARTS = [part for part in PARTS_BY_INTENT.values()]
# What may stand behind an f-string key of actions/: its literal beginning and the values that follow.
BUILT_KEYS = {"utter_choice_": DIALOGUE_PARTS, "utter_": list(AFTERWARDS)}

# Room: what it may import of ours and of Rasa, and which other libraries (None: any library).
ROOMS: dict[str, tuple[tuple[str, ...], tuple[str, ...] | None]] = {
    "actions.plain_yaml": ((), ("yaml",)),
    "actions.directory": (("actions.directory", "actions.plain_yaml"), ("yaml", "holidays", "opening_hours")),
    "actions.directory.sources": (
        ("actions.directory",), (
            "yaml", "httpx", "pydantic", "stamina", "purgatory", "rapidfuzz", "opening_hours", "sqlalchemy", "psycopg2",
        ),
    ),
    "actions.knowledge": (("actions.knowledge", "actions.plain_yaml"), ("yaml",)),
    "actions": (("actions", "rasa_sdk"), ()),
    "bot.languages": ((), ("yaml",)),
    "bot.legal": (("actions.plain_yaml",), ("yaml",)),
    "bot.settings": ((), ()),
    "bot.strict_http": ((), ("sanic",)),
    "bot.keys": (("bot.settings",), ("cryptography",)),
    "bot.speech": (
        (
            "actions.directory", "actions.knowledge", "bot.speech", "bot.languages", "bot.settings",
            "rasa.core.nlg", "rasa.shared",
        ),
        ("babel", "yaml", "rapidfuzz"),
    ),
    "bot.channels": (
        (
            "bot.channels", "bot.keys", "bot.languages", "bot.operations", "bot.speech.reply", "bot.memory.shared",
            "bot.strict_http", "rasa.core.channels",
        ),
        ("sanic", "telegram", "cryptography", "jinja2", "markupsafe", "argon2", "redis"),
    ),
    "bot.nlu": (
        ("bot.nlu", "bot.languages", "bot.settings", "actions.directory.geo", "rasa.engine", "rasa.nlu", "rasa.shared"), None,
    ),
    "bot.directory_tools": (
        (
            "bot.directory_tools", "bot.quality.coverage", "bot.settings", "bot.speech.catalogue", "actions.directory",
            "actions.plain_yaml", "bot.memory.backlog", "bot.memory.database",
        ),
        ("yaml", "openpyxl", "sqlalchemy"),
    ),
    "bot.voice": ((), ("faster_whisper",)),
    "bot.operations": (("bot.operations", "bot.settings"), ("prometheus_client", "structlog", "sqlalchemy")),
    "bot.memory": (
        ("bot.memory", "bot.keys", "bot.operations", "bot.settings", "rasa.core", "rasa.shared"),
        ("sqlalchemy", "psycopg2", "phonenumbers", "redis", "babel"),
    ),
    "bot.staff": (
        (
            "bot.staff", "bot.operations", "bot.settings", "bot.languages", "bot.memory.counters", "bot.memory.database", "bot.speech",
            "bot.channels.telegram.start", "actions.directory", "actions.knowledge", "actions.plain_yaml",
        ),
        None,
    ),
    "bot.handover": (
        ("bot.handover", "bot.keys", "bot.operations", "bot.channels.gate", "bot.speech.reply", "rasa.shared"),
        ("httpx", "sanic", "cryptography", "phonenumbers"),
    ),
    "bot.rasa_compat": (("bot.rasa_compat", "bot.operations", "bot.memory.fragments", "bot.nlu.reader", "rasa", "rasa_sdk"), None),
}  # fmt: skip
# The composition root, the command and the measuring tools know everyone.
EVERYWHERE = (
    "bot.launcher",
    "bot.action_server",
    "bot.reading",
    "bot.upkeep",
    "bot.resources_wiring",
    "bot.readiness_wiring",
    "bot.shared_wiring",
    "bot.takeover",
    "bot.release",
    "bot.wiring",
    "bot.staff_wiring",
    "bot.staff_press",
    "bot.handover_wiring",
    "bot.operations_wiring",
    "bot.preflight",
    "bot.cli",
    "bot.quality",
)


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def inside(module: str, room: str) -> bool:
    return module == room or module.startswith(room + ".")


def room_of(module: str) -> str | None:
    return max((r for r in (*ROOMS, *EVERYWHERE) if inside(module, r)), key=len, default=None)


def imports(tree: ast.AST) -> Iterator[str]:
    """Modules imported anywhere in a file, `from bot import x` as bot.x."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide the room"
            if node.module in ("bot", "actions", "rasa"):
                yield from (f"{node.module}.{alias.name}" for alias in node.names)
            else:
                yield node.module or ""


def trespasses(module: str, tree: ast.AST) -> list[str]:
    """Imports of a module its room does not allow."""
    room = room_of(module)
    if room in EVERYWHERE or module in ("bot", "actions"):
        return []
    assert room is not None, f"{module} lives in no room: add it to ROOMS"
    allowed, libraries = ROOMS[room]
    found = []
    for name in imports(tree):
        top = name.partition(".")[0]
        if top in sys.stdlib_module_names or any(inside(name, a) for a in allowed):
            continue
        if top in OURS_OR_RASA or (libraries is not None and top not in libraries):
            found.append(f"{module} imports {name}")
    return found


@pytest.mark.parametrize("path", FILES, ids=module_of)
def test_rooms_know_only_their_neighbours(path: Path) -> None:
    assert trespasses(module_of(path), ast.parse(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("actions.directory.geo", "from rasa_sdk import Action"),
        ("actions.knowledge.model", "import rasa"),
        ("actions.answer", "from rasa.core import agent"),
        ("actions.turn", "from bot.speech import formats"),
        ("bot.speech.nlg", "from actions.turn import Turn"),
        ("bot.speech.nlg", "from rasa.core.agent import Agent"),
        ("bot.channels.gate", "from bot.nlu.normalise import normalise"),
        ("bot.channels.web.view", "from bot import launcher"),
        ("bot.channels.web.view", "from bot.speech.nlg import CatalogueNLG"),
        ("bot.nlu.places", "from actions.directory.search import Query"),
        ("bot.memory.forget", "import bot.speech.reply"),
        ("bot.languages", "from bot.speech import formats"),
    ],
)
def test_a_trespass_is_seen(module: str, line: str) -> None:
    assert len(trespasses(module, ast.parse(line))) == 1


def test_nothing_happens_at_import() -> None:
    """No file of the project is read and nothing is started by importing every module."""
    watcher = f"""
import importlib, json, sys, threading
from bot.rasa_compat import install
install()
import bot.settings, pathlib
root = {str(ROOT)!r}
seen = []
def watch(event, args):
    if event == "open":
        name, mode = str(args[0]), str(args[1] or "")
        try:
            inside = pathlib.Path(name).resolve().relative_to(root).parts
        except (ValueError, OSError):
            inside = ()
        ours = inside and inside[0] not in (".venv", "var") and not name.endswith((".py", ".pyc"))
        if ours or (("w" in mode or "a" in mode) and ".pyc" not in name):
            seen.append([event, name])
    elif event in ("subprocess.Popen", "os.system", "socket.bind", "socket.connect", "sqlite3.connect", "_thread.start_new_thread"):
        seen.append([event, str(args[:2])])
sys.addaudithook(watch)
for name in {[module_of(p) for p in FILES]!r}:
    importlib.import_module(name)
print(json.dumps([seen, [t.name for t in threading.enumerate()]]))
"""
    done = subprocess.run([sys.executable, "-c", watcher], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    seen, threads = json.loads(done.stdout.splitlines()[-1])
    assert seen == []
    assert threads == ["MainThread"]


ACTION_FILES = sorted((ROOT / "actions").glob("*.py"))


@pytest.mark.parametrize("path", ACTION_FILES, ids=lambda p: p.stem)
def test_actions_say_responses_never_text(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "utter_message":
            assert node.args == []
            assert "response" in {k.arg for k in node.keywords}
            assert {k.arg for k in node.keywords} <= {"response", "facts"}


@pytest.mark.parametrize("action", ACTIONS, ids=lambda a: a.action_name)
def test_actions_are_async(action: type) -> None:
    assert inspect.iscoroutinefunction(action.run)
    assert inspect.iscoroutinefunction(action.answer)


def test_actions_are_those_of_the_domain() -> None:
    domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    names = [action.action_name for action in ACTIONS]
    assert len(set(names)) == len(names)
    # action_session_start is Rasa's own name, which a domain need not list
    assert set(names) - {"action_session_start"} == set(domain["actions"])


def test_every_action_class_is_registered() -> None:
    found = set()
    for path in ACTION_FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef) and any(
                isinstance(x, ast.Assign) and getattr(x.targets[0], "id", "") == "action_name" and x.value.value  # type: ignore[attr-defined]
                for x in node.body
            ):
                found.add(node.name)
    assert found == {action.__name__ for action in ACTIONS}


def response_keys() -> set[str]:
    """Every response key that code or rules name; keys built from parts are spelt out with BUILT_KEYS."""
    used: set[str] = set()
    for path in FILES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        built = [n for n in ast.walk(tree) if isinstance(n, ast.JoinedStr)]
        pieces = {id(v) for n in built for v in n.values}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in pieces:
                if node.value.startswith("utter_") and node.value.isidentifier():
                    used.add(node.value)
        for node in built:
            first = node.values[0]
            if isinstance(first, ast.Constant) and str(first.value).startswith("utter_"):
                assert len(node.values) == 2 and first.value in BUILT_KEYS, f"{path}: spell out {ast.unparse(node)}"
                used.update(str(first.value) + rest for rest in BUILT_KEYS[str(first.value)])
    for path in (ROOT / "data" / "stories").glob("*.yml"):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        for block in content.get("rules", []) + content.get("stories", []):
            used.update(s["action"] for s in block["steps"] if str(s.get("action", "")).startswith("utter_"))
    return used


def test_every_response_key_exists() -> None:
    domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    assert sorted(response_keys() - set(domain["responses"]) - {"utter_message"}) == []


def test_no_response_key_is_unused() -> None:
    domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    assert sorted(set(domain["responses"]) - response_keys()) == []


def test_every_intent_has_a_rule() -> None:
    domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    heard: set[str] = set()
    for path in (ROOT / "data" / "stories").glob("rules_*.yml"):
        for rule in yaml.safe_load(path.read_text(encoding="utf-8"))["rules"]:
            for step in rule["steps"]:
                heard.update(x["intent"] for x in [step, *step.get("or", [])] if "intent" in x)
    assert heard == {next(iter(row)) for row in domain["intents"]}
