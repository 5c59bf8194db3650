"""A poster's link tells Telegram where a conversation began; what people type never does."""

from __future__ import annotations

from typing import Any

import pytest

from bot.channels.telegram.start import Start
from tests.channels.telegram.conftest import Running, text_update, until

pytestmark = pytest.mark.anyio


async def answered(running: Running, update: dict[str, Any]) -> None:
    assert (await running.post(update)).status_code == 200
    await until(lambda: running.channel.inbox.waiting == 0)


@pytest.mark.parametrize(
    ("data", "campaign"),
    [
        ("l-ar_p-leipzig_t-german-course_c-aufnahme7", "aufnahme7"),
        ("c-aufnahme7", "aufnahme7"),
        (Start(place="leipzig", campaign="a-2026-10").data, "a-2026-10"),
        ("c-test", "test"),
        ("l-ar_p-leipzig", None),
        ("c-", None),
        ("c-AUFNAHME", None),
        ("c-abcdefghijklmnopqrstu", None),
        ("", None),
    ],
)
async def test_a_link_carries_its_campaign(hooked: Running, data: str, campaign: str | None) -> None:
    await answered(hooked, text_update(1, f"/start {data}"))
    (message,) = hooked.agent.messages
    assert message.metadata.get("campaign") == campaign


async def test_only_the_link_carries_it(hooked: Running) -> None:
    await answered(hooked, text_update(1, "c-aufnahme7"))
    await answered(hooked, text_update(2, "/help c-aufnahme7"))
    assert [message.metadata.get("campaign") for message in hooked.agent.messages] == [None, None]
