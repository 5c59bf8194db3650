"""Replies in Telegram: markup, splitting, keyboards, directions and Telegram's refusals."""

from __future__ import annotations

import pytest

from bot.channels.telegram.markup import LIMIT, RLM, direct, length, reply_parts, split
from bot.channels.telegram.view import TelegramOutput
from bot.speech.reply import Card, Choice, Reply
from tests.channels.telegram.conftest import CHAT, STRINGS, Running, text_update, until
from tests.fakes.telegram_methods import Visible

CARD = Card(
    id="a",
    name="Café <International> & Co",
    kind="Meeting place",
    address='Straße "1", 01067 Dresden',
    phone="+49 351 123456",
    email="a@example.org",
    hours="Open now until 16:00.",
    open_now=True,
    languages=["German", "Arabic"],
    website="https://www.example.org/?a=1&b=2",
    map='https://www.openstreetmap.org/search?query=a"b',
    distance_km=3.4,
    checked="2026-10",
    note="Checked: October 2026.",
    source="https://www.dresden.de/x",
)


def test_card_as_a_compact_block() -> None:
    part = reply_parts(Reply("", "en", "ltr", cards=[CARD]))[0]
    assert Visible(part.html).text.split("\n") == [
        "Café <International> & Co",
        "Meeting place · ≈ 3 km",
        '📍 Straße "1", 01067 Dresden',
        "📞 +49 351 123456",
        "✉️ a@example.org",
        "🕒 Open now until 16:00.",
        "🗣 German · Arabic",
        "🌐 example.org",
        "ℹ️ Checked: October 2026. dresden.de",
    ]
    assert part.html.startswith("<b>Café &lt;International&gt; &amp; Co</b>\n")
    assert 'href="https://www.openstreetmap.org/search?query=a&quot;b"' in part.html


def test_a_bare_card_is_its_name_and_odd_links_are_text() -> None:
    parts = reply_parts(Reply("", "en", "ltr", cards=[Card("a", "A"), Card("b", "B", website="javascript:alert(1)")]))
    assert [p.html for p in parts] == ["<b>A</b>\n\n<b>B</b>\n🌐 javascript:alert(1)"]


def test_right_to_left_card_keeps_numbers_together() -> None:
    part = reply_parts(Reply("مرحبا", "ar", "rtl", cards=[CARD]))[1]
    lines = part.plain.split("\n")
    assert all(line.startswith(RLM) for line in lines)
    assert "\u2068+49 351 123456\u2069" in lines[3]


@pytest.mark.parametrize(
    ("line", "marked"),
    [("مرحبا", False), ("• مرحبا", False), ("Amt مرحبا", True), ("\u2068Amt\u2069 مرحبا", False), ("112", True),
     ("\u2068Amt\u2069", True), ("", False), ("\u200fAmt", False)],
)  # fmt: skip
def test_lines_that_would_begin_left_to_right_are_marked(line: str, marked: bool) -> None:
    assert direct(line, "rtl") == (RLM + line if marked else line)
    assert direct(line, "ltr") == line


