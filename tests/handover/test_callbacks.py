"""Calling back: the number is read before anything else sees it, kept only encrypted, and a question is never eaten."""

from __future__ import annotations

import logging
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.handover.callbacks import FILE, KEPT_SECONDS, MOST, Callbacks
from bot.handover.numbers import GIVEN_UP, UNREADABLE, Numbers
from tests.handover.test_handover_story import CALL
from tests.handover.world import OFFICE, Web, World, payloads, texts, world

NUMBER, WRITTEN = "+4934112345678", "0341 12345678"
SECRET = b"a secret of the tests"


class Clock:
    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def kept(tmp_path: Path, clock: Clock) -> Iterator[Callbacks]:
    made = Callbacks(tmp_path / FILE, SECRET, topic=lambda t: t.upper(), clock=clock)
    yield made
    made.close()


def raw(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())


def test_listed_and_done(kept: Callbacks, clock: Clock) -> None:
    assert kept.add("web-a", NUMBER, "ar", "leipzig", "housing")
    clock.now += 60
    assert kept.add("web-b", "+49351222222", "de", "", "")
    first, second = kept.list()
    assert (first.number, first.language, first.place, first.topic) == (NUMBER, "ar", "leipzig", "HOUSING")
    assert (first.day, second.topic) == ("2027-01-15", "")
    assert kept.done(first.id) and not kept.done(first.id) and not kept.done("'; DROP TABLE callbacks; --")
    assert [row.number for row in kept.list()] == ["+49351222222"]


def test_encrypted_and_gone_after_14_days(kept: Callbacks, clock: Clock, tmp_path: Path) -> None:
    kept.add("web-a", NUMBER, "ar", "leipzig", "housing")
    for piece in (b"12345678", b"web-a", b"leipzig", b"housing"):
        assert piece not in raw(tmp_path)
    assert Callbacks(tmp_path / FILE, b"another secret", clock=clock).list() == []
    clock.now += KEPT_SECONDS - 1
    assert len(kept.list()) == 1
    clock.now += 2
    assert kept.list() == []


def test_the_same_number_is_noted_once(kept: Callbacks) -> None:
    kept.add("web-a", NUMBER, "ar", "", "")
    kept.add("web-b", NUMBER, "de", "", "")
    assert [row.language for row in kept.list()] == ["de"]


def test_bounds(kept: Callbacks) -> None:
    for i in range(3):
        assert kept.add("web-a", f"+4934100000{i:02}", "de", "", "")
    assert not kept.add("web-a", "+493419999999", "de", "", "")
    for i in range(MOST - 3):
        assert kept.add(f"web-{i}", f"+4935100{i:05}", "de", "", "")
    assert not kept.add("web-new", "+493419999998", "de", "", "")
    assert kept.done(kept.list()[0].id) and kept.add("web-new", "+493419999998", "de", "", "")


def test_forgotten(kept: Callbacks) -> None:
    kept.add("web-a", NUMBER, "ar", "", "")
    kept.add("web-b", "+49351222222", "de", "", "")
    kept.forget("web-a")
    assert [row.number for row in kept.list()] == ["+49351222222"]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0341 12345678", "+4934112345678"),
        ("+49 (0)341-12345678", "+4934112345678"),
        ("meine nummer: 0341/12345678 danke", "+4934112345678"),
        ("٠٣٤١ ١٢٣٤٥٦٧٨", "+4934112345678"),
        ("۰۳۴۱۱۲۳۴۵۶۷۸", "+4934112345678"),
        ("00380 50 123 4567", "+380501234567"),
        ("+963944123456", "+963944123456"),
    ],
)
def test_numbers_as_people_write_them(text: str, number: str) -> None:
    numbers = Numbers()
    found = numbers.read("a", text)
    assert found is not None and found.value == f"…{number[-4:]}"
    assert not any(c.isdecimal() for c in found.rest)
    assert numbers.take("a") == number and numbers.take("a") == ""


@pytest.mark.parametrize("text", ["04109", "no", "Leipzig", "What does a course cost?", "…", "112 rufen bitte alle"])
def test_what_is_no_number_is_left_alone(text: str) -> None:
    assert Numbers().read("a", text) is None


