"""Numbers for Prometheus: label values from closed lists only, and no message that two of three counters share."""

from __future__ import annotations

import ast
import random
import re
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from bot.operations import metrics
from bot.operations.endpoint import MOST_READERS, Endpoint
from bot.operations.series import OTHER, PERIOD_SECONDS, STEP, Choice, Labelled, SlowCounter
from bot.settings import ROOT

HOSTILE = (
    *("Amal Haddad", "0341 123456", 'x"} 1\nwegweiser_up{y="', "ar-leak", "\u202e", "", "a" * 5000, "web\n", "../etc"),
    *("Ich heiße Amal", "web ", "WEB", "<script>", "%s", "{place}"),
)


def samples(registry: CollectorRegistry) -> list[tuple[str, dict[str, str], float]]:
    """What a scrape tells."""
    families = text_string_to_metric_families(generate_latest(registry).decode())
    return [(s.name, s.labels, s.value) for family in families for s in family.samples]


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def hour(self) -> None:
        self.now += PERIOD_SECONDS


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.mark.parametrize("value", [*HOSTILE, None, 7, b"web", ["web"]])
def test_what_is_not_in_the_list_is_other(value: object) -> None:
    registry = CollectorRegistry()
    family = Labelled(Counter("x", "x", ["channel"], registry=registry), Choice("web", "light"))
    family.labels(value).inc()
    assert {labels["channel"] for _, labels, _ in samples(registry) if labels} == {OTHER}


def test_every_metric_keeps_to_its_lists() -> None:
    """Everything that can be handed in from outside, to every metric with labels there is."""
    for family in metrics.LABELLED:
        for value in HOSTILE:
            child = family.labels(*[value] * len(family._choices))
            getattr(child, "observe", getattr(child, "inc", None))(1)
    for counter in (metrics.AREAS, metrics.LANGUAGES):
        for value in HOSTILE:
            counter.inc(value)
    known = {"le"} | {value for f in metrics.LABELLED for c in f._choices for value in c.values}
    known |= {OTHER, *metrics.AREA.values, *metrics.LANGUAGE.values}
    found = {
        value
        for name, labels, _ in samples(metrics.REGISTRY)
        for label, value in labels.items()
        if label not in ("le", "version", "python", "rasa", "sha256", "generation")
    }
    assert found and found <= known
    for family in metrics.LABELLED:
        family._metric.clear()
        family.show()


@pytest.mark.parametrize("value", ["Amal Haddad", "leipzig.de", "", "a" * 41, "WEB", "a\nb"])
def test_lists_take_no_free_text(value: str) -> None:
    with pytest.raises(ValueError, match="label"):
        Choice().allow([value])


