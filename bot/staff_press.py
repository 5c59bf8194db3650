"""Prints one poster in a process of its own: laying out text is a lot of Python, and residents must not wait for it.

`python -m bot.staff_press` reads the order as JSON from standard input and writes the file to standard output;
what an order cannot have is said in German on standard error, with exit code 3.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from typing import Any

from bot.settings import ROOT, Settings

# What a poster depends on.
SETTINGS = ("public_url", "telegram_name", "old_months", "very_old_months")
REFUSED = 3
_PATIENCE = 45  # seconds; the page says a little later that it takes too long


class PressRefused(ValueError):
    """The order cannot be printed; the message is a German sentence."""


def printed(settings: Settings, kind: str, order: dict[str, Any]) -> bytes:
    """The poster as "pdf" or "html"; PressRefused when it cannot be, RuntimeError when the process fails."""
    given = {"kind": kind, "order": order, "settings": {name: getattr(settings, name) for name in SETTINGS}}
    # Nothing that only the server may know is handed on.
    env = {key: value for key, value in os.environ.items() if not key.startswith("WEGWEISER_")}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "bot.staff_press"],
            input=json.dumps(given).encode(),
            capture_output=True,
            cwd=ROOT,
            env=env,
            timeout=_PATIENCE,
        )
    except subprocess.TimeoutExpired:
        raise PressRefused("Der Server hat gerade viel zu tun. Bitte versuchen Sie es gleich noch einmal.") from None
    if done.returncode == REFUSED:
        raise PressRefused(done.stderr.decode("utf-8", "replace").strip())
    if done.returncode or not done.stdout:
        raise RuntimeError("the press failed")
    return done.stdout


def main() -> int:
    """Print what standard input asks for."""
    from bot.speech.catalogue import Catalogue
    from bot.staff.posters.order import OrderError
    from bot.staff.posters.studio import Studio

    with contextlib.suppress(OSError):
        os.nice(5)
    given = json.loads(sys.stdin.buffer.read())
    settings = Settings(**given["settings"])
    studio = Studio.load(settings, Catalogue.load(ROOT / "locales"))
    try:
        order = studio.order(**given["order"])
        made = studio.pdf(order) if given["kind"] == "pdf" else studio.html(order).encode("utf-8")
    except OrderError as exc:
        sys.stderr.write(exc.german)
        return REFUSED
    sys.stdout.buffer.write(made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
