"""People in Telegram who ask one thing after the other, and what their chats show."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count

from bot.channels.telegram.start import Start, StartError
from tools.chaos.cases import BUTTON, CRISIS, Case
from tools.chaos.kinds import LOSES
from tools.chaos.ledger import Ledger, Message
from tools.chaos.people import Closing
from tools.chaos.telegram import Post, TroubledTelegram
from tools.load.telegram import update

FIRST_CHAT = 731_000_001
QUESTIONS = (2, 4)
CRISES = 2  # of ten questions
# Whose update was in a file that is gone writes again after so long.
ASK_AGAIN_SECONDS = 25.0
LOOK_SECONDS = 0.2


@dataclass
class Chat:
    """One person's chat, and the questions asked in it with their messages."""

    number: int
    language: str
    asked: list[tuple[Case, Message]] = field(default_factory=list)


class Chats:
    """`size` people with a chat each at a time, who together ask `rate` questions a second."""

    def __init__(
        self, api: TroubledTelegram, post: Post, ledger: Ledger, cases: Sequence[Case], closing: Closing, seed: int,
        size: int, rate: float,
    ) -> None:  # fmt: skip
        self.api, self.post, self.ledger, self.closing = api, post, ledger, closing
        self.by_language: dict[str, list[Case]] = {}
        for case in filter(_can_be_sent, cases):
            self.by_language.setdefault(case.language, []).append(case)
        self.all: list[Chat] = []
        self.texts: set[str] = set()
        self._size, self._pause, self._seed = size, size / rate, seed
        self._chats, self._updates = count(FIRST_CHAT), count(1000)

    async def run(self) -> None:
        """Ask until the end has begun and all have been answered."""
        await asyncio.gather(*(self._person(number) for number in range(self._size)))

    async def _person(self, number: int) -> None:
        dice = random.Random(f"{self._seed}:telegram:{number}")
        await asyncio.sleep(dice.uniform(0, self._pause))
        while not self.closing.begun:
            chat = Chat(next(self._chats), dice.choice(sorted(self.by_language)))
            self.all.append(chat)
            cases = _without_repeats(self.by_language[chat.language], dice)
            for case in cases[: dice.randint(*QUESTIONS)]:
                if self.closing.begun:
                    return
                await self._ask(chat, case)
                await asyncio.sleep(dice.expovariate(1 / self._pause))

    async def _ask(self, chat: Chat, case: Case) -> None:
        message = self.ledger.send("telegram", case.kind)
        chat.asked.append((case, message))
        words = _words(case)
        if case.text:
            self.texts.add(case.text)
        await self._send(chat, words)
        sent = time.monotonic()
        message.tries = 1
        while not self._seen(chat, case):
            if self.closing.over:
                rule = "crisis unanswered" if case.kind == CRISIS else "no answer"
                others = [text for at, text in self.api.shown[chat.number] if at >= message.sent]
                instead = f"{len(others)} others, the first: {others[0][:40]}" if others else "nothing"
                self.ledger.violate(rule, message, f"{case.topic} in {case.language}: {instead} in the chat")
                return
            if time.monotonic() - sent > ASK_AGAIN_SECONDS and self.ledger.excuse(LOSES, message.sent):
                message.again += 1
                sent = time.monotonic()
                await self._send(chat, words)
            await asyncio.sleep(LOOK_SECONDS)
        self.ledger.answered(message)

    async def _send(self, chat: Chat, words: str) -> None:
        await self.post.bring(update(next(self._updates), chat.number, chat.language, words))

    def _seen(self, chat: Chat, case: Case) -> list[float]:
        """When the beginning of this answer came."""
        return [at for at, text in self.api.shown[chat.number] if case.lead in text]

    def judge(self) -> dict[str, int]:
        """Look through all chats once nothing comes any more: what came twice, and what was for somebody else."""
        found = {"repeats": 0, "repeats after a crash": 0}
        every = {case.lead: case for cases in self.by_language.values() for case in cases}
        for chat in self.all:
            # A word that is explained first ("IBAN: …") pushes the beginning of the article into the text.
            mine = {(case.topic, case.language) for case, _ in chat.asked}
            for _, text in self.api.shown[chat.number]:
                for lead, case in every.items():
                    if (case.topic, case.language) not in mine and lead in text:
                        told = f"{case.topic} in {case.language} was told to somebody who asked in {chat.language}"
                        self.ledger.violate("wrong conversation", chat.asked[-1][1] if chat.asked else None, told)
            for case, message in chat.asked:
                self._count(chat, case, message, found)
        return found

    def _count(self, chat: Chat, case: Case, message: Message, found: dict[str, int]) -> None:
        seen = self._seen(chat, case)
        message.seen = len(seen)
        repeats = message.seen - 1 - message.again
        if repeats <= 0:
            return
        crashes, others = self.ledger.causes(message.sent, seen[-1])
        found["repeats"] += repeats
        found["repeats after a crash"] += repeats if crashes else 0
        allowed = crashes + others + self.api.lost[chat.number]
        if repeats > allowed:
            self.ledger.violate(
                "answered again", message, f"{repeats} repeats, {crashes} crashes, {others} other causes"
            )


def _words(case: Case) -> str:
    """What is written: the question, or the link of a poster."""
    return case.text or f"/start {Start(case.language, case.place, case.topic).data}"


def _can_be_sent(case: Case) -> bool:
    """Whether its topic and place fit into a link."""
    if case.text:
        return True
    try:
        return "_" not in case.place and bool(Start(case.language, case.place, case.topic).data)
    except StartError:
        return False


def _without_repeats(cases: Sequence[Case], dice: random.Random) -> list[Case]:
    """Questions in a random order, each topic and each beginning of an answer once, and a link only as the first one."""
    found: list[Case] = []
    for case in dice.sample(list(cases), len(cases)):
        if case.kind == CRISIS and dice.randrange(10) >= CRISES:
            continue
        if case.kind == BUTTON and found:
            continue
        if all(case.topic != other.topic and case.lead != other.lead for other in found):
            found.append(case)
    return found
