"""Imprint and privacy notice over real HTTP, from operator.yml and the real settings; and what the doctor says of them."""

from __future__ import annotations

import contextlib
import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from sanic import Sanic

from bot.channels.web.pages.topics import pages_blueprint
from bot.channels.web.site import WIDGET, site_blueprint
from bot.languages import languages
from bot.launcher import LaunchError
from bot.legal import PURPOSES, LegalError, load
from bot.quality.doctor import main as doctor
from bot.settings import ROOT, Settings
from bot.wiring import legal, page_book
from tests.fakes.page_server import TopicAgent
from tests.fakes.running import running

SAMPLE = ROOT / "deploy" / "legal" / "operator.example.yml"
FILLED: dict[str, Any] = {
    "name": "Landkreis Beispiel <Amt>",
    "address": "Am Markt 1\n01234 Beispielstadt",
    "represented_by": "die Landrätin Erika Muster",
    "email": "wegweiser@landkreis.example",
    "phone": "03521 000000",
    "website": "https://landkreis.example",
    "responsible_for_content": "Max Muster, Am Markt 1",
    "data_protection_officer": {"name": "Datenschutz im Landkreis", "email": "datenschutz@landkreis.example"},
    "data_protection_authority": {"name": "Aufsicht Beispiel", "website": "https://aufsicht.example"},
    "hosting": {"name": "Rechenzentrum Beispiel", "address": "Weg 2\n01234 Beispielstadt"},
    "legal_bases": {"questions": "Art. 6 Abs. 1 Buchst. x DSGVO"},
    "privacy_more": {
        "de": "Erster eigener Absatz.\n\nZweiter, siehe https://landkreis.example/mehr",
        "en": "Own <words>.",
    },
    "confirmed": "2026-10-01",
}
PAGES = ("/imprint", "/privacy")


@pytest.fixture(scope="module")
def agent() -> TopicAgent:
    return TopicAgent()


def written(folder: Path, **changes: Any) -> Path:
    """A folder with operator.yml; a change to None leaves the key out."""
    content = {key: value for key, value in {**FILLED, **changes}.items() if value is not None}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "operator.yml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return folder


@contextlib.contextmanager
def served(agent: TopicAgent, **settings: Any) -> Iterator[httpx.Client]:
    Sanic.test_mode = True
    app = Sanic("legal")
    app.blueprint(site_blueprint())
    app.blueprint(pages_blueprint(page_book(dataclasses.replace(Settings(), **settings), agent)))
    app.ctx.agent = agent
    with running(app) as port, httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        yield client


@pytest.fixture(scope="module")
def plain(agent: TopicAgent) -> Iterator[httpx.Client]:
    """Nothing is set up."""
    with served(agent) as client:
        yield client


