"""A server that is told to end while it is starting ends, in order.

Sanic 21.12 takes requests and signals before its loop runs for good. A signal that comes then breaks the start off in the
middle, or stops a loop that is about to end anyway: then the server goes on, and no later signal moves it.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
from typing import Any

# The loop runs for good once the last listener of the start has returned.
SECONDS = 0.2


def heed(app: Any) -> None:
    """To be called when all other listeners are registered; `app.run` gets `register_sys_signals=False`."""
    app.ctx.asked_to_stop = app.ctx.runs = False
    app.register_listener(_listen, "before_server_start")
    app.register_listener(_run, "after_server_start")


async def _listen(app: Any, loop: asyncio.AbstractEventLoop) -> None:
    def asked() -> None:
        app.ctx.asked_to_stop = True
        if app.ctx.runs:
            app.stop()

    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(ValueError, RuntimeError, NotImplementedError):  # not in the main thread
            loop.add_signal_handler(number, asked)


async def _run(app: Any, loop: asyncio.AbstractEventLoop) -> None:
    def runs() -> None:
        app.ctx.runs = True
        if app.ctx.asked_to_stop:
            app.stop()

    loop.call_later(SECONDS, runs)
