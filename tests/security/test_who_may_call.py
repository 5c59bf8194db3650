"""Every route of the real application, called without any login, token, secret or signature: what the page says holds."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator

import httpx
import pytest
from sanic import Sanic

from bot.handover_wiring import start_handover
from bot.launcher import build_app
from bot.quality import data_flow
from bot.quality.data_flow import EVERYBODY, STAFF, TELEGRAM, TOKEN, ZAMMAD, Route
from tests.fakes.running import running
from tests.security.conftest import Assistant

# Nothing listens there: nobody outside this machine is called.
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def served(assistant: Assistant, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, list[Route]]]:
    Sanic.test_mode = True
    agent = assistant.agent
    settings = dataclasses.replace(
        data_flow.everything_on(tmp_path_factory.mktemp("all-on")),
        telegram_api=NOWHERE,
        zammad_url=NOWHERE,
        public_url="",
    )
    kept = agent.relay, agent.resources.people, agent.processor.person, list(agent.conversations.on_forget)
    agent.relay = start_handover(settings, agent)
    app = build_app(settings, agent)
    try:
        with running(app) as port:
            yield f"http://127.0.0.1:{port}", data_flow.routes(app)
    finally:
        agent.relay, agent.resources.people, agent.processor.person, agent.conversations.on_forget[:] = kept


def call(client: httpx.Client, route: Route, method: str) -> httpx.Response:
    path = re.sub(r"<[^>]+>", "aaaaaaaaaaaaaaaaaaaa", route.path)
    if path.startswith("/api/v1/messages"):
        body = {"conversation": "a" * 20, "id": "1", "text": "x"}
        return client.request(method, path, json=body)
    if path == "/m" and method == "POST":
        return client.post(
            path, data={"c": "a" * 20, "s": "x", "id": "a" * 20, "text": "x"}, headers={"Origin": str(client.base_url)}
        )
    return client.request(method, path, content=b"{}" if method == "POST" else None)


def test_nobody_gets_further_than_the_page_says(served: tuple[str, list[Route]]) -> None:
    url, routes = served
    assert {EVERYBODY, TOKEN, STAFF, TELEGRAM, ZAMMAD} <= {route.who for route in routes}
    with httpx.Client(base_url=url, timeout=30, trust_env=False) as client:
        for route in routes:
            for method in route.methods:
                if method == "none":
                    continue
                answer = call(client, route, method)
                seen = (route.path, method, answer.status_code)
                if route.who == STAFF:
                    assert answer.status_code in (303, 302, 401, 403), seen
                    assert answer.headers.get("location", "/staff/login").startswith("/staff/login"), seen
                elif route.who in (TELEGRAM, ZAMMAD):
                    assert answer.status_code == 403, seen
                elif route.who == TOKEN:
                    assert answer.status_code == 401, seen
                elif "POST" in route.who and method == "POST":
                    assert answer.status_code == 403, seen
                else:
                    assert answer.status_code not in (401, 500), seen
                assert answer.headers["x-content-type-options"] == "nosniff", seen


def test_methods_of_the_page_are_the_methods(served: tuple[str, list[Route]]) -> None:
    """A method that is not listed does nothing."""
    url, routes = served
    with httpx.Client(base_url=url, timeout=30, trust_env=False) as client:
        for route in routes:
            for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - set(route.methods):
                answer = call(client, route, method)
                assert answer.status_code in (303, 403, 404, 405), (route.path, method, answer.status_code)
