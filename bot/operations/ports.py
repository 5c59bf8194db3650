"""Whether an address can be listened on, asked before anything is loaded for it."""

from __future__ import annotations

import socket


def refusal(host: str, port: int) -> str:
    """Why nothing can listen there now, in the words of the system; "" when it can. An empty host means all addresses."""
    try:
        family, kind, *_, address = socket.getaddrinfo(
            host.strip("[]") or "0.0.0.0", port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as exc:
        return exc.strerror or type(exc).__name__
    return ""
