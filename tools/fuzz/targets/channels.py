"""The web API: bodies, texts, buttons, headers and queries."""

from __future__ import annotations

from datetime import datetime, timezone
from functools import lru_cache
from types import SimpleNamespace
from urllib.parse import parse_qs

from sanic.compat import Header

from bot.channels import gate
from bot.channels.web.endpoint import WebInput
from bot.channels.web.hsds_parameters import LISTS, MOST_PER_PAGE, read_flag, read_query
from bot.channels.web.limits import Addresses
from bot.channels.web.protocol import ApiError, Origins, json_object
from tools.fuzz.checks import HARMFUL, SLASHES, text_of
from tools.fuzz.registry import target

SECRET = b"a secret of at least thirty-two bytes"
INTENTS = frozenset({"help", "greet", "inform", "german_course", "change_language", "delete_my_data", "human_handover"})
LANGUAGES = [{"code": "de", "name": "Deutsch", "dir": "ltr"}, {"code": "ar", "name": "العربية", "dir": "rtl"}]
ENTITIES = frozenset({"place", "service_language", "show", "status", "wrong", "person", "point"})
NOW = datetime(2026, 11, 24, 12, tzinfo=timezone.utc)


def check_text(text: str) -> None:
    """What holds of a text that goes to understanding."""
    assert 0 < len(text) <= gate.MAX_CHARACTERS
    assert not HARMFUL.search(text) and text == text.strip()
    assert text[0] not in SLASHES
    text.encode("utf-8")


def check_parsed(parsed: dict) -> None:
    """What holds of a button or a location."""
    assert parsed["intent"]["name"] in INTENTS and parsed["text"] == f"/{parsed['intent']['name']}"
    for entity in parsed["entities"]:
        assert entity["entity"] in ENTITIES
        assert isinstance(entity["value"], str) and 0 < len(entity["value"]) <= 60
        assert not HARMFUL.search(entity["value"])


@target(share=6)
def web_text(data: bytes) -> None:
    """What a person typed."""
    try:
        text = gate.clean_text(text_of(data))
    except gate.Refused as refused:
        assert refused.code == "empty"
        return
    check_text(text)
    assert gate.clean_text(text) == text


@target(share=6)
def button_payload(data: bytes) -> None:
    """What a button carries, on the web and, signed, on Telegram."""
    try:
        parsed = gate.parse_payload(text_of(data), INTENTS)
    except gate.Refused as refused:
        assert refused.code == "bad_payload"
        return
    check_parsed(parsed)


@lru_cache(maxsize=1)
def _web() -> WebInput:
    return WebInput(SECRET, INTENTS, LANGUAGES, lambda language: {"strings": {}})


@target(share=4, is_json=True)
def web_message(data: bytes) -> None:
    """The body of POST /api/v1/messages."""
    try:
        body = json_object(data)
        message = _web()._read(body, "web-0123")
    except (ApiError, gate.Refused) as refused:
        assert refused.code in ("malformed", "empty", "not_text", "bad_payload", "bad_location")
        return
    assert (message.sender_id, message.input_channel) == ("web-0123", "web")
    assert set(message.metadata) <= {"hint", "campaign"}
    assert message.metadata.get("hint", "de") in ("de", "ar")
    if message.parse_data is None:
        check_text(message.text)
    else:
        check_parsed(message.parse_data)


@target(share=4)
def conversation_id(data: bytes) -> None:
    """Ids of conversations: pseudonyms that say their channel, and are never those of another one."""
    native = text_of(data).encode("utf-8", "replace").decode()
    found = {channel: gate.conversation_id(SECRET, channel, native) for channel in ("web", "light", "telegram")}
    assert all(value.startswith(f"{channel}-") and len(value) == len(channel) + 33 for channel, value in found.items())
    assert len({value.partition("-")[2] for value in found.values()}) == 3
    tokens = {gate.token(SECRET, channel, text_of(data)) for channel in found}
    assert len(tokens) == 3


@target(share=4)
def hsds_query(data: bytes) -> None:
    """The query of a list of the HSDS API."""
    given = parse_qs(text_of(data).encode("utf-8", "replace").decode(), keep_blank_values=False, errors="replace")
    for resource in LISTS:
        try:
            asked = read_query(resource, given)
            read_flag("full_service", given)
        except ApiError as refused:
            assert refused.status == 400
            continue
        assert 1 <= asked.page <= 10**6 and (asked.per_page is None or 1 <= asked.per_page <= MOST_PER_PAGE)
        assert len(asked.filters.get("search", "")) <= 200
        if "modified_after" in asked.filters:
            assert asked.filters["modified_after"] < NOW or asked.filters["modified_after"] >= NOW


@lru_cache(maxsize=1)
def _addresses() -> Addresses:
    return Addresses(["127.0.0.1/32", "10.0.0.0/8"], SECRET)


@target(share=4)
def headers(data: bytes) -> None:
    """Headers that are read: forwarded addresses, origin, wished languages, bearer."""
    lines = text_of(data).split("\n")[:5] + [""] * 5
    names = ("x-forwarded-for", "origin", "host", "accept-language", "authorization")
    given = Header(
        dict(zip(names, (line.encode("latin-1", "replace").decode("latin-1") for line in lines), strict=False))
    )
    request = SimpleNamespace(headers=given, ip="127.0.0.1", ctx=SimpleNamespace(hint=lines[0]))
    assert len(_addresses().of(request)) == 32
    origins = Origins(["https://listed.example"])
    origins.permits(request)
    assert "Access-Control-Allow-Origin" not in origins.headers(request) or origins.listed(request) is not None
    assert _web()._first_known(given["accept-language"]) in ("", "de", "ar")
    try:
        _web()._sender(request, lines[1] or "A" * 32)
        raise AssertionError("a token was guessed")
    except ApiError as refused:
        assert refused.code in ("bad_conversation", "unauthorized")