@pytest.fixture(scope="module")
def full(agent: TopicAgent, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """Everything is on."""
    options = {
        "legal_dir": written(tmp_path_factory.mktemp("legal")),
        "retention_hours": 48,
        "telegram_token": "123456:abcdefghijklmnop",
        **{"learn": True, "callbacks": True, "zammad_url": "https://z.example", "handover_name": "Beratung Beispiel"},
        **{"integreat_url": "https://i.example", "staff_password": "x", "speech_model": Path("m")},
    }
    with served(agent, **options) as client:
        yield client


@pytest.mark.parametrize("path", PAGES)
def test_without_an_operator_the_page_says_so(plain: httpx.Client, path: str) -> None:
    answer = plain.get(path)
    assert answer.status_code == 200
    assert "kein Betreiber eingetragen" in answer.text and "No operator is set up" in answer.text


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", [code for code, item in languages().items() if item.trained])
def test_german_and_english_whatever_the_language(full: httpx.Client, path: str, language: str) -> None:
    answer = full.get(f"{path}?lang={language}")
    assert answer.status_code == 200
    assert answer.headers["content-language"] == language
    assert '<section id="de" lang="de" dir="ltr">' in answer.text
    assert '<section id="en" lang="en" dir="ltr">' in answer.text
    assert answer.text.count("<h1") == 1
    assert f'href="/imprint?lang={language}"' in answer.text and f'href="/privacy?lang={language}"' in answer.text


def test_the_imprint(full: httpx.Client) -> None:
    text = full.get("/imprint").text
    assert "Landkreis Beispiel &lt;Amt&gt;" in text and "<Amt>" not in text
    assert text.count("die Landrätin Erika Muster") == 2
    assert 'href="mailto:wegweiser@landkreis.example"' in text
    assert 'href="tel:03521000000"' in text
    assert "Max Muster, Am Markt 1" in text
    assert "Aufsichtsbehörde" not in text, "not given, not shown"


def test_the_privacy_notice_tells_what_is_on(full: httpx.Client, plain: httpx.Client) -> None:
    on, off = full.get("/privacy").text, plain.get("/privacy").text
    for heading in ("Telegram", "Nicht verstandene Nachrichten", "Rückruf", "Gespräch mit einem Menschen"):
        assert f"<h3>{heading}</h3>" in on and f"<h3>{heading}</h3>" not in off
    for said in (
        "Beratung Beispiel",
        "Sprachnachrichten",
        "Andere Verzeichnisse",
        "Cookie; es gilt höchstens acht Stunden",
    ):
        assert said in on and said not in off
    assert "48 Stunden" in on and "48 hours" in on
    assert "24 Stunden" in off and "24 hours" in off
    assert "höchstens 14 Tage" in on and "14 days at most" in on
    assert "höchstens 30 Tage" in on and "36 Monate" in on
    assert "eine Ausnahme" in on and "Ausnahme" not in off
    assert "Erster eigener Absatz." in on and 'href="https://landkreis.example/mehr"' in on
    assert "Own &lt;words&gt;." in on
    assert "Rechenzentrum Beispiel" in on and "Aufsicht Beispiel" in on
    assert "1. Oktober 2026" in on and "noch nicht geprüft" not in on


def test_legal_bases_are_not_invented(full: httpx.Client, plain: httpx.Client) -> None:
    on, off = full.get("/privacy").text, plain.get("/privacy").text
    assert on.count("Art. 6 Abs. 1 Buchst. x DSGVO") == 2, "once a language"
    assert on.count("[vom Betreiber noch zu bestätigen]") == len(PURPOSES) - 1
    assert on.count("[to be confirmed by the operator]") == len(PURPOSES) - 1
    assert off.count("[vom Betreiber noch zu bestätigen]") == 3, "questions, counters, security"
    assert "Art. 6" not in off


def test_what_the_operator_left_open_is_open(agent: TopicAgent, tmp_path: Path) -> None:
    folder = written(tmp_path, hosting=None, data_protection_authority=None, confirmed=None)
    with served(agent, legal_dir=folder) as client:
        text = client.get("/privacy").text
    for blank in (
        "[Wo der Server steht: vom Betreiber noch einzutragen]",
        "[Zuständige Aufsichtsbehörde: vom Betreiber",
    ):
        assert blank in text
    assert "noch nicht geprüft und bestätigt" in text


def test_the_links_in_every_page(plain: httpx.Client) -> None:
    for path in ("/t", "/t/doctor", "/safe", "/accessibility"):
        text = plain.get(f"{path}?lang=en").text
        assert '<a href="/imprint?lang=en">Who runs this page (Impressum)</a>' in text
        assert '<a href="/privacy?lang=en">Privacy (Datenschutz)</a>' in text
    page = (WIDGET / "page.html").read_text("utf-8")
    assert 'href="/imprint" data-page' in page and 'href="/privacy" data-page' in page
    assert plain.post("/imprint").status_code == 405


# operator.yml


def test_no_folder_is_no_operator() -> None:
    assert load(None) is None
    assert legal(Settings()).operator is None


def test_the_sample_says_what_must_be_filled_in(tmp_path: Path) -> None:
    (tmp_path / "operator.yml").write_bytes(SAMPLE.read_bytes())
    with pytest.raises(LegalError) as caught:
        load(tmp_path)
    missing = re.findall(r"operator\.yml: (\w+): is missing", str(caught.value))
    assert missing == ["name", "address", "email", "represented_by"]
    assert len(str(caught.value).splitlines()) == 4, "and nothing else is wrong with it"


def test_the_sample_knows_every_name() -> None:
    sample = yaml.safe_load(SAMPLE.read_text("utf-8"))
    assert set(sample) >= set(FILLED)
    assert set(sample["legal_bases"]) == set(PURPOSES)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"name": None}, "name: is missing"),
        ({"name": "  "}, "name: is missing"),
        ({"email": "no mail"}, "email: is no e-mail address"),
        ({"website": "javascript:alert(1)"}, "website: must begin with"),
        ({"phone": 3521000}, "phone: must stand in quotes"),
        ({"phone": "x"}, "phone: is no number"),
        ({"confirmed": "2026-02-30"}, "confirmed: must be a day"),
        ({"confirmed": "gestern"}, "confirmed: must be a day"),
        ({"adress": "x"}, "adress: no such name"),
        ({"hosting": "x"}, "hosting: must hold names and values"),
        ({"hosting": {"nam": "x"}}, "hosting.nam: no such name"),
        ({"hosting": {"name": ["x"]}}, "hosting.name: must be a text"),
        ({"legal_bases": {"fun": "x"}}, "legal_bases.fun: no such name"),
        ({"privacy_more": {"fr": "x"}}, "privacy_more.fr: no such name"),
        ({"address": "x" * 5000}, "address: must be a text of at most 4000"),
    ],
)
def test_faults_of_the_file(tmp_path: Path, changes: dict[str, Any], fault: str) -> None:
    with pytest.raises(LegalError) as caught:
        load(written(tmp_path, **changes))
    assert f"operator.yml: {fault}" in str(caught.value)
    with pytest.raises(LaunchError, match="legal pages cannot be made"):
        legal(dataclasses.replace(Settings(), legal_dir=tmp_path))


