"""The line of all channels: who goes first, who is refused, and that nothing is held for ever."""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from rasa.core.channels.channel import UserMessage

from bot.channels import gate
from bot.channels.shedding import Full, Shedding
from bot.channels.web.limits import Limits
from bot.speech.reply import Reply
from tests.fakes import web_server
from tests.fakes.page_server import TopicAgent, hidden, serve_pages
from tests.fakes.web_client import Client, check_error
from tests.fakes.web_server import FakeAgent, RunningServer

DANGER = "I die"
NUMBERS = Reply("Call 112 now.", "en", "ltr", topic="emergency_medical")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def urgent(text: str) -> bool:
    return "die" in text or text in ("/human_handover", "/delete_my_data")


def first_aid(text: str, hint: str) -> Reply | None:
    return NUMBERS if text.startswith("I") else None


class Crowd:
    """Messages that stay in their turn until they are told to go."""

    def __init__(self, line: Shedding) -> None:
        self.line = line
        self.begun: list[str] = []
        self._go: dict[str, asyncio.Event] = {}
        self.tasks: dict[str, asyncio.Task[None]] = {}

    async def send(self, name: str, text: str = "hello", sender: str = "", **options: Any) -> None:
        """One message; it is where it can be when this returns."""
        self._go[name] = asyncio.Event()
        self.tasks[name] = asyncio.create_task(self._stay(name, text, sender or name, options))
        await settle()

    async def _stay(self, name: str, text: str, sender: str, options: dict[str, Any]) -> None:
        async with self.line.turn(sender, text, **options):
            self.begun.append(name)
            await self._go[name].wait()

    async def end(self, *names: str) -> None:
        """These are answered."""
        for name in names:
            self._go[name].set()
        await settle()

    def refused(self, name: str) -> Full | None:
        """Why a message was refused, None when it was not."""
        task = self.tasks[name]
        found = task.exception() if task.done() else None
        return found if isinstance(found, Full) else None

    async def close(self) -> None:
        """Everybody leaves."""
        for task in self.tasks.values():
            task.cancel()
        await asyncio.gather(*self.tasks.values(), return_exceptions=True)
        assert self.line.waiting == 0


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


@pytest.mark.anyio
async def test_who_waits_goes_in_order_and_who_comes_last_is_refused() -> None:
    crowd = Crowd(Shedding(3, urgent, at_once=1, kept=0))
    for name in "abcd":
        await crowd.send(name)
    refusal = crowd.refused("d")
    assert crowd.begun == ["a"] and refusal is not None and not refusal.urgent
    assert (crowd.line.waiting, crowd.line.shed, crowd.line.full) == (3, 1, True)
    with pytest.raises(Full):
        crowd.line.check("hello")
    await crowd.end("a")
    crowd.line.check("hello")
    await crowd.end("b")
    assert crowd.begun == ["a", "b", "c"]
    await crowd.close()


@pytest.mark.anyio
async def test_an_emergency_goes_before_everybody_who_waits() -> None:
    crowd = Crowd(Shedding(10, urgent, at_once=1, kept=0))
    for name in "abc":
        await crowd.send(name)
    await crowd.send("danger", DANGER)
    await crowd.end("a")
    assert crowd.begun == ["a", "danger"]
    await crowd.end("danger")
    assert crowd.begun == ["a", "danger", "b"]
    await crowd.close()


@pytest.mark.anyio
async def test_places_are_kept_for_emergencies() -> None:
    crowd = Crowd(Shedding(3, urgent, at_once=2, kept=1))
    for name in "abcd":
        await crowd.send(name)
    crowd.line.check(DANGER)
    await crowd.send("danger", DANGER)
    assert crowd.begun == ["a", "b", "danger"], "though there was no room for d"
    await crowd.send("another", DANGER)
    await crowd.end("a")
    assert crowd.begun[3:] == ["another"]
    await crowd.close()


@pytest.mark.anyio
async def test_a_flood_of_emergencies_is_bounded_and_stops_nobody_else() -> None:
    line = Shedding(4, urgent, at_once=2, kept=1)
    crowd = Crowd(line)
    for name in ("a", "b", "c"):
        await crowd.send(name)
    for number in range(100):
        await crowd.send(f"danger {number}", DANGER)
    assert line.waiting <= 2 * 4 + 2 + 1
    refusals = [crowd.refused(f"danger {number}") for number in range(100)]
    refused = [refusal for refusal in refusals if refusal is not None]
    assert len(refused) == 95 and all(refusal.urgent for refusal in refused), "the channel says the numbers"
    await crowd.end("a", "b")
    assert "c" in crowd.begun, "one place is for the others"
    await crowd.close()


