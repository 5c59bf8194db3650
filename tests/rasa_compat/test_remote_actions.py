"""Actions on servers of their own: what is sent, what is answered, and who answers when no server does."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import json
import logging
import signal
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rasa.core.actions.action import ActionExecutionRejection, RemoteAction
from rasa.core.channels.channel import CollectingOutputChannel
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import ClientResponseError, EndpointConfig
from rasa_sdk import Action
from rasa_sdk.events import SlotSet as SdkSlotSet

from actions.people import People
from actions.registry import ACTIONS, build, runs_here
from actions.resources import Resources
from bot.rasa_compat import remote_actions
from bot.rasa_compat.in_process import InProcessEndpoint
from bot.rasa_compat.remote_actions import RemoteEndpoint, action_call_format, slim
from bot.resources_wiring import build_resources
from bot.settings import ROOT, Settings
from tests.fakes.action_process import ActionProcess, running

WORDS, PERSON = "I am Xanthippe and need a course", "web-5f2c0d"
AFAR = {"events": [{"event": "slot", "timestamp": None, "name": "topic", "value": "afar"}], "responses": []}
NAMES = [action.action_name for action in ACTIONS]


class Crooked:
    """A server that does what `mode` says to calls; `posts` are the bodies it got, `arrivals` when they came.

    `healthy` is what it says of itself. A mode that ends in "once" is over after one call.
    """

    def __init__(self) -> None:
        self.mode, self.healthy = "", True
        self.posts: list[bytes] = []
        self.arrivals: list[float] = []
        self.connections = 0
        self.released = threading.Event()
        self.url = ""

    def said(self) -> tuple[int, bytes, dict[str, str]] | bytes | None:
        """Status, body and headers; or bytes as they are; None for nothing."""
        mode = self.mode
        if mode.endswith(" once"):
            self.mode, mode = "", mode.removesuffix(" once")
        if mode == "":
            return 200, json.dumps(AFAR).encode(), {}
        if mode.isdigit():
            return int(mode), b'{"error": "as asked"}', {}
        if mode == "hang":
            self.released.wait(20)
            return None
        ways: dict[str, tuple[int, bytes, dict[str, str]] | bytes | None] = {
            "cut": None,
            "half": b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"events": [',
            "garbage": b"\x00\x01 this is no HTTP\r\n\r\n",
            "html": (200, b"<html>Welcome to nginx</html>", {}),
            "empty": (200, b"", {}),
            "shape": (200, b'{"events": 5, "responses": []}', {}),
            "rows": (200, b'{"events": [{"name": "x"}], "responses": ["y"]}', {}),
            "null": (200, b"null", {}),
            "deep": (200, b"[" * 100_000, {}),
            "huge": (200, b'{"events": [], "responses": [' + b" " * 2_000_000 + b"]}", {}),
            "redirect": (302, b"", {"Location": "/elsewhere"}),
            "rejection": (400, b'{"error": "not now", "action_name": "action_far"}', {}),
            "proxy 400": (400, b"<html>Bad Request</html>", {}),
        }
        return ways[mode]


@contextlib.contextmanager
def crooked() -> Iterator[Crooked]:
    """A server that is as bad as a test wants it."""
    crook = Crooked()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            crook.connections += 1
            with contextlib.suppress(OSError):
                while self.one():
                    pass

        def one(self) -> bool:
            line = self.rfile.readline()
            headers: dict[str, str] = {}
            while (row := self.rfile.readline().decode().strip()) != "":
                name, _, value = row.partition(":")
                headers[name.lower()] = value.strip()
            if not line:
                return False
            body = self.rfile.read(int(headers.get("content-length", 0)))
            if line.startswith(b"GET /health "):
                found: Any = (200 if crook.healthy else 503, b'{"status": "ok"}', {})
            else:
                assert line.startswith(b"POST /webhook ")
                crook.posts.append(body)
                crook.arrivals.append(time.monotonic())
                found = crook.said()
            if not isinstance(found, tuple):
                self.wfile.write(found or b"")
                return False
            status, content, extra = found
            closes = headers.get("connection", "") == "close"
            rows = {"Content-Type": "application/json", "Content-Length": str(len(content)), **extra}
            rows["Connection"] = "close" if closes else "keep-alive"
            head = "".join(f"{name}: {value}\r\n" for name, value in rows.items())
            self.wfile.write(f"HTTP/1.1 {status} X\r\n{head}\r\n".encode() + content)
            return not closes

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads, allow_reuse_address, block_on_close = True, True, False
        request_queue_size = 128

    server = Server(("127.0.0.1", 0), Handler)
    crook.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield crook
    finally:
        crook.released.set()
        server.shutdown()
        server.server_close()


class Here(Action):
    """Says that it ran in this process, and how often."""

    def __init__(self, name: str = "action_far") -> None:
        self.runs, self._name = 0, name

    def name(self) -> str:
        return self._name

    async def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list:
        self.runs += 1
        return [SdkSlotSet("topic", "here")]


def call(name: str = "action_far", **tracker: Any) -> dict[str, Any]:
    state = {"sender_id": PERSON, "slots": {}, "latest_message": {"text": WORDS}, "events": []} | tracker
    return {"next_action": name, "sender_id": PERSON, "tracker": state, "version": "3.6.21"}


def remote(url: str, *actions: Action, here: Callable[[str], bool] = lambda name: False) -> RemoteEndpoint:
    return RemoteEndpoint(url, InProcessEndpoint(list(actions or (Here(),))), here)


def where(result: Any) -> str:
    """Which side answered: here or afar."""
    return str(result["events"][0]["value"])


def ask(endpoint: RemoteEndpoint, times: int = 1, name: str = "action_far") -> list[str]:
    async def run() -> list[str]:
        try:
            return [where(await endpoint.request("post", json=call(name))) for _ in range(times)]
        finally:
            await endpoint.disconnect()

    return asyncio.run(run())


async def until(reached: Callable[[], Any]) -> None:
    """Until `reached` gives a coroutine or a value that is true."""
    end = time.monotonic() + 20
    while True:
        found = reached()
        if await found if asyncio.iscoroutine(found) else found:
            return
        assert time.monotonic() < end, "waited in vain"
        await asyncio.sleep(0.01)


class TestAServerAnswers:
    def test_its_answer_is_taken(self) -> None:
        with crooked() as server:
            assert ask(remote(server.url)) == ["afar"]

    @pytest.mark.parametrize("end", ["/", "/webhook"])
    def test_the_address_may_be_written_as_rasa_wants_it(self, end: str) -> None:
        with crooked() as server:
            assert ask(remote(server.url + end)) == ["afar"]

    def test_one_connection_serves_many_calls(self) -> None:
        with crooked() as server:
            assert ask(remote(server.url), 20) == ["afar"] * 20
            assert server.connections == 1

    def test_connections_are_renewed_so_that_new_servers_get_their_share(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(remote_actions, "CALLS_A_CONNECTION", 5)
        with crooked() as server:
            assert ask(remote(server.url), 20) == ["afar"] * 20
            assert server.connections == 4

    def test_it_works_in_one_loop_after_another(self) -> None:
        """The warm-up has its own; here nobody says good-bye at its end."""
        with crooked() as server:
            endpoint = remote(server.url)
            for _ in range(3):
                assert where(asyncio.run(endpoint.request("post", json=call()))) == "afar"
            asyncio.run(endpoint.disconnect())

    def test_many_at_once_are_answered(self) -> None:
        async def run(endpoint: RemoteEndpoint) -> list[str]:
            found = await asyncio.gather(*(endpoint.request("post", json=call()) for _ in range(40)))
            await endpoint.disconnect()
            return [where(one) for one in found]

        with crooked() as server:
            assert asyncio.run(run(remote(server.url))) == ["afar"] * 40

    def test_a_rejection_is_the_answer(self) -> None:
        action = Here()
        with crooked() as server:
            server.mode = "rejection"
            with pytest.raises(ClientResponseError) as caught:
                ask(remote(server.url, action))
        assert caught.value.status == 400 and json.loads(caught.value.text)["error"] == "not now"
        assert action.runs == 0 and len(server.posts) == 1

    def test_rasa_understands_a_rejection(self) -> None:
        tracker = DialogueStateTracker.from_events(PERSON, [UserUttered(WORDS, {"name": "doctor"})])
        with crooked() as server:
            server.mode = "rejection"
            action = RemoteAction("action_far", remote(server.url))
            with pytest.raises(ActionExecutionRejection, match="not now"):
                asyncio.run(action.run(CollectingOutputChannel(), None, tracker, Domain.empty()))  # type: ignore[arg-type]


class TestNoServerAnswers:
    @pytest.mark.parametrize(
        ("mode", "posts", "goes_on"),
        [
            ("500", 1, True),
            ("404", 1, True),
            ("413", 1, True),
            ("proxy 400", 1, True),
            ("504", 1, False),
            ("502", 2, False),
            ("503", 2, False),
            ("cut", 2, False),
            ("half", 2, False),
            ("garbage", 1, False),
            ("html", 1, False),
            ("empty", 1, False),
            ("shape", 1, False),
            ("rows", 1, False),
            ("null", 1, False),
            ("deep", 1, False),
            ("huge", 1, False),
            ("redirect", 1, False),
        ],
    )
    def test_this_process_answers(self, mode: str, posts: int, goes_on: bool) -> None:
        """What is worth a second try gets one; only who seems to be there is asked for the next message, too."""
        action = Here()
        with crooked() as server:
            server.mode, server.healthy = mode, False
            assert ask(remote(server.url, action), 2) == ["here", "here"]
            assert len(server.posts) == (2 * posts if goes_on else posts)
        assert action.runs == 2

    @pytest.mark.parametrize("mode", ["cut once", "half once", "502 once", "503 once"])
    def test_a_second_try_helps_while_a_server_restarts(self, mode: str) -> None:
        action = Here()
        with crooked() as server:
            server.mode = mode
            assert ask(remote(server.url, action), 2) == ["afar", "afar"]
            assert len(server.posts) == 3
        assert action.runs == 0

    def test_nobody_there(self) -> None:
        with crooked() as server:
            gone = server.url
        started = time.monotonic()
        assert ask(remote(gone), 3) == ["here"] * 3
        assert time.monotonic() - started < 1

    def test_a_server_that_hangs_costs_one_message_its_time(self) -> None:
        with crooked() as server:
            server.mode, server.healthy = "hang", False
            endpoint = remote(server.url)
            endpoint.whole_seconds = 0.3
            started = time.monotonic()
            assert ask(endpoint, 50) == ["here"] * 50
            assert 0.3 <= time.monotonic() - started < 0.9
            assert len(server.posts) == 1

    def test_an_address_that_swallows_packets_costs_a_second(self) -> None:
        """A full backlog answers nothing, as a machine that is off."""
        import socket

        with socket.socket() as deaf, contextlib.ExitStack() as stack:
            deaf.bind(("127.0.0.1", 0))
            deaf.listen(0)
            for _ in range(3):
                filler = stack.enter_context(socket.socket())
                filler.setblocking(False)
                filler.connect_ex(deaf.getsockname())
            started = time.monotonic()
            assert ask(remote(f"http://127.0.0.1:{deaf.getsockname()[1]}"), 2) == ["here", "here"]
            assert time.monotonic() - started < remote_actions.CONNECT_SECONDS + 1

    def test_a_call_that_is_no_json_runs_here(self) -> None:
        with crooked() as server:

            async def run() -> Any:
                return await remote(server.url).request("post", json=call(slots={"shown": {1, 2}}))

            assert where(asyncio.run(run())) == "here"
            assert server.posts == []

    def test_an_action_that_nobody_knows_is_said_to_rasa(self) -> None:
        with crooked() as server:
            server.mode = "404"
            with pytest.raises(ClientResponseError) as caught:
                ask(remote(server.url), name="action_nowhere")
        assert caught.value.status == 404


class TestTheyAreBack:
    def test_found_out_beside_the_messages(self) -> None:
        """While it is found out nobody waits: the server hangs, and every message is answered here at once."""

        async def run(server: Crooked) -> None:
            endpoint, longest = remote(server.url), 0.0
            assert where(await endpoint.request("post", json=call())) == "here"
            server.mode = ""

            async def answered_afar() -> bool:
                nonlocal longest
                started = time.monotonic()
                found = where(await endpoint.request("post", json=call()))
                longest = max(longest, time.monotonic() - started)
                return found == "afar"

            for _ in range(5):
                assert not await answered_afar()
            server.healthy = True
            await until(answered_afar)
            assert longest < 0.5
            assert [await answered_afar() for _ in range(5)] == [True] * 5
            await endpoint.disconnect()

        with crooked() as server:
            server.mode, server.healthy = "cut", False
            asyncio.run(run(server))

    def test_a_server_that_only_seems_well_is_asked_ever_less_often(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(remote_actions, "PAUSE_SECONDS", 0.02)

        async def run(server: Crooked) -> None:
            endpoint = remote(server.url)
            endpoint.whole_seconds = endpoint._pause = 0.02

            async def asked_often() -> bool:
                await endpoint.request("post", json=call())
                return len(server.arrivals) == 6

            await until(asked_often)
            await endpoint.disconnect()

        with crooked() as server:
            server.mode = "hang"
            asyncio.run(run(server))
            gaps = [later - sooner for sooner, later in zip(server.arrivals, server.arrivals[1:], strict=False)]
        assert gaps[-1] > 0.3, "0.02 s doubled four times"
        assert gaps[0] < gaps[-1] / 2

    def test_what_happened_is_logged_once_and_without_words(self, caplog: pytest.LogCaptureFixture) -> None:
        async def run(server: Crooked) -> None:
            endpoint = remote(server.url)
            server.mode, server.healthy = "cut", False
            for _ in range(10):
                await endpoint.request("post", json=call())
            server.mode, server.healthy = "", True

            async def back() -> bool:
                return where(await endpoint.request("post", json=call())) == "afar"

            await until(back)
            server.mode = "500"
            for _ in range(10):
                await endpoint.request("post", json=call())
            await endpoint.disconnect()

        caplog.set_level(logging.INFO, "bot.rasa_compat.remote_actions")
        with crooked() as server:
            asyncio.run(run(server))
        said = [r.getMessage() for r in caplog.records if r.name == "bot.rasa_compat.remote_actions"]
        assert len(said) == 3
        assert "do not answer (ServerDisconnectedError)" in said[0]
        assert "answer again" in said[1] and "failed (status 500)" in said[2]
        assert "Xanthippe" not in caplog.text and PERSON not in caplog.text


class TestWhoRunsHere:
    def test_they_are_never_sent(self, resources: Resources) -> None:
        with crooked() as server:
            endpoint = RemoteEndpoint(
                server.url, InProcessEndpoint([Here(name) for name in NAMES]), lambda name: runs_here(name, resources)
            )
            for name in (
                "action_crisis",
                "action_check_danger",
                "action_validate_slot_mappings",
                "action_feedback_bad",
            ):
                assert ask(endpoint, name=name) == ["here"]
            assert server.posts == []
            assert ask(endpoint, name="action_answer") == ["afar"]

    def test_a_crisis_does_not_wait_for_a_server_that_hangs(self, resources: Resources) -> None:
        async def run(server: Crooked) -> float:
            endpoint = RemoteEndpoint(
                server.url, InProcessEndpoint(build(resources)), lambda name: runs_here(name, resources)
            )
            endpoint.whole_seconds = 5
            message = {"intent": {"name": "crisis_suicide"}, "entities": []}
            stuck = asyncio.ensure_future(endpoint.request("post", json=call("action_answer", latest_message=message)))
            await until(lambda: server.posts)
            started = time.monotonic()
            for name in ("action_validate_slot_mappings", "action_crisis"):
                found = await endpoint.request("post", json=call(name, latest_message=message))
            said = [block["say"] for block in found["responses"][0]["facts"]["blocks"] if "say" in block]
            assert said[0] == "utter_crisis_suicide"
            taken = time.monotonic() - started
            assert not stuck.done()
            server.released.set()
            await stuck
            await endpoint.disconnect()
            return taken

        with crooked() as server:
            server.mode = "hang"
            assert asyncio.run(run(server)) < 2

    def test_persons_numbers_and_words_stay_in_the_process(self, resources: Resources) -> None:
        def here(**changed: Any) -> set[str]:
            known = SimpleNamespace(people=resources.people, handbook=None)
            known.__dict__.update(changed)
            return {name for name in NAMES if runs_here(name, known)}  # type: ignore[arg-type]

        alone = here()
        assert alone == {
            *("action_check_danger", "action_crisis", "action_feedback_bad", "action_repeat"),
            "action_validate_slot_mappings",
        }
        assert here(people=People(office="Office")) == alone | {"action_handover", "action_inform"}
        assert here(people=People(office={"msgid": "an office"})) == alone | {"action_handover", "action_inform"}
        assert here(handbook=object()) == alone | {"action_clarify"}

    def test_what_is_not_sent_is_read_only_here(self) -> None:
        """A new action that reads words, events, metadata or the conversation's id must run where these are."""
        readers: dict[str, set[str]] = {}
        for path in sorted((ROOT / "actions").glob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                read = ""
                if isinstance(node, ast.Attribute) and node.attr in ("events", "sender_id", "active_loop"):
                    read = node.attr if isinstance(node.value, ast.Attribute | ast.Name) else ""
                    read = read if ast.unparse(node.value).endswith("tracker") else ""
                elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "get" and node.args:
                    read = getattr(node.args[0], "value", "") if _of_message(node) else ""
                if read:
                    readers.setdefault(str(read), set()).add(path.stem)
        sent = {"intent", "intent_ranking", "entities", "language"}
        assert {key: files for key, files in readers.items() if key not in sent} == {
            "events": {"session"},  # action_repeat
            "sender_id": {"handover"},  # with people only
            "metadata": {"profile"},  # action_validate_slot_mappings
            "text": {"region"},  # action_clarify with a handbook
        }


def _of_message(node: ast.Call) -> bool:
    value = ast.unparse(node.func)
    return value.endswith(("latest_message.get", "message.get"))


class TestWhatIsSent:
    def test_neither_words_nor_who_it_is(self) -> None:
        sent = call(
            slots={"place": "leipzig", "topic": None, "session_started_metadata": {"hint": "el"}},
            latest_message={
                "text": WORDS,
                "text_tokens": [[0, 1]],
                "message_id": "m-77",
                "metadata": {"campaign": "poster"},
                "intent": {"name": "doctor"},
                "entities": [],
            },
            events=[{"event": "user", "text": WORDS}],
        )

        async def run(endpoint: RemoteEndpoint) -> None:
            await endpoint.request("post", json=sent)
            await endpoint.disconnect()

        with crooked() as server:
            asyncio.run(run(remote(server.url)))
            (body,) = server.posts
        assert json.loads(body) == {
            "next_action": "action_far",
            "sender_id": "",
            "version": "3.6.21",
            "tracker": {
                "sender_id": "",
                "slots": {"place": "leipzig"},
                "latest_message": {"intent": {"name": "doctor"}, "entities": []},
                "events": [],
            },
        }
        assert sent["tracker"]["latest_message"]["text"] == WORDS, "this process keeps what it was given"

    def test_a_call_is_small_however_long_the_conversation(self, domain: Domain) -> None:
        sizes = [len(json.dumps(slim(lean(conversation(turns), domain)))) for turns in (1, 60)]
        assert sizes[0] == sizes[1] < 2000


class TestCallFormat:
    """What takes the place of RemoteAction._action_call_format."""

    def test_rasa_still_sends_all_events(self) -> None:
        from tests.rasa_compat.test_patches import original

        assert "tracker.current_state(EventVerbosity.ALL)" in original("core/actions/action.py", "_action_call_format")

    def test_it_says_what_rasa_says_but_for_the_events(self, domain: Domain) -> None:
        tracker = conversation(3)
        theirs = remote_actions._rasas_format(RemoteAction("action_answer", ENDPOINT), tracker, domain)
        ours = lean(tracker, domain)
        events = theirs["tracker"].pop("events")
        assert [row["data"]["custom"]["facts"] for row in ours["tracker"].pop("events")] == [{"answer": 2}]
        assert ours == theirs
        assert len(events) > 9

    def test_only_the_last_facts_are_made_a_dict(self, domain: Domain, monkeypatch: pytest.MonkeyPatch) -> None:
        made: list[Event] = []
        as_dict = Event.as_dict
        monkeypatch.setattr(Event, "as_dict", lambda event: made.append(event) or as_dict(event))  # type: ignore[func-returns-value]
        tracker = conversation(60)
        assert len(tracker.events) >= 180
        lean(tracker, domain)
        assert len(made) == 1 and isinstance(made[0], BotUttered)

    def test_a_conversation_without_an_answer_has_no_facts(self, domain: Domain) -> None:
        tracker = DialogueStateTracker.from_events(PERSON, [UserUttered("hi"), BotUttered("hello")], domain.slots)
        assert lean(tracker, domain)["tracker"]["events"] == []

    def test_others_get_what_rasa_sends(self, domain: Domain) -> None:
        tracker = conversation(2)
        action = RemoteAction("action_answer", EndpointConfig("http://127.0.0.1:1/webhook"))
        assert action_call_format(action, tracker, domain) == remote_actions._rasas_format(action, tracker, domain)


ENDPOINT = InProcessEndpoint([Here("action_answer")])


def conversation(turns: int) -> DialogueStateTracker:
    events: list[Event] = []
    for number in range(turns):
        intent = {"name": "doctor", "confidence": 0.9}
        parsed = {"intent": intent, "entities": [], "text": WORDS, "intent_ranking": [intent]}
        events.append(UserUttered(WORDS, intent, [], parse_data=parsed, message_id="m"))  # type: ignore[arg-type]
        events.append(SlotSet("topic", "doctor"))
        events.append(BotUttered("", {"custom": {"facts": {"answer": number}}}))
    return DialogueStateTracker.from_events(PERSON, [*events, events[0]], Domain.load(str(ROOT / "domain.yml")).slots)


def lean(tracker: DialogueStateTracker, domain: Domain) -> dict[str, Any]:
    return action_call_format(RemoteAction("action_answer", ENDPOINT), tracker, domain)


@pytest.fixture(scope="module")
def domain() -> Domain:
    return Domain.load(str(ROOT / "domain.yml"))


@pytest.fixture(scope="module")
def resources(tmp_path_factory: pytest.TempPathFactory) -> Resources:
    return build_resources(Settings(data_dir=tmp_path_factory.mktemp("data")))


@pytest.fixture(scope="module")
def server() -> Iterator[ActionProcess]:
    with running() as found:
        yield found


RANKING = [{"name": name, "confidence": value} for name, value in (("doctor", 0.5), ("medicine", 0.3), ("inform", 0.1))]
TURNS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "first": ({"language": "ar"}, {"intent": {"name": "german_course", "confidence": 0.9}}),
    "in a town": (
        {"language": "de", "place": "leipzig", "status": "toleration", "level": "b1"},
        {"intent": {"name": "doctor", "confidence": 0.9}},
    ),
    "follow-up": (
        {"language": "uk", "place": "dresden", "topic": "doctor", "shown": ["x"], "introduced": "uk"},
        {"intent": {"name": "ask_documents", "confidence": 0.9}},
    ),
    "unsure": ({"language": "fa", "topic": "find_housing"}, {"intent": {"name": "nlu_fallback", "confidence": 0.3}}),
    "another language": (
        {"language": "en", "place_options": ["freiberg", "leipzig"]},
        {"intent": {"name": "inform"}, "language": {"name": "ja", "confidence": 0.99, "words": 4}},
    ),
    "a detail": (
        {"language": "tr", "topic": "german_course", "age": 17.0},
        {"intent": {"name": "inform"}, "entities": [{"entity": "place", "value": "chemnitz", "options": ["chemnitz"]}]},
    ),
}


