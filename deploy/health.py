"""Exit code 0 when a process of this machine answers /health with 200; `--wait` asks until it does.

With `--path /ready` only when messages are answered, too (docs/staying-up.md). Its port is WEGWEISER_PORT unless it is given. Needs the standard library only.
"""

from __future__ import annotations

import argparse
import http.client
import os
import sys
import time


def healthy(host: str, port: int, path: str = "/health", seconds: float = 3.0) -> bool:
    """One question; False when nobody answers within so many seconds."""
    connection = http.client.HTTPConnection(host, port, timeout=seconds)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def main() -> int:
    """Ask once, or until `--wait` seconds are over."""
    parser = argparse.ArgumentParser(description="Ask a process of this machine whether it is ready.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=int(os.environ.get("WEGWEISER_PORT", "5005")))
    parser.add_argument("--path", default="/health", choices=["/health", "/ready"])
    parser.add_argument("--wait", type=float, default=0.0, help="seconds to go on asking")
    given = parser.parse_args()
    end = time.monotonic() + given.wait
    while not healthy(given.host, given.port, given.path):
        if time.monotonic() >= end:
            return 1
        time.sleep(0.25)
    return 0


if __name__ == "__main__":
    sys.exit(main())
