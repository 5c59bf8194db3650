"""One real agent with the trained model, real actions and a real SQLite store for all dialogue tests."""

import asyncio
import dataclasses
from datetime import datetime

import pytest

from actions.directory.hours import BERLIN
from bot.launcher import build_agent
from bot.quality.lines import Talker
from bot.settings import Settings

# A Monday morning: offices are open, and no test depends on the day it runs.
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=BERLIN)


class Conversation:
    """Talks to the agent synchronously; `clock` may be set by a test."""

    def __init__(self, talker: Talker, loop: asyncio.AbstractEventLoop) -> None:
        self.talker, self.loop = talker, loop

    def send(self, sender: str, **message: object) -> dict:
        """One message in, the line `talk` would write out."""
        return self.loop.run_until_complete(self.talker.answer({"sender": sender, **message}))


@pytest.fixture(scope="session")
def moment() -> dict:
    """The clock of the agent; tests may change `moment["now"]`."""
    return {"now": NOW}


@pytest.fixture(scope="session")
def talk(tmp_path_factory, moment) -> Conversation:
    """The running assistant."""
    loop = asyncio.new_event_loop()
    settings = dataclasses.replace(
        Settings.from_env({}), data_dir=tmp_path_factory.mktemp("var"), secret="dialogue-tests-secret"
    )
    agent = build_agent(settings, clock=lambda: moment["now"])
    return Conversation(Talker(agent, settings.secret_bytes()), loop)
