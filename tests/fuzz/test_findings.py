"""What reading and fuzzing the gates found, each with the input that showed it."""

from __future__ import annotations

import asyncio
import json
import unicodedata
from datetime import date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from telegram import Update

from actions.directory.hours import HoursError, state_at, week
from actions.directory.model import Service
from actions.directory.sources.contact import email_address, phone_number, web_address
from actions.directory.sources.course_models import phone
from actions.directory.sources.hsds_area import _LIST
from actions.directory.sources.text import plain, tidy
from actions.directory.validation import problems
from bot.channels import gate
from bot.channels.telegram import groups, media
from bot.channels.telegram.connection import read_update
from bot.channels.telegram.markup import LIMIT, length, reply_parts
from bot.channels.telegram.shape import DEEPEST, sound
from bot.channels.web.pages.links import mail
from bot.channels.web.protocol import form_fields
from bot.directory_tools import cells
from bot.release.manifest import Manifest, ReleaseError
from bot.speech.formats import isolate_terms
from bot.speech.reply import Reply
from tests.fuzz.test_hostile_fields import hostile

RECORDED = json.loads((Path(__file__).parents[1] / "channels/telegram/telegram_updates.json").read_text("utf-8"))
NOON = datetime(2026, 11, 24, 12)


def message(**more: Any) -> dict[str, Any]:
    user = {"id": 7, "is_bot": False, "first_name": "A"}
    return {
        "update_id": 1,
        "message": {"message_id": 1, "date": 1790000000, "chat": {"id": 7, "type": "private"}, "from": user, **more},
    }


def test_recorded_updates_have_the_promised_form() -> None:
    assert all(sound(row) for row in RECORDED)
    assert sound(message(text="hello", sticker={"anything": [1, {"x": None}]}))


@pytest.mark.parametrize(
    "row",
    [
        message(text=7), message(text="x" * 20_000), message(caption=["a"]), message(date="now"), message(date=2**70), message(chat={"type": "private"}),
        message(chat={"id": "7", "type": "private"}), message(location={"latitude": "51", "longitude": 12}), message(location={"latitude": 51}),
        message(voice={"file_id": "a"}), message(entities={}), message(entities=[{}] * 3000),
        message(**{"from": {"id": 7, "language_code": 5}}), {"update_id": True}, {"update_id": 1, "message": []}, [], None,
        {"update_id": 4, "my_chat_member": {"chat": {"id": -5, "type": "group"}, "from": {"id": 7}, "date": 1}},
        {"update_id": 1, "inline_query": {"id": "1", "from": {"id": 7}, "query": None}},
    ],
)  # fmt: skip
def test_updates_of_another_form_are_left_out(row: Any) -> None:
    assert not sound(row)
    assert read_update(row, None) is None  # type: ignore[arg-type]


def test_an_update_that_is_nested_without_end() -> None:
    deep: Any = "x"
    for _ in range(DEEPEST + 5):
        deep = [deep]
    assert not sound({"update_id": 1, "strange": deep})


def test_a_mention_that_begins_inside_of_a_character() -> None:
    entity = {"type": "mention", "offset": 1, "length": 99}
    row = message(text="😀@wegweiser_bot", entities=[entity], chat={"id": -5, "type": "group", "title": "g"})
    update = Update.de_json(row, None)
    assert update is not None and update.message is not None
    assert groups.meant(update.message, "wegweiser_bot", 4242) is False


@pytest.mark.parametrize("text", [" " * 4096 + "x", "@" * 4096, "a @bot b", "@BOT\n@bot hello", "@bottle"])
def test_the_name_of_the_bot_is_taken_out(text: str) -> None:
    expected = {"a @bot b": "a b", "@BOT\n@bot hello": "hello", "@bottle": "@bottle"}
    assert groups.without_name(text, "bot") == expected.get(text, text.strip())