def test_lists_grow_only_at_the_start() -> None:
    """Nobody but the wiring adds values, and labels beside the lists exist for versions alone."""
    found = set()
    for path in [*(ROOT / "bot").rglob("*.py"), *(ROOT / "actions").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "allow":
                found.add(path.relative_to(ROOT).as_posix())
    assert found == {"bot/operations/series.py", "bot/operations_wiring.py"}


def test_the_subject_of_a_message_is_counted_in_one_place_only() -> None:
    """Language, area and emergency are only reached through `count_subject`, so no message is in two of them."""
    for path in [*(ROOT / "bot").rglob("*.py"), *(ROOT / "actions").rglob("*.py")]:
        if path.name != "metrics.py":
            text = path.read_text(encoding="utf-8")
            assert not re.search(r"\bmetrics\.(CRISIS|AREAS|LANGUAGES)\b", text), path
            assert not re.search(r"operations\.metrics import[^\n]*\b(CRISIS|AREAS|LANGUAGES)\b", text), path


def test_no_two_of_the_three_share_a_message(monkeypatch: pytest.MonkeyPatch) -> None:
    counted = {name: [] for name in ("crisis", "area", "language")}
    monkeypatch.setattr(metrics.CRISIS, "inc", lambda *_: counted["crisis"].append("crisis"))
    monkeypatch.setattr(metrics.AREAS, "inc", lambda value: counted["area"].append(value))
    monkeypatch.setattr(metrics.LANGUAGES, "inc", lambda value: counted["language"].append(value))
    before = 0
    for number in range(400):
        metrics.count_subject("ti", "health", crisis=number % 10 == 0)
        now = sum(map(len, counted.values()))
        assert now == before + 1
        before = now
    assert len(counted["crisis"]) == 40
    # a coin: both come up, and neither is everything
    assert 100 < len(counted["language"]) < 260 and 100 < len(counted["area"]) < 260


def test_a_single_message_shows_in_no_scrape(clock: Clock) -> None:
    registry = CollectorRegistry()
    counter = SlowCounter("x", "x", "language", Choice("ti", "ar"), registry, clock)
    before = samples(registry)
    for _ in range(STEP - 1):
        counter.inc("ti")
    for _ in range(30):  # whoever reads every two minutes
        assert samples(registry) == before
        clock.now += 120
    for _ in range(5):
        clock.hour()
        assert samples(registry) == before, "under five is told never"


def test_it_moves_in_steps_at_the_end_of_an_hour_only(clock: Clock) -> None:
    registry = CollectorRegistry()
    counter = SlowCounter("x", "x", "language", Choice("ti", "ar"), registry, clock)
    for _ in range(14):
        counter.inc("ti")
    clock.now += PERIOD_SECONDS - 1
    assert ("x_total", {"language": "ti"}, 0.0) in samples(registry)
    clock.now += 1
    # what comes after the hour is not in it, also when nobody has read meanwhile
    counter.inc("ti")
    assert ("x_total", {"language": "ti"}, 10.0) in samples(registry)
    clock.hour()
    assert ("x_total", {"language": "ti"}, 15.0) in samples(registry)


def test_reading_often_or_seldom_tells_the_same() -> None:
    """Many readers at odd times learn nothing that one an hour does not."""
    random.seed(7)
    moments = sorted(random.uniform(0, 20 * PERIOD_SECONDS) for _ in range(300))
    often, seldom = Clock(), Clock()
    registries = [CollectorRegistry(), CollectorRegistry()]
    counters = [SlowCounter("x", "x", "", None, r, c) for r, c in zip(registries, (often, seldom), strict=True)]
    for moment in moments:
        often.now = seldom.now = 1000.0 + moment
        for counter in counters:
            counter.inc()
        samples(registries[0])
    often.now = seldom.now = 1000.0 + 21 * PERIOD_SECONDS
    assert samples(registries[0]) == samples(registries[1]) == [("x_total", {}, 300.0)]


def test_the_wall_clock_cannot_hurry_it(monkeypatch: pytest.MonkeyPatch) -> None:
    registry = CollectorRegistry()
    counter = SlowCounter("x", "x", registry=registry)
    for _ in range(10):
        counter.inc()
    monkeypatch.setattr(time, "time", lambda: 4e9)
    assert samples(registry) == [("x_total", {}, 0.0)]


def test_series_begin_at_zero_and_tell_no_beginning() -> None:
    from bot.operations_wiring import show

    show()
    found = samples(metrics.REGISTRY)
    assert ("wegweiser_messages_total", {"channel": "telegram", "kind": "location"}, 0.0) in found
    assert ("wegweiser_languages_total", {"language": "ti"}, 0.0) in found
    assert ("wegweiser_areas_total", {"area": "health"}, 0.0) in found
    names = {name for name, _, _ in found}
    assert not [name for name in names if name.endswith("_created")]
    assert {"process_resident_memory_bytes", "process_open_fds", "process_start_time_seconds"} <= names
    assert "wegweiser_upstream_up" not in names, "a source that was not asked yet is not down"


def test_gauges_that_do_not_know_say_nothing() -> None:
    registry = CollectorRegistry()
    Labelled(Gauge("x", "x", ["check"], registry=registry), Choice("store"), shown=False).show()
    assert samples(registry) == []


# The endpoint


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    registry = CollectorRegistry()
    Counter("x", "x", registry=registry)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    endpoint = Endpoint(f"127.0.0.1:{port}", registry=registry)
    yield endpoint
    endpoint.close()


def fetch(port: int, path: str = "/metrics", method: str = "GET") -> tuple[int, str]:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as exc:
        return exc.code, exc.read().decode()


def test_it_answers_metrics_and_nothing_else(endpoint: Endpoint) -> None:
    status, text = fetch(endpoint.port)
    assert status == 200 and "x_total 0.0" in text
    for path, method in (("/", "GET"), ("/metrics", "POST"), ("/../metrics", "GET"), ("/metrics", "OPTIONS")):
        status, text = fetch(endpoint.port, path, method)
        assert (status, text) == (404, "only GET /metrics\n")


def test_what_cannot_be_looked_up_hides_no_other_number(caplog: pytest.LogCaptureFixture) -> None:
    def refresh() -> None:
        raise ValueError("Amal")

    registry = CollectorRegistry()
    Counter("x", "x", registry=registry)
    endpoint = Endpoint("127.0.0.1:0", refresh, registry)
    try:
        assert "x_total" in fetch(endpoint.port)[1]
    finally:
        endpoint.close()
    assert "ValueError" in caplog.text and "Amal" not in caplog.text


def test_who_holds_connections_open_does_not_use_the_process_up(endpoint: Endpoint) -> None:
    before = threading.active_count()
    held = [socket.create_connection(("127.0.0.1", endpoint.port)) for _ in range(MOST_READERS * 5)]
    try:
        for connection in held:
            connection.sendall(b"GET /metrics HTTP/1.1\r\n")
        until = time.monotonic() + 60
        hung_up = []
        while len(hung_up) < len(held) - MOST_READERS and time.monotonic() < until:
            hung_up = [connection for connection in held if _is_closed(connection)]
        assert len(hung_up) >= len(held) - MOST_READERS
        assert threading.active_count() <= before + MOST_READERS
    finally:
        for connection in held:
            connection.close()


def _is_closed(connection: socket.socket) -> bool:
    connection.settimeout(0.05)
    try:
        return connection.recv(1, socket.MSG_PEEK) == b""
    except TimeoutError:
        return False
    except OSError:
        return True


def test_a_port_that_is_taken_is_an_oserror(endpoint: Endpoint) -> None:
    with pytest.raises(OSError, match="in use"):
        Endpoint(f"127.0.0.1:{endpoint.port}", registry=CollectorRegistry())
