"""Who talks with a person: kept over a restart, encrypted where it says who, and gone when it is over."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.handover.desk import FILE, IDLE_SECONDS, MOST_WAITING, Desk

SECRET = b"a secret of the tests"
CHAT, WORDS = "70000123456", "geheime Worte an einen Menschen"


class Clock:
    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def raw(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())


def test_over_a_restart(tmp_path: Path, clock: Clock) -> None:
    desk = Desk(tmp_path / FILE, SECRET, clock)
    desk.begin("telegram-a", "19", "ar")
    desk.reach("telegram-a", CHAT)
    desk.put("telegram-a", WORDS)
    desk.close()
    again = Desk(tmp_path / FILE, SECRET, clock)
    assert again.talks("telegram-a") and not again.talks("telegram-b")
    talk = again.of_ref("19")
    assert talk is not None and (talk.conversation, talk.chat, talk.language) == ("telegram-a", CHAT, "ar")
    assert again.undelivered() == ["telegram-a"]
    found = again.next("telegram-a")
    assert found is not None and found[2] == WORDS


def test_neither_chat_nor_words_are_in_the_file(tmp_path: Path, clock: Clock) -> None:
    desk = Desk(tmp_path / FILE, SECRET, clock)
    desk.begin("telegram-a", "19", "ar")
    desk.reach("telegram-a", CHAT)
    desk.put("telegram-a", WORDS)
    assert b"telegram-a" in raw(tmp_path)
    assert CHAT.encode() not in raw(tmp_path) and WORDS.encode() not in raw(tmp_path)
    other = Desk(tmp_path / FILE, b"another secret", clock).get("telegram-a")
    assert other is not None and other.chat == ""


def test_nothing_stays_when_it_ends(tmp_path: Path, clock: Clock) -> None:
    desk = Desk(tmp_path / FILE, SECRET, clock)
    desk.begin("telegram-a", "ref-19", "ar")
    desk.put("telegram-a", WORDS)
    ended = desk.end("telegram-a")
    assert ended is not None and ended.ref == "ref-19"
    assert desk.end("telegram-a") is None and not desk.talks("telegram-a") and desk.undelivered() == []
    desk._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"telegram-a" not in raw(tmp_path) and b"ref-19" not in raw(tmp_path)


def test_idle_after_72_hours_without_a_word(tmp_path: Path, clock: Clock) -> None:
    desk = Desk(tmp_path / FILE, SECRET, clock)
    desk.begin("web-quiet", "1", "de")
    desk.begin("web-lively", "2", "de")
    clock.now += IDLE_SECONDS
    desk.touch("web-lively", "uk")
    assert desk.idle() == []
    clock.now += 1
    assert [talk.conversation for talk in desk.idle()] == ["web-quiet"]
    lively = desk.get("web-lively")
    assert lively is not None and lively.language == "uk"


def test_who_waits(tmp_path: Path, clock: Clock) -> None:
    desk = Desk(tmp_path / FILE, SECRET, clock)
    desk.begin("web-a", "1", "de")
    desk.begin("web-b", "2", "de")
    assert desk.waiting() == 2
    desk.touch("web-a", answered=True)
    desk.touch("web-a")
    assert (desk.waiting(), desk.count()) == (1, 2)


def test_messages_in_order_and_not_without_end(tmp_path: Path, clock: Clock) -> None:
    desk = Desk(tmp_path / FILE, SECRET, clock)
    desk.begin("web-a", "1", "de")
    assert all(desk.put("web-a", f"{i}") for i in range(MOST_WAITING))
    assert not desk.put("web-a", "too many")
    clock.now += 5
    number, age, text = desk.next("web-a") or (0, 0.0, "")
    assert (age, text) == (5.0, "0")
    desk.delivered(number)
    assert (desk.next("web-a") or (0, 0, ""))[2] == "1"


def test_a_call_is_new_once(tmp_path: Path, clock: Clock) -> None:
    desk = Desk(tmp_path / FILE, SECRET, clock)
    assert desk.first_time("delivery:a") and not desk.first_time("delivery:a")
    desk.sweep()
    assert not Desk(tmp_path / FILE, SECRET, clock).first_time("delivery:a")
    clock.now += 8 * 86_400
    desk.sweep()
    assert desk.first_time("delivery:a")
