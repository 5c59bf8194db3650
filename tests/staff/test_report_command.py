"""`wegweiser report` from the command line, and the page as a browser shows and prints it."""

from __future__ import annotations

import csv
import json
import os
import subprocess
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from actions.directory.hours import BERLIN
from bot.memory.counters import Counters
from bot.quality.bench_report import simulated
from bot.settings import Settings
from bot.staff.report.command import counters_url, main, report_html
from bot.staff.report.names import Names
from tests.browser.conftest import chromium  # noqa: F401
from tests.test_cli import wegweiser

DAY = date(2026, 11, 2)
FILES = {"report.html", "counts.csv", "counts.json", "trend.csv", "datapackage.json"}


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("counted")
    counters = Counters(counters_url(Settings(data_dir=folder)))
    for counted in simulated(2500, "2020-05"):
        counters.count(counted)
    counters.close()
    return folder


def test_files_are_written_for_a_month(data_dir: Path, tmp_path: Path) -> None:
    done = wegweiser("report", "--month", "2020-05", "--out", str(tmp_path / "out"), DATA_DIR=data_dir)
    assert done.returncode == 0, done.stderr
    folder = Path(done.stdout.strip())
    assert {path.name for path in folder.iterdir()} == FILES
    with (folder / "counts.csv").open(encoding="utf-8", newline="") as file:
        labels = {row["row_label"] for row in csv.DictReader(file)}
    assert "beantwortet" in labels and len(labels) > 40
    rows = json.loads((folder / "counts.json").read_text(encoding="utf-8"))["counts"]
    with (folder / "counts.csv").open(encoding="utf-8", newline="") as file:
        counts = [row["count"] for row in csv.DictReader(file)]
    assert ["" if row["count"] is None else str(row["count"]) for row in rows] == counts
    again = wegweiser("report", "--month", "2020-05", "--out", str(tmp_path / "again"), DATA_DIR=data_dir)
    assert (Path(again.stdout.strip()) / "counts.csv").read_bytes() == (folder / "counts.csv").read_bytes()


def test_without_a_folder_a_summary_is_printed(data_dir: Path) -> None:
    done = wegweiser("report", "--month", "2020-05", DATA_DIR=data_dir)
    assert done.returncode == 0
    assert done.stdout.startswith("Mai 2020: 2.500 Nachrichten")


@pytest.mark.parametrize(
    ("month", "said"), [("2020-13", "zum Beispiel 2026-10"), ("2999-01", "ab dem"), ("x", "2026-10")]
)
def test_a_wrong_month_is_one_sentence(
    data_dir: Path, capsys: pytest.CaptureFixture[str], month: str, said: str
) -> None:
    assert main(Settings(data_dir=data_dir), month, "", DAY, Names) == 2
    out, err = capsys.readouterr()
    assert out == "" and said in err and len(err.splitlines()) == 1


def test_the_default_is_the_last_finished_month(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(Settings(data_dir=data_dir), "", "", date(2020, 6, 2), Names) == 0
    assert capsys.readouterr().out.startswith("Mai 2020: 2.500")
    assert main(Settings(data_dir=data_dir), "", "", date(2020, 6, 1), Names) == 0
    assert capsys.readouterr().out == "April 2020: keine Zahlen, die gezeigt werden können.\n"


def test_a_folder_that_cannot_be_written(data_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("x")
    assert main(Settings(data_dir=data_dir), "2020-05", str(tmp_path / "file"), DAY, Names) == 1
    assert "kann nicht geschrieben werden" in capsys.readouterr().err


def test_wrong_goals_and_missing_numbers(data_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    goals = tmp_path / "goals.yml"
    goals.write_text("- {goal: A, measure: x}\n- 7\n", encoding="utf-8")
    settings = Settings(data_dir=data_dir, goals=goals)
    assert main(settings, "2020-05", "", DAY, Names) == 2
    assert len(capsys.readouterr().err.splitlines()) == 2
    assert main(replace(settings, goals=None, data_dir=tmp_path), "2020-05", "", DAY, Names) == 0
    out, err = capsys.readouterr()
    assert "keine Zahlen" in out and "noch keine Zahlen" in err
    assert not (tmp_path / "counters.sqlite").exists()
    (tmp_path / "counters.sqlite").write_bytes(os.urandom(4096))
    assert main(replace(settings, goals=None, data_dir=tmp_path), "2020-05", "", DAY, Names) == 1
    assert "nicht lesbar" in capsys.readouterr().err


@pytest.mark.browser
def test_the_page_fits_screen_and_paper(data_dir: Path, tmp_path: Path, chromium: Browser) -> None:  # noqa: F811
    counters = Counters(counters_url(Settings(data_dir=data_dir)))
    page_file = tmp_path / "report.html"
    page_file.write_text(report_html(Settings(), counters, "2020-05", Names(), DAY), encoding="utf-8")
    counters.close()
    page = chromium.new_page(viewport={"width": 1100, "height": 900})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(page_file.as_uri())
    assert asked == [page_file.as_uri()]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    assert found == [], [(v["id"], v["nodes"][0]["html"][:200]) for v in found]
    paper = tmp_path / "report.pdf"
    page.pdf(path=str(paper), prefer_css_page_size=True)
    page.close()
    sizes = subprocess.run(["pdfinfo", "-l", "99", str(paper)], capture_output=True, text=True, check=True).stdout
    assert "A4" in sizes
    text = subprocess.run(["pdftotext", "-layout", str(paper), "-"], capture_output=True, text=True, check=True).stdout
    assert "Monatsbericht Mai 2020" in text and "2.500" in text


def test_today_is_berlin_s() -> None:
    from bot.staff.report.command import today

    assert abs((today() - datetime.now(BERLIN).date()).days) <= 1
