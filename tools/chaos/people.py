"""Many people at once who ask by the web API, as the widget does, and by the form without JavaScript."""

from __future__ import annotations

import asyncio
import json
import random
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from html import unescape
from typing import Any

import httpx

from tools.chaos.cases import CRISIS, FOLLOW, FOLLOW_UP, NUMBERS, Case, plain
from tools.chaos.kinds import FORGETS
from tools.chaos.ledger import Ledger, Message

# The server says after 25 seconds that it takes longer, nginx after 30.
PATIENCE = 35.0
LONGEST_PAUSE = 5.0
# Of ten conversations.
CRISES, FORMS = 2, 3
_ARTICLE = re.compile(r'<article lang="([A-Za-z-]+)"[^>]*>(.*?)</article>', re.S)
_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')
_TAG = re.compile(r"<[^>]+>")
Call = Callable[[], Awaitable[httpx.Response]]


class GaveUp(Exception):
    """The faults are over, and there is still no answer: the ledger has it."""


class Closing:
    """When people come to an end: `begun` for no new conversations, and then so many seconds to be answered."""

    def __init__(self) -> None:
        self.begun = False
        self._until = float("inf")

    def begin(self, seconds: float) -> None:
        """No new conversations; whoever waits then waits so many seconds more."""
        self.begun = True
        self._until = time.monotonic() + seconds

    @property
    def over(self) -> bool:
        """Whether nobody may wait any longer."""
        return time.monotonic() > self._until


class People:
    """`size` people, who together send `rate` messages a second when they are answered at once."""

    def __init__(
        self, url: str, ledger: Ledger, cases: Sequence[Case], closing: Closing, seed: int, size: int, rate: float
    ) -> None:
        self.url, self.ledger, self.closing = url, ledger, closing
        self.crises = [case for case in cases if case.kind == CRISIS]
        self.cases = [case for case in cases if case.kind != CRISIS]
        self.leads = {(case.language, case.lead): case.topic for case in self.cases}
        self._size, self._pause, self._seed = size, size / rate, seed
        self.texts: set[str] = set()
        self.conversations: set[str] = set()

    async def run(self) -> None:
        """Talk until the end has begun and all have been answered."""
        limits = httpx.Limits(max_connections=4 * self._size, max_keepalive_connections=self._size)
        async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE, limits=limits) as http:
            await asyncio.gather(*(self._person(http, n) for n in range(self._size)))

    async def _person(self, http: httpx.AsyncClient, number: int) -> None:
        dice = random.Random(f"{self._seed}:{number}")
        await asyncio.sleep(dice.uniform(0, self._pause))
        while not self.closing.begun:
            turn = dice.randrange(10)
            case = dice.choice(self.crises if turn < CRISES and self.crises else self.cases)
            if case.text:
                self.texts.add(case.text)
            try:
                if dice.randrange(10) < FORMS:
                    await _Form(self, http, dice).talk(case)
                else:
                    await _Widget(self, http, dice).talk(case)
            except GaveUp:
                continue
            except (ValueError, KeyError, TypeError) as exc:
                self.ledger.violate("no clear failure", None, f"an answer that cannot be read: {type(exc).__name__}")

    async def rest(self, dice: random.Random) -> None:
        """Time between two messages."""
        await asyncio.sleep(dice.expovariate(1 / self._pause))


class _Talk:
    """One conversation; every message is sent again until it is answered."""

    channel = ""

    def __init__(self, people: People, http: httpx.AsyncClient, dice: random.Random) -> None:
        self.people, self.http, self.dice = people, http, dice
        self.ledger, self.began = people.ledger, time.monotonic()

    async def until_answered(self, message: Message, call: Call) -> httpx.Response:
        """The first answer that is none of a failure; GaveUp when there is none in the end."""
        pause = 0.3
        while True:
            message.tries += 1
            try:
                answer = await call()
            except httpx.RequestError as exc:
                message.why[type(exc).__name__] += 1
                pause = min(LONGEST_PAUSE, 2 * pause)
                wait = pause * self.dice.uniform(0.5, 1.0)
            else:
                if answer.status_code < 300:
                    return answer
                wait = self._refused(message, answer)
            if self.people.closing.over:
                self.ledger.violate("no answer", message, "the faults are over: " + _most(message))
                raise GaveUp
            await asyncio.sleep(wait)

    def _refused(self, message: Message, answer: httpx.Response) -> float:
        """A clear failure, or a violation; the seconds until the next try."""
        code = self.code(answer)
        message.why[f"{answer.status_code} {code or 'without a code'}"] += 1
        wait = answer.headers.get("retry-after", "")
        if answer.status_code != 429 and answer.status_code < 500:
            self.ledger.violate("no clear failure", message, f"status {answer.status_code} {code}")
            raise GaveUp
        if not code:
            self.ledger.violate("no clear failure", message, f"status {answer.status_code} without a code")
        if answer.status_code in (429, 503) and not wait.isdecimal():
            self.ledger.violate("no clear failure", message, f"status {answer.status_code} without Retry-After")
        return min(LONGEST_PAUSE, float(wait)) if wait.isdecimal() else 1.0

    def code(self, answer: httpx.Response) -> str:
        """What a failure is called in its answer, "" when it is not."""
        return code_of(answer)

    def numbers(self, message: Message, language: str, case: Case, text: str) -> None:
        """An emergency is answered with numbers, in the language it was told in."""
        if not NUMBERS.search(text):
            self.ledger.violate("crisis unanswered", message, f"{case.topic} in {case.language}: no number")
        if language != case.language:
            self.ledger.violate("wrong language", message, f"asked in {case.language}, answered in {language}")

    def anew(self, message: Message, detail: str) -> None:
        """The assistant did not know any more what was asked before: right after some faults, and wrong otherwise."""
        if self.ledger.excuse(FORGETS, self.began):
            self.ledger.anew[self.channel] += 1
        else:
            self.ledger.violate("began anew", message, detail)