class TestARealServer:
    @pytest.mark.parametrize("turn", TURNS)
    def test_it_answers_as_this_process_does(self, server: ActionProcess, resources: Resources, turn: str) -> None:
        """What is left out of a call changes no answer."""
        slots, message = TURNS[turn]
        empty = {"text": WORDS, "entities": [], "intent_ranking": RANKING, "metadata": {"hint": "el"}}
        said = {"event": "bot", "data": {"custom": {"facts": {"blocks": []}}}}
        ours = InProcessEndpoint(build(resources))
        far = [name for name in NAMES if not runs_here(name, resources)]

        async def run() -> None:
            endpoint = RemoteEndpoint(server.url, InProcessEndpoint([]), lambda name: False)
            for name in far:
                asked = call(name, slots={"forget": None, **slots}, latest_message={**empty, **message}, events=[said])
                before = timeless(await ours.request("post", json=asked))
                there = timeless(await endpoint.request("post", json=asked))
                after = timeless(await ours.request("post", json=asked))
                assert there in (before, after), name  # an office may close in between
            await endpoint.disconnect()

        assert len(far) > 10
        asyncio.run(run())

    def test_it_may_restart_and_nobody_is_left_without_an_answer(self, server: ActionProcess) -> None:
        """First in order, then by kill -9."""

        async def run() -> None:
            action = Here("action_start_over")
            endpoint = remote(server.url, action)

            async def there() -> bool:
                before = action.runs
                found = await endpoint.request("post", json=call("action_start_over"))
                assert found["events"] or found["responses"]
                return action.runs == before

            assert await there()
            server.send(signal.SIGTERM)
            assert await asyncio.to_thread(server.ended) == 0
            await asyncio.to_thread(server.start)
            assert await there(), "the connection from before has gone, and a new one is made"
            await asyncio.to_thread(server.kill)
            assert [await there() for _ in range(3)] == [False] * 3
            await asyncio.to_thread(server.start)
            await until(there)
            await endpoint.disconnect()

        asyncio.run(run())

    def test_stopped_by_a_signal_it_hangs_and_goes_on(self, server: ActionProcess) -> None:
        async def run() -> None:
            action = Here("action_start_over")
            endpoint = remote(server.url, action)
            endpoint.whole_seconds = 0.3

            async def there() -> bool:
                before = action.runs
                await endpoint.request("post", json=call("action_start_over"))
                return action.runs == before

            assert await there()
            server.send(signal.SIGSTOP)
            try:
                assert not await there()
            finally:
                server.send(signal.SIGCONT)
            await until(there)
            await endpoint.disconnect()

        asyncio.run(run())


def timeless(result: Any) -> Any:
    """As JSON, without the moment of the answer."""
    found = json.loads(json.dumps(result))
    for said in found["responses"]:
        said.get("facts", {}).pop("now", None)
    return found


def test_the_module_patches_nothing_by_itself() -> None:
    source = (Path(remote_actions.__file__)).read_text(encoding="utf-8")
    assert "RemoteAction._action_call_format =" not in source
