"""What the operator can set about the Telegram channel, and what of the assistant's data it needs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from bot.channels.buckets import Buckets
from bot.channels.shedding import Shedding
from bot.channels.telegram.buttons import Buttons
from bot.channels.telegram.inbox import Inbox
from bot.channels.telegram.intake import Intake
from bot.channels.telegram.notes import Notes
from bot.keys import Keys
from bot.speech.reply import Reply

# Key of a sentence of the channel and a language code in, the sentence out.
Texts = Callable[[str, str], str]
# OGG/Opus bytes and a language code in, the text that was said or "" out.
Transcribe = Callable[[bytes, str], Awaitable[str]]
# Text and a language code in, OGG/Opus bytes or b"" out.
Speak = Callable[[str, str], Awaitable[bytes]]
# What staff typed behind the bot's name, the answer out; None when there is none.
LookUp = Callable[[str], Awaitable[Reply | None]]
# The former pseudonym of a chat and the one of now in.
Moved = Callable[[str, str], Awaitable[None]]
# An answer in, a text with a link that starts with its topic, place and language out; "" when there is none.
Share = Callable[[Reply], str]


@dataclass(frozen=True)
class Options:
    """`per_second` and `chat_seconds` are Telegram's ceilings; `places` and `topics` what a /start link may carry.

    `kept` says in a language how long conversations are kept. `private_topics` are never discussed in a group;
    `discreet_topics` show nothing in a notification; of `urgent_topics` a group is told the numbers. `speak` reads aloud
    in the languages of `spoken`. `office` is whose counsellors write through the bot. `shedding` is the line of all channels.
    """

    data_dir: Path
    per_second: float = 30.0
    chat_seconds: float = 1.0
    kept: Callable[[str], str] = lambda language: "24 h"
    places: frozenset[str] = frozenset()
    topics: frozenset[str] = frozenset()
    private_topics: frozenset[str] = frozenset()
    discreet_topics: frozenset[str] = frozenset()
    urgent_topics: frozenset[str] = frozenset()
    transcribe: Transcribe | None = None
    speak: Speak | None = None
    spoken: frozenset[str] = frozenset()
    look_up: LookUp | None = None
    share: Share = lambda reply: ""
    office: str = ""
    shedding: Shedding = field(default_factory=Shedding)


@dataclass(frozen=True)
class Desk:
    """What every update is answered with; made when the server starts. `moved`: see TelegramInput."""

    keys: Keys
    texts: Texts
    options: Options
    intake: Intake
    notes: Notes
    buckets: Buckets
    buttons: Buttons
    inbox: Inbox
    moved: Moved | None = None
