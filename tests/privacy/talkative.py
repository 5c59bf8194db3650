"""`wegweiser serve` in which parts fail with what a person wrote in their hands: the server of test_silent_logs.py."""

from __future__ import annotations

import sys
from typing import Any

LAST = {"text": ""}


def failing() -> None:
    """Let understanding, an action, speech and the store fail for messages with these words."""
    from bot.rasa_compat import install

    install()
    from rasa.core.processor import MessageProcessor

    from bot.channels import gate
    from bot.memory.tracker_store import SqliteTrackerStore
    from bot.rasa_compat.in_process import InProcessEndpoint
    from bot.speech.nlg import CatalogueNLG

    clean, parse = gate.clean_text, MessageProcessor.parse_message
    keep, speak, request = SqliteTrackerStore._keep, CatalogueNLG.generate, InProcessEndpoint.request

    def cleaned(text: Any) -> str:
        LAST["text"] = clean(text)
        return LAST["text"]

    def fail(where: str) -> None:
        written = LAST["text"]
        if f"break the {where}" in written:
            try:
                raise KeyError(written)
            except KeyError as exc:
                raise RuntimeError(f"could not do {written!r}") from exc

    async def parsed(self: Any, message: Any, *more: Any, **named: Any) -> Any:
        fail("reading")
        return await parse(self, message, *more, **named)

    async def kept(self: Any, *given: Any) -> Any:
        fail("store")
        return await keep(self, *given)

    async def spoken(self: Any, *given: Any, **named: Any) -> Any:
        fail("speech")
        return await speak(self, *given, **named)

    async def requested(self: Any, *given: Any, **named: Any) -> Any:
        fail("action")
        return await request(self, *given, **named)

    gate.clean_text = cleaned
    MessageProcessor.parse_message = parsed  # type: ignore[method-assign]
    SqliteTrackerStore._keep = kept  # type: ignore[method-assign]
    CatalogueNLG.generate = spoken  # type: ignore[method-assign,assignment]
    InProcessEndpoint.request = requested  # type: ignore[method-assign]


def loud() -> None:
    """Let every library say everything, whatever the server tells it."""
    import logging

    import structlog

    from bot.rasa_compat import quiet

    configure, filtering = quiet.configure_logging, structlog.make_filtering_bound_logger
    structlog.make_filtering_bound_logger = lambda level: filtering(logging.DEBUG)

    def configured(*given: Any) -> None:
        configure(*given)
        for logger in logging.Logger.manager.loggerDict.values():
            if isinstance(logger, logging.Logger):
                logger.setLevel(logging.NOTSET)
                logger.propagate = True
        logging.Logger.setLevel = lambda self, level: None  # type: ignore[method-assign,assignment]

    quiet.configure_logging = configured


if __name__ == "__main__":
    from bot.cli import main

    loud()
    failing()
    sys.exit(main(["serve"]))
