"""Every workaround for Rasa Open Source 3.6 in one place.

`install()` must run before anything imports `rasa.core`; it is idempotent.
Each workaround names its reason, and tests/rasa_compat fails when Rasa changes underneath.
"""

from __future__ import annotations

from bot.rasa_compat import quiet, tensorflow_free

SUPPORTED = "3.6.21"


def install() -> None:
    """Prepare the process for Rasa: no TensorFlow, no telemetry, then the patches."""
    quiet.apply()
    quiet.silence_structlog()
    tensorflow_free.install()
    from bot.rasa_compat import patches

    patches.apply()