async def _heard(told: int | None, size: int | None, content: bytes) -> str | None:
    async def download() -> bytearray:
        return bytearray(content)

    async def get_file(_: str) -> Any:
        return SimpleNamespace(file_size=size, download_as_bytearray=download)

    async def transcribe(content: bytes, language: str) -> str:
        return "words"

    voice = SimpleNamespace(duration=3, file_size=told, file_id="a")
    return await media.heard(SimpleNamespace(voice=voice), SimpleNamespace(get_file=get_file), transcribe, "de")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("told", "size", "content", "said"),
    [
        (3, 3, b"abc", "words"),
        (None, 10**9, b"", ""),
        (None, None, b"x" * (media.MOST_BYTES + 1), ""),
        (10**9, 3, b"abc", ""),
    ],
)
def test_a_voice_is_as_large_as_it_is_not_as_it_says(
    told: int | None, size: int | None, content: bytes, said: str
) -> None:
    assert asyncio.run(_heard(told, size, content)) == said


def test_links_that_are_too_long_for_a_message() -> None:
    row = {"url": "https://e.example/" + "x" * 3000, "title": "y" * 3000}
    parts = reply_parts(Reply("hello", "en", "ltr", links=[row, row]))
    assert len(parts) > 1 and all(0 < length(part.plain) <= LIMIT for part in parts)


@pytest.mark.parametrize("sign", ["\ufdfa", "\u3300", "\ufb03"])
def test_signs_that_stand_for_many_letters(sign: str) -> None:
    cleaned = gate.clean_text(sign * 2000)
    assert len(unicodedata.normalize("NFKC", cleaned)) <= 2 * gate.MAX_CHARACTERS


def test_marks_that_keep_an_accent_from_its_letter() -> None:
    assert gate.clean_text("e\u200b\u0301te\u00ad\u0301") == "été"
    assert gate.clean_text("می\u200cخواهم") == "می\u200cخواهم"  # a joiner is a letter of Persian


def test_a_form_of_more_than_twenty_fields() -> None:
    assert form_fields(b"a=1&a=2&b=%ED%A0%80") == {"a": "1", "b": "\ufffd\ufffd\ufffd"}
    with pytest.raises(ValueError):
        form_fields(b"&".join(b"a=1" for _ in range(21)))


def test_half_characters_in_an_address() -> None:
    assert mail("a\ud800@b.example") == "mailto:a%3F@b.example"


# Upstreams


@pytest.mark.parametrize(
    ("html", "said"),
    [("<p>a</p><![foo[x]]><p>b</p>", "a b"), ("a <!-- b", "a"), ("a <!-- b --> c", "a c"), ("a <b", "a <b"), ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
     ("<!--x-->a<!-- <!-- b", "a"), ("&amp;lt;b&amp;gt;x", "<b>x")],
)  # fmt: skip
def test_markup_that_pythons_parser_stumbles_over(html: str, said: str) -> None:
    assert plain(html) == said


@pytest.mark.parametrize(
    "html", ["<a" * 10_000, "<!--" * 5_000 + "-->" + "x" * 2_000, "<![x" * 5_000, "<" * 20_000, "<p>" * 6_000]
)
def test_markup_without_end(html: str) -> None:
    assert len(plain(html)) <= 20_000


def test_texts_of_records_are_cut_and_turn_nothing_around() -> None:
    assert tidy("\u202eabc\u2066\ud800\x00") == " abc   " and len(tidy("x" * 100_000)) == 20_000


@pytest.mark.parametrize("text", ["٠٣٤١ ١٢٣٤٥٦٧", "0341 ١٢٣٤", "0" * 5000, "+49 341 " + "1" * 5000])
def test_numbers_that_no_telephone_dials(text: str) -> None:
    assert phone_number(text) == ""
    assert phone("0341", text) == ""


def test_addresses_that_take_long_to_refuse() -> None:
    assert web_address("http://" + "a." * 900 + "@") == "" and web_address("http://" + "a." * 500_000 + "@") == ""
    assert email_address("a@" + "b." * 500_000) == ""
    for good in ("https://www.example.org/a?b=c", "http://a.b", "https://..a"):
        assert web_address(good) == good
    for bad in ("http://a", "http://a.", "http://.a", "ftp://a.b", "http://a@b.c"):
        assert web_address(bad) == ""


