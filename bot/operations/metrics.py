"""The numbers of one process that Prometheus reads, in a registry of our own (docs/monitoring.md).

Nothing here knows a person, a conversation or a word. Label values come from closed lists (bot/operations/series.py).
Language, area and crisis are three counters that share no message: see `count_subject`.
"""

from __future__ import annotations

import secrets

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from bot.operations.series import Choice, Labelled, SlowCounter

REGISTRY = CollectorRegistry(auto_describe=False)

CHANNEL = Choice("web", "light", "telegram")
KIND = Choice("text", "button", "location")
OUTCOME = Choice("answered", "asked_back", "not_understood", "conversation", "failed")
# Why something was not taken: too many, too large or too slow, not valid, from a website that may not, without a token.
REASON = Choice("rate", "size", "content", "origin", "token")
STORE = Choice(
    *("conversations", "counters", "review", "sources", "corrections", "handover", "callbacks", "telegram"),
    *("redis", "postgres", "secret"),
)
FILE = Choice(*("conversations", "counters", "review", "sources", "handover", "callbacks", "telegram"))
# Known at the start: codes of bot/languages.yml, files of data/articles, the sources and checks there are.
LANGUAGE = Choice()
AREA = Choice("none")
SOURCE = Choice()
CHECK = Choice()

SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 25.0)

MESSAGES = Labelled(
    Counter("wegweiser_messages", "Messages that were taken in.", ["channel", "kind"], registry=REGISTRY),
    *(CHANNEL, KIND),
)
ANSWER_SECONDS = Labelled(
    Histogram(
        "wegweiser_answer_seconds",
        "Seconds from a message to its answer, inside the process.",
        ["channel"],
        buckets=SECONDS,
        registry=REGISTRY,
    ),
    CHANNEL,
)
OUTCOMES = Labelled(
    Counter(
        "wegweiser_outcomes", "What became of messages; emergencies count as answered.", ["outcome"], registry=REGISTRY
    ),
    OUTCOME,
)
REFUSED = Labelled(
    Counter("wegweiser_refused", "What was not taken in, by reason.", ["channel", "reason"], registry=REGISTRY),
    *(CHANNEL, REASON),
)
SHED = Labelled(
    Counter("wegweiser_shed", "Messages answered with 'busy' to stay up.", ["channel"], registry=REGISTRY), CHANNEL
)
CRISIS = SlowCounter("wegweiser_crisis", "Messages about an emergency; in steps of five, hourly.", registry=REGISTRY)
# At once, unlike CRISIS: somebody must look now, and it should never happen.
CRISIS_FAILED = Counter("wegweiser_crisis_failed", "Messages about an emergency without an answer.", registry=REGISTRY)
AREAS = SlowCounter(
    "wegweiser_areas", "Half of the messages, by area of their topic; in steps of five, hourly.", "area", AREA, REGISTRY
)
LANGUAGES = SlowCounter(
    "wegweiser_languages", "The other half, by language; in steps of five, hourly.", "language", LANGUAGE, REGISTRY
)
LAST_MESSAGE_TIMESTAMP = Labelled(
    Gauge(
        "wegweiser_last_message_timestamp_seconds", "When a message was last taken in.", ["channel"], registry=REGISTRY
    ),
    CHANNEL,
    shown=False,
)
HTTP = Labelled(
    Counter(
        "wegweiser_http_responses", "Answers of the web server, by class of status.", ["status"], registry=REGISTRY
    ),
    Choice("2xx", "3xx", "4xx", "5xx"),
)

STORE_FAULTS = Labelled(
    Counter("wegweiser_store_faults", "Times a store could not be read or written.", ["store"], registry=REGISTRY),
    STORE,
)
QUARANTINED = Labelled(
    Counter("wegweiser_quarantined", "Damaged files that were put aside.", ["file"], registry=REGISTRY), FILE
)
UPSTREAM_UP = Labelled(
    Gauge(
        "wegweiser_upstream_up", "1 when the last call of a source succeeded, else 0.", ["source"], registry=REGISTRY
    ),
    SOURCE,
    shown=False,
)
UPSTREAM_AGE_SECONDS = Labelled(
    Gauge(
        "wegweiser_upstream_age_seconds", "Age of the newest answer kept of a source.", ["source"], registry=REGISTRY
    ),
    SOURCE,
    shown=False,
)
READY = Labelled(
    Gauge("wegweiser_ready", "1 when a check of readiness passes, else 0.", ["check"], registry=REGISTRY),
    CHECK,
    shown=False,
)
UNDER_WAY = Gauge("wegweiser_under_way", "Messages that are being answered.", registry=REGISTRY)
WAITING = Gauge("wegweiser_waiting", "Messages that are being answered or wait in line.", registry=REGISTRY)
TELEGRAM_WAITING = Gauge(
    "wegweiser_telegram_waiting", "Telegram updates taken in and not answered yet.", registry=REGISTRY
)
LOOP_LAG_SECONDS = Gauge(
    "wegweiser_loop_lag_seconds", "How late the event loop was at most within the last minute.", registry=REGISTRY
)
DATA_FREE_BYTES = Gauge("wegweiser_data_free_bytes", "Room left where the data folder is.", registry=REGISTRY)
DATA_SIZE_BYTES = Gauge("wegweiser_data_size_bytes", "Size of the disk where the data folder is.", registry=REGISTRY)
BUILD_INFO = Gauge("wegweiser_build_info", "Always 1.", ["version", "python", "rasa"], registry=REGISTRY)
MODEL_INFO = Gauge("wegweiser_model_info", "Always 1; the model's first hash digits.", ["sha256"], registry=REGISTRY)
MODEL_REFUSED = Gauge("wegweiser_model_refused", "1 while another model lies there and is refused.", registry=REGISTRY)
MODEL_TIMESTAMP = Gauge("wegweiser_model_timestamp_seconds", "When the model was made.", registry=REGISTRY)

LABELLED = (
    *(MESSAGES, ANSWER_SECONDS, OUTCOMES, REFUSED, SHED, LAST_MESSAGE_TIMESTAMP, HTTP, STORE_FAULTS, QUARANTINED),
    *(UPSTREAM_UP, UPSTREAM_AGE_SECONDS, READY),
)


def count_subject(language: str, area: str, crisis: bool) -> None:
    """Count what a message was about in exactly one of three counters, so that no two of them can be joined.

    An emergency counts as nothing else. Of the others a coin decides whether the language or the area is counted:
    even in an hour with a single conversation nobody can tell that who wrote Tigrinya asked about health.
    """
    if crisis:
        CRISIS.inc()
    elif secrets.randbits(1):
        LANGUAGES.inc(language)
    else:
        AREAS.inc(area or "none")
