"""The nginx configurations, loaded by the real nginx, with servers behind it that die at the wrong moment."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.channels.web import edge
from tests.deploy.backends import Backend, ask, backends
from tests.deploy.files import DEPLOY, program
from tools.bench.processes import free_port

sys.path.insert(0, str(DEPLOY / "nginx"))
from render import render

MESSAGE = "/api/v1/messages"
WEBHOOK = "/webhooks/telegram/webhook"


@dataclass
class Front:
    """A running nginx with two servers and two action servers behind it."""

    port: int
    actions_port: int
    folder: Path
    servers: list[Backend]
    action_servers: list[Backend]

    def got(self, path: str) -> int:
        """How often the servers together were asked for a path."""
        return sum(row[1].partition("?")[0] == path for server in self.servers for row in server.got)


@contextlib.contextmanager
def started(folder: Path) -> Iterator[Front]:
    """nginx with the template of the cluster; it counts no failures, so that each test begins with servers that are well."""
    nginx = program("nginx")
    folder.chmod(0o755)
    port, actions_port = free_port(), free_port()
    with backends("one", "two") as servers, backends("a", "b") as action_servers:
        text = render(
            f"127.0.0.1:{port}",
            [server.address for server in servers],
            f"127.0.0.1:{actions_port}",
            [server.address for server in action_servers],
            folder,
        )
        text = text.replace("max_fails=2", "max_fails=0").replace("worker_processes auto", "worker_processes 1")
        with running_nginx(nginx, folder, text.replace(" buffer=64k flush=5s", ""), port):
            yield Front(port, actions_port, folder, servers, action_servers)


@contextlib.contextmanager
def running_nginx(nginx: str, folder: Path, text: str, port: int) -> Iterator[None]:
    (folder / "nginx.conf").write_text(f"user root;\n{text}", encoding="utf-8")
    process = subprocess.Popen([nginx, "-c", str(folder / "nginx.conf")], stderr=subprocess.PIPE)
    try:
        _until(lambda: _answers(port), process)
        yield
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    with started(tmp_path_factory.mktemp("nginx")) as front:
        yield front


@pytest.fixture
def front(running: Front) -> Front:
    for server in [*running.servers, *running.action_servers]:
        server.reset()
    return running


def _answers(port: int) -> bool:
    try:
        return ask(port, "GET", "/health")[0] == 200
    except OSError:
        return False


def _until(ready, process: subprocess.Popen[bytes] | None = None, seconds: float = 10) -> None:  # type: ignore[no-untyped-def]
    end = time.monotonic() + seconds
    while not ready():
        assert process is None or process.poll() is None, process.stderr.read().decode()  # type: ignore[union-attr]
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.01)


def _said(body: bytes) -> str:
    return str(json.loads(body)["from"])


def test_a_message_whose_process_died_is_answered_by_another(front):
    for number in range(8):
        token = {"Authorization": f"Bearer {number}"}
        home = _said(ask(front.port, "POST", MESSAGE, b'{"id": "x"}', token)[2])
        dead, well = front.servers if home == "one" else front.servers[::-1]
        dead.breaks = True
        status, _, body = ask(front.port, "POST", MESSAGE, b'{"id": "y"}', token)
        assert (status, _said(body)) == (200, well.name)
        assert well.got[-1][3] == b'{"id": "y"}', "the whole message went to the other process"
        dead.breaks = False


@pytest.mark.parametrize("path", ["/api/v1/conversations", "/m", WEBHOOK])
def test_what_has_an_id_or_stores_nothing_is_sent_again(front, path):
    for server in front.servers:
        server.breaks = True
    assert ask(front.port, "POST", path, b"{}")[0] == 503
    assert front.got(path) == 2, "each process once, and not more"


@pytest.mark.parametrize("path", ["/staff/login", "/staff/callbacks", "/webhooks/zammad", "/anything"])
def test_nothing_else_is_sent_twice_when_it_may_have_been_handled(front, path):
    for server in front.servers:
        server.breaks = True
    assert ask(front.port, "POST", path, b"a=b")[0] == 503
    assert front.got(path) == 1


def test_reading_and_deleting_may_be_repeated(front):
    for server in front.servers:
        server.breaks = True
    for method, path in (("GET", "/t/housing"), ("DELETE", "/api/v1/conversations/abc")):
        assert ask(front.port, method, path)[0] == 503
        assert front.got(path) == 2


def test_an_answer_that_says_busy_goes_to_the_person_and_not_to_another_process(front):
    for server in front.servers:
        server.status = 503
    status, headers, body = ask(front.port, "POST", MESSAGE, b"{}")
    assert status == 503 and front.got(MESSAGE) == 1
    assert "from" in json.loads(body) and headers["x-content-type-options"] == "nosniff"


def test_a_conversation_stays_with_its_process_and_telegram_does_not(front):
    homes = {}
    for number in range(40):
        answers = [ask(front.port, "POST", MESSAGE, b"{}", {"Authorization": f"Bearer {number}"}) for _ in range(3)]
        assert len({_said(body) for _, _, body in answers}) == 1
        homes[number] = _said(answers[0][2])
    assert set(homes.values()) == {"one", "two"}
    # all of Telegram comes from one address: its updates must not all go to one process
    assert {_said(ask(front.port, "POST", WEBHOOK, b"{}")[2]) for _ in range(6)} == {"one", "two"}


def test_a_person_is_told_in_the_words_of_the_server(front):
    for server in front.servers:
        server.breaks = True
    status, headers, body = ask(front.port, "POST", MESSAGE, b"{}")
    code, message = edge._SAID[503]
    assert json.loads(body) == {"error": {"code": code, "message": message}}
    assert (status, headers["content-type"], headers["retry-after"]) == (503, "application/json", "2")
    assert headers["access-control-allow-origin"] == "*" and headers["access-control-expose-headers"] == "Retry-After"
    status, headers, body = ask(front.port, "GET", "/t/housing", headers={"Accept": "text/html"})
    assert (status, headers["content-type"], body.decode()) == (503, "text/plain", message)


def test_what_is_too_large_is_refused_before_a_process_sees_it(front):
    assert ask(front.port, "POST", MESSAGE, b"x" * (256 * 1024))[0] == 200
    front.servers[0].got.clear()
    front.servers[1].got.clear()
    status, _, body = ask(front.port, "POST", MESSAGE, b"x" * (256 * 1024 + 1))
    code, message = edge._SAID[413]
    assert status == 413 and json.loads(body) == {"error": {"code": code, "message": message}}
    assert front.got(MESSAGE) == 0


def test_who_asks_is_named_by_nginx_alone(front):
    forged = {"X-Forwarded-For": "198.51.100.9", "X-Remote-User": "boss", "Host": "town.example"}
    ask(front.port, "GET", "/staff", headers=forged)
    headers = [row for server in front.servers for row in server.got][-1][2]
    assert headers["x-forwarded-for"] == "127.0.0.1" and headers["host"] == "town.example"
    assert "x-remote-user" not in headers and headers["x-forwarded-proto"] == "http"
    assert "connection" not in headers


def test_security_headers_are_the_servers_and_stand_there_once(front):
    status, headers, _ = ask(front.port, "GET", "/")
    assert status == 200 and headers["x-content-type-options"] == "nosniff"
    assert not set(headers) & {"strict-transport-security", "content-security-policy", "referrer-policy"}
    assert "/" not in headers["server"], "the version is nobody's business"


def quiet(log: Path) -> bool:
    """Whether nothing is written within half a second."""
    size = log.stat().st_size
    time.sleep(0.5)
    return log.stat().st_size == size


def test_the_log_names_neither_people_nor_pages(front):
    log = front.folder / "access.log"
    # Of earlier requests a line may still come: it is written once the answer has gone.
    ask(front.port, "GET", "/what-comes-before")
    _until(lambda: log.read_text().endswith("\n") and quiet(log))
    before = len(log.read_text().splitlines())
    ask(front.port, "GET", "/t/violence?place=leipzig&c=flyer")
    ask(front.port, "DELETE", "/api/v1/conversations/secret-of-somebody")
    ask(front.port, "GET", "/m?lang=ar")
    ask(front.port, "GET", "/what-somebody-typed")
    ask(front.port, "POST", MESSAGE, b"{}", {"Authorization": "Bearer token"})
    ask(front.port, "GET", "/health")
    _until(lambda: len(log.read_text().splitlines()) >= before + 5)
    lines = log.read_text().splitlines()[before:]
    assert len(lines) == 5, "checks of health are not written down"
    fields = [line.split() for line in lines]
    assert [row[1:4] for row in fields] == [
        ["127.0.0.0", "GET", "/t"],
        ["127.0.0.0", "DELETE", "/api/v1/conversations"],
        ["127.0.0.0", "GET", "/m"],
        ["127.0.0.0", "GET", "/-"],
        ["127.0.0.0", "POST", "/api/v1/messages"],
    ]
    assert all(re.fullmatch(r"\S+ \S+ [A-Z]+ /\S* \d+ \d+ [\d.]+ \d+", line) for line in lines)
    assert (front.folder / "error.log").read_text() == ""


def test_floods_are_stopped_and_telegram_is_not_counted(tmp_path):
    with started(tmp_path) as front:
        # a shelter that opens the page at once: a burst of 400 and then 50 a second are let through
        codes = burst(front.port, "GET", "/icon.svg", 1500)
        assert codes[:380] == [200] * 380 and 429 in codes
        seen = [ask(front.port, "POST", MESSAGE, b"{}") for _ in range(100)]
        status, headers, body = next(row for row in seen if row[0] != 200)
        assert status == 429 and headers["retry-after"] == "2"
        assert json.loads(body)["error"]["code"] == "too_many"
        assert set(burst(front.port, "POST", WEBHOOK, 60)) == {200}


def test_one_visitor_holds_so_many_requests_and_telegram_is_not_counted(tmp_path):
    text = (DEPLOY / "nginx" / "locations.conf").read_text(encoding="utf-8")
    most = int(re.search(r"limit_conn wegweiser_open (\d+);", text)[1])  # type: ignore[index]
    with started(tmp_path) as front:
        head = b"POST %s HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n"
        held = [socket.create_connection(("127.0.0.1", front.port), timeout=20) for _ in range(most)]
        for connection in held:
            connection.sendall(head % MESSAGE.encode())
        _until(lambda: ask(front.port, "GET", "/health")[0] == 429)
        status, _, body = ask(front.port, "POST", MESSAGE, b"{}")
        assert status == 429 and json.loads(body)["error"]["code"] == "too_many"
        assert ask(front.port, "POST", WEBHOOK, b"{}")[0] == 200
        for connection in held:
            connection.close()
        _until(lambda: ask(front.port, "GET", "/health")[0] == 200)


def burst(port: int, method: str, path: str, times: int) -> list[int]:
    """The answers to many requests of one connection, as quick as they go."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    found = []
    for _ in range(times):
        connection.request(method, path, b"{}" if method == "POST" else None)
        response = connection.getresponse()
        response.read()
        found.append(response.status)
    connection.close()
    return found