def test_asked_once_more_then_given_up() -> None:
    numbers = Numbers()
    values = [getattr(numbers.read("a", text), "value", "") for text in ("0000000", "12 34 56 7", "0000000")]
    assert values == [UNREADABLE, GIVEN_UP, UNREADABLE]


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Call-backs alone: no Zammad, no name of an office."""
    with world(tmp_path_factory.mktemp("var"), zammad=False, callbacks=True) as made:
        yield made


def asked(here: World) -> Web:
    person = here.conversation()
    person.send("I need a German course in Leipzig")
    offer = person.send(payload="/human_handover")
    assert payloads(offer)[0] == CALL and not any("live" in p for p in payloads(offer))
    assert "14 days" in texts(person.person("callback"))
    return person


def test_from_question_to_list(here: World, caplog: pytest.LogCaptureFixture) -> None:
    person = asked(here)
    caplog.set_level(logging.DEBUG)
    answer = person.send(f"It is {WRITTEN}")
    assert "ends in …5678" in texts(answer) and "English" in texts(answer)
    (row,) = here.relay.callbacks.list()
    assert (row.number, row.language, row.place, row.topic) == (NUMBER, "Englisch", "Leipzig", "Deutschkurse")
    for piece in ("12345678", "1234 5678", "341 123"):
        assert piece not in caplog.text
        assert piece.encode() not in raw(here.folder)
    import sqlite3

    with sqlite3.connect(here.folder / "conversations.sqlite") as db:
        for (events,) in db.execute("SELECT events FROM conversations"):
            stored = zlib.decompress(events)
            assert b"12345678" not in stored and b'"phone", "value"' not in stored
    assert here.relay.callbacks.done(row.id)
    # the flow is over: a number later on is no phone number
    later = person.send(WRITTEN)
    assert here.relay.callbacks.list() == [] and "ends in" not in texts(later)


def test_a_number_beside_a_question_is_noted_and_the_question_answered(here: World) -> None:
    person = asked(here)
    answer = person.send(f"{WRITTEN} and where can I find a doctor?")
    assert "ends in …5678" in answer["replies"][0]["text"]
    assert answer["replies"][1]["topic"] == "doctor"
    assert here.relay.callbacks.done(here.relay.callbacks.list()[0].id)


def test_an_emergency_beside_a_number(here: World) -> None:
    person = asked(here)
    answer = person.send(f"{WRITTEN} my brother is not breathing, help")
    assert "112" in texts(answer)
    for row in here.relay.callbacks.list():
        here.relay.callbacks.done(row.id)


@pytest.mark.parametrize("text", ["What does a flat cost in Dresden?", "My husband is beating me right now"])
def test_a_question_is_never_eaten(here: World, text: str) -> None:
    person = asked(here)
    answer = person.send(text)
    assert answer["replies"][0]["topic"] in ("housing_costs", "find_housing", "emergency_violence")
    person.send(WRITTEN)
    assert here.relay.callbacks.list() == []


def test_a_postal_code_is_a_place(here: World) -> None:
    person = asked(here)
    assert person.send("01067")["replies"][0]["place"] == "Dresden"


def test_no_leaves_it(here: World) -> None:
    person = asked(here)
    assert "All right" in texts(person.send("no"))
    person.send(WRITTEN)
    assert here.relay.callbacks.list() == []


def test_yes_asks_again_for_the_number(here: World) -> None:
    person = asked(here)
    assert "14 days" in texts(person.send("yes"))
    assert "ends in" in texts(person.send(WRITTEN))
    assert here.relay.callbacks.done(here.relay.callbacks.list()[0].id)


def test_not_a_number_twice(here: World) -> None:
    person = asked(here)
    assert "once more" in texts(person.send("000000000"))
    answer = person.send("000000000")
    assert "noted nothing" in texts(answer) and answer["replies"][0]["cards"][0]["phone"]
    assert here.relay.callbacks.list() == []


def test_forgetting_deletes_the_number(here: World) -> None:
    person = asked(here)
    person.send(WRITTEN)
    assert len(here.relay.callbacks.list()) == 1
    person.send(payload="/delete_my_data")
    assert here.relay.callbacks.list() == []


def test_with_zammad_a_ticket_instead(tmp_path: Path) -> None:
    with world(tmp_path, callbacks=True) as here:
        person = here.conversation()
        person.send("I need a German course in Leipzig. I have a Duldung")
        asked = texts(person.person("callback"))
        assert OFFICE in asked and "up to that office" in asked and "14 days" not in asked
        assert "ends in …5678" in texts(person.send(WRITTEN))
        ticket = here.ticket()
        assert "[Rückruf]" in here.zammad.tickets[ticket]["title"]
        (note,) = here.zammad.of(ticket, "Agent", internal=True)
        assert f"Telefon: {NUMBER}" in note and "Thema: Deutschkurse / " in note
        # only what was agreed to
        assert "Aufenthalt" not in note and "Gezeigt" not in note
        assert here.relay.callbacks.list() == []
        here.zammad.mode = 503
        person.person("callback")
        assert "ends in …5678" in texts(person.send(WRITTEN))
        assert [row.number for row in here.relay.callbacks.list()] == [NUMBER]
