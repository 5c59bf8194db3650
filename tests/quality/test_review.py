"""A review from the queue to the training files: clusters, the table, what is refused, and that nothing else changes."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from secrets import token_bytes

import pytest
import yaml

from bot.cli import main as wegweiser
from bot.directory_tools import workbook
from bot.directory_tools.limits import TableError
from bot.memory.review_store import FILE, Store, Waiting
from bot.nlu.message_files import PROVENANCE, read_messages, read_reviewed, text_hash
from bot.quality import review, review_table
from bot.quality.review_clusters import groups_of, proposals
from bot.quality.review_opening import open_review
from bot.quality.review_table import COLUMNS
from bot.quality.training_files import TrainingFiles
from bot.settings import ROOT, Settings
from tests.fakes import postgres

DAY = date(2026, 10, 1)
TRAINED, TESTED = "bürgergeld", "Einen schönen guten Morgen wünsche ich."


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("data/nlu/de", "data/nlu/en", "tests/nlu/de"):
        shutil.copytree(ROOT / name, tmp_path / "tree" / name)
    return tmp_path / "tree"


@pytest.fixture
def store(tmp_path: Path):
    opened = Store(tmp_path / FILE)
    yield opened
    opened.close()


def keep(
    store: Store, text: str, language: str = "de", kind: str = "not_understood", ranking: str = "[]", chosen: str = ""
) -> int:
    return store.add((language, text, kind, ranking, chosen, DAY.isoformat()), token_bytes(16), b"t" * 16)


def decide(path: Path, decisions: dict[str, str], texts: dict[str, str] | None = None) -> None:
    """Fill in the column decision by the text of a row, and edit texts."""
    lines, faults = review_table._lines(path)
    assert faults == []
    out = [list(COLUMNS)]
    for _, cells in lines[1:]:
        text = cells[COLUMNS.index("text")]
        cells[COLUMNS.index("decision")] = decisions.get(text, "")
        cells[COLUMNS.index("text")] = (texts or {}).get(text, text)
        out.append(cells)
    if path.suffix == ".xlsx":
        path.write_bytes(workbook.write(out))
    else:
        path.write_text("\r\n".join(";".join(f'"{c}"' for c in line) for line in out), encoding="utf-8-sig")


def waiting(
    number: int, text: str, ranking=(), kind: str = "not_understood", chosen: str = "", language: str = "de"
) -> Waiting:
    return Waiting(number, text, language, kind, tuple(ranking), chosen, DAY.isoformat())


def test_what_was_pressed_goes_before_what_the_cluster_means() -> None:
    rows = [
        waiting(1, "a", [("school", 0.3)], chosen="childcare", kind="corrected"),
        waiting(2, "b", [("school", 0.4)]),
        waiting(3, "c", [("school", 0.2), ("childcare", 0.1)]),
        waiting(4, "d", [("doctor", 0.4)]),
    ]
    found = proposals(rows, [0, 0, 0, 1])
    assert [(row.message.id, row.cluster, row.size) for row in found] == [(1, 1, 3), (2, 1, 3), (3, 1, 3), (4, 2, 1)]
    assert found[0].intents[0] == "childcare"
    assert found[3].intents == ("doctor",)


def test_who_called_an_answer_bad_did_not_mean_it() -> None:
    (row,) = proposals([waiting(1, "a", [("school", 0.8), ("childcare", 0.1)], kind="rated_bad")], [0])
    assert row.intents == ("childcare",)


def test_the_same_question_in_two_languages_is_one_cluster() -> None:
    rows = [
        waiting(1, "wann sind schulferien in sachsen"),
        waiting(2, "when are the school holidays in saxony", language="en"),
        waiting(3, "mein bankkonto wurde gekündigt"),
    ]
    groups = groups_of(rows)
    assert groups[0] == groups[1] != groups[2]


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_a_table_comes_back_as_it_was_decided(tmp_path: Path, store: Store, ending: str) -> None:
    numbers = [
        keep(store, text, ranking='[["find_housing", 0.3], ["find_job", 0.2]]')
        for text in ("=1+1 zimmer", "eins", "zwei", "drei")
    ]
    path = tmp_path / f"review.{ending}"
    rows = proposals(store.waiting(), [0, 0, 0, 0])
    review_table.write(path, rows)
    decide(path, {"=1+1 zimmer": "ja", "eins": "find_job*", "zwei": "nein"})
    decided, faults = review_table.read(path)
    assert faults == []
    by_text = {row.text: (row.id, row.intent) for row in decided}
    assert by_text == {
        "=1+1 zimmer": (numbers[0], "find_housing"),
        "eins": (numbers[1], "find_job"),
        "zwei": (numbers[2], ""),
        "drei": (numbers[3], "find_job"),
    }


def test_accepted_messages_become_training_messages_and_nothing_else_changes(
    tmp_path: Path, tree: Path, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {p: p.read_text("utf-8") for p in tree.glob("data/nlu/*/*.yml")}
    commented = tree / "data" / "nlu" / "de" / "housing.yml"
    commented.write_text("# written by hand\n" + commented.read_text("utf-8"), encoding="utf-8")
    before[commented] = commented.read_text("utf-8")
    keep(store, "wo gibts was wo die nich gleich auflegen")
    keep(store, "weg damit bitte")
    keep(store, "später ansehen bitte")
    path = tmp_path / "review.xlsx"
    review_table.write(path, proposals(store.waiting(), [0, 1, 2]))
    decide(path, {"wo gibts was wo die nich gleich auflegen": "find_housing", "weg damit bitte": "no"})
    assert review.take_in(store, path, "Ines", root=tree, today=DAY) == 0
    assert "1 messages are training messages now, 1 dropped" in capsys.readouterr().out
    assert [row.text for row in store.waiting()] == ["später ansehen bitte"]
    assert ("de", "find_housing", "wo gibts was wo die nich gleich auflegen") in read_messages(tree / "data" / "nlu")
    for file, content in before.items():
        added = set(file.read_text("utf-8").splitlines()) - set(content.splitlines())
        assert added == ({"    - wo gibts was wo die nich gleich auflegen"} if file == commented else set())
        assert file.read_text("utf-8").replace("    - wo gibts was wo die nich gleich auflegen\n", "") == content
    noted = yaml.safe_load((tree / "data" / "nlu" / PROVENANCE).read_text("utf-8"))["messages"]
    assert noted == [
        {
            "text": text_hash("wo gibts was wo die nich gleich auflegen"), "language": "de",
            "intent": "find_housing", "source": "review", "day": "2026-10-01", "by": "Ines",
        }
    ]  # fmt: skip
    assert "auflegen" not in (tree / "data" / "nlu" / PROVENANCE).read_text("utf-8")
    # training finds the message by it
    assert read_reviewed(tree / "data" / "nlu") == {text_hash("wo gibts was wo die nich gleich auflegen")}


@pytest.mark.parametrize(
    ("text", "intent", "why"),
    [
        ("ich heiße [name] und suche eine bude", "find_housing", "mark"),
        ("ruf 0176 2345 6789 an wegen bude", "find_housing", "identifies"),
        ("meine bude ist zu klein", "find_hausing", "no intent"),
        ("er liegt am boden", "emergency_medical", "emergencies"),
        (TESTED, "greet", "test set"),
        (TRAINED, "family_benefits", "already, of social_benefits"),
        ("x" * 601, "find_housing", "at most"),
        ("??", "find_housing", "letters"),
        ("bude {klein}", "find_housing", "brackets"),
        ("- bude", "find_housing", "begin"),
    ],
)
def test_what_cannot_be_trained_is_refused_and_stays(
    tmp_path: Path, tree: Path, store: Store, capsys: pytest.CaptureFixture[str], text: str, intent: str, why: str
) -> None:
    files = {p: p.read_text("utf-8") for p in tree.glob("data/nlu/*/*.yml")}
    keep(store, text)
    path = tmp_path / "review.csv"
    review_table.write(path, proposals(store.waiting(), [0]))
    decide(path, {text: intent})
    assert review.take_in(store, path, "", root=tree, today=DAY) == 1
    assert why in capsys.readouterr().out
    assert [row.text for row in store.waiting()] == [text]
    assert {p: p.read_text("utf-8") for p in tree.glob("data/nlu/*/*.yml")} == files


def test_a_marked_text_can_be_written_anew(tmp_path: Path, tree: Path, store: Store) -> None:
    keep(store, "ich heiße [name] und will eine bude")
    path = tmp_path / "review.xlsx"
    review_table.write(path, proposals(store.waiting(), [0]))
    decide(
        path,
        {"ich heiße [name] und will eine bude": "find_housing"},
        {"ich heiße [name] und will eine bude": "ich will eine bude"},
    )
    assert review.take_in(store, path, "", root=tree, today=DAY) == 0
    assert ("de", "find_housing", "ich will eine bude") in read_messages(tree / "data" / "nlu")


def test_a_table_taken_in_twice_adds_nothing(
    tmp_path: Path, tree: Path, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(store, "bude gesucht sofort")
    path = tmp_path / "review.xlsx"
    review_table.write(path, proposals(store.waiting(), [0]))
    decide(path, {"bude gesucht sofort": "find_housing"})
    assert review.take_in(store, path, "", root=tree, today=DAY) == 0
    once = read_messages(tree / "data" / "nlu")
    assert review.take_in(store, path, "", root=tree, today=DAY) == 1
    assert "waits no more" in capsys.readouterr().out
    assert read_messages(tree / "data" / "nlu") == once


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"a;b\n1;2\n", b"PK\x03\x04broken"])
def test_what_is_no_table_is_said(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "review.csv"
    path.write_bytes(content)
    with pytest.raises(TableError):
        review_table.read(path)


def test_the_name_of_the_table_says_its_kind(tmp_path: Path) -> None:
    with pytest.raises(TableError):
        review_table.write(tmp_path / "review.txt", [])


def test_the_real_files_take_a_message_for_every_intent() -> None:
    files = TrainingFiles(ROOT)
    assert len(files.intents) > 90
    for language in ("de", "ar", "ti"):
        assert files.fault(language, "find_housing", "zzz qqq xxx") == ""


def test_the_command_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WEGWEISER_DATA_DIR", str(tmp_path))
    assert wegweiser(["review", "list"]) == 1
    assert "WEGWEISER_LEARN=on" in capsys.readouterr().err
    store = Store(tmp_path / FILE)
    keep(store, "geheimes wort", ranking='[["find_housing", 0.3]]')
    store.close()
    assert wegweiser(["review", "export"]) == 1
    assert wegweiser(["review", "export", str(tmp_path / "a.txt")]) == 1
    assert wegweiser(["review", "import", str(tmp_path / "nowhere.xlsx")]) == 1
    capsys.readouterr()
    assert wegweiser(["review", "list"]) == 0
    out = capsys.readouterr().out
    assert "1 messages wait" in out and "find_housing" in out and "geheimes" not in out
    assert wegweiser(["review", "clear"]) == 0
    assert "1 messages deleted" in capsys.readouterr().out


def test_the_command_reads_the_database_of_all_processes(
    postgres_server: postgres.Postgres,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    settings = Settings(data_dir=tmp_path, database_url=postgres_server.url, secret="k" * 16)
    for name, value in (("DATA_DIR", str(tmp_path)), ("DATABASE_URL", postgres_server.url), ("SECRET", "k" * 16)):
        monkeypatch.setenv(f"WEGWEISER_{name}", value)
    store = open_review(settings)
    keep(store, "geheimes wort", ranking='[["find_housing", 0.3]]')
    store.close()
    assert wegweiser(["review", "list"]) == 0
    out = capsys.readouterr().out
    assert "1 messages wait" in out and "find_housing" in out
    path = tmp_path / "review.csv"
    assert wegweiser(["review", "export", str(path)]) == 0
    assert "geheimes wort" in path.read_text(encoding="utf-8-sig")
    monkeypatch.setenv("WEGWEISER_SECRET", "x" * 16)
    capsys.readouterr()
    assert wegweiser(["review", "list"]) == 0
    assert "1 more were encrypted with another WEGWEISER_SECRET" in capsys.readouterr().out
    assert wegweiser(["review", "clear"]) == 0
    postgres_server.stop()
    try:
        assert wegweiser(["review", "list"]) == 1
        assert "cannot be used" in capsys.readouterr().err
    finally:
        postgres_server.start()
