"""/.well-known/security.txt is served when the operator gives a contact, in the form of RFC 9116."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from bot.channels.web.pages.security_txt import PATH, SecurityText
from bot.legal import LegalError, load
from tests.channels.web.test_legal_pages import served, written
from tests.fakes.page_server import TopicAgent

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=timezone.utc)


@pytest.fixture(scope="module")
def agent() -> TopicAgent:
    return TopicAgent()


def fields(text: str) -> dict[str, str]:
    lines = text.splitlines()
    assert text.endswith("\n") and len({line.partition(":")[0] for line in lines}) == len(lines), "each field once"
    return dict(line.split(": ", 1) for line in lines)


def test_without_a_contact_there_is_no_such_page(agent: TopicAgent, tmp_path: Path) -> None:
    with served(agent) as client:
        assert client.get(PATH).status_code == 404
    with served(agent, legal_dir=written(tmp_path)) as client:
        assert client.get(PATH).status_code == 404


@pytest.mark.parametrize(
    ("contact", "shown"),
    [("security@landkreis.example", "mailto:security@landkreis.example"), ("https://landkreis.example/melden", "https://landkreis.example/melden")],
)  # fmt: skip
def test_with_one_it_is_served(agent: TopicAgent, tmp_path: Path, contact: str, shown: str) -> None:
    folder = written(tmp_path, security_contact=contact)
    with served(agent, legal_dir=folder, public_url="https://wegweiser.example") as client:
        answer = client.get(PATH)
        assert client.head(PATH).status_code == 200
        assert client.post(PATH).status_code == 405
    assert answer.status_code == 200 and answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    found = fields(answer.text)
    assert found["Contact"] == shown
    assert found["Canonical"] == f"https://wegweiser.example{PATH}"
    assert found["Preferred-Languages"] == "de, en"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", found["Expires"])
    good = datetime.strptime(found["Expires"], "%Y-%m-%dT%H:%M:%S%z") - datetime.now(timezone.utc)
    assert timedelta(days=30) < good < timedelta(days=365)


def test_without_a_public_address_nothing_is_called_canonical() -> None:
    assert "Canonical" not in fields(SecurityText("a@b.example", "", ("de",)).text(NOW))
    assert "Canonical" not in fields(SecurityText("a@b.example", "http://b.example", ("de",)).text(NOW))
    assert fields(SecurityText("a@b.example", "", ("de",)).text(NOW))["Expires"] == "2027-02-28T00:00:00Z"


@pytest.mark.parametrize(
    "contact", ["no mail", "http://x.example", "javascript:alert(1)", "a@b.example\nExpires: x", "tel:110"]
)
def test_what_is_no_contact_stops_the_start(tmp_path: Path, contact: str) -> None:
    with pytest.raises(LegalError, match="security_contact: must be an e-mail address or begin with https://"):
        load(written(tmp_path, security_contact=contact))
