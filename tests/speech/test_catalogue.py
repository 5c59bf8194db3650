"""Catalogues: the real ones are complete, and every kind of fault is found on a small one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from bot.languages import Language, languages
from bot.speech import catalogue as catalogue_module
from bot.speech import messages, second_look
from bot.speech.catalogue import Catalogue

TEXT = "Open now until {until}."
PLAIN = "Call 112 now."


def test_the_real_catalogues_have_no_problems() -> None:
    assert messages.problems() == []


def test_the_real_catalogues_cover_every_sentence() -> None:
    real = Catalogue.load(messages.LOCALES)
    for code in (code for code, language in languages().items() if language.complete):
        for text, _ in messages.sentences():
            assert real.text(text, code)[1] == code
    assert real.missing == {}


def test_every_sentence_has_text_and_place() -> None:
    rows = list(messages.sentences())
    assert len(rows) > 1000
    assert [row for row in rows if not row[0].strip() or not row[1]] == []
    assert {"domain.yml:utter_greet", "web:send", "kind:helpline", "doctor:title"} <= {place for _, place in rows}


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A project of two sentences and two languages under a folder of its own."""
    monkeypatch.setattr(messages, "ROOT", tmp_path)
    monkeypatch.setattr(messages, "LOCALES", tmp_path / "locales")
    monkeypatch.setattr(messages, "sentences", lambda: iter([(TEXT, "a"), (PLAIN, "b"), (PLAIN, "c")]))
    known = {code: languages()[code] for code in ("de", "en")}
    started = Language("so", "Soomaali", "ltr", "Latin", ("en",), "started")
    monkeypatch.setattr(messages, "languages", lambda: known | {"so": started})
    yield tmp_path


def store(**translations: str | tuple[str, str]) -> None:
    """Write the German catalogue: keyword text and plain are the two sentences, others are stale."""
    catalog = Catalog(domain="wegweiser", charset="utf-8", fuzzy=False)
    ids = {"text": TEXT, "plain": PLAIN}
    for key, value in {"text": "Jetzt offen bis {until}.", "plain": "Rufen Sie jetzt 112 an.", **translations}.items():
        if value == "GONE":
            continue
        string, *flags = [value] if isinstance(value, str) else value
        text = ids.get(key, key)
        # PLAIN is critical: somebody has translated it back.
        looked = [f"back-translation {second_look.mark(string)}: {text}"] if text == PLAIN else []
        catalog.add(text, string, flags=flags, user_comments=looked)
    messages.write("de", catalog)


def test_a_complete_catalogue_has_no_problems(small: Path) -> None:
    store()
    assert messages.problems() == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"plain": ""}, "de: not translated: Call 112 now."),
        ({"plain": ("Rufen Sie 112 an.", "fuzzy")}, "de: fuzzy: Call 112 now."),
        ({"text": "Jetzt offen."}, "de: other placeholders: Open now until {until}."),
        ({"text": "Jetzt offen bis {bis}."}, "de: other placeholders: Open now until {until}."),
        ({"text": "Offen {until} bis {until}."}, "de: other placeholders: Open now until {until}."),
        ({"plain": "Rufen Sie 110 an."}, "de: other numbers: Call 112 now."),
        ({"plain": "Rufen Sie an."}, "de: other numbers: Call 112 now."),
        ({"plain": "Rufen Sie <b>112</b> an."}, "de: markup or line break: Call 112 now."),
        ({"plain": "112 auf https://x.de"}, "de: markup or line break: Call 112 now."),
        ({"plain": "112\nanrufen"}, "de: markup or line break: Call 112 now."),
        ({"plain": "112 " + "sehr " * 20}, "de: far too long: Call 112 now."),
        ({"plain": "GONE"}, "de: not in the catalogue: Call 112 now.; run `make messages`"),
        ({"Old sentence.": "Alter Satz."}, "de: no longer used: Old sentence.; run `make messages`"),
    ],
)
def test_every_fault_is_found(small: Path, change: dict, said: str) -> None:
    store(**change)
    (problem,) = messages.problems()
    assert problem.startswith(said)


def test_a_critical_sentence_needs_a_second_look(small: Path) -> None:
    store()
    path = messages.po_path("de")
    path.write_text(path.read_text("utf-8").replace("# back-translation", "# lost"), "utf-8")
    (problem,) = messages.problems()
    assert problem.startswith("de: no back-translation: Call 112 now.")


