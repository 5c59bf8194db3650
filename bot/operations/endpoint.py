"""Where Prometheus reads the numbers of this process: a listener of its own, in a thread of its own."""

from __future__ import annotations

import logging
import socket
import socketserver
import threading
from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from prometheus_client import CollectorRegistry, make_wsgi_app

from bot.operations.metrics import REGISTRY

logger = logging.getLogger(__name__)
PATH = "/metrics"
# Seconds a reader may take for its request.
PATIENCE = 10
# Readers at once; Prometheus is one.
MOST_READERS = 8


class Endpoint:
    """Serves a registry at `host:port` until it is closed; OSError when that cannot be listened on.

    `refresh` is called before each answer, for numbers that are looked up instead of counted. Only GET /metrics is
    answered. There is no login: the address must be one that only Prometheus reaches.
    """

    def __init__(
        self, listen: str, refresh: Callable[[], None] | None = None, registry: CollectorRegistry = REGISTRY
    ) -> None:
        host, _, port = listen.rpartition(":")
        self._refresh = refresh
        self._metrics = make_wsgi_app(registry)
        family, _, _, _, address = socket.getaddrinfo(
            host.strip("[]"), int(port), type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        self._server = type("Server", (_Server,), {"address_family": family})(address, _Handler)
        self._server.set_app(self._answer)
        self._thread = threading.Thread(target=self._server.serve_forever, name="metrics", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """The port that is listened on."""
        return int(self._server.server_address[1])

    def close(self) -> None:
        """Stop; an answer that is under way ends with the process."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(PATIENCE)

    def _answer(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] != PATH or environ["REQUEST_METHOD"] != "GET":
            start("404 Not Found", [("Content-Type", "text/plain; charset=utf-8")])
            return [b"only GET /metrics\n"]
        if self._refresh is not None:
            try:
                self._refresh()
            except Exception as exc:  # the other numbers are told all the same
                logger.error("a number could not be looked up: %s", exc.__class__.__name__)
        # All numbers or nothing: the reader's `name[]` parameters are left aside.
        return self._metrics({**environ, "QUERY_STRING": ""}, start)  # type: ignore[no-any-return]


class _Server(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, *arguments: Any) -> None:
        self._readers = threading.BoundedSemaphore(MOST_READERS)
        super().__init__(*arguments)

    def server_bind(self) -> None:
        """As HTTPServer does, without asking DNS for the name of this machine."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "localhost", self.server_address[1]
        self.setup_environ()

    def process_request(self, request: Any, client_address: Any) -> None:
        """A thread for each reader, up to a limit; one too many is hung up on."""
        if not self._readers.acquire(blocking=False):
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer, and let the next reader in."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._readers.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A reader that went away is nothing to tell; socketserver would print its address."""


class _Handler(WSGIRequestHandler):
    timeout = PATIENCE

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""

    def get_stderr(self) -> Any:
        """wsgiref prints tracebacks with values there."""
        return _Nowhere()


class _Nowhere:
    def write(self, text: str) -> int:
        """Nothing is printed."""
        return len(text)

    def flush(self) -> None:
        """There is nothing to do."""
