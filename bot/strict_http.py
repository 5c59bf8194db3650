"""A reader of requests for Sanic 21.12, which trusts the length of a body as it is told."""

from __future__ import annotations

import re
from typing import Any

from sanic import Sanic
from sanic.exceptions import InvalidUsage
from sanic.http import Http
from sanic.server import HttpProtocol

_LENGTH = re.compile(r"[0-9]{1,10}", re.ASCII)


class StrictHttp(Http):  # type: ignore[misc]
    """Sanic's reader of requests, which does not believe every length.

    A negative one keeps Sanic in a loop that stops the whole server; two lengths, or a length beside chunks, are read
    in two ways by two servers.
    """

    async def http1_request_header(self) -> None:
        """Read the head; InvalidUsage when the length of the body cannot be believed."""
        await super().http1_request_header()
        headers = self.request.headers
        lengths = headers.getall("content-length", [])
        chunks = headers.getall("transfer-encoding", [])
        if len(lengths) + len(chunks) > 1 or not all(_LENGTH.fullmatch(length.strip()) for length in lengths):
            self.request_body, self.keep_alive = None, False
            raise InvalidUsage("Bad Request")
        self.protocol.served = True


class StrictProtocol(HttpProtocol):  # type: ignore[misc]
    """A connection read so; a protocol class for `app.run`. `served` says that a whole head has come."""

    __slots__ = ("served",)

    def __init__(self, *, app: Sanic, **options: Any) -> None:
        super().__init__(app=app, **options)
        self.served = False

    def _setup_connection(self) -> None:
        super()._setup_connection()
        self._http = StrictHttp(self)
