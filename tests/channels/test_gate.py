"""The gate: no text is a command, ids are pseudonyms, limits hold."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rasa.core.channels.channel import CollectingOutputChannel

from bot.channels import gate

INTENTS = frozenset({"inform", "german_course", "delete_my_data"})

# Strict: these marks must go as soon as gate.py is mended.


@pytest.mark.parametrize(
    ("typed", "cleaned"),
    [
        ("/restart", "restart"),
        ("  //back", "back"),
        ("\n\t/session_start", "session_start"),
        ("\u202e/restart", "restart"),
        ("\ufeff/restart", "restart"),
        ('/greet{"lang":"x"}', 'greet{"lang":"x"}'),
        ("a\x00b", "a b"),
        ("two\n\nlines", "two lines"),
        ("🙂🙂", "🙂🙂"),
        ("Leipzig/Halle", "Leipzig/Halle"),
    ],
)
def test_text_is_never_a_command(typed: str, cleaned: str) -> None:
    assert gate.clean_text(typed) == cleaned


@pytest.mark.parametrize("typed", ["/ /restart", "/ / /restart", "/\n/restart", "/\u202e/restart"])
def test_slashes_behind_slashes_are_no_command_either(typed: str) -> None:
    assert gate.clean_text(typed) == "restart"


@example("/ /restart")
@given(st.text(alphabet=st.sampled_from("/ \n\x00\u202e\ufeffrestart\ud800🙂"), max_size=20))
def test_cleaned_text_never_starts_with_a_slash(typed: str) -> None:
    try:
        cleaned = gate.clean_text(typed)
    except gate.Refused:
        return
    assert cleaned and not cleaned.startswith("/")
    cleaned.encode("utf-8")
    assert gate.user_message("web-1", "web", CollectingOutputChannel(), text=cleaned).text == cleaned


@pytest.mark.parametrize("typed", ["", "   ", "/", "///", "\x00\x01", "\u202e\u2066"])
def test_nothing_is_refused(typed: str) -> None:
    with pytest.raises(gate.Refused) as refused:
        gate.clean_text(typed)
    assert refused.value.code == "empty"


@pytest.mark.parametrize("value", [None, 7, ["text"], {"a": 1}, b"bytes"])
def test_only_text_is_text(value: object) -> None:
    with pytest.raises(gate.Refused) as refused:
        gate.clean_text(value)  # type: ignore[arg-type]
    assert refused.value.code == "not_text"


def test_long_texts_are_cut() -> None:
    assert len(gate.clean_text("ä" * 50_000)) == gate.MAX_CHARACTERS


def test_payload_becomes_parse_data() -> None:
    parsed = gate.parse_payload('/inform{"place": "leipzig"}', INTENTS)
    assert parsed["intent"] == {"name": "inform", "confidence": 1.0}
    assert [(entity["entity"], entity["value"]) for entity in parsed["entities"]] == [("place", "leipzig")]


@pytest.mark.parametrize(
    "payload",
    [
        "",
        "hello",
        "/restart",
        "/inform{",
        '/inform{"place": 7}',
        '/inform{"place": {"a": "b"}}',
        '/inform{"place": "<script>"}',
        '/inform{"place": "%s"}' % ("x" * 61),
        '/inform[{"place": "x"}]',
        "/INFORM",
        None,
        7,
    ],
)
def test_foreign_payloads_are_refused(payload: object) -> None:
    with pytest.raises(gate.Refused) as refused:
        gate.parse_payload(payload, INTENTS)  # type: ignore[arg-type]
    assert refused.value.code == "bad_payload"


@pytest.mark.parametrize("name", ["<script>", "x" * 80, "\\ud800", "two words"])
def test_entities_of_payloads_are_ours(name: str) -> None:
    with pytest.raises(gate.Refused):
        gate.parse_payload('/inform{"' + name + '": "leipzig"}', INTENTS)


def test_location_is_rounded() -> None:
    parsed = gate.parse_location(51.339712, 12.373189)
    assert parsed["entities"][0]["value"] == "51.34,12.37"


@pytest.mark.parametrize(
    ("latitude", "longitude"), [(91, 0), (0, 181), (float("nan"), 0), (float("inf"), 0), ("51", "12"), (None, None)]
)
def test_locations_outside_the_globe_are_refused(latitude: object, longitude: object) -> None:
    with pytest.raises(gate.Refused) as refused:
        gate.parse_location(latitude, longitude)  # type: ignore[arg-type]
    assert refused.value.code == "bad_location"


def test_conversation_ids_are_pseudonyms() -> None:
    first = gate.conversation_id(b"secret", "web", "abc")
    assert first.startswith("web-") and "abc" not in first
    assert first == gate.conversation_id(b"secret", "web", "abc")
    assert first != gate.conversation_id(b"other", "web", "abc")
    assert first.removeprefix("web-") != gate.conversation_id(b"secret", "telegram", "abc").removeprefix("telegram-")


def test_hint_travels_as_metadata() -> None:
    message = gate.user_message("web-1", "web", CollectingOutputChannel(), text="hello", hint="ar")
    assert (message.metadata, message.parse_data) == ({"hint": "ar"}, None)


def test_seen_forgets_the_oldest() -> None:
    seen = gate.Seen(size=2)
    assert seen.first_time("a") and seen.first_time("b")
    assert not seen.first_time("a")
    assert seen.first_time("c") and seen.first_time("a")


def test_rate_limit_per_conversation() -> None:
    limit = gate.RateLimit(count=2, seconds=60)
    assert limit.allows("a", now=0.0) and limit.allows("a", now=1.0)
    assert not limit.allows("a", now=2.0)
    assert limit.allows("b", now=2.0)
    assert limit.allows("a", now=61.5)


def test_rate_limit_keeps_a_bounded_number_of_conversations() -> None:
    limit = gate.RateLimit(count=1, size=3)
    for name in "abcdef":
        assert limit.allows(name, now=0.0)
    assert not limit.allows("f", now=1.0)
    assert len(limit._times) == 3
