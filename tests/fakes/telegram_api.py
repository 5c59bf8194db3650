"""A Bot API server on loopback, built to the documented contract of core.telegram.org/bots/api.

Stricter than Telegram on purpose: an unknown or ill-typed parameter is a 400, so that a typing error of
ours shows. Methods of the table without behaviour of their own answer True.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import defaultdict, deque
from pathlib import Path
from typing import Any

from aiohttp import web

from tests.fakes.telegram_methods import METHODS, ApiError, Visible, typed

_COMMAND = re.compile("[a-z0-9_]{1,32}")


class FakeTelegram:
    """`calls` holds (method, parameters) of accepted calls; `messages(chat)` what a chat has received."""

    token = "123456:TEST-token_of_the_fake"

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.refused: list[dict[str, Any]] = []
        self.webhook: dict[str, Any] = {}
        self.blocked: set[int] = set()
        self.me = {"id": 123456, "is_bot": True, "first_name": "Wegweiser", "username": "wegweiser_test_bot",
                   "can_join_groups": False, "can_read_all_group_messages": False, "supports_inline_queries": False,
                   "can_connect_to_business": False, "has_main_web_app": False}  # fmt: skip
        self._scripts: defaultdict[str, deque[ApiError]] = defaultdict(deque)
        self._updates: list[dict[str, Any]] = []
        self._allowed: list[str] = []
        self._changed = asyncio.Condition()
        self._poller = 0
        self._next_message = 1000
        self._runner: web.AppRunner | None = None
        self.port = 0
        self.folder = Path("/nonexistent")
        self.files: dict[str, bytes] = {}

    @property
    def api(self) -> str:
        """The base URL to hand to a bot."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Listen; after `stop` again on the same port."""
        app = web.Application()
        app.router.add_route("*", "/bot{token}/{method}", self._serve)
        app.router.add_get("/file/bot{token}/{path:.+}", self._file)
        self._runner = web.AppRunner(app, shutdown_timeout=0.2, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Be unreachable."""
        if self._runner is not None:
            await self._runner.cleanup()

    def script(self, method: str, code: int, description: str, **parameters: Any) -> None:
        """Let the next call of a method fail: 429 with retry_after, 403, 409, 500."""
        self._scripts[method].append(ApiError(code, description, **parameters))

    async def push(self, *updates: dict[str, Any]) -> None:
        """Updates for whoever polls."""
        async with self._changed:
            self._updates += updates
            self._changed.notify_all()

    def messages(self, chat: int | None = None) -> list[dict[str, Any]]:
        """Parameters of the sendMessage calls that succeeded."""
        return [p for name, p in self.calls if name == "sendMessage" and chat in (None, int(p["chat_id"]))]

    def count(self, method: str) -> int:
        """How often a method was called with success."""
        return sum(name == method for name, _ in self.calls)

    async def _serve(self, request: web.Request) -> web.Response:
        try:
            result = await self._call(request)
        except ApiError as exc:
            self.refused.append(exc.body)
            return web.json_response(exc.body, status=exc.code)
        except ConnectionResetError:  # the bot hung up while it stops
            return web.Response(status=499)
        return web.json_response({"ok": True, "result": result})

    async def _call(self, request: web.Request) -> Any:
        if not re.fullmatch(r"\d+:[\w-]+", request.match_info["token"]):
            raise ApiError(404, "Not Found")
        if request.match_info["token"] != self.token:
            raise ApiError(401, "Unauthorized")
        name = request.match_info["method"]
        if name not in METHODS:
            raise ApiError(404, "Not Found")
        if request.content_type == "application/json":
            given = await request.json()
        else:
            given = {**request.query, **await request.post()}
        # What is uploaded stands in the call as its name.
        uploads = {key: value.file.read() for key, value in given.items() if isinstance(value, web.FileField)}
        parameters = typed(name, given | dict.fromkeys(uploads, "attach://upload")) | uploads
        if self._scripts[name]:
            raise self._scripts[name].popleft()
        result = await getattr(self, f"_{name}", self._plain)(parameters)
        self.calls.append((name, parameters))
        return result

    async def _plain(self, parameters: dict[str, Any]) -> Any:
        return True

    async def _getMe(self, parameters: dict[str, Any]) -> Any:
        return self.me

    async def _getUpdates(self, parameters: dict[str, Any]) -> Any:
        if self.webhook:
            raise ApiError(409, "Conflict: can't use getUpdates method while webhook is active")
        self._poller += 1
        mine, offset = self._poller, parameters.get("offset", 0)
        self._updates = [u for u in self._updates if u["update_id"] >= offset]
        self._allowed = parameters.get("allowed_updates", self._allowed)
        end = time.monotonic() + parameters.get("timeout", 0)
        async with self._changed:
            self._changed.notify_all()
            while not (found := [u for u in self._updates if not self._allowed or set(u) & set(self._allowed)]):
                if mine != self._poller:
                    raise ApiError(409, "Conflict: terminated by other getUpdates request")
                try:
                    await asyncio.wait_for(self._changed.wait(), max(0.0, end - time.monotonic()))
                except asyncio.TimeoutError:
                    break
        return found[: parameters.get("limit", 100)]

    async def _setWebhook(self, parameters: dict[str, Any]) -> Any:
        if parameters["url"] and not parameters["url"].startswith("https://"):
            raise ApiError(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
        if not re.fullmatch(r"[\w-]{0,256}", parameters.get("secret_token", ""), re.ASCII):
            raise ApiError(400, "Bad Request: secret token contains unallowed characters")
        self.webhook = parameters if parameters["url"] else {}
        return True

    async def _deleteWebhook(self, parameters: dict[str, Any]) -> Any:
        self.webhook = {}
        return True

    async def _setMyCommands(self, parameters: dict[str, Any]) -> Any:
        if not re.fullmatch("([a-z]{2})?", parameters.get("language_code", "")):
            raise ApiError(400, "Bad Request: invalid language code specified")
        for row in parameters["commands"]:
            if not _COMMAND.fullmatch(row["command"]) or not 1 <= len(row["description"]) <= 256:
                raise ApiError(400, "Bad Request: BOT_COMMAND_INVALID")
        return True

    async def _sendMessage(self, parameters: dict[str, Any]) -> Any:
        chat = int(parameters["chat_id"])
        if chat in self.blocked:
            raise ApiError(403, "Forbidden: bot was blocked by the user")
        if parameters.get("parse_mode", "HTML") != "HTML":
            raise ApiError(400, "Bad Request: unsupported parse_mode")
        text = Visible(parameters["text"]).text if "parse_mode" in parameters else parameters["text"]
        if not text.strip():
            raise ApiError(400, "Bad Request: message text is empty")
        if len(text.encode("utf-16-le")) // 2 > 4096:
            raise ApiError(400, "Bad Request: message is too long")
        for row in parameters.get("reply_markup", {}).get("inline_keyboard", []):
            if any(not 1 <= len(button.get("callback_data", "x").encode()) <= 64 for button in row):
                raise ApiError(400, "Bad Request: BUTTON_DATA_INVALID")
        parameters["visible"] = text
        self._next_message += 1
        message = {"message_id": self._next_message, "from": self.me, "date": int(time.time()), "text": text}
        return {**message, "chat": {"id": chat, "type": "private", "first_name": "User"}}

    _editMessageText = _sendMessage

    async def _sendChatAction(self, parameters: dict[str, Any]) -> Any:
        if int(parameters["chat_id"]) in self.blocked:
            raise ApiError(403, "Forbidden: bot was blocked by the user")
        return True

    async def _getFile(self, parameters: dict[str, Any]) -> Any:
        if parameters["file_id"] not in self.files:
            raise ApiError(400, "Bad Request: invalid file_id")
        return {"file_id": parameters["file_id"], "file_unique_id": "u", "file_path": parameters["file_id"]}

    async def _file(self, request: web.Request) -> web.Response:
        content = self.files.get(request.match_info["path"])
        return web.Response(body=content) if content is not None else web.Response(status=404)

    async def _sendVoice(self, parameters: dict[str, Any]) -> Any:
        if not parameters["voice"].startswith(b"OggS"):
            raise ApiError(400, "Bad Request: wrong file identifier/HTTP URL specified")
        message = await self._sendMessage({"chat_id": parameters["chat_id"], "text": "voice"})
        del message["text"]
        return message | {"voice": {"file_id": "x", "file_unique_id": "y", "duration": 1}}

    async def _deleteMessages(self, parameters: dict[str, Any]) -> Any:
        if not 1 <= len(parameters["message_ids"]) <= 100:
            raise ApiError(400, "Bad Request: message identifiers are not specified")
        return True

    async def _setMyName(self, parameters: dict[str, Any]) -> Any:
        return self._short(parameters.get("name", ""), 64)

    async def _setMyDescription(self, parameters: dict[str, Any]) -> Any:
        return self._short(parameters.get("description", ""), 512)

    async def _setMyShortDescription(self, parameters: dict[str, Any]) -> Any:
        return self._short(parameters.get("short_description", ""), 120)

    async def _answerCallbackQuery(self, parameters: dict[str, Any]) -> Any:
        return self._short(parameters.get("text", ""), 200)

    async def _answerInlineQuery(self, parameters: dict[str, Any]) -> Any:
        if len(parameters["results"]) > 50 or any(not 1 <= len(r["id"].encode()) <= 64 for r in parameters["results"]):
            raise ApiError(400, "Bad Request: RESULT_ID_INVALID")
        return True

    @staticmethod
    def _short(text: str, limit: int) -> bool:
        if len(text) > limit:
            raise ApiError(400, "Bad Request: text is too long")
        return True

    async def _sendVenue(self, parameters: dict[str, Any]) -> Any:
        message = await self._sendMessage({"chat_id": parameters["chat_id"], "text": parameters["title"]})
        place = {"longitude": parameters["longitude"], "latitude": parameters["latitude"]}
        del message["text"]
        return message | {"venue": {"location": place, "title": parameters["title"], "address": parameters["address"]}}
