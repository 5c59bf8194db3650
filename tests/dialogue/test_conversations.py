"""Every conversation of conversations/*.yml, spoken with the real agent; each step says what must come."""

from datetime import datetime
from pathlib import Path

import pytest
import yaml

from actions.directory.hours import BERLIN

FOLDER = Path(__file__).parent / "conversations"
EXPECTED = {
    "intent", "topic", "place", "part", "language", "dir", "cards", "first_card", "no_cards", "text", "not_text",
    "choices", "asks", "open_now", "hours", "note", "phone", "sources", "error", "no_card",
}  # fmt: skip


def conversations():
    for path in sorted(FOLDER.glob("*.yml")):
        for row in yaml.safe_load(path.read_text(encoding="utf-8"))["conversations"]:
            yield pytest.param(row, id=f"{path.stem}-{row['name'].replace(' ', '-')}")


def test_there_are_forty_in_four_languages():
    rows = [p.id.split("-")[0] for p in conversations()]
    assert len(rows) >= 40
    assert {"ar", "de", "en", "uk"} <= set(rows)


@pytest.mark.parametrize("conversation", conversations())
def test_conversation(talk, moment, conversation, request):
    moment["now"] = datetime.fromisoformat(conversation.get("at", "2026-11-23T10:00")).replace(tzinfo=BERLIN)
    for number, step in enumerate(conversation["steps"], 1):
        message = {key: step[key] for key in ("text", "payload", "location", "hint") if key in step}
        result = talk.send(request.node.name, **message)
        check(step["expect"], result, f"step {number}: {message}")


def check(expect: dict, result: dict, where: str) -> None:
    assert set(expect) <= EXPECTED, f"{where}: unknown expectation"
    if "error" in expect:
        assert result["error"]["code"] == expect["error"], where
        return
    replies = result["replies"]
    assert replies, f"{where}: no reply"
    text = "\n".join(r["text"] for r in replies)
    cards = [card for reply in replies for card in reply.get("cards", [])]
    context = f"{where}\n{result}"
    for key in ("intent", "topic", "place"):
        if key in expect:
            assert result.get(key) == expect[key], context
    for key in ("part", "language", "dir", "asks"):
        if key in expect:
            assert replies[0].get(key) == expect[key], context
    for card_id in _list(expect.get("cards")):
        assert card_id in [c["id"] for c in cards], context
    for card_id in _list(expect.get("no_card")):
        assert card_id not in [c["id"] for c in cards], context
    if "first_card" in expect:
        assert cards and cards[0]["id"] == expect["first_card"], context
    if "no_cards" in expect:
        assert not cards, context
    for piece in _list(expect.get("text")):
        assert piece in text, context
    for piece in _list(expect.get("not_text")):
        assert piece not in text, context
    payloads = [choice["payload"] for reply in replies for choice in reply.get("choices", [])]
    for payload in _list(expect.get("choices")):
        assert payload in payloads, context
    for key in ("open_now", "phone"):
        if key in expect:
            assert cards and cards[0].get(key) == expect[key], context
    for key in ("hours", "note"):
        if key in expect:
            assert cards and expect[key] in cards[0].get(key, ""), context
    for source in _list(expect.get("sources")):
        assert source in [s["id"] for r in replies for s in r.get("sources", [])], context


def _list(value):
    return [] if value is None else value if isinstance(value, list) else [value]
