"""The reading process: `python -m bot.reading SOCKET MODEL`, started by the serving process and ended with it.

Both arguments are descriptors it was given. It says that it is ready, then reads one JSON line a message from the
socket, and writes one: `{"id", "text", "metadata"}` becomes `{"id", "parsed"}`, or `{"id", "failed"}` with the kind of
the error.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import socket
import sys
from typing import TYPE_CHECKING, Any

from bot.rasa_compat.reading_process import ModelCopy, Reading, path_of
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.rasa_compat.nlu_only import Understanding


def start_reading(copy: ModelCopy) -> Reading:
    """The reading process for a model, which gets ready while this one loads the rest."""
    return Reading((sys.executable, "-W", "ignore", "-m", "bot.reading"), copy, _forget_encoder)


def wanted(settings: Settings) -> bool:
    """Whether messages are read in a process of their own.

    By itself where there is more than one core and one process serves alone: several processes fill the cores already.
    """
    if settings.reading_process != "auto":
        return settings.reading_process == "on"
    return len(os.sched_getaffinity(0)) > 1 and not settings.redis_url


def _forget_encoder() -> None:
    """What this process loaded to read in the meantime takes a hundred megabytes."""
    from bot.nlu.embedding import embedder
    from bot.rasa_compat.lasting import give_back

    if embedder.cache_info().currsize:
        embedder.cache_clear()
        give_back()


def answer(connection: socket.socket, understanding: Understanding) -> None:
    """Read messages until nobody asks any more: one after another, which two threads of Python would not do faster."""
    from bot.nlu.forgetting import forget_words

    connection.sendall(b'{"ready": true}\n')
    for line in connection.makefile("rb"):
        asked: dict[str, Any] = json.loads(line)
        told: dict[str, Any] = {"id": asked["id"]}
        try:
            told["parsed"] = understanding.parse(asked["text"], asked["metadata"])
            answered = json.dumps(told)
        except Exception as exc:  # whoever asked reads it himself
            answered = json.dumps({"id": asked["id"], "failed": type(exc).__name__})
        connection.sendall(answered.encode() + b"\n")
        forget_words()


def main(descriptor: int, model: int) -> int:
    """Load, say so, read. The end of the connection is the end of the process; signals are for the serving one."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    from bot import rasa_compat
    from bot.rasa_compat.quiet import configure_logging

    settings = Settings.from_env()
    configure_logging(settings.log_level, settings.log_format)
    rasa_compat.install()
    from bot.languages import languages
    from bot.rasa_compat.lasting import give_back
    from bot.rasa_compat.nlu_only import Understanding

    connection = socket.socket(fileno=descriptor)
    understanding = Understanding.load(path_of(model))
    os.close(model)
    for language in languages().values():
        if language.trained:
            understanding.parse(f"{language.endonym} Leipzig 112?", {})
    gc.collect()
    gc.freeze()
    give_back()
    try:
        answer(connection, understanding)
    except ConnectionError:  # whoever asked was killed
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
