"""Environment and logging Rasa expects from its own command line (rasa-facts B8)."""

from __future__ import annotations

import logging
import os
import warnings


def apply() -> None:
    """Switch telemetry off and keep libraries that print user text at WARNING."""
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    # One message is far too little work for a thread pool: its threads would only spin.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("LOG_LEVEL_LIBRARIES", "ERROR")
    # Rasa 3.6 pins libraries that announce their own deprecations at every import.
    for module in ("rasa", "sanic", "sanic_jwt", "aiogram", "pkg_resources", "randomname", "fire"):
        warnings.filterwarnings("ignore", module=rf"{module}(\.|$)")
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    # The rounds of our linear layers are bounded on purpose: more of them only fit the training messages closer.
    warnings.filterwarnings("ignore", message="lbfgs failed to converge|Liblinear failed to converge")


def configure_logging(level: str, form: str = "text") -> None:
    """Send logs to standard error at `level`, as text or json; libraries say nothing below WARNING (bot/operations/logs.py)."""
    from bot.operations.logs import configure

    configure(level, form)
    for name in (
        "rasa",
        "rasa_sdk",
        "sanic.root",
        "sanic.access",
        "httpx",
        "httpcore",
        "telegram",
        "apscheduler",
        "asyncio",
    ):
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLevelName(level)))


def silence_structlog() -> None:
    """Rasa's structlog events carry user texts at debug level and print them when structlog is unconfigured."""
    import structlog

    from bot.operations.logs import name_only

    structlog.configure(
        processors=[name_only, structlog.stdlib.render_to_log_kwargs],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        cache_logger_on_first_use=True,
    )
