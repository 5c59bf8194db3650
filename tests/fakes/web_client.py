"""One conversation with the web channel over HTTP, as a client of the API has it."""

from __future__ import annotations

from typing import Any

import httpx

from tests.fakes.web_server import RunningServer

MESSAGES = "/api/v1/messages"
LISTED = "https://listed.example"


class Client:
    """One conversation over HTTP."""

    def __init__(self, server: RunningServer) -> None:
        self.server, self.agent = server, server.agent
        self.http = httpx.Client(base_url=server.url, timeout=20)
        opened = self.http.post("/api/v1/conversations")
        assert opened.status_code == 201
        self.conversation, self.token = opened.json()["conversation"], opened.json()["token"]
        self.headers = {"Authorization": f"Bearer {self.token}"}
        self._count = 0

    def send(self, headers: dict[str, str] | None = None, **body: Any) -> httpx.Response:
        """Post a message; an id is made up unless given."""
        self._count += 1
        body = {"conversation": self.conversation, "id": f"m{self._count}", **body}
        return self.http.post(MESSAGES, json=body, headers=self.headers if headers is None else headers)

    def raw(self, content: bytes, content_type: str = "application/json") -> httpx.Response:
        """Post bytes as they are."""
        return self.http.post(MESSAGES, content=content, headers={**self.headers, "Content-Type": content_type})


def check_error(response: httpx.Response, status: int, code: str) -> None:
    """The one error shape, with this status and code."""
    assert response.status_code == status, response.text
    body = response.json()
    assert set(body) == {"error"} and set(body["error"]) == {"code", "message"}
    assert body["error"]["code"] == code
    assert body["error"]["message"].endswith(".")
