"""The web channel and the site over real HTTP, with a fake agent behind them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from typing import Any

import yaml
from rasa.core.channels.channel import UserMessage
from rasa.core.run import configure_app
from sanic import Sanic

from bot.channels.web.connections import limit_connections
from bot.channels.web.endpoint import WebInput
from bot.channels.web.first_words import first_words
from bot.channels.web.site import WIDGET, site_blueprint
from bot.speech.reply import Card, Choice, Reply
from tests.fakes.counsellor import Counselled
from tests.fakes.running import running

SECRET = b"a secret of at least thirty-two bytes"
INTENTS = frozenset({"help", "human_handover", "inform", "german_course", "change_language", "delete_my_data"})
LANGUAGES = [
    {"code": "de", "name": "Deutsch", "dir": "ltr"},
    {"code": "en", "name": "English", "dir": "ltr"},
    {"code": "ar", "name": "العربية", "dir": "rtl"},
]
_STRINGS = yaml.safe_load((WIDGET.parent / "strings.yml").read_text("utf-8"))["strings"]
ARABIC = {"send": "إرسال", "message": "سؤالك", "page_title": "دليلك في ساكسونيا", "open_now": "مفتوح الآن"}


def strings(language: str) -> dict[str, Any]:
    """English words for every language, a few real Arabic ones."""
    words = {**_STRINGS, **(ARABIC if language == "ar" else {})}
    return {"language": language, "dir": "rtl" if language == "ar" else "ltr", "strings": words}


class FakeAgent:
    """Answers through the output channel as the real agent does, and remembers what it was sent."""

    def __init__(self) -> None:
        self.messages: list[UserMessage] = []
        self.delay = 0.0
        self.failure: Exception | None = None
        self.ready = True
        self.reply: dict[str, Any] | None = None

    def is_ready(self) -> bool:
        """As Rasa's agent."""
        return self.ready

    async def handle_message(self, message: UserMessage) -> None:
        """Echo, or whatever the test set."""
        self.messages.append(message)
        await asyncio.sleep(self.delay)
        if self.failure is not None:
            raise self.failure
        reply = self.reply or answer_to(message)
        await message.output_channel.send_response(message.sender_id, {"custom": {"reply": reply}})


def answer_to(message: UserMessage) -> dict[str, Any]:
    """A card for `course`, a question for `where`, Arabic for Arabic letters, otherwise an echo."""
    text = message.text or ""
    if any("\u0600" <= letter <= "\u06ff" for letter in text):
        return Reply(f"جواب: {text}", "ar", "rtl", cards=[_card()]).to_dict()
    if "course" in text:
        sources = [{"id": "bamf", "url": "https://www.bamf.de/kurse", "date": "2026-10-05"}]
        choices = [Choice("What does it cost?", "/help")]
        return Reply("Here is a course.", "en", "ltr", cards=[_card()], choices=choices, sources=sources).to_dict()
    if "where" in text:
        return Reply("Where do you live?", "en", "ltr", asks="place").to_dict()
    parsed = message.parse_data or {}
    values = [str(entity["value"]) for entity in parsed.get("entities", ())]
    return Reply(" ".join(["echo:", text, *values]), "en", "ltr").to_dict()


def _card() -> Card:
    return Card(
        id="vhs",
        name="Volkshochschule Leipzig",
        kind="German courses",
        address="Löhrstraße 112, 04105 Leipzig",
        phone="0341 1236000",
        hours="Mon 9:00-12:00",
        open_now=True,
        languages=["Arabic", "English"],
        website="https://www.vhs-leipzig.de/",
        map="javascript:alert(1)",
        distance_km=1.25,
        checked="2026-10",
        note="Ask before you go.",
        source="https://www.leipzig.de/",
    )


class RunningServer:
    """Where the server listens, and what stands behind it."""

    def __init__(self, agent: FakeAgent, app: Sanic, port: int, channel: WebInput) -> None:
        self.agent, self.app, self.port, self.channel = agent, app, port, channel
        self.url = f"http://127.0.0.1:{port}"


@contextlib.contextmanager
def serve(port: int = 0, agent: FakeAgent | None = None, **options: Any) -> Iterator[RunningServer]:
    """Run Rasa's own app with our channel in a thread of its own; `options` go to WebInput.

    With a `port` and an `agent` of before it is the same server started again.
    """
    Sanic.test_mode = True
    agent = agent or FakeAgent()
    allowed = options.pop("allowed_origins", ("https://listed.example",))
    languages, words = options.pop("languages", LANGUAGES), options.pop("words", strings)
    channel = WebInput(SECRET, INTENTS, languages, words, allowed, **options)
    app = configure_app([channel], enable_api=False, use_uvloop=False)
    app.blueprint(site_blueprint(allowed, first=first_words(words, languages)))
    app.ctx.agent = agent
    app.ctx.protocol = limit_connections(app)
    if isinstance(agent, Counselled):
        agent.behind(app, channel)
    with running(app, port) as found:
        yield RunningServer(agent, app, found, channel)
