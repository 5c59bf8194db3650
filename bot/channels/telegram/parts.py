"""What depends on whether a process serves alone or is one of several: journal, notes, order, ceilings, who leads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from telegram.ext import BaseUpdateProcessor

from bot.channels.buckets import Buckets, OwnBuckets, SharedBuckets
from bot.channels.telegram.cluster import Cluster
from bot.channels.telegram.inbox import RESERVE, Inbox, SerialPerChat, SideBySide
from bot.channels.telegram.intake import Intake, OwnIntake
from bot.channels.telegram.journal import FILE, Journal
from bot.channels.telegram.journal_files import OwnFile
from bot.channels.telegram.leader import Leader, OwnLeader, SharedLeader
from bot.channels.telegram.moments import Moments
from bot.channels.telegram.notes import Notes, OwnNotes, SharedNotes
from bot.channels.telegram.shared_journal import SharedJournal
from bot.keys import Keys
from bot.memory.shared import Shared


@dataclass(frozen=True)
class Parts:
    """`journal` is the one on disk; `close_file` ends its use, after intake and notes have been closed."""

    journal: Journal
    close_file: Callable[[], None]
    intake: Intake
    notes: Notes
    buckets: Buckets
    leader: Leader
    order: BaseUpdateProcessor
    moments: Moments | None = None

    async def close(self) -> None:
        """Leave what is not answered to the next run or another process."""
        await self.intake.close()
        await self.notes.close()
        self.close_file()


def alone(folder: Path, secret: bytes | Keys, inbox: Inbox) -> Parts:
    """The parts of a process that serves alone."""
    journal = Journal(folder / FILE, secret)
    journal.sweep()
    order = SerialPerChat(inbox.size + RESERVE)
    return Parts(journal, journal.close, OwnIntake(journal), OwnNotes(journal), OwnBuckets(), OwnLeader(), order)


def together(shared: Shared, token: str, folder: Path, secret: bytes | Keys, inbox: Inbox) -> Parts:
    """The parts of one of several processes, which find each other in Redis by the bot's token and the secret."""
    cluster, file = Cluster(shared, secret, token), OwnFile(folder, secret)
    file.gather()
    file.journal.sweep()
    intake = SharedJournal(cluster, file.journal, inbox)
    return Parts(
        file.journal, file.close, intake, SharedNotes(cluster, file.journal), SharedBuckets(shared), SharedLeader(cluster),
        SideBySide(intake), Moments(cluster),
    )  # fmt: skip
