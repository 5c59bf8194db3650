"""Run inside a network namespace with nothing but a loopback: does something there, and tells what tried to leave.

Every address leads to the loopback here, where a packet socket sees it: whoever calls out in whatever way is seen, as a
packet to an address that is not 127.0.0.1. Python's own calls are written down by watching/sitecustomize.py besides.

    unshare -n python tests/privacy/closed_network.py serve|run FOLDER [PROGRAM]
"""

from __future__ import annotations

import ipaddress
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import httpx

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
QUESTIONS = {
    "en": "I need a German course in Leipzig",
    "ar": "أحتاج دورة لغة ألمانية في لايبزيغ",
    "uk": "Мені потрібні курси німецької в Лейпцигу",
}
PROBE = "192.0.2.77"


class Watch(threading.Thread):
    """`left` holds the addresses outside of the loopback that packets were sent to."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        for command in ("link set lo up", "route add local 0.0.0.0/0 dev lo", "-6 route add local ::/0 dev lo"):
            done = subprocess.run(["ip", *command.split()], capture_output=True, text=True, check=False)
            if done.returncode and not command.startswith("-6"):
                raise SystemExit(f"ip {command}: {done.stderr}")
        self.left: set[str] = set()
        self.probed = threading.Event()
        self._packets = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        self._packets.bind(("lo", 0))

    def run(self) -> None:
        """Look at each packet: a frame of 14 bytes, then IPv4 or IPv6."""
        while True:
            frame = self._packets.recv(65_536)
            (kind,) = struct.unpack("!H", frame[12:14])
            if kind == 0x0800:
                to = ipaddress.ip_address(frame[30:34])
            elif kind == 0x86DD:
                to = ipaddress.ip_address(frame[38:54])
            else:
                continue
            if str(to) == PROBE:  # a packet is seen twice, on its way out and in
                self.probed.set()
                continue
            # An answer to a caller who took an outside address for its own goes there, too: both are of one attempt.
            if not to.is_loopback and not to.is_multicast:
                self.left.add(str(to))

    def proves_itself(self) -> bool:
        """A packet that is sent to an address outside is seen; it is left out of what is told."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"probe", (PROBE, 53))
        return self.probed.wait(30)


def environment(folder: Path) -> dict[str, str]:
    """Of a process that is watched."""
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    paths = os.pathsep.join([str(HERE / "watching"), str(ROOT)])
    given = {
        "WEGWEISER_DATA_DIR": folder / "var",
        "WATCHED_CALLS": folder / "calls",
        "RASA_CACHE_DIRECTORY": folder / "cache",
    }
    return kept | {"PYTHONPATH": paths} | {name: str(value) for name, value in given.items()}


def ask(folder: Path) -> dict[str, Any]:
    """Serve, ask in three languages, stop; the answers."""
    given = environment(folder) | {"WEGWEISER_PORT": "5999"}
    url, answers = "http://127.0.0.1:5999", {}
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "bot.cli", "serve"], cwd=ROOT, env=given, stdout=log, stderr=log
        )
        try:
            with httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
                end = time.monotonic() + 300
                while not _healthy(client):
                    if server.poll() is not None or time.monotonic() > end:
                        raise SystemExit((folder / "log").read_text(errors="replace")[-3000:])
                    time.sleep(0.3)
                for language, text in QUESTIONS.items():
                    opened = client.post("/api/v1/conversations", json={}).json()
                    body = {"conversation": opened["conversation"], "id": "m1", "text": text, "hint": language}
                    headers = {"Authorization": f"Bearer {opened['token']}"}
                    reply = client.post("/api/v1/messages", json=body, headers=headers).json()["replies"][0]
                    answers[language] = {
                        "language": reply["language"],
                        "cards": [card["id"] for card in reply["cards"]],
                    }
                for path in ("/", "/m", "/widget.js", "/hsds/services?per_page=1"):
                    client.get(path).raise_for_status()
        finally:
            server.send_signal(signal.SIGTERM)
            code = server.wait(120)
    return {"answers": answers, "code": code}


def _healthy(client: httpx.Client) -> bool:
    try:
        return client.get("/health").status_code == 200
    except httpx.HTTPError:
        return False


def main(what: str, folder: Path, program: str = "") -> None:
    """Do it and print what happened as one line of JSON."""
    watch = Watch()
    watch.start()
    told: dict[str, Any] = {"seen": watch.proves_itself()}
    if what == "serve":
        told |= ask(folder)
    else:
        done = subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env=environment(folder),
            capture_output=True,
            text=True,
            check=False,
        )
        told |= {"code": done.returncode, "said": done.stderr[-2000:]}
    time.sleep(0.5)
    calls = folder / "calls"
    told["left"] = sorted(watch.left)
    told["calls"] = [json.loads(line) for line in calls.read_text("utf-8").splitlines()] if calls.exists() else []
    print(json.dumps(told))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:])