def test_a_fault_names_the_file_to_edit(small: Path) -> None:
    store(plain="")
    assert messages.problems()[0].endswith("edit locales/de/LC_MESSAGES/wegweiser.po")


def test_a_missing_catalogue_is_a_problem(small: Path) -> None:
    assert messages.problems() == ["de: no catalogue; run `make messages`"]


def test_the_same_number_in_another_writing_is_the_same(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "It is 1,200.50 euro."
    monkeypatch.setattr(messages, "sentences", lambda: iter([(text, "a")]))
    store(text="GONE", plain="GONE", **{text: "Es sind 1.200,50 Euro."})
    assert messages.problems() == []


@pytest.mark.parametrize(("status", "kept"), [("recognised", {PLAIN}), ("understood", {PLAIN, TEXT})])
def test_a_language_that_is_not_complete_needs_the_words_for_danger(
    small: Path, monkeypatch: pytest.MonkeyPatch, status: str, kept: set[str]
) -> None:
    keys = [*messages.DANGER, *messages.ABOUT_LANGUAGE.values()]
    lines = "".join(f"  {key}:\n  - text: {PLAIN!r}\n" for key in keys)
    (small / "domain.yml").write_text(f"responses:\n{lines}", "utf-8")
    partly = Language("so", "Soomaali", "ltr", "Latin", ("en",), status)
    monkeypatch.setattr(messages, "languages", lambda: {"en": languages()["en"], "so": partly})
    messages.update()
    catalog = messages.read("so")
    assert catalog is not None and {str(m.id) for m in catalog if m.id} == kept
    assert [p.partition(";")[0] for p in messages.problems()] == [f"so: not translated: {PLAIN}"]


def test_update_keeps_drops_and_adds(small: Path) -> None:
    store(plain="GONE", **{"Old sentence.": "Alter Satz."})
    messages.update()
    catalog = messages.read("de")
    assert catalog is not None
    assert {str(m.id): m.string for m in catalog if m.id} == {TEXT: "Jetzt offen bis {until}.", PLAIN: ""}
    assert catalog[PLAIN].auto_comments == ["b", "c"]
    assert not (small / "locales" / "en").exists()
    assert not (small / "locales" / "so").exists()


def test_update_keeps_fuzzy_marks_and_is_stable(small: Path) -> None:
    store(plain=("Ruf 112.", "fuzzy"))
    messages.update()
    first = messages.po_path("de").read_bytes()
    messages.update()
    assert messages.po_path("de").read_bytes() == first
    catalog = messages.read("de")
    assert catalog is not None and catalog[PLAIN].fuzzy


def test_update_keeps_the_review_state(small: Path) -> None:
    store()
    path = messages.po_path("de")
    assert "X-Review-State: machine draft" in path.read_text("utf-8")
    path.write_text(
        path.read_text("utf-8").replace("X-Review-State: machine draft", "X-Review-State: reviewed"), "utf-8"
    )
    messages.update()
    assert "X-Review-State: reviewed" in path.read_text("utf-8")


def test_the_check_prints_and_counts(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert messages.main("check") == 1
    assert "no catalogue" in capsys.readouterr().out
    store()
    assert messages.main("check") == 0
    assert capsys.readouterr().out == "2 sentences, nothing wrong\n"


def test_loading_leaves_out_fuzzy_and_empty(small: Path) -> None:
    store(plain=("Rufen Sie 112 an.", "fuzzy"), text="")
    loaded = Catalogue.load(messages.LOCALES)
    assert loaded.text(PLAIN, "de") == (PLAIN, "en")
    assert loaded.text(TEXT, "de") == (TEXT, "en")
    assert loaded.missing == {"de": 2}


def test_the_fallback_chain_is_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    chain = Language("ckb", "Soranî", "rtl", "Arabic", ("ar", "en"), "recognised")
    monkeypatch.setattr(catalogue_module, "languages", lambda: languages() | {"ckb": chain})
    found = Catalogue({"ar": {PLAIN: "اتصل 112."}})
    assert found.text(PLAIN, "ckb") == ("اتصل 112.", "ar")
    assert found.missing == {}
    assert found.text(TEXT, "ckb") == (TEXT, "en")
    assert found.missing == {"ckb": 1}


def test_an_unknown_language_falls_back_to_english() -> None:
    found = Catalogue({})
    assert found.text(PLAIN, "xx") == (PLAIN, "en")
    assert found.missing == {"xx": 1}
