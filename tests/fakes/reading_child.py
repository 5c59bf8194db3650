"""A reading process without a model: speaks the protocol, and does what a message tells it."""

import json
import os
import signal
import socket
import sys
import time
from pathlib import Path


def main() -> None:
    connection = socket.socket(fileno=int(sys.argv[1]))
    model = Path(f"/proc/self/fd/{sys.argv[2]}").read_text()
    if model == "broken":
        sys.exit(3)
    lines = connection.makefile("rb")
    connection.sendall(b'{"ready": true}\n')
    for line in lines:
        asked = json.loads(line)
        text = asked["text"]
        if text == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        if text == "silent":
            time.sleep(600)
        if text == "garbage":
            connection.sendall(b"\xff\xfe no line of ours\n")
            continue
        told = {"id": asked["id"], "parsed": {"text": text, "model": model, "pid": os.getpid(), **asked["metadata"]}}
        if text == "fail":
            told = {"id": asked["id"], "failed": "ValueError"}
        connection.sendall(json.dumps(told).encode() + b"\n")


if __name__ == "__main__":
    main()
