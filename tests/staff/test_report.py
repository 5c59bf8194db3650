"""The monthly report: what it says of known numbers, in all its forms, and what a month of 100,000 messages gives."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from xml.dom.minidom import parseString

import pytest

from actions.directory.hours import BERLIN
from bot.memory.counters import Counted, Counters
from bot.quality.bench_report import simulated
from bot.staff.report import months, numbers, plots
from bot.staff.report.files import counts_csv, datapackage, trend_csv
from bot.staff.report.goals import MEASURES, GoalsError, load_goals, progress
from bot.staff.report.html import render
from bot.staff.report.names import Names
from bot.staff.report.report import QUESTIONS, build, finished_months, publishable
from tests.staff import reader

DAY = date(2026, 11, 2)
NOON = datetime(2026, 10, 5, 12, tzinfo=BERLIN)
NAMES = Names(topic={"housing": "Wohnen <&>", "work": "Arbeit"}.get, language={"ar": "Arabisch"}.get)  # type: ignore[arg-type]
EXAMPLE = Path(__file__).parents[2] / "bot" / "staff" / "report" / "goals.example.yml"


@pytest.fixture()
def counters() -> Iterator[Counters]:
    counters = Counters("sqlite://")
    yield counters
    counters.close()


def fill(counters: Counters, times: int, **given: object) -> None:
    counted = Counted(moment=NOON, channel="web", language="ar", outcome="answered")
    for _ in range(times):
        counters.count(replace(counted, **given))  # type: ignore[arg-type]


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_known_numbers_come_out_as_they_went_in(counters: Counters) -> None:
    fill(counters, 40, topic="housing", new_question=True, district="leipzig")
    fill(counters, 25, topic="work", new_question=True, district="dresden", language="uk", campaign="schule")
    fill(counters, 15, topic="work", outcome="asked_back", language="uk")
    fill(counters, 20, outcome="not_understood")
    report = build(counters, "2026-10", DAY, NAMES)
    assert report.trend[-1].values["messages"] == 100
    assert report.trend[-1].values["questions"] == 65
    assert report.trend[-1].values["answered_share"] == 0.65
    assert report.trend[-1].values["languages"] == 2
    lines = {(r["table"], r["row"], r["column"]): r for r in rows(counts_csv(report))}
    line = lines[("questions_language", "housing", "ar")]
    assert (line["count"], line["status"], line["row_label"], line["column_label"]) == (
        "40", "exact", "Wohnen <&>", "Arabisch",
    )  # fmt: skip
    assert lines[("messages_channel", "_total", "_total")]["count"] == "100"
    page = render(report)
    assert "Wohnen &lt;&amp;&gt;" in page and "Wohnen <&>" not in page
    assert "65,0\u00a0%" in page


def test_a_month_without_numbers_says_so(counters: Counters) -> None:
    report = build(counters, "2026-10", DAY)
    assert report.empty
    assert "keine Zahlen" in render(report)
    assert rows(counts_csv(report)) == []
    fill(counters, 4)
    assert build(counters, "2026-10", DAY).empty


def test_services_come_in_fives(counters: Counters) -> None:
    fill(counters, 18, services=(("s-1", False), ("s-2", True)))
    fill(counters, 3, services=(("s-1", True), ("s-3", False)))
    report = build(counters, "2026-10", DAY, Names(service=lambda s: f"Stelle {s}"))
    cells = report.tables["services_shown"].cells
    assert cells == {("s-1", "fresh"): 15, ("s-2", "stale"): 15}
    page = render(report)
    assert "Stelle s-1" in page and "s-3" not in page


def test_missing_services_are_named_by_topic_and_district(counters: Counters) -> None:
    for topic in ("housing", "work", "doctor", "kita"):
        for place in ("leipzig", "dresden", "chemnitz"):
            fill(counters, 60, topic=topic, new_question=True, district=place)
    fill(counters, 17, topic="kita", new_question=True, district="leipzig", missing=True)
    page = render(build(counters, "2026-10", DAY, NAMES))
    assert reader.Pages(page)  # parses
    assert 'data-key="kita|leipzig"' in page and "mindestens" in page


def test_trend_and_change(counters: Counters) -> None:
    fill(counters, 100, moment=datetime(2026, 9, 3, 9, tzinfo=BERLIN))
    fill(counters, 150)
    report = build(counters, "2026-10", DAY)
    assert [m.values["messages"] for m in report.trend[-3:]] == [None, 100, 150]
    assert len(report.trend) == 12 and report.trend[0].month == "2025-11"
    assert "+50,0\u00a0%" in render(report)
    lines = [r for r in rows(trend_csv(report)) if r["measure"] == "messages"]
    assert [(r["value"], r["status"]) for r in lines[-3:]] == [("", "suppressed"), ("100", "exact"), ("150", "exact")]


def test_the_trend_shows_what_that_month_s_own_report_shows(counters: Counters) -> None:
    for counted in simulated(4000, "2026-09"):
        counters.count(counted)
    fill(counters, 50)
    own = build(counters, "2026-09", DAY)
    later = build(counters, "2026-10", DAY)
    assert later.trend[-2] == own.trend[-1]


def test_only_finished_months_from_the_second_day_on(counters: Counters) -> None:
    fill(counters, 9)
    fill(counters, 9, moment=datetime(2026, 11, 1, 9, tzinfo=BERLIN))
    with pytest.raises(months.MonthError, match="ab dem 2. November 2026"):
        build(counters, "2026-10", date(2026, 11, 1))
    assert finished_months(counters, date(2026, 11, 1)) == []
    assert finished_months(counters, DAY) == ["2026-10"]
    assert months.last_finished(date(2026, 1, 1)) == "2025-11"
    assert months.last_finished(date(2026, 1, 2)) == "2025-12"
    for wrong in ("", "2026-13", "2026-1", "oktober", "2026-10-01", "٢٠٢٦-١٠", "0000-01", "9999-12"):
        with pytest.raises(months.MonthError):
            build(counters, wrong, DAY)


def test_the_package_describes_the_files(counters: Counters) -> None:
    fill(counters, 40, topic="housing", new_question=True)
    report = build(counters, "2026-10", DAY, goals=load_goals(EXAMPLE))
    package = json.loads(datapackage(report))
    assert package["licenses"][0]["name"] == "CC-BY-4.0"
    assert package["suppression"]["threshold"] == 5
    texts = {"counts.csv": counts_csv(report), "trend.csv": trend_csv(report)}
    for resource in package["resources"]:
        fields = resource["schema"]["fields"]
        lines = rows(texts[resource["path"]])
        assert [f["name"] for f in fields] == list(lines[0])
        statuses = next(f for f in fields if f["name"] == "status")["constraints"]["enum"]
        assert {line["status"] for line in lines} <= set(statuses)
        number = next(f["name"] for f in fields if f["type"] in ("integer", "number"))
        assert all((line[number] == "") == (line["status"] == "suppressed") for line in lines)
    assert set(package["tables"]) >= {line["table"] for line in rows(texts["counts.csv"])}
    assert [goal["measure"] for goal in package["goals"]] == [goal.measure for goal in load_goals(EXAMPLE)]


def test_a_label_is_no_formula(counters: Counters) -> None:
    fill(counters, 9, services=(("=HYPERLINK(1)", False),))
    assert not any(v.startswith("=") for r in rows(counts_csv(build(counters, "2026-10", DAY))) for v in r.values())


def test_goals_reached_missed_and_unknown(tmp_path: Path, counters: Counters) -> None:
    file = tmp_path / "goals.yml"
    file.write_text(
        '- {goal: "Beantwortet", measure: answered_share, at_least: 0.8, concept: "Teilhabe"}\n'
        '- {goal: "Verstanden", measure: not_understood_share, at_most: 0.1}\n'
        '- {goal: "Hilfreich", measure: good_feedback_share, at_least: 0.5}\n',
        encoding="utf-8",
    )
    fill(counters, 70)
    fill(counters, 15, outcome="asked_back")
    fill(counters, 12, outcome="conversation")
    fill(counters, 20, outcome="not_understood")
    fill(counters, 3, outcome="feedback_bad")
    report = build(counters, "2026-10", DAY, goals=load_goals(file))
    assert [p.reached for p in report.goals][1:] == [False, None]
    assert report.goals[2].value is None
    page = render(report)
    assert "Bezug: Teilhabe" in page and "nicht bestimmbar" in page


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- {goal: A, measure: nonsense, at_least: 1}", "measure muss eines von diesen sein"),
        ("- {goal: A, measure: messages}", "at_least oder at_most"),
        ("- {goal: A, measure: messages, at_least: 1, at_most: 2}", "at_least oder at_most"),
        ("- {goal: A, measure: answered_share, at_least: 80}", "0.8 für 80"),
        ("- {goal: A, measure: messages, at_least: .nan}", "eine Zahl ab 0"),
        ("- {goal: A, measure: messages, at_least: true}", "eine Zahl ab 0"),
        ("- {goal: 7, measure: messages, at_least: 1}", "goal muss ein Text"),
        ("- {goal: A, measure: messages, at_least: 1, ziel: 3}", "unbekannt: ziel"),
        ("- 7", "Erwartet werden"),
        ("{goal: A}", "Liste"),
        ("- [", "Zeile"),
        ("\x00\x01", "kein gültiges YAML"),
    ],
)
def test_a_wrong_file_of_goals_is_explained(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "goals.yml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(GoalsError, match=said):
        load_goals(file)


def test_all_faults_of_goals_at_once(tmp_path: Path) -> None:
    file = tmp_path / "goals.yml"
    file.write_text("- {goal: A, measure: x}\n- 7\n- {goal: B, measure: messages}\n", encoding="utf-8")
    with pytest.raises(GoalsError) as caught:
        load_goals(file)
    assert len(str(caught.value).splitlines()) == 3
    with pytest.raises(GoalsError, match="nicht lesbar"):
        load_goals(tmp_path / "none.yml")
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(GoalsError, match="YAML"):
        load_goals(file)


def test_every_measure_can_be_told_for_a_full_and_an_empty_month(counters: Counters) -> None:
    for counted in simulated(3000, "2026-10"):
        counters.count(counted)
    for month, told in (("2026-10", True), ("2026-08", False)):
        tables = publishable(counters.month(month))
        assert {measure.value(tables) is not None for measure in MEASURES.values()} == {told}
        assert progress(load_goals(EXAMPLE), tables)


def test_numbers_in_german() -> None:
    assert numbers.whole(1234567) == "1.234.567"
    assert numbers.change(110, 100, share=False) == "+10,0\u00a0%"
    assert numbers.change(0.5, 0.52, share=True) == "−2,0\u00a0Punkte"
    assert numbers.change(5, None, share=False) == "–"
    assert numbers.change(5, 5, share=False) == "±0,0\u00a0%"


def test_plots_are_well_formed_and_told() -> None:
    values = [("<b>&\"'", 12.0), ("x" * 80, None), ("c", 0.0)]
    for svg in (
        plots.bars("k", "Titel <&>", values),
        plots.columns("k", "Titel <&>", values),
        plots.bars("k", "T", []),
    ):
        root = parseString(str(svg)).documentElement
        assert root.getElementsByTagName("title") and root.getElementsByTagName("desc")
        assert root.getAttribute("aria-labelledby") == "k-t k-d"


def test_a_month_of_100_000_messages(counters: Counters) -> None:
    """Real topics and districts; the attacker takes a sample of what is withheld of each table."""
    for counted in simulated(100_000, "2026-10"):
        counters.count(counted)
    report = build(counters, "2026-10", DAY)
    assert report.trend[-1].values["messages"] == 100_000
    counted_tables = counters.month("2026-10")
    for name in QUESTIONS:
        table = report.tables[name]
        assert table.total == sum(table.row_totals.values()) == sum(table.column_totals.values())
        for key, n in table.cells.items():
            assert n is None or n == 0 or (n >= 5 and ("_other" in key or n == counted_tables[name][key]))
    text = counts_csv(report)
    withheld = [(name, *key) for name, seen in reader.read(text).items() for key in sorted(seen.withheld)]
    assert len(withheld) > 100
    assert reader.broken(text, counted_tables, set(withheld[:: len(withheld) // 25])) == []
    page = render(report)
    assert "<script" not in page and "http://www.w3.org/2000/svg" in page
    assert "src=" not in page and "url(" not in page and "<link" not in page