@pytest.mark.anyio
async def test_a_conversation_has_one_place_in_the_lane() -> None:
    crowd = Crowd(Shedding(3, urgent, at_once=1, kept=0))
    await crowd.send("a")
    for number in range(5):
        await crowd.send(f"danger {number}", DANGER, sender="one")
    assert [crowd.refused(f"danger {number}") is not None for number in range(5)] == [False] * 3 + [True] * 2
    await crowd.send("other", DANGER, sender="another")
    await crowd.end("a", "danger 0")
    assert crowd.begun == ["a", "danger 0", "other"]
    await crowd.close()


@pytest.mark.anyio
async def test_nobody_looks_for_emergencies_while_there_is_room() -> None:
    looked: list[str] = []
    crowd = Crowd(Shedding(10, lambda text: bool(looked.append(text)), at_once=2))
    for name in "ab":
        crowd.line.check("hello")
        await crowd.send(name)
    assert looked == []
    await crowd.send("c")
    assert looked == ["hello"]
    await crowd.close()


@pytest.mark.anyio
async def test_who_is_patient_waits_and_takes_nobody_elses_place() -> None:
    crowd = Crowd(Shedding(2, urgent, at_once=1, kept=0))
    for number in range(10):
        await crowd.send(f"chat {number}", patient=True)
    await crowd.send("web")
    assert all(crowd.refused(name) is None for name in crowd.tasks)
    await crowd.send("hurried", patient=True, urgent=True)
    await crowd.end("chat 0")
    assert crowd.begun == ["chat 0", "hurried"]
    await crowd.close()


@pytest.mark.anyio
async def test_a_place_is_given_back_once() -> None:
    line = Shedding(10, at_once=1)
    async with line.turn("a", "hello") as turn:
        turn.leave()
        assert line.waiting == 0
        async with line.turn("b", "hello"):
            turn.leave()
            assert line.waiting == 1
    assert line.waiting == 0
    with pytest.raises(RuntimeError):
        async with line.turn("a", "hello"):
            raise RuntimeError
    assert line.waiting == 0


@pytest.mark.anyio
async def test_coming_and_going_in_any_order_leaves_nothing_behind() -> None:
    dice = random.Random(10)
    for _ in range(30):
        line = Shedding(8, urgent, at_once=3, kept=2)
        crowd = Crowd(line)
        for number in range(60):
            way = dice.random()
            if way < 0.6:
                await crowd.send(str(number), DANGER if way < 0.2 else "hello", sender=str(dice.randrange(20)))
            elif crowd.tasks:
                name = dice.choice(list(crowd.tasks))
                crowd.tasks[name].cancel()
                if way < 0.8:  # given up and answered at the same moment
                    crowd._go[name].set()
                if way < 0.9:
                    await settle()
            assert line._ordinary <= 3 and line._hurried <= 3 and line.waiting <= 2 * 8 + 3
        await crowd.close()
        assert (line._ordinary, line._hurried, line._impatient, line._senders) == (0, 0, 0, set())
        async with line.turn("x", "hello"), line.turn("y", "hello"), line.turn("z", "hello"):
            assert not line.full


# the web channels


class HeldAgent(FakeAgent):
    """Answers nobody until it is `open`."""

    def __init__(self) -> None:
        super().__init__()
        self.open = False

    async def handle_message(self, message: UserMessage) -> None:
        """As FakeAgent, later."""
        while not self.open:
            await asyncio.sleep(0.005)
        await super().handle_message(message)


def until(holds: Callable[[], object]) -> None:
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.005)


class Busy:
    """A server on which one message is worked on, another waits, and there is no room for a third."""

    def __init__(self, server: RunningServer, line: Shedding, pool: ThreadPoolExecutor) -> None:
        self.server, self.line, self._pool = server, line, pool
        self.agent: HeldAgent = server.agent  # type: ignore[assignment]
        self.first = [self.send("hello"), self.send("hello")]

    def of_somebody(self, **body: str) -> httpx.Response:
        """The answer to a message of a new conversation."""
        client = Client(self.server)
        try:
            return client.send(**body)
        finally:
            client.http.close()

    def send(self, text: str) -> Future[httpx.Response]:
        """A message of a new conversation, which is where it can be when this returns."""
        before, sent = self.line.waiting + self.line.shed, self._pool.submit(self.of_somebody, text=text)
        until(lambda: sent.done() or self.line.waiting + self.line.shed > before)
        return sent


@pytest.fixture
def busy() -> Iterator[Busy]:
    line, agent = Shedding(2, urgent, first_aid, at_once=1, kept=0), HeldAgent()
    with (
        ThreadPoolExecutor(8) as pool,
        web_server.serve(agent=agent, limit=gate.RateLimit(count=2), urgent=urgent, shedding=line) as server,
    ):
        try:
            yield Busy(server, line, pool)
        finally:
            agent.open = True


