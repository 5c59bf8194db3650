"""What a process that serves for weeks sets for itself.

Memory that was freed goes back to the system: loading a model leaves tens of megabytes of it with the C library.
"""

from __future__ import annotations

import contextlib
import ctypes

# How long a thread may keep Python while others wait for it; Python's own 5 ms make a message wait at every step.
SWITCH_SECONDS = 0.001


def give_back() -> None:
    """Takes a few milliseconds; without effect with another C library than glibc."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").malloc_trim(0)
