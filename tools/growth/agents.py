"""The real agent in this process, alone, and messages through it without HTTP."""

from __future__ import annotations

import contextlib
import dataclasses
import gc
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bot.quality.bench_messages import Ask, Workload, draw
from bot.settings import Settings


@contextlib.contextmanager
def loaded(model: Path | None = None) -> Iterator[tuple[Any, Workload]]:
    """An agent with a folder of data of its own until the block ends, and messages for it."""
    from bot.launcher import build_agent
    from bot.rasa_compat.quiet import configure_logging
    from bot.wiring import URGENT

    configure_logging("ERROR")
    settings = Settings.from_env({})
    with tempfile.TemporaryDirectory(prefix="wegweiser-growth-") as folder:
        agent: Any = build_agent(dataclasses.replace(settings, data_dir=Path(folder), model=model or settings.model))
        gc.collect()
        gc.freeze()  # as the server does
        try:
            yield agent, draw(agent.resources, URGENT)
        finally:
            gc.unfreeze()
            agent.counters.close()
            agent.conversations.close()


async def answer(agent: Any, sender: str, ask: Ask) -> list[dict[str, Any]]:
    """The replies to one message, as the web channel would give it to the agent."""
    from bot.channels import gate
    from bot.channels.web.view import WebOutput

    output = WebOutput()
    if ask.text:
        message = gate.user_message(
            sender, "web", output, text=gate.clean_text(ask.text), hint=ask.language, campaign="test"
        )
    else:
        parsed = gate.parse_payload(ask.payload, frozenset(agent.domain.intents))
        message = gate.user_message(sender, "web", output, parsed=parsed, hint=ask.language, campaign="test")
    await agent.handle_message(message)
    return list(output.replies)
