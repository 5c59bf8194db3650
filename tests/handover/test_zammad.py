"""The client against the published contract, and against a Zammad that is down, slow, broken or set up wrong."""

from __future__ import annotations

import json
import logging
import re
from pathlib import Path
from typing import Any

import pytest

from bot.handover.port import HandoverError
from bot.handover.zammad import Zammad
from tests.fakes.zammad_server import ARTICLE, CUSTOMER, GROUP, TOKEN, FakeZammad

pytestmark = pytest.mark.anyio
CONTRACT = json.loads((Path(__file__).parents[1] / "contracts/zammad/zammad_requests.json").read_text("utf-8"))
SAID = "Meine Wohnung <b>brennt</b> nicht\nzweite Zeile & mehr"


async def opened(port: Zammad) -> str:
    return await port.open("Thema: Deutschkurse", "ar", "Leipzig")


async def test_a_ticket_with_a_summary_only_counsellors_see(zammad: FakeZammad, port: Zammad) -> None:
    ref = await opened(port)
    ticket = zammad.tickets[int(ref)]
    assert re.fullmatch(r"\[Wegweiser\] \[ar\] \[Leipzig\] [0-9a-f]{8}…", ticket["title"])
    (article,) = zammad.articles
    assert article["subject"] == "automatically generated message"
    assert (article["internal"], article["sender"], article["type"]) == (True, "Agent", "note")
    assert await opened(port) != ref


@pytest.mark.parametrize("name", ["add_user_message", "add_internal_note"])
async def test_articles_have_the_fields_of_the_contract(zammad: FakeZammad, port: Zammad, name: str) -> None:
    ref = await opened(port)
    await (port.send if name == "add_user_message" else port.note)(ref, SAID)
    wanted: dict[str, Any] = CONTRACT[name]["json"]
    made = zammad.articles[-1]
    assert set(wanted) == ARTICLE
    same = ("subject", "content_type", "type", "internal", "sender")
    assert {k: made[k] for k in same} == {k: wanted[k] for k in same}
    assert made["body"] == "Meine Wohnung &lt;b&gt;brennt&lt;/b&gt; nicht<br>zweite Zeile &amp; mehr"


async def test_closing(zammad: FakeZammad, port: Zammad) -> None:
    ref = await opened(port)
    await port.close(ref)
    assert zammad.tickets[int(ref)]["state"] == "closed"
    assert zammad.requests[-1] == (CONTRACT["close"]["method"], f"/api/v1/tickets/{ref}")


@pytest.mark.parametrize(
    ("token", "group", "customer", "status"),
    [("wrong", GROUP, CUSTOMER, 401), ("a customer's", GROUP, CUSTOMER, 403), (TOKEN, "no group", CUSTOMER, 422),
     (TOKEN, GROUP, "no@customer.example", 422)],
)  # fmt: skip
async def test_set_up_wrong(zammad: FakeZammad, token: str, group: str, customer: str, status: int) -> None:
    wrong = Zammad(zammad.url, token, group, customer)
    with pytest.raises(HandoverError, match=f"^Zammad answered {status}$") as caught:
        await opened(wrong)
    assert not caught.value.again
    await wrong.aclose()


@pytest.mark.parametrize("mode", [500, 502, 503, 429, "html", "slow", "empty"])
async def test_worth_another_try(zammad: FakeZammad, port: Zammad, mode: str | int) -> None:
    ref = await opened(port)
    zammad.mode = mode
    with pytest.raises(HandoverError) as caught:
        await port.send(ref, SAID)
    assert caught.value.again and not caught.value.gone


async def test_down_and_up_again(zammad: FakeZammad, port: Zammad) -> None:
    ref = await opened(port)
    await zammad.stop()
    with pytest.raises(HandoverError) as caught:
        await port.send(ref, SAID)
    assert caught.value.again
    await zammad.start()
    await port.send(ref, "da")
    assert zammad.of(int(ref)) == ["da"]


async def test_a_ticket_that_was_deleted(zammad: FakeZammad, port: Zammad) -> None:
    ref = await opened(port)
    zammad.tickets.clear()
    with pytest.raises(HandoverError) as caught:
        await port.send(ref, SAID)
    assert caught.value.gone


@pytest.mark.parametrize("mode", [401, 500, "slow", "html"])
async def test_no_words_and_no_token_in_errors_and_logs(
    zammad: FakeZammad, port: Zammad, mode: str | int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    ref = await opened(port)
    zammad.mode = mode
    with pytest.raises(HandoverError) as caught:
        await port.send(ref, "geheime Worte")
    said = f"{caught.value!r} {caught.value.__cause__!r}"
    assert "geheim" not in caplog.text + said
    assert TOKEN not in caplog.text + said
    assert not any("geheim" in path for _, path in zammad.requests)
