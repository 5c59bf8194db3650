"""The API keeps what its OpenAPI description says, tried by schemathesis over real HTTP."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import itertools
import json
import re
from collections import Counter
from dataclasses import fields

import schemathesis
from requests import PreparedRequest
from requests.auth import AuthBase
from schemathesis.engine import events, from_schema

from bot.channels import gate
from bot.channels.web.openapi import CODES, openapi
from bot.channels.web.site import WIDGET
from bot.speech.reply import Card, Reply
from tests.fakes.web_client import Client
from tests.fakes.web_server import SECRET, serve

TOPICS = {"german_course": "German courses", "find_housing": "Looking for a flat"}
CONFIG = {
    "continue-on-failure": True,
    "seed": 7,
    "generation": {"max-examples": 25, "deterministic": True, "database": "none"},
    "checks": {
        # Texts may be empty for us although they are strings.
        "positive_data_acceptance": {"expected-statuses": ["2xx", "400"]},
        # A token is a signature: a deleted conversation is empty and can go on, it does not stop to exist.
        "use_after_free": {"enabled": False},
    },
}


class Signed(AuthBase):
    """Requests carry the token of whatever conversation they name, and a message id of their own."""

    def __init__(self) -> None:
        self._count = itertools.count()

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        conversation = re.split("[/?]", str(request.url).rpartition("/conversations/")[2])[0]
        with contextlib.suppress(ValueError, AttributeError):
            body = json.loads(request.body or b"")
            conversation = body.get("conversation")
            if isinstance(body.get("id"), str) and re.fullmatch("[!-~]{1,64}", body["id"]):
                body["id"] = f"m{next(self._count)}"  # a repeated one is answered whatever else is said
                request.prepare_body(json.dumps(body), None)
        token = hmac.new(SECRET, f"token:web:{conversation}".encode("utf-8", "replace"), hashlib.sha256).hexdigest()
        request.headers["Authorization"] = f"Bearer {token}"
        return request


def test_the_api_keeps_its_description() -> None:
    met: Counter[tuple[str, int]] = Counter()
    phases: Counter[str] = Counter()
    problems: list[str] = []
    with serve(limit=gate.RateLimit(count=1_000_000), topics=lambda _: TOPICS) as server:
        config = schemathesis.Config.from_dict(CONFIG)
        described = schemathesis.openapi.from_url(f"{server.url}/api/v1/openapi.json", config=config)
        described.auth.set_from_requests(Signed())
        for event in from_schema(described).execute():
            if isinstance(event, (events.NonFatalError, events.FatalError)):
                problems.append(repr(getattr(event, "value", None) or getattr(event, "exception", None)))
            if not isinstance(event, events.ScenarioFinished):
                continue
            phases[event.phase.value] += 1
            for case_id, interaction in event.recorder.interactions.items():
                case = event.recorder.cases[case_id].value
                if interaction.response is not None:
                    met[case.operation.label, interaction.response.status_code] += 1
                for check in event.recorder.checks.get(case_id, ()):
                    if check.failure_info is not None:
                        problems.append(f"{check.name}: {check.failure_info.failure}\n{check.failure_info.code_sample}")
    assert problems == [], "\n\n".join(problems[:20])
    assert set(phases) == {"examples", "coverage", "fuzzing", "stateful"}
    tried = {
        "POST /conversations": {201, 405},
        "POST /messages": {200, 400, 401, 405, 415},
        "DELETE /conversations/{conversation}": {204, 400, 401, 405},
        "GET /conversations/{conversation}/messages": {200, 400, 401, 405},
        **{f"{verb} /{name}": {200} for verb in ("GET", "HEAD") for name in ("strings", "topics")},
    }
    missed = {
        label: statuses - {status for found, status in met if found == label} for label, statuses in tried.items()
    }
    assert {label: statuses for label, statuses in missed.items() if statuses} == {}


def test_the_description_is_served_and_cacheable(client: Client) -> None:
    response = client.http.get("/api/v1/openapi.json")
    assert response.json() == openapi() and response.headers["content-encoding"] == "gzip"
    again = client.http.get("/api/v1/openapi.json", headers={"If-None-Match": response.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_every_route_and_code_is_described() -> None:
    source = "".join(path.read_text("utf-8") for path in WIDGET.parent.glob("*.py"))
    routes = set(re.findall(r'"(/[^"]+)": \{"', (WIDGET.parent / "endpoint.py").read_text("utf-8")))
    assert routes == {path.replace("{", "<").replace("}", ">") for path in openapi()["paths"]}
    source += (WIDGET.parents[1] / "gate.py").read_text("utf-8")
    assert set(re.findall(r'(?:ApiError\(\d+, |Refused\()"(\w+)"', source)) == set(CODES)
    answers = openapi()["components"]["responses"].values()
    schemas = [answer["content"]["application/json"]["schema"]["allOf"][1] for answer in answers]
    codes = [code for s in schemas for code in s["properties"]["error"]["properties"]["code"]["enum"]]
    assert sorted(codes) == sorted(set(CODES) - {"not_found"})


def test_replies_of_ours_are_described() -> None:
    """Every key a reply or card can have, and no other."""
    schemas = openapi()["components"]["schemas"]
    for name, kind in (("Reply", Reply), ("Card", Card)):
        assert set(schemas[name]["properties"]) == {field.name for field in fields(kind)}


def test_the_documentation_points_to_the_description() -> None:
    text = (WIDGET.parents[3] / "docs" / "widget-api.md").read_text("utf-8")
    assert "/api/v1/openapi.json" in text and "```yaml" not in text
    for name in CODES:
        assert f"`{name}`" in text, name
