"""Loaded by every Python that finds this folder first: writes down each connection and each look-up of a name."""

import json
import os
import sys

_FILE = os.environ.get("WATCHED_CALLS", "")


def _watch(event: str, args: tuple) -> None:
    if event in ("socket.connect", "socket.sendto"):
        called = args[1]
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        called = args[0]
    else:
        return
    line = json.dumps([event, called if isinstance(called, str) else list(map(str, called or ()))], default=str)
    with open(_FILE, "a", encoding="utf-8") as file:
        file.write(line + "\n")


if _FILE:
    sys.addaudithook(_watch)