def test_who_finds_no_room_is_told_in_her_language_and_tries_again_for_free(
    busy: Busy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(web_server.ARABIC, "crowded", "في حالة الطوارئ اتصلوا بالرقم 112 أو 110.")
    client = Client(busy.server)
    for hint, message in (("ar", "في حالة الطوارئ"), (None, "Very many people are writing to me now.")):
        for _ in range(3):  # of two a minute
            refused = client.send(text="hello", hint=hint, id="same")
            check_error(refused, 503, "busy")
            assert 5 <= int(refused.headers["retry-after"]) <= 10
            assert refused.json()["error"]["message"].startswith(message)
            assert re.search("112.*110", refused.json()["error"]["message"])
    busy.agent.open = True
    assert [sent.result(60).status_code for sent in busy.first] == [200, 200]
    assert client.send(text="hello", id="same").status_code == 200
    assert client.send(text="hello", id="same").json()["replies"], "the kept answer"
    assert client.send(text="hello").status_code == 200
    check_error(client.send(text="hello"), 429, "too_many")


def test_emergencies_and_deletions_go_first(busy: Busy) -> None:
    danger, leaver = busy.send(DANGER), Client(busy.server)
    button = busy._pool.submit(busy.of_somebody, payload="/human_handover")
    until(lambda: busy.line.waiting == 4)
    path = f"/api/v1/conversations/{leaver.conversation}"
    # There is no third place in the lane: a button that is no cry for help has no numbers to be told.
    check_error(leaver.http.delete(path, headers=leaver.headers), 503, "busy")
    busy.agent.open = True
    assert danger.result(60).json()["replies"][0]["text"] == f"echo: {DANGER}"
    assert button.result(60).status_code == 200
    assert [message.text for message in busy.agent.messages[:3]] == ["hello", DANGER, "/human_handover"]
    assert leaver.http.delete(path, headers=leaver.headers).status_code == 204


def test_when_even_the_lane_is_full_the_numbers_are_said_at_once(busy: Busy) -> None:
    lane = [busy.send(DANGER) for _ in range(2)]
    for _ in range(20):
        answer = busy.send(DANGER).result(60)
        assert answer.status_code == 200 and answer.json()["replies"] == [NUMBERS.to_dict()]
    assert busy.line.waiting == 4 and busy.agent.messages == []
    busy.agent.open = True
    assert all(f"echo: {DANGER}" in sent.result(60).text for sent in lane)
    until(lambda: busy.line.waiting == 0)


def test_a_flood_does_not_buy_looks(busy: Busy) -> None:
    """Looking for phrases takes longer than refusing; thirty looks a minute and conversation, then the numbers alone."""
    looked: list[str] = []
    busy.line.urgent = lambda text: bool(looked.append(text))
    client = Client(busy.server)
    began = time.monotonic()
    for _ in range(50):
        check_error(client.send(text="hello"), 503, "busy")
    assert 30 <= len(looked) <= 31 + (time.monotonic() - began) / 2


def test_a_button_for_an_emergency_passes_above_the_limit() -> None:
    with web_server.serve(limit=gate.RateLimit(count=1), urgent=urgent) as running:
        client = Client(running)
        assert client.send(text="hello").status_code == 200
        check_error(client.send(payload="/help"), 429, "too_many")
        assert client.send(payload="/human_handover").status_code == 200


def test_the_form_says_it_on_a_page_and_keeps_what_was_typed(tmp_path: Path) -> None:
    line, agent = Shedding(1, urgent, first_aid, at_once=1, kept=1), TopicAgent()
    limits = Limits(gate.RateLimit(count=100))
    with serve_pages(tmp_path, agent, limits=limits, shedding=line) as running, running.client() as http:
        pages = [http.get("/m", params={"lang": "uk"}).text for _ in range(3)]
        agent.delay = 3.0

        def post(page: str, text: str) -> httpx.Response:
            with running.client() as other:
                return other.post("/m", data={**hidden(page), "text": text})

        with ThreadPoolExecutor(2) as pool:
            first = pool.submit(post, pages[0], "привіт")
            until(lambda: line.waiting == 1)
            refused = post(pages[1], "ще раз")
            danger = post(pages[2], DANGER)
            assert first.result(60).status_code == 200
        assert refused.status_code == 503 and 5 <= int(refused.headers["retry-after"]) <= 10
        said = agent.nlg.catalogue.text(
            "Very many people are writing to me now. Please write again in a few minutes. In an emergency call 112 or 110.",
            "uk",
        )[0]
        assert said.split(".")[0] in refused.text and "112" in refused.text
        assert ">ще раз</textarea>" in refused.text
        assert danger.status_code == 200