def test_actions_go_to_both_and_are_not_repeated_once_they_were_sent(front):
    said = {_said(ask(front.actions_port, "POST", "/webhook", b"{}")[2]) for _ in range(6)}
    assert said == {"a", "b"}
    for server in front.action_servers:
        server.reset()
        server.breaks = True
    assert ask(front.actions_port, "POST", "/webhook", b"{}")[0] == 502
    assert sum(len(server.got) for server in front.action_servers) == 1


def test_a_process_that_is_away_is_passed_over_whatever_is_asked(tmp_path):
    nginx, port = program("nginx"), free_port()
    tmp_path.chmod(0o755)
    with backends("well") as (well,):
        addresses = [f"127.0.0.1:{free_port()}", well.address]
        text = render(f"127.0.0.1:{port}", addresses, f"127.0.0.1:{free_port()}", addresses, tmp_path)
        with running_nginx(nginx, tmp_path, text, port):
            for path in (MESSAGE, "/staff/login", WEBHOOK, "/m"):
                tokens = ({"Authorization": f"Bearer {number}"} for number in range(20))
                assert [ask(port, "POST", path, b"{}", token)[0] for token in tokens] == [200] * 20, path


@pytest.mark.parametrize("path", ["nginx/wegweiser.conf", "compose/nginx.conf", "compose/nginx.small.conf"])
def test_the_configurations_with_tls_load(path, tmp_path):
    nginx = program("nginx")
    openssl = program("openssl")
    for name in ("maps.conf", "locations.conf"):
        (tmp_path / name).write_bytes((DEPLOY / "nginx" / name).read_bytes())
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=wegweiser.example.org", "-keyout", tmp_path / "privkey.pem", "-out", tmp_path / "fullchain.pem"],
        check=True, capture_output=True, timeout=30,
    )  # fmt: skip
    text = (DEPLOY / path).read_text(encoding="utf-8")
    text = re.sub(
        r"(/etc/letsencrypt/live/[\w.]+|/etc/wegweiser/tls|/etc/nginx/wegweiser|/etc/wegweiser)/", f"{tmp_path}/", text
    )
    text = re.sub(r"/var/log/nginx|/tmp(?=/(?:nginx|body|proxy|fastcgi|uwsgi|scgi))", str(tmp_path), text)
    text = text.replace("/dev/stdout", f"{tmp_path}/access.log")
    ports = {"80": free_port(), "443": free_port(), "8080": free_port(), "8443": free_port()}
    text = re.sub(
        r"listen (\[::\]:)?(80|443|8080|8443)\b",
        lambda found: f"listen {'[::1]' if found[1] else '127.0.0.1'}:{ports[found[2]]}",
        text,
    )
    text = re.sub(r"listen 172\.30\.5\.2:5055", f"listen 127.0.0.1:{free_port()}", text)
    if path.startswith("nginx/"):  # goes into the http block of Debian's own nginx.conf
        text = f"pid {tmp_path}/nginx.pid;\nevents {{}}\nhttp {{\n{text}\n}}\n"
    (tmp_path / "nginx.conf").write_text(text, encoding="utf-8")
    done = subprocess.run([nginx, "-t", "-c", tmp_path / "nginx.conf"], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    assert "warn" not in done.stderr, done.stderr


def test_every_variant_keeps_connections_shorter_than_the_servers_do():
    from rasa.core.constants import DEFAULT_KEEP_ALIVE_TIMEOUT

    from bot.action_server import IDLE_SECONDS

    found = []
    for path in sorted([*(DEPLOY / "nginx").iterdir(), *(DEPLOY / "compose").iterdir()]):
        if path.suffix in (".conf", ".template"):
            found += re.findall(r"keepalive_timeout (\d+)s;", path.read_text(encoding="utf-8"))
    assert len(found) == 2 + 3 + 3 + 2
    assert all(int(seconds) < min(DEFAULT_KEEP_ALIVE_TIMEOUT, IDLE_SECONDS) for seconds in found)


def test_limits_agree_with_the_server():
    text = (DEPLOY / "nginx" / "locations.conf").read_text(encoding="utf-8")
    launcher = (DEPLOY.parent / "bot" / "launcher.py").read_text(encoding="utf-8")
    assert "client_max_body_size 256k;" in text and "REQUEST_MAX_SIZE = 256 * 1024" in launcher
    from bot.channels.web.endpoint import WebInput

    patience = WebInput.__init__.__kwdefaults__
    reading = int(re.search(r"proxy_read_timeout (\d+)s;", text)[1])  # type: ignore[index]
    assert reading > patience["patience"] and reading > patience["longest_wait"]
    # whoever waited through one time-out is told; a second try would outlast the widget's patience
    assert int(re.search(r"proxy_next_upstream_timeout (\d+)s;", text)[1]) < reading  # type: ignore[index]
