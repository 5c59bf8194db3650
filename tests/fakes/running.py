"""A Sanic app over real HTTP on loopback, in a thread of its own."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator

from sanic import Sanic


@contextlib.contextmanager
def running(app: Sanic, port: int = 0) -> Iterator[int]:
    """Serve until the block ends; gives the port, the one wanted or a free one."""
    loop, started = asyncio.new_event_loop(), threading.Event()
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(("127.0.0.1", port))
    servers = []

    async def start() -> None:
        protocol = getattr(app.ctx, "protocol", None)  # as bot/launcher.py serves it
        server = await app.create_server(sock=sock, return_asyncio_server=True, protocol=protocol)
        servers.append(server)
        await server.startup()
        await server.before_start()
        await server.after_start()
        started.set()

    async def stop() -> None:
        """As when a process ends: no new connections, and those there are break."""
        servers[0].server.close()
        for connection in list(servers[0].connections):
            connection.abort()
        await asyncio.sleep(0.05)  # what they still have to do
        loop.stop()

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(start())
        loop.run_forever()

    runner = threading.Thread(target=run, daemon=True)
    runner.start()
    assert started.wait(20), "the test server did not start"
    try:
        yield sock.getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(stop(), loop)
        runner.join(10)
        sock.close()
