"""The light channel and the pages over real HTTP: real articles, directory and catalogue, no model behind them."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import html
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import yaml
from rasa.core.channels.channel import UserMessage
from rasa.core.run import configure_app
from sanic import Sanic

from actions.answer import answer_topic
from actions.directory.hours import BERLIN
from actions.resources import Resources
from actions.turn import Turn
from bot.channels.web.pages.light import LightInput
from bot.channels.web.pages.topics import pages_blueprint
from bot.languages import languages
from bot.launcher import DATA, build_speech
from bot.settings import ROOT, Settings
from bot.speech.messages import MASTERS, is_draft
from bot.wiring import page_book
from tests.fakes.counsellor import Counselled
from tests.fakes.running import running

SECRET = b"a secret of at least thirty-two bytes"
# A Monday morning: offices are open, and no test depends on the day it runs.
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=BERLIN)
SPOKEN = [code for code, language in languages().items() if language.trained]


class TopicAgent:
    """Answers topics as the assistant does, without understanding: a text is about German courses or what it names."""

    def __init__(self) -> None:
        spoken = frozenset(SPOKEN)
        self.resources = Resources.load(DATA, lambda: NOW, spoken)
        self.resources.drafts = frozenset(code for code in spoken if code not in MASTERS and is_draft(code))
        domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
        self.intents = frozenset(next(iter(row)) for row in domain["intents"])
        self.nlg = build_speech(domain["responses"], self.resources.gazetteer, Settings().transit_url)
        self.reset()

    def reset(self) -> None:
        """As new."""
        self.messages: list[UserMessage] = []
        self.slots: dict[str, dict[str, Any]] = {}
        self.delay, self.ready = 0.0, True
        self.failure: Exception | None = None
        self.facts: dict[str, Any] | None = None

    def is_ready(self) -> bool:
        """As Rasa's agent."""
        return self.ready

    async def handle_message(self, message: UserMessage) -> None:
        """One reply through the output channel."""
        self.messages.append(message)
        await asyncio.sleep(self.delay)
        if self.failure is not None:
            raise self.failure
        parsed = message.parse_data or {"intent": {"name": "german_course"}, "entities": []}
        slots = self.slots.setdefault(message.sender_id, {"language": message.metadata.get("hint", "de")})
        told = {row["entity"]: row["value"] for row in parsed["entities"]}
        slots.update({"place": told["place"]} if "place" in told else {})
        slots.update({"language": told["service_language"]} if "service_language" in told else {})
        reply = self.nlg.speak(self.facts or self._facts(parsed["intent"]["name"], slots, parsed))
        await message.output_channel.send_response(message.sender_id, {"custom": {"reply": reply.to_dict()}})

    def _facts(self, intent: str, slots: dict[str, Any], parsed: dict[str, Any]) -> dict[str, Any]:
        says = {"delete_my_data": "utter_forgotten", "change_language": "utter_language_changed"}
        turn = Turn(SimpleNamespace(slots=dict(slots), latest_message=parsed, events=[]), self.resources)
        if self.resources.knowledge.article(intent) is not None:
            answer_topic(turn, intent)
        else:
            turn.say(says.get(intent, "utter_detail_noted"))
        sent: list[dict[str, Any]] = []
        turn.send(SimpleNamespace(utter_message=lambda response, facts: sent.append(facts)))  # type: ignore[arg-type]
        return sent[0]


@dataclasses.dataclass
class PageServer:
    """Where it listens, and what stands behind it."""

    agent: TopicAgent
    port: int

    @property
    def url(self) -> str:
        """The address of the site."""
        return f"http://127.0.0.1:{self.port}"

    def client(self, **headers: str) -> httpx.Client:
        """A browser without a script: it names its own origin when it posts."""
        return httpx.Client(base_url=self.url, timeout=30, headers={"Origin": self.url, **headers})


@contextlib.contextmanager
def serve_pages(
    folder: Path, agent: TopicAgent | None = None, public_url: str = "", **options: Any
) -> Iterator[PageServer]:
    """Run Rasa's own app with our channel and pages in a thread of its own; `options` go to LightInput."""
    Sanic.test_mode = True
    agent = agent or TopicAgent()
    settings = dataclasses.replace(Settings(), data_dir=folder, public_url=public_url)
    book = page_book(settings, agent)
    allowed = ("https://listed.example",)
    channel = LightInput(SECRET, agent.intents, book, allowed, **options)
    app = configure_app([channel], enable_api=False, use_uvloop=False)
    app.blueprint(pages_blueprint(book))
    app.ctx.agent = agent
    if isinstance(agent, Counselled):
        agent.behind(app, channel)
    with running(app) as port:
        yield PageServer(agent, port)


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of a page's forms."""
    return {
        name: html.unescape(value) for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page)
    }


def buttons(page: str, name: str) -> list[str]:
    """What the buttons of this name send."""
    return [html.unescape(value) for value in re.findall(rf'<button name="{name}" value="([^"]*)"', page)]
