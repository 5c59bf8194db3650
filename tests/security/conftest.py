"""One real agent with the trained model, real actions and a real store, which also keeps messages to learn from."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from actions.directory.hours import BERLIN
from bot.channels.gate import conversation_id
from bot.launcher import build_agent
from bot.quality.lines import Talker
from bot.settings import Settings
from tests.security.known import Known

# A Monday morning: offices are open, and no test depends on the day it runs.
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=BERLIN)


class Assistant:
    """The running assistant, talked to as channels do it; `folder` is its data folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings = dataclasses.replace(
            Settings.from_env({}), data_dir=folder, secret="security-tests-secret", learn=True
        )
        self.agent: Any = build_agent(self.settings, clock=lambda: NOW)
        self.talker = Talker(self.agent, self.settings.secret_bytes())
        self.loop = asyncio.new_event_loop()

    def run(self, work: Any) -> Any:
        """The result of a coroutine."""
        return self.loop.run_until_complete(work)

    def say(self, sender: str, text: str = "", channel: str = "web", **message: Any) -> dict[str, Any]:
        """One message in, the line that `talk` would write out; counted and learnt from like a person's."""
        row = {"sender": sender, "channel": channel, **({"text": text} if text else {}), **message}
        return dict(self.run(self.talker.answer(row)))

    def slots(self, sender: str, channel: str = "web") -> dict[str, Any]:
        """What is remembered of a conversation."""
        name = conversation_id(self.settings.secret_bytes(), channel, sender)
        tracker = self.run(self.agent.tracker_store.retrieve(name))
        return {} if tracker is None else dict(tracker.current_slot_values())


@pytest.fixture(scope="session")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    found = Assistant(tmp_path_factory.mktemp("var"))
    yield found
    found.agent.review.close()
    found.agent.counters.close()
    found.loop.close()


@pytest.fixture(scope="session")
def known(assistant: Assistant) -> Known:
    return Known(assistant.agent)
