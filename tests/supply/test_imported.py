"""What a serving process really imports: the real launcher with the real model, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from bot.settings import ROOT

PROGRAM = """
import asyncio, json, os, sys
from bot.settings import Settings
settings = Settings.from_env(os.environ)
from bot.launcher import build_agent, build_app
from bot.wiring import warm
agent = build_agent(settings)
asyncio.run(warm(agent))
app = build_app(settings, agent)
from bot.rasa_compat.tensorflow_free import _Module
real = sorted(n for n, m in sys.modules.items() if m is not None and not isinstance(m, _Module))
standing = sorted(n for n, m in sys.modules.items() if isinstance(m, _Module))
sentry = sys.modules.get("sentry_sdk")
print(json.dumps({
    "real": real, "standing": standing,
    "sentry": bool(sentry and sentry.Hub.current.client),
    "telemetry": __import__("rasa.telemetry", fromlist=["x"]).is_telemetry_enabled(),
    "routes": sorted(r.path for r in app.router.routes_all.values()),
    "middleware": [m.__module__ for m in [*app.request_middleware, *app.response_middleware]],
}))
os._exit(0)
"""
pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def process(tmp_path_factory) -> dict:
    """What the process told of itself."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("WEGWEISER_")}
    env |= {"WEGWEISER_DATA_DIR": str(tmp_path_factory.mktemp("imported"))}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, env=env, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def inside(names: list[str], top: str) -> list[str]:
    return [name for name in names if name == top or name.startswith(f"{top}.")]


@pytest.mark.parametrize(
    "name",
    [
        # channels, brokers and stores of Rasa
        *("aiogram", "socketio", "engineio", "slack_sdk", "twilio", "fbmessenger", "webexteamssdk", "aio_pika"),
        *("pymongo", "boto3", "confluent_kafka", "kafka"),
        # models of others
        *("tensorflow", "keras", "sklearn", "skops", "joblib", "sklearn_crfsuite"),
        # names are resolved by the system
        "dns",
        # servers and downloads
        *("aiohttp.web", "setuptools.package_index", "setuptools.command.easy_install", "wheel.cli", "onnx.hub"),
        # only tests
        *("pytest", "sentencepiece", "hypothesis", "werkzeug"),
    ],
)
def test_it_does_not_import(process, name):
    assert inside(process["real"], name) == []


def test_it_is_the_real_thing(process):
    assert {"rasa.core.agent", "sanic.app", "onnxruntime", "bot.channels.web.endpoint"} <= set(process["real"])
    assert inside(process["standing"], "aiogram") and inside(process["standing"], "tensorflow")


def test_sentry_and_telemetry_are_off(process):
    assert process["sentry"] is False
    assert process["telemetry"] is False


def test_its_routes_are_ours(process):
    assert "api/v1/messages" in {route.strip("/") for route in process["routes"]}
    for route in process["routes"]:
        assert not route.strip("/").startswith(
            ("conversations", "model", "domain", "status", "version", "socket.io")
        ), route
        assert not any(f"webhooks/{name}" in route for name in ("rest", "socketio", "slack", "twilio", "callback"))


def test_no_middleware_of_rasa_or_its_extensions(process):
    assert not [m for m in process["middleware"] if m.startswith(("sanic_cors", "sanic_jwt", "rasa"))]
