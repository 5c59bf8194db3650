"""The state of the translations, and the commands translators use."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from bot.languages import languages
from bot.quality import translations
from bot.speech import messages, second_look

ROOT = Path(__file__).parents[2]
TEXT, GOOD = "Call 112 now.", "Rufen Sie jetzt 112 an."


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of one critical sentence, one other, and German."""
    known = {code: languages()[code] for code in ("de", "en")}
    monkeypatch.setattr(messages, "ROOT", tmp_path)
    monkeypatch.setattr(messages, "LOCALES", tmp_path / "locales")
    monkeypatch.setattr(messages, "sentences", lambda: iter([(TEXT, "a"), ("Help", "b")]))
    monkeypatch.setattr(messages, "languages", lambda: known)
    monkeypatch.setattr(translations, "languages", lambda: known)
    catalog = Catalog(domain="wegweiser", charset="utf-8", fuzzy=False)
    catalog.add(TEXT, GOOD)
    catalog.add("Help", "")
    messages.write("de", catalog)
    return tmp_path


def run(verb: str, code: str = "de", file: str = "", name: str = "", day: str = "", out: str = "") -> int:
    return translations.main(verb, code, file, name, day, out)


def test_the_page_in_docs_is_up_to_date() -> None:
    page = ROOT / "docs" / "translations.md"
    assert page.read_text(encoding="utf-8") == translations.table(), "run `make messages`"


def test_the_table_counts(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("table") == 0
    row = capsys.readouterr().out.splitlines()[-1]
    assert row == "| `de` | Deutsch | complete | 2 | 1 | 0 | 0 | 0 of 1 | machine draft |"


def test_from_the_blind_list_to_the_record(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = small / "blind.tsv"
    assert run("blind", out=str(out)) == 0
    assert out.read_text("utf-8") == f"{second_look.mark(GOOD)}\t{GOOD}\n"
    done = small / "back.tsv"
    done.write_text(f"{second_look.mark(GOOD)}\tCall 112 at once.\n", "utf-8")
    assert run("back", file=str(done)) == 0
    assert capsys.readouterr().out == "1 sentences recorded\n"
    catalog = messages.read("de")
    assert catalog is not None and second_look.recorded(catalog[TEXT]) == "Call 112 at once."
    assert run("blind") == 0 and capsys.readouterr().out == ""


def test_a_review_ends_the_draft(small: Path) -> None:
    assert messages.is_draft("de")
    assert run("reviewed", name="A. Yılmaz", day="2026-12-31") == 0
    assert messages.review_state("de") == "reviewed by A. Yılmaz on 2026-12-31" and not messages.is_draft("de")
    messages.update()
    assert not messages.is_draft("de")
    assert "Review state: reviewed by" in messages.po_path("de").read_text("utf-8").splitlines()[0]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"verb": "blind", "code": "en"}, "'en' has no catalogue"),
        ({"verb": "blind", "code": "../de"}, "'../de' has no catalogue"),
        ({"verb": "back", "file": "missing.tsv"}, "missing.tsv: "),
        ({"verb": "reviewed", "name": "", "day": ""}, "--by: a name"),
        ({"verb": "reviewed", "name": 'A"B'}, "--by: a name"),
        ({"verb": "reviewed", "name": "A", "day": "31.12."}, "'31.12.' is no day"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(
    small: Path, capsys: pytest.CaptureFixture[str], arguments: dict[str, str], said: str
) -> None:
    before = messages.po_path("de").read_bytes()
    assert run(**arguments) == 1
    assert said in capsys.readouterr().err
    assert messages.po_path("de").read_bytes() == before


def test_a_file_of_another_encoding_is_refused(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = small / "back.tsv"
    file.write_bytes(b"\xff\xfe\x00")
    assert run("back", file=str(file)) == 1
    assert "back.tsv" in capsys.readouterr().err