@pytest.mark.parametrize(
    "content", [b"", b"- a", b"a: [", b"\xff\xfe\x00", b"\0", b"!!python/object/apply:os.getcwd []"]
)
def test_what_is_no_operator(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "operator.yml").write_bytes(content)
    with pytest.raises(LegalError, match="operator.yml"):
        load(tmp_path)


def test_no_file_names_the_sample(tmp_path: Path) -> None:
    with pytest.raises(LegalError, match="deploy/legal/operator.example.yml"):
        load(tmp_path / "nowhere")


def test_all_faults_at_once(tmp_path: Path) -> None:
    with pytest.raises(LegalError) as caught:
        load(written(tmp_path, name=None, email="x", typo=1))
    assert len(str(caught.value).splitlines()) == 3


# wegweiser doctor


def told(capsys: pytest.CaptureFixture[str], **settings: Any) -> tuple[int, str]:
    code = doctor(dataclasses.replace(Settings(), **settings))
    return code, capsys.readouterr().out


def test_the_doctor_names_what_is_missing(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    _, out = told(capsys)
    assert "NOTE imprint and privacy notice name no operator" in out and "NOTE the staff pages are off" in out
    _, out = told(capsys, legal_dir=written(tmp_path, confirmed=None), staff_header="x-remote-user")
    assert "operator.yml lacks legal_bases.telegram" in out and "confirmed" in out
    assert "staff pages are off" not in out
    code, out = told(capsys, legal_dir=tmp_path / "nowhere")
    assert code == 1 and "FAULT" in out


def test_the_doctor_masks_secrets_of_staff(capsys: pytest.CaptureFixture[str]) -> None:
    names = ("staff_password", "zammad_token", "zammad_webhook_secret")
    code, out = told(capsys, **{name: f"geheim-{name}" for name in names})
    assert "geheim" not in out and out.count("(set)") == 3
    assert code == 1 and "FAULT WEGWEISER_STAFF_PASSWORD: the hash cannot be read" in out
