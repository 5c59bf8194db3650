"""`wegweiser key rotate`: another secret, without ending the conversations that are open."""

from __future__ import annotations

import sys
import time

from bot.keys import FORMER, KeyChangeError, change
from bot.settings import Settings


def rotate(settings: Settings, force: bool = False) -> int:
    """Make a new secret in the data folder; 1 when that is not possible, with what to do instead."""
    try:
        until = change(settings, force)
    except (KeyChangeError, OSError) as exc:
        print(f"wegweiser key rotate: {exc}", file=sys.stderr)
        return 1
    day = time.strftime("%Y-%m-%d %H:%M", time.localtime(until))
    print(
        f"A new secret is made. Restart the server now. The one before is in {FORMER} until {day}, then it is deleted."
    )
    return 0
