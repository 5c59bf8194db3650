"""SIGTERM at any moment of the start ends the server in order."""

from __future__ import annotations

import socket
import subprocess
import sys

import pytest

from bot.settings import ROOT

# A server that gets the signal while its last listener of the start runs; `heeded` as ours, or as Sanic is.
SERVER = """
import asyncio, os, signal, sys
from sanic import Sanic
from sanic.response import empty
from bot.rasa_compat.stopping import heed
app = Sanic("stopping")
app.add_route(lambda request: empty(), "/")

@app.after_server_start
async def told(app, loop):
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.sleep(float(sys.argv[3]))

@app.before_server_stop
async def ended(app, loop):
    print("ended in order", flush=True)

if sys.argv[1] == "heeded":
    heed(app)
app.run(host="127.0.0.1", port=int(sys.argv[2]), access_log=False, register_sys_signals=sys.argv[1] != "heeded")
"""


def ends(kind: str, seconds: float, patience: float) -> tuple[str, int | None]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    command = [sys.executable, "-c", SERVER, kind, port, str(seconds)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as server:
        try:
            said, _ = server.communicate(timeout=patience)
        except subprocess.TimeoutExpired:
            server.kill()
            return "goes on", None
        return said, server.returncode


@pytest.mark.parametrize("seconds", [0.0, 0.3])
def test_a_signal_during_the_start_ends_the_server_in_order(seconds: float) -> None:
    said, status = ends("heeded", seconds, 30)
    assert "ended in order" in said and status == 0, said


def test_sanic_does_not() -> None:
    said, _ = ends("plain", 0.3, 10)
    assert "ended in order" not in said, "Sanic needs no help any more: bot/rasa_compat/stopping.py can go"
