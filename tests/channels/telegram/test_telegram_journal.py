"""Nothing taken in is lost, nothing answered twice, nothing readable on disk."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from bot.channels.telegram.journal import FILE, KEPT_SECONDS, Journal
from tests.channels.telegram.conftest import SECRET, EchoAgent, serve, text_update, until
from tests.fakes.telegram_api import FakeTelegram

WORDS = "my very private question"


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / FILE, SECRET)


def test_an_update_is_taken_once(journal: Journal) -> None:
    assert journal.take(text_update(1, "x"))
    assert not journal.take(text_update(1, "x"))
    journal.done(1)
    assert not journal.take(text_update(1, "x"))


def test_what_is_not_answered_comes_back_in_its_order(journal: Journal, tmp_path: Path) -> None:
    for number in (3, 1, 2):
        journal.take(text_update(number, f"text {number}"))
    journal.begin(2)
    journal.done(1)
    journal.close()
    again = Journal(tmp_path / FILE, SECRET)
    assert [row["message"]["text"] for row in again.pending()] == ["text 2", "text 3"]
    assert (again.begin(2), again.begin(3), again.repeated) == (1, 0, 1)


def test_words_are_neither_readable_on_disk_nor_kept(journal: Journal, tmp_path: Path) -> None:
    def on_disk() -> bytes:
        return b"".join(path.read_bytes() for path in tmp_path.iterdir())

    journal.take(text_update(1, WORDS, chat=700777))
    assert WORDS.encode() not in on_disk() and b"700777" not in on_disk()
    encrypted = journal._db.execute("SELECT content FROM updates").fetchone()[0]
    journal.done(1)
    journal.close()
    assert encrypted[20:60] not in on_disk()


def test_with_another_secret_nothing_can_be_read_and_nothing_breaks(journal: Journal, tmp_path: Path) -> None:
    journal.take(text_update(1, WORDS))
    journal.close()
    assert Journal(tmp_path / FILE, b"another secret").pending() == []


def test_numbers_are_forgotten_after_a_day(journal: Journal) -> None:
    for number in (1, 2):
        journal.take(text_update(number, "x"))
    journal.done(1)
    journal.keep_sent("chat", 7)
    journal.sweep(time.time() + KEPT_SECONDS + 1)
    assert journal._db.execute("SELECT id FROM updates").fetchall() == [(2,)]
    assert journal.take_sent("chat") == [7]
    journal.keep_sent("chat", 8)
    journal.sweep(time.time() + 2 * KEPT_SECONDS + 1)
    assert journal.take_sent("chat") == []


@pytest.mark.anyio
async def test_an_update_sent_again_after_a_restart_is_not_answered_again(
    telegram: FakeTelegram, agent: EchoAgent
) -> None:
    for _ in range(2):
        async with serve(telegram, agent, public_url="https://bot.example.org") as running:
            await until(lambda: telegram.webhook)
            assert (await running.post(text_update(1, "x"))).status_code == 200
            await until(lambda: running.channel.inbox.waiting == 0)
        telegram.webhook = {}
    assert len(agent.messages) == 1


@pytest.mark.anyio
async def test_what_was_taken_and_not_answered_is_answered_by_the_next_run(
    telegram: FakeTelegram, agent: EchoAgent
) -> None:
    earlier = Journal(telegram.folder / FILE, SECRET)
    earlier.take(text_update(1, "the question of the crash"))
    earlier.begin(1)
    earlier.close()
    async with serve(telegram, agent) as running:
        await until(lambda: agent.messages)
        assert running.channel.journal is not None and running.channel.journal.repeated == 1
    assert agent.messages[0].text == "the question of the crash"


@pytest.mark.anyio
async def test_an_update_that_stops_the_server_each_time_is_dropped(telegram: FakeTelegram, agent: EchoAgent) -> None:
    earlier = Journal(telegram.folder / FILE, SECRET)
    earlier.take(text_update(1, "poison"))
    for _ in range(3):
        earlier.begin(1)
    earlier.close()
    async with serve(telegram, agent) as running:
        await until(lambda: running.channel.connection and running.channel.connection.application.running)
        await until(lambda: running.channel.inbox.waiting == 0)
        assert running.channel.journal is not None and running.channel.journal.pending() == []
    assert agent.messages == []
