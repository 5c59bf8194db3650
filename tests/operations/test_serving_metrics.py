"""`wegweiser serve` with metrics and JSON logs as an operator runs it: what a scrape and the log tell, and what not."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.settings import ROOT

HOSTILE = "Ich heiße Amal Haddad, 0341 123456, und suche einen Arzt in Leipzig"
CRISIS = "ich will mich umbringen"


def free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return ports


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str, Path]]:
    """Its address, that of its metrics, and its log."""
    port, number = free_ports(2)
    folder = tmp_path_factory.mktemp("serving")
    env = {k: v for k, v in os.environ.items() if not k.startswith("WEGWEISER_")}
    env |= {
        "WEGWEISER_PORT": str(port), "WEGWEISER_METRICS": f"127.0.0.1:{number}", "WEGWEISER_LOG_FORMAT": "json",
        "WEGWEISER_LOG_LEVEL": "DEBUG", "WEGWEISER_DATA_DIR": str(folder / "var"),
    }  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    with (folder / "out").open("wb") as out, (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot.cli", "serve"], cwd=ROOT, env=env, stdout=out, stderr=log
        )
        try:
            until = time.monotonic() + 180
            while True:
                assert process.poll() is None and time.monotonic() < until, (folder / "log").read_text()[-3000:]
                try:
                    if httpx.get(f"{address}/health", timeout=2).status_code == 200:
                        break
                except httpx.HTTPError:
                    pass
                time.sleep(0.3)
            yield address, f"http://127.0.0.1:{number}/metrics", folder / "log"
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0
        finally:
            process.kill()
            process.wait(10)


def scraped(address: str) -> list[tuple[str, dict[str, str], float]]:
    families = text_string_to_metric_families(httpx.get(address, timeout=20).text)
    return [(s.name, s.labels, s.value) for family in families for s in family.samples]


def ask(address: str, **message: Any) -> None:
    opened = httpx.post(f"{address}/api/v1/conversations", json={}).json()
    headers = {"Authorization": f"Bearer {opened['token']}"}
    body = {"conversation": opened["conversation"], "id": "1", **message}
    assert httpx.post(f"{address}/api/v1/messages", json=body, headers=headers, timeout=30).status_code == 200


def test_what_is_told_and_what_is_not(server: tuple[str, str, Path]) -> None:
    address, told_at, _ = server
    before = {(name, tuple(sorted(labels.items()))): value for name, labels, value in scraped(told_at)}
    ask(address, text=HOSTILE)
    ask(address, text=CRISIS)
    ask(address, payload="/inform", hint="ti", campaign="amal-haddad")
    ask(address, location={"lat": 51.34, "lon": 12.37})
    assert httpx.post(f"{address}/api/v1/messages", content=b"{", headers={"Content-Type": "application/json"}).is_error
    rows = scraped(told_at)
    grown = {
        name + "".join(f" {value}" for label, value in sorted(labels.items()) if label != "le"): value - before.get((name, tuple(sorted(labels.items()))), 0.0)
        for name, labels, value in rows
        if name.endswith(("_total", "_count"))
    }  # fmt: skip
    assert grown["wegweiser_messages_total web text"] == 2
    assert grown["wegweiser_messages_total web button"] == grown["wegweiser_messages_total web location"] == 1
    assert grown["wegweiser_answer_seconds_count web"] == 4
    assert sum(value for name, value in grown.items() if name.startswith("wegweiser_outcomes_total")) == 4
    assert grown["wegweiser_outcomes_total failed"] == 0 and grown["wegweiser_refused_total web content"] == 1
    # no emergency, language or area shows after four messages
    for slow in ("wegweiser_crisis_total", "wegweiser_languages_total", "wegweiser_areas_total"):
        assert not any(value for name, value in grown.items() if name.startswith(slow)), slow
        assert any(name == slow for name, _, _ in rows)
    text = httpx.get(told_at, timeout=20).text
    for word in ("Amal", "Haddad", "amal-haddad", "0341", "umbringen", "Leipzig", "leipzig", "51.3", "doctor"):
        assert word not in text, word
    assert httpx.get(f"{address}/metrics").status_code == 404, "the public port tells nothing"


def test_what_it_is_made_of(server: tuple[str, str, Path]) -> None:
    rows = scraped(server[1])
    told = {name: (labels, value) for name, labels, value in rows}
    assert told["wegweiser_build_info"][0]["rasa"] == "3.6.21"
    assert len(told["wegweiser_model_info"][0]["sha256"]) == 12
    assert told["wegweiser_model_timestamp_seconds"][1] > 0 and told["wegweiser_data_free_bytes"][1] > 0
    assert 0 <= told["wegweiser_loop_lag_seconds"][1] < 60
    until = time.monotonic() + 60
    ready: dict[str, float] = {}
    while len(ready) < 4 and time.monotonic() < until:  # the first round of checks
        ready = {labels["check"]: value for name, labels, value in scraped(server[1]) if name == "wegweiser_ready"}
        time.sleep(0.2)
    assert {"model_loaded", "can_parse", "can_answer", "store_conversations"} <= set(ready)
    assert set(ready.values()) == {1.0}


def test_every_line_of_the_log_is_an_object_without_words_of_people(server: tuple[str, str, Path]) -> None:
    address, _, log = server
    ask(address, text=HOSTILE)
    lines = log.read_text("utf-8").splitlines()
    assert lines
    for line in lines:
        assert {"time", "level", "logger", "event", "at"} <= set(json.loads(line)), line
    text = "\n".join(lines)
    assert "Amal" not in text and "umbringen" not in text and str(ROOT) not in text
