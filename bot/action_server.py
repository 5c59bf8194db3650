"""`wegweiser actions`: our actions over the HTTP contract of rasa_sdk, for processes that serve elsewhere.

The SDK's own server builds actions without arguments, allows every origin, and answers an error with the conversation
it was asked about; so the contract is served here. Neither Rasa nor understanding nor speech is loaded.
"""

from __future__ import annotations

import gc
import json
import logging
import zlib
from typing import TYPE_CHECKING, Any

from bot.settings import Settings

if TYPE_CHECKING:
    from rasa_sdk.executor import ActionExecutor
    from sanic import HTTPResponse, Request, Sanic

    from actions.resources import Resources

logger = logging.getLogger(__name__)

HOST, PORT = "127.0.0.1", 5055
# Our own calls have some kilobytes; Rasa's, with all events of a conversation, a hundred.
LARGEST_BYTES = 1_000_000
# An action waits 2.5 s for sources at most.
ANSWER_SECONDS, DRAIN_SECONDS = 15, 10
# Longer than the client keeps an idle connection, so that it is never closed just when a call is sent.
IDLE_SECONDS = 75
INVALID = "Invalid body request"


def serve(settings: Settings, host: str = HOST, port: int = PORT) -> None:
    """Run the server until it is stopped; SIGTERM lets it finish what is under way.

    LaunchError when the port is taken or data cannot be read. There is no login: who reaches the port can ask.
    """
    from bot.launcher import LaunchError
    from bot.operations_wiring import watch_actions
    from bot.preflight import faults, told
    from bot.rasa_compat.stopping import heed
    from bot.resources_wiring import build_resources
    from bot.strict_http import StrictProtocol

    found = faults(settings, actions=(host, port))
    if found:
        raise LaunchError(told(found))
    logging.getLogger("rasa_sdk").setLevel(logging.WARNING)
    resources = build_resources(settings)
    app = build_app(resources)
    watch_actions(app, settings, resources)
    logger.info("actions on http://%s:%s/", host, port)
    heed(app)
    app.run(
        host=host, port=port, workers=1, access_log=False, backlog=512, motd=False, register_sys_signals=False,
        protocol=StrictProtocol,
    )  # fmt: skip


def build_app(resources: Resources) -> Sanic:
    """POST /webhook, GET /actions, GET /health (503 once it is stopping)."""
    from rasa_sdk.executor import ActionExecutor
    from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException
    from sanic import Sanic
    from sanic.response import json as answer

    from actions.registry import build

    executor = ActionExecutor()
    for action in build(resources):
        executor.register_action(action)
    app = Sanic("wegweiser-actions", configure_logging=False)
    app.config.REQUEST_MAX_SIZE = LARGEST_BYTES
    app.config.RESPONSE_TIMEOUT = ANSWER_SECONDS
    app.config.KEEP_ALIVE_TIMEOUT = IDLE_SECONDS
    app.config.GRACEFUL_SHUTDOWN_TIMEOUT = DRAIN_SECONDS
    app.config.ACCESS_LOG = False
    app.ctx.stopping = False

    @app.post("/webhook")
    async def webhook(request: Request) -> HTTPResponse:
        call = read_call(request.body, request.headers.get("content-encoding", ""))
        if call is None:
            return answer({"error": INVALID}, status=400)
        try:
            return answer(await executor.run(call))
        except ActionExecutionRejection as exc:
            return answer({"error": exc.message, "action_name": exc.action_name}, status=400)
        except ActionNotFoundException as exc:
            return answer({"error": exc.message, "action_name": exc.action_name}, status=404)
        except Exception as exc:  # what an exception says may hold what a person wrote
            logger.error("an action failed: %s", exc.__class__.__name__)
            return answer({"error": exc.__class__.__name__, "action_name": call["next_action"]}, status=500)

    @app.get("/actions")
    async def actions(request: Request) -> HTTPResponse:
        return answer([{"name": name} for name in executor.actions])

    @app.get("/health")
    async def health(request: Request) -> HTTPResponse:
        if app.ctx.stopping:
            return answer({"status": "stopping"}, status=503)
        return answer({"status": "ok"})

    @app.on_response
    async def let_go(request: Request, response: HTTPResponse) -> None:
        """The last answer on a connection says so, or the server would wait for the next question."""
        if app.ctx.stopping and request.stream is not None:
            request.stream.keep_alive = False

    async def failed(request: Request, exception: Exception) -> HTTPResponse:
        status = int(getattr(exception, "status_code", 500))
        if status >= 500:
            logger.error("a request failed: %s", exception.__class__.__name__)
        return answer({"error": exception.__class__.__name__}, status=status)

    app.error_handler.add(Exception, failed)
    _listen(app, executor, resources)
    return app


def _listen(app: Sanic, executor: ActionExecutor, resources: Resources) -> None:
    async def start(app: Any, _: Any) -> None:
        await warm(executor, resources)
        # The directory stays as it is: looking through it for garbage stops every answer.
        gc.collect()
        gc.freeze()

    async def stop(app: Any, _: Any) -> None:
        app.ctx.stopping = True

    async def close(app: Any, _: Any) -> None:
        for upstream in (resources.handbook, resources.sources):
            if upstream is not None:
                await upstream.close()

    app.register_listener(start, "before_server_start")
    app.register_listener(stop, "before_server_stop")
    app.register_listener(close, "after_server_stop")


async def warm(executor: ActionExecutor, resources: Resources) -> None:
    """Answer once before the port is open: the calendars of all countries are loaded with the first opening hours."""
    from actions.directory.hours import saxon_holidays

    saxon_holidays(resources.clock().year)
    message = {"intent": {"name": "german_course", "confidence": 1.0}, "entities": [], "intent_ranking": []}
    tracker = {"sender_id": "", "slots": {"place": "leipzig", "language": "de"}, "latest_message": message}
    await executor.run({"next_action": "action_answer", "sender_id": "", "tracker": tracker})  # type: ignore[typeddict-item]


def read_call(body: bytes, encoding: str = "") -> Any:
    """The call of an action that Rasa sends, deflated or not; None when it is none."""
    try:
        if encoding == "deflate":
            inflated = zlib.decompressobj()
            body = inflated.decompress(body, LARGEST_BYTES)
            if not inflated.eof:  # cut off, or larger than a call may be
                return None
        call = json.loads(body)
    except (ValueError, RecursionError, zlib.error):
        return None
    return call if _is_call(call) else None


def _is_call(call: Any) -> bool:
    if not isinstance(call, dict) or not isinstance(call.get("next_action"), str) or not call["next_action"]:
        return False
    tracker = call.get("tracker")
    if not isinstance(tracker, dict) or not isinstance(tracker.get("sender_id"), str):
        return False
    message = tracker.get("latest_message", {})
    return (
        isinstance(tracker.get("slots", {}), dict)
        and (message is None or isinstance(message, dict))
        and isinstance(tracker.get("events", []), list)
    )
