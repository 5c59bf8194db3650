"""`wegweiser directory …` as it is typed: output, files and exit codes."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from bot.directory_tools.arguments import VERBS, add_arguments
from bot.directory_tools.corrections import Corrections
from bot.directory_tools.main import RUN, main
from bot.settings import Settings

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*arguments: str) -> tuple[int, str, str]:
        parser = argparse.ArgumentParser()
        add_arguments(parser)
        code = main(Settings(data_dir=tmp_path / "var"), parser.parse_args(arguments), data)
        out, err = capsys.readouterr()
        return code, out, err

    return call


def files(data: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (data / "services").iterdir()}


def test_every_verb_runs_something() -> None:
    assert list(RUN) == list(VERBS)


def test_check_and_coverage(run: Run, tmp_path: Path) -> None:
    assert run("check") == (0, "423 services, no problems\n", "")
    assert run("coverage", "--out", str(tmp_path / "c.md"))[0] == 0
    assert (tmp_path / "c.md").read_text("utf-8").startswith("# Coverage of the directory\n")


@pytest.mark.parametrize("form", ["csv", "xlsx", "yaml"])
def test_export_and_back(form: str, run: Run, data: Path, tmp_path: Path) -> None:
    out = tmp_path / f"out.{form}"
    before = files(data)
    assert run("export", "--format", form, "--out", str(out)) == (0, "", f"423 services in {out}\n")
    assert run("diff", str(out)) == (0, "0 added, 0 removed, 0 changed\n", "")
    if form != "yaml":
        assert run("import", str(out), "--write") == (0, "0 added, 0 removed, 0 changed\n", "")
    assert files(data) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", out.name]


def test_a_yaml_export_is_the_records_as_they_stand(run: Run, data: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.yml"
    run("export", "--format", "yaml", "--out", str(out))
    for name, content in files(data).items():
        if name != "kinds.yml":
            assert content.decode().split("services:\n", 1)[1] in out.read_text("utf-8")


def test_export_of_a_topic_and_a_district(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "t.csv"
    code, _, err = run("export", "--format", "csv", "--out", str(out), "--topic", "doctor", "--district", "leipzig")
    number = int(err.split()[0])
    assert code == 0 and 0 < number < 423
    _, _, err = run("export", "--format", "csv", "--out", str(out), "--topic", "doctor")
    assert number < int(err.split()[0]) < 423
    _, _, err = run("export", "--format", "csv", "--out", str(out), "--topic", "driving_licence")
    assert err.startswith("0 services")
    assert run("import", str(out))[:2] == (0, "0 added, 0 removed, 0 changed\n")
    code, _, err = run("export", "--format", "csv", "--out", str(out), "--district", "berlin")
    assert code == 2 and "there is no district berlin; there are chemnitz, dresden" in err
    code, _, err = run("export", "--format", "csv", "--out", str(out), "--topic", "doctr")
    assert code == 2 and "similar: doctor" in err


def test_import_shows_first_and_writes_only_when_told(run: Run, data: Path, tmp_path: Path) -> None:
    out = tmp_path / "t.xlsx"
    run("export", "--format", "xlsx", "--out", str(out))
    book = openpyxl.load_workbook(out)
    sheet = book.active
    assert sheet is not None
    header = {cell.value: cell.column for cell in sheet[1]}
    row = next(cell.row for cell in sheet["A"] if cell.value == "notruf-112")
    sheet.cell(row, header["cost"], "kostenlos")
    book.save(out)
    before = files(data)
    code, shown, err = run("import", str(out))
    assert (code, err) == (0, "nothing is written yet; repeat with --write\n")
    assert shown.splitlines()[1:] == ['    cost: (empty) -> "kostenlos"', "0 added, 0 removed, 1 changed"]
    assert files(data) == before
    code, again, err = run("import", str(out), "--write")
    assert (code, again) == (0, shown) and err.endswith("crisis.yml written\n")
    after = files(data)
    assert {name for name in after if after[name] != before[name]} == {"crisis.yml"}
    at = before["crisis.yml"].index(b"  confidence", before["crisis.yml"].index(b"- id: notruf-112"))
    assert after["crisis.yml"] == before["crisis.yml"][:at] + b"  cost: kostenlos\n" + before["crisis.yml"][at:]
    assert run("check")[0] == 0


def test_import_with_faults_writes_nothing(run: Run, data: Path, tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("id;phone;cost\nnotruf-112;12;\npolizei-110;;frei\n", "utf-8")
    before = files(data)
    code, out, err = run("import", str(table), "--write")
    assert code == 1 and "~ polizei-110" in out
    assert err.splitlines() == [
        "row 2, column phone (B): phone 12 is neither +49 with spaces nor a short number",
        "nothing is written while this is so",
    ]
    assert files(data) == before


def test_many_faults_are_cut(run: Run, tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("id;cost\n" + ";x\n" * 150, "utf-8")
    code, _, err = run("import", str(table))
    assert code == 1 and len(err.splitlines()) == 102 and "… and 50 more" in err


def test_diff_with_a_folder(run: Run, data: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    text = (data / "services" / "crisis.yml").read_text("utf-8").replace('phone: "110"', 'phone: "112"')
    (other / "crisis.yml").write_text(text, "utf-8")
    code, out, _ = run("diff", str(other))
    assert code == 0
    assert '    phone: "110" -> "112"' in out and out.endswith("0 added, 417 removed, 1 changed\n")
    (other / "crisis.yml").write_text("services: [a, b]", "utf-8")
    assert run("diff", str(other))[0] == 1
    (other / "crisis.yml").write_text("{", "utf-8")
    code, _, err = run("diff", str(other))
    assert code == 1 and "not a services file" in err and "Traceback" not in err
    assert run("diff", str(tmp_path / "none"))[::2] == (1, f"wegweiser directory diff: there is no file or folder {tmp_path / 'none'}\n")  # fmt: skip


def test_show(run: Run) -> None:
    code, out, _ = run("show", "notruf-112")
    assert code == 0 and out.startswith("notruf-112  Notruf 112\n")
    assert run("show", "notruf-113")[::2] == (
        1,
        "wegweiser directory show: there is no service notruf-113; similar: notruf-112\n",
    )


def test_stale(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("stale", "--months", "24")
    assert code == 0 and out.startswith("Pflegestand des Verzeichnisses am ") and "älter als 24 Monate" in out
    assert "* Führerschein [driving_licence]" in out
    assert run("stale", "--format", "csv", "--by", "organisation", "--out", str(tmp_path / "s.csv"))[:2] == (0, "")
    assert (tmp_path / "s.csv").read_bytes().startswith(b"\xef\xbb\xbfGruppe;ID;Name;")


def test_corrections(run: Run, tmp_path: Path) -> None:
    assert run("corrections") == (0, "Keine Meldungen.\n", "")
    queue = Corrections(tmp_path / "var" / "corrections.jsonl")
    assert queue.report("notruf-112", "phone", date(2026, 11, 28))
    line = "28.11.2026  Telefonnummer falsch, 1-mal gemeldet: Notruf 112 [notruf-112]\n"
    assert run("corrections") == (0, f"1. {line}", "")
    assert run("corrections", "--done", "2")[0] == 1
    assert run("corrections", "--done", "1") == (0, f"erledigt: {line}", "")
    assert run("corrections")[1] == "Keine Meldungen.\n"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["check", "--write"], "check has no --write"),
        (["check", "x"], "check takes no 'x'"),
        (["corrections", "--done", "0", "--months", "3"], "corrections has no --months"),
        (["show"], "show needs an id"),
        (["import"], "import needs a CSV or XLSX file"),
        (["export", "--format", "csv"], "export needs --format"),
        (["export", "--format", "text", "--out", "x"], "export --format is yaml or csv or xlsx"),
        (["stale", "--format", "xlsx"], "stale --format is text or csv"),
        (["stale", "--months", "0"], "--months is a number from 1 to 600"),
    ],
)
def test_wrong_use_is_one_sentence(arguments: list[str], sentence: str, run: Run) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "") and err.startswith(f"wegweiser directory: {sentence}") and err.count("\n") == 1


def test_files_that_cannot_be_written_or_read_are_one_sentence(run: Run, tmp_path: Path) -> None:
    code, _, err = run("export", "--format", "csv", "--out", str(tmp_path / "no" / "t.csv"))
    assert code == 1 and "No such file or directory" in err and err.count("\n") == 1
    assert run("import", str(tmp_path / "none.csv"))[2].endswith("No such file or directory\n")


def test_a_broken_directory_is_one_sentence(run: Run, data: Path) -> None:
    (data / "services" / "work.yml").write_text("services: [", "utf-8")
    for verb in (["stale"], ["show", "x"], ["corrections"], ["check"]):
        code, _, err = run(*verb)
        assert code == 1 and "work.yml: not a services file" in err