def test_parts_of_a_list_of_towns() -> None:
    assert [part.strip() for part in _LIST.split("Leipzig,  Dresden / Grimma und   Borna ; Wurzen")] == [
        "Leipzig", "Dresden", "Grimma", "Borna", "Wurzen",
    ]  # fmt: skip


@pytest.mark.parametrize("expression", ["24/7", "Dec 24 10:00-12:00"])
@pytest.mark.parametrize("before", [366, 60])
def test_a_year_before_the_hour_that_does_not_exist(expression: str, before: int) -> None:
    """On 28 March 2027 clocks go from 2 to 3: what looked so far ahead broke at half past two."""
    state_at(expression, datetime(2027, 3, 28, 2, 30) - timedelta(days=before))


def test_hours_without_end() -> None:
    for read in (state_at, week):
        with pytest.raises(HoursError):
            read("Mo 10:00-12:00;" * 400, NOON)


# Editors


@pytest.mark.parametrize(
    "changed",
    [{"topics": [{}]}, {"topics": [["a"]]}, {"area": [{}]}, {"sources": ["x"]}, {"sources": [{"supports": [{}]}]}, {"sources": [{"url": []}]},
     {"eligibility": {"statuses": [[]]}}, {"eligibility": {"statuses": None}}, {"eligibility": {"statuses": 5}}, {"eligibility": {"gender": []}},
     {"location": {"city": {}}}, {"checked": {"phone": []}}, {"hours": "Mo 10:00-12:00;" * 400}, {"hours": "\ud800"}, {"languages": 5}],
)  # fmt: skip
def test_records_of_any_form_are_told_of_in_sentences(changed: dict[str, Any]) -> None:
    record = {"id": "a", "name": "A", "status": "active", "kind": "k", "topics": ["t"], "description": "d", "eligibility": {"description": "e"},
              "area": ["leipzig"], "confidence": "high", "sources": [{"url": "u", "seen": "undated", "supports": ["name"]}]}  # fmt: skip
    assert problems([record], {"k": {}}, {"t"}, {"leipzig"}, date(2026, 11, 24)) == []
    found = problems([record | changed], {"k": {}}, {"t"}, {"leipzig"}, date(2026, 11, 24))
    assert all(isinstance(sentence, str) for sentence in found)
    assert found or changed == {"eligibility": {"statuses": None}}


def test_digits_of_other_keyboards_in_a_table() -> None:
    assert cells.day("٢٠٢٤") == "2024" and cells.day("٢٤.٥.٢٠٢٤") == "2024-05-24"
    assert cells.number("١٨") == 18 and cells.postcode("٠٤١٠٩") == "04109"
    assert cells.phone("٠٣٤١ / ١٢٣٤٥") == "+49 341 12345"


@pytest.mark.parametrize("files", [[1], "x", 5, {"a": []}, {"a": {"sha256": "0" * 64, "size": 1, "x": "\ud800"}}])
def test_a_release_whose_files_are_none(files: Any) -> None:
    row = {"format": 1, **dict.fromkeys(("version", "made", "inputs", "code", "rasa", "model_id"), "x"), "files": files,
           "encoder": {"name": "enc", "files": {}}}  # fmt: skip
    with pytest.raises(ReleaseError):
        Manifest.of(json.dumps(row).encode())


def test_german_words_in_brackets_are_isolated_as_before() -> None:
    assert (
        isolate_terms("اذهب (Ausländerbehörde) ثم (مكتب) و(BAMF 1)", "rtl")
        == "اذهب (\u2066Ausländerbehörde\u2069) ثم (مكتب) و(\u2066BAMF 1\u2069)"
    )


def test_the_hostile_record_has_every_field() -> None:
    assert isinstance(hostile("x"), Service)
