"""Which sentences of the articles need another look."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import yaml

from bot.quality.stale_texts import findings, report

ITEMS = [
    {"id": "old", "statement": "x", "source": "https://x.de", "date": "2020-01"},
    {"id": "new", "statement": "x", "source": "https://x.de", "date": "2026-10"},
    {"id": "undated", "statement": "x", "source": "https://x.de", "date": "undated"},
    {"id": "year", "statement": "x", "source": "https://x.de", "date": "2026-10", "expires": "2026-12-31"},
]
PARTS = {"summary": [{"text": f"It is {item['id']}.", "items": [item["id"]]} for item in ITEMS]}


def data(folder: Path, **more: object) -> Path:
    (folder / "articles").mkdir()
    (folder / "knowledge").mkdir()
    article = {"topic": "doctor", "title": "Doctors", "parts": PARTS, **more}
    (folder / "articles" / "health.yml").write_text(yaml.safe_dump({"articles": [article]}), encoding="utf-8")
    (folder / "knowledge" / "items.yml").write_text(yaml.safe_dump({"items": ITEMS}), encoding="utf-8")
    return folder


def test_what_is_old_undated_or_expired(tmp_path: Path) -> None:
    found = findings(data(tmp_path), date(2027, 1, 1), 12)
    assert [(f.owner, f.topic, f.part, f.item, f.why, f.date) for f in found] == [
        ("health.yml", "doctor", "summary", "year", "expired", "2026-12-31"),
        ("health.yml", "doctor", "summary", "old", "old", "2020-01"),
        ("health.yml", "doctor", "summary", "undated", "undated", ""),
    ]


def test_on_its_last_day_it_still_holds(tmp_path: Path) -> None:
    assert {f.item for f in findings(data(tmp_path), date(2026, 12, 31), 120)} == {"undated"}


def test_a_report_for_an_owner_and_one_with_nothing_in_it(tmp_path: Path) -> None:
    lines = report(data(tmp_path), date(2027, 1, 1), 12)
    assert lines[1] == "health.yml: 3 sentences"
    assert lines[2] == "  doctor/summary: expired 2026-12-31 (year): It is year."
    fresh = {"summary": [{"text": "It is new.", "items": ["new"]}]}
    (tmp_path / "fresh").mkdir()
    assert report(data(tmp_path / "fresh", parts=fresh), date(2026, 11, 1), 12) == [
        "every sentence was checked in time"
    ]
