"""Buttons and links: short enough for Telegram, signed, and read back; nothing else does anything."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.telegram.buttons import MOST_BYTES, Buttons
from bot.channels.telegram.start import MOST, Start, StartError, read_start
from tests.channels.telegram.conftest import Kept

NAMES = st.sampled_from(["place", "service_language", "show", "status", "wrong"])
VALUES = st.text(st.characters(categories=("L", "N", "P", "Z")), min_size=1, max_size=60)


@given(st.from_regex(r"/[a-z][a-z_]{1,40}", fullmatch=True), st.dictionaries(NAMES, VALUES, max_size=2))
def test_any_payload_fits_and_comes_back(intent: str, values: dict[str, str]) -> None:
    buttons = Buttons(b"secret", Kept())
    payload = intent + (json.dumps(values, ensure_ascii=False) if values else "")
    data = buttons.data(payload)
    assert 1 <= len(data.encode()) <= MOST_BYTES
    back = buttons.payload(data)
    found, _, rest = back.partition("{")
    assert found == intent
    assert (json.loads("{" + rest) if rest else {}) == values


@given(st.text(max_size=64))
def test_what_is_not_signed_by_us_is_nothing(data: str) -> None:
    assert Buttons(b"secret", Kept()).payload(data) == ""


def test_another_secret_does_not_open_our_buttons() -> None:
    kept = Kept()
    ours, theirs = Buttons(b"one", kept), Buttons(b"two", kept)
    for payload in ("/help", '/inform{"place": "' + "x" * 60 + '"}'):
        assert theirs.payload(ours.data(payload)) == ""


KNOWN = (frozenset({"ar", "de"}), frozenset({"leipzig", "landkreis-bautzen"}), frozenset({"german_course"}))


def test_a_link_comes_back() -> None:
    start = Start("ar", "landkreis-bautzen", "german_course", "aufnahme7")
    assert len(start.data) <= MOST
    assert read_start(start.data, *KNOWN) == start
    assert read_start(Start().data, *KNOWN) == Start()


@given(st.text(max_size=80))
def test_any_data_starts(data: str) -> None:
    found = read_start(data, *KNOWN)
    assert found.language in ("", "ar", "de") and found.topic in ("", "german_course")


@pytest.mark.parametrize("campaign", ["x" * 21, "A", "a b", "ä", "-a"])
def test_a_campaign_is_a_short_name(campaign: str) -> None:
    with pytest.raises(StartError):
        _ = Start(campaign=campaign).data


def test_a_link_that_is_too_long_is_refused() -> None:
    with pytest.raises(StartError, match="64"):
        _ = Start("ar", "landkreis-saechsische-schweiz-osterzgebirge", "forced_marriage_trafficking", "x").data