@pytest.mark.parametrize("sentence", ["This is one sentence. ", "هل هذا سؤال؟ ", "😀 smile! ", "word " * 50 + "\n\n"])
def test_split_at_sentence_ends_loses_nothing(sentence: str) -> None:
    text = sentence * (12_000 // len(sentence))
    pieces = split(text)
    assert all(0 < length(p) <= LIMIT for p in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())
    assert all(p.endswith(sentence.strip()[-1]) for p in pieces)


def test_split_without_any_break() -> None:
    assert [length(p) for p in split("😀" * 5000)] == [4096, 4096, 1808]
    assert split("") == []
    assert split(" \n ") == []


def test_many_cards_make_few_messages_within_the_limit() -> None:
    parts = reply_parts(Reply("Text", "ar", "rtl", cards=[CARD] * 30, sources=[{"url": "https://a.de/1"}] * 9))
    assert 3 <= len(parts) <= 6
    assert all(length(p.plain) <= LIMIT and length(Visible(p.html).text) <= LIMIT for p in parts)


def test_sources_are_linked_once_each() -> None:
    rows = [{"id": "1", "url": "https://www.bamf.de/a", "date": "2026-09"}, {"id": "2", "url": "https://bamf.de/b"},
            {"id": "3", "url": "ftp://x"}, {"id": "4", "url": "http://[broken"}]  # fmt: skip
    assert Visible(reply_parts(Reply("Text", "en", "ltr", sources=rows))[0].html).text == "Text\n\n🔗 bamf.de (2026-09)"


def test_pages_are_lines_with_their_titles_and_the_way_is_a_bus() -> None:
    links = [{"url": "https://x.de/a", "title": "Fest <1>"}, {"url": "ftp://x", "title": "no"}]
    card = Card("1", "Amt", address="Weg 1", map="https://maps.example/1", route="https://bus.example/?a=1&b=2")
    text, cards = reply_parts(Reply("Text", "en", "ltr", links=links, cards=[card]))
    assert Visible(text.html).text == "Text\n\n🔗 Fest <1>"
    assert '<a href="https://bus.example/?a=1&amp;b=2">🚌</a>' in cards.html
    assert cards.plain == "Amt\n📍 Weg 1 https://maps.example/1 🚌 https://bus.example/?a=1&b=2"


async def show(running: Running, reply: Reply, chat: int = CHAT) -> list[dict]:
    running.agent.reply = reply
    await running.post(text_update(len(running.agent.messages) + 1, "x", chat=chat))
    await until(lambda: running.channel.inbox.waiting == 0, 15)
    return running.telegram.messages(chat)


@pytest.mark.anyio
async def test_hostile_text_is_shown_as_it_is(hooked: Running) -> None:
    hostile = "<b>not bold</b> & <a href='x'> </i> &lt; <script> \u0000 \ud800"
    sent = await show(hooked, Reply(hostile, "en", "ltr"))
    assert sent[0]["visible"].startswith("<b>not bold</b> & <a href='x'> </i> &lt; <script>")
    assert sent[0]["link_preview_options"] == {"is_disabled": True}
    assert not hooked.telegram.refused


@pytest.mark.anyio
async def test_long_text_in_several_messages_with_buttons_on_the_last(hooked: Running) -> None:
    sent = await show(hooked, Reply("A sentence & more. " * 500, "en", "ltr", choices=[Choice("Help", "/help")] * 5))
    assert len(sent) == 3
    assert all(m["visible"].endswith("more.") for m in sent)
    assert [len(row) for row in sent[-1]["reply_markup"]["inline_keyboard"]] == [2, 2, 1]
    assert ["inline_keyboard" in m.get("reply_markup", {}) for m in sent] == [False, False, True]


@pytest.mark.anyio
async def test_asking_for_a_place_offers_the_location(hooked: Running) -> None:
    sent = await show(hooked, Reply("Where?", "en", "ltr", asks="place"))
    keyboard = sent[0]["reply_markup"]
    button = {"text": "📍 [en] " + STRINGS["telegram_share_location"], "request_location": True}
    assert keyboard["keyboard"] == [[button]]
    assert keyboard["one_time_keyboard"] is True


@pytest.mark.anyio
async def test_place_with_choices_needs_two_messages(hooked: Running) -> None:
    sent = await show(hooked, Reply("أين؟", "ar", "rtl", asks="place", choices=[Choice("Dresden", "/help")]))
    assert "inline_keyboard" in sent[0]["reply_markup"]
    assert sent[1]["visible"] == RLM + "[ar] " + STRINGS["telegram_or_share_location"]
    assert "keyboard" in sent[1]["reply_markup"]


@pytest.mark.anyio
async def test_refused_html_is_sent_as_plain_text(hooked: Running) -> None:
    hooked.telegram.script("sendMessage", 400, "Bad Request: can't parse entities: Can't find end tag")
    sent = await show(hooked, Reply("a < b", "en", "ltr", choices=[Choice("Help", "/help")]))
    assert [(m["text"], m.get("parse_mode")) for m in sent] == [("a < b", None)]
    assert "inline_keyboard" in sent[0]["reply_markup"]


@pytest.mark.anyio
async def test_429_is_waited_out(hooked: Running) -> None:
    hooked.telegram.script("sendMessage", 429, "Too Many Requests: retry after 1", retry_after=1)
    assert [m["visible"] for m in await show(hooked, Reply("patience", "en", "ltr"))] == ["patience"]
    assert [r["error_code"] for r in hooked.telegram.refused] == [429]


@pytest.mark.anyio
async def test_server_errors_are_tried_again(hooked: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.channels.telegram.sending.PAUSES", (0.01, 0.01))
    for code in (500, 502):
        hooked.telegram.script("sendMessage", code, "oops")
    assert [m["visible"] for m in await show(hooked, Reply("again", "en", "ltr"))] == ["again"]
    for code in (500, 502, 503):
        hooked.telegram.script("sendMessage", code, "oops")
    await show(hooked, Reply("lost", "en", "ltr", cards=[CARD]))  # gives up quietly
    assert len(hooked.telegram.messages()) == 1


@pytest.mark.anyio
async def test_a_person_who_blocked_the_bot_is_left_alone(hooked: Running, caplog: pytest.LogCaptureFixture) -> None:
    hooked.telegram.blocked.add(5)
    assert await show(hooked, Reply("hello", "en", "ltr", cards=[CARD]), chat=5) == []
    assert len(hooked.agent.messages) == 1
    assert sum(r["error_code"] == 403 for r in hooked.telegram.refused) == 2  # typing and the first message
    assert not [r for r in caplog.records if r.levelname in ("WARNING", "ERROR")]
    assert await show(hooked, Reply("others", "en", "ltr"))


@pytest.mark.anyio
async def test_message_without_our_reply_is_shown_too(hooked: Running) -> None:
    assert hooked.channel.connection is not None
    output = TelegramOutput(hooked.channel.connection.application.bot, CHAT, "chat", hooked.desk)
    await output.send_response("x", {"text": "plain", "buttons": [{"title": "Help", "payload": "/help"}]})
    await output.send_response("x", {"text": None, "custom": {"other": 1}})
    sent = hooked.telegram.messages()
    assert [m["visible"] for m in sent] == ["plain"]
    assert "inline_keyboard" in sent[0]["reply_markup"]