class _Widget(_Talk):
    """By the web API."""

    channel = "web"

    async def talk(self, case: Case) -> None:
        """A question, and what it costs."""
        opened = await self._open()
        first = {"text": case.text} if case.text else {"payload": case.payload}
        message, reply = await self._ask(opened, 1, case.kind, case.language, first)
        self._judge(message, case, reply, follows=False)
        if case.kind == CRISIS or not case.follow_lead or self.people.closing.begun:
            return
        await self.people.rest(self.dice)
        message, reply = await self._ask(opened, 2, FOLLOW, case.language, {"payload": FOLLOW_UP})
        self._judge(message, case, reply, follows=True)

    async def _open(self) -> dict[str, str]:
        message = self.ledger.send("opening", "opening")
        answer = await self.until_answered(message, lambda: self.http.post(f"{self.people.url}/api/v1/conversations"))
        self.ledger.answered(message)
        opened: dict[str, str] = answer.json()
        self.people.conversations.add(opened["conversation"])
        return opened

    async def _ask(
        self, opened: dict[str, str], number: int, kind: str, language: str, what: dict[str, str]
    ) -> tuple[Message, dict[str, Any]]:
        message = self.ledger.send(self.channel, kind)
        body = {"conversation": opened["conversation"], "id": f"m{number}", "hint": language, **what}
        headers = {"Authorization": f"Bearer {opened['token']}"}
        url = f"{self.people.url}/api/v1/messages"
        answer = await self.until_answered(message, lambda: self.http.post(url, json=body, headers=headers))
        self.ledger.answered(message)
        replies = answer.json()["replies"]
        if not replies:
            self.ledger.violate("no answer", message, "an answer without words")
            raise GaveUp
        return message, dict(replies[0])

    def _judge(self, message: Message, case: Case, reply: dict[str, Any], follows: bool) -> None:
        text, language, topic = str(reply.get("text", "")), str(reply.get("language", "")), reply.get("topic")
        if case.kind == CRISIS:
            self.numbers(message, language, case, text)
            return
        if language != case.language:
            self.ledger.violate("wrong language", message, f"asked in {case.language}, answered in {language}")
        if topic is None and follows:
            self.anew(message, f"{case.topic} in {case.language}: not known any more")
        elif topic != case.topic:
            told = f"asked about {case.topic}, answered about {topic} in {case.language}"
            self.ledger.violate("wrong conversation", message, told)
        elif reply.get("place") not in (None, case.place_name):
            self.ledger.violate("wrong conversation", message, f"{case.topic}: another place than {case.place}")


class _Form(_Talk):
    """By the page /m."""

    channel = "form"

    async def talk(self, case: Case) -> None:
        """A question, and what it costs."""
        message = self.ledger.send("opening", "opening")
        url, wanted = f"{self.people.url}/m", {"lang": case.language}
        answer = await self.until_answered(message, lambda: self.http.get(url, params=wanted))
        self.ledger.answered(message)
        first = {"text": case.text} if case.text else {"choice": f"{case.payload}|x"}
        message, page = await self._press(answer.text, case.kind, first)
        self._judge(message, case, page, follows=False)
        if case.kind == CRISIS or not case.follow_lead or self.people.closing.begun:
            return
        await self.people.rest(self.dice)
        message, page = await self._press(page, FOLLOW, {"choice": f"{FOLLOW_UP}|x"})
        self._judge(message, case, page, follows=True)

    async def _press(self, page: str, kind: str, what: dict[str, str]) -> tuple[Message, str]:
        fields = {name: unescape(value) for name, value in _HIDDEN.findall(page)}
        message = self.ledger.send(self.channel, kind)
        self.people.conversations.add(fields.get("c", ""))
        url = f"{self.people.url}/m"
        answer = await self.until_answered(message, lambda: self.http.post(url, data={**fields, **what}))
        self.ledger.answered(message)
        return message, answer.text

    def code(self, answer: httpx.Response) -> str:
        """A page for people, or nginx's sentence: words that say what to do are its code."""
        return "page" if _TAG.sub("", answer.text).strip() else ""

    def _judge(self, message: Message, case: Case, page: str, follows: bool) -> None:
        found = _ARTICLE.search(page)
        if found is None:
            self.ledger.violate("no answer", message, "a page without an answer")
            return
        language, shown = found.groups()
        if case.kind == CRISIS:
            self.numbers(message, language, case, unescape(_TAG.sub(" ", shown)))
            return
        if language != case.language:
            self.ledger.violate("wrong language", message, f"asked in {case.language}, answered in {language}")
        text = plain(unescape(_TAG.sub("", shown)))
        if text.startswith(case.follow_lead if follows else case.lead):
            return
        other = next((topic for (lang, lead), topic in self.people.leads.items() if text.startswith(lead)), "")
        if follows and (not other or other == case.topic):
            self.anew(message, f"{case.topic} in {case.language}: another answer to what it costs")
        else:
            told = f"asked about {case.topic} in {case.language}, answered about {other or 'something else'}"
            self.ledger.violate("wrong conversation", message, told)


def code_of(answer: httpx.Response) -> str:
    """The code of the API's one error shape, "" when there is none."""
    try:
        code = answer.json()["error"]["code"]
    except (json.JSONDecodeError, KeyError, TypeError, UnicodeDecodeError):
        return ""
    return code if isinstance(code, str) else ""


def _most(message: Message) -> str:
    return ", ".join(f"{number} x {why}" for why, number in message.why.most_common(3)) or "no failure"
