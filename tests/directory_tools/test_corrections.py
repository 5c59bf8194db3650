"""The queue of corrections: bounded, counted, atomic, and nothing in it about a person."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import threading
from datetime import date, datetime
from pathlib import Path

import pytest

from bot.directory_tools.corrections import MAX_BYTES, Correction, Corrections

DAY = date(2026, 11, 28)
ROOT = Path(__file__).parents[2]


@pytest.fixture
def queue(tmp_path: Path) -> Corrections:
    return Corrections(tmp_path / "var" / "corrections.jsonl", {"a-b", "integreat:12"})


def test_one_line_a_report_with_four_keys_only(queue: Corrections, tmp_path: Path) -> None:
    assert queue.report("a-b", "phone", DAY)
    assert queue.report("integreat:12", "closed", datetime(2026, 11, 29, 12, 30))
    file = tmp_path / "var" / "corrections.jsonl"
    assert [json.loads(line) for line in file.read_text().splitlines()] == [
        {"id": "a-b", "what": "phone", "day": "2026-11-28", "count": 1},
        {"id": "integreat:12", "what": "closed", "day": "2026-11-29", "count": 1},
    ]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_same_is_counted_up_in_its_place(queue: Corrections) -> None:
    for what in ("phone", "hours", "phone", "phone"):
        assert queue.report("a-b", what, DAY)
    assert queue.report("a-b", "phone", date(2026, 11, 29))
    assert queue.entries() == [
        Correction("a-b", "phone", "2026-11-28", 3),
        Correction("a-b", "hours", "2026-11-28", 1),
        Correction("a-b", "phone", "2026-11-29", 1),
    ]


@pytest.mark.parametrize(
    ("service_id", "what"),
    [("c", "phone"), ("a-b", "name"), ("a-b", ""), ("a-b\n", "phone"), ("../a", "phone"), ("", "phone"), (None, "phone"), ("a-b", None), ("a-b", ["phone"])],
)  # fmt: skip
def test_unknown_ids_and_fields_are_refused(service_id: str, what: str, queue: Corrections, tmp_path: Path) -> None:
    assert queue.report(service_id, what, DAY) is False
    assert not (tmp_path / "var").exists()


def test_without_known_ids_those_of_the_directory_count(tmp_path: Path) -> None:
    queue = Corrections(tmp_path / "c.jsonl")
    assert queue.report("notruf-112", "other", DAY) is True
    assert queue.report("no-such-service", "other", DAY) is False


def test_a_full_queue_takes_nothing_new_but_counts_on(queue: Corrections, tmp_path: Path) -> None:
    file = tmp_path / "var" / "corrections.jsonl"
    file.parent.mkdir()
    line = '{"id": "a-b", "what": "phone", "day": "%s", "count": 1}\n'
    days = [date.fromordinal(700_000 + n).isoformat() for n in range(MAX_BYTES // len(line % "2026-11-28"))]
    file.write_text("".join(line % day for day in days))
    before = file.read_bytes()
    assert queue.report("integreat:12", "phone", DAY) is False
    assert file.read_bytes() == before
    assert queue.report("a-b", "phone", date.fromisoformat(days[5])) is True
    assert queue.entries()[5].count == 2
    assert file.stat().st_size <= MAX_BYTES


def test_done_takes_out_one_line(queue: Corrections) -> None:
    for what in ("phone", "hours", "closed"):
        queue.report("a-b", what, DAY)
    assert queue.done(2) == Correction("a-b", "hours", "2026-11-28", 1)
    assert [entry.what for entry in queue.entries()] == ["phone", "closed"]
    assert [queue.done(number) for number in (0, -1, 3)] == [None, None, None]
    assert len(queue.entries()) == 2


def test_an_empty_queue(queue: Corrections, tmp_path: Path) -> None:
    assert queue.entries() == []
    assert queue.done(1) is None
    assert not (tmp_path / "var").exists()


@pytest.mark.parametrize(
    "line",
    [
        "", "nonsense", "[]", "null", "1", '{"id": "a-b"}', "[" * 100_000, "\x00", "\xff",
        '{"id": "a-b", "what": "name", "day": "2026-11-28", "count": 1}',
        '{"id": "a-b", "what": "phone", "day": "gestern", "count": 1}',
        '{"id": "a-b", "what": "phone", "day": 5, "count": 1}',
        '{"id": "a-b", "what": "phone", "day": "2026-11-28", "count": "1"}',
        '{"id": "a-b", "what": "phone", "day": "2026-11-28", "count": true}',
        '{"id": ["a-b"], "what": "phone", "day": "2026-11-28", "count": 1}',
        '{"id": "a\\u001b[31m", "what": "phone", "day": "2026-11-28", "count": 1}',
    ],
)  # fmt: skip
def test_broken_lines_are_left_out_and_the_rest_is_used(line: str, queue: Corrections, tmp_path: Path) -> None:
    queue.report("a-b", "phone", DAY)
    file = tmp_path / "var" / "corrections.jsonl"
    file.write_bytes(line.encode("latin-1") + b"\n" + file.read_bytes() + b'{"id": "a-b", "wh')
    assert queue.report("a-b", "hours", DAY)
    assert [entry.what for entry in queue.entries()] == ["phone", "hours"]


def test_a_disk_that_cannot_be_written(queue: Corrections, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    queue.report("a-b", "phone", DAY)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert queue.report("a-b", "hours", DAY) is False
    assert [entry.what for entry in queue.entries()] == ["phone"]
    assert [path.name for path in (tmp_path / "var").iterdir()] == ["corrections.jsonl"]


def test_a_log_line_names_no_record(queue: Corrections, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "var").write_text("a file where the folder should be")
    assert queue.report("a-b", "phone", DAY) is False
    assert [record.getMessage() for record in caplog.records] == ["a correction could not be kept (FileExistsError)"]


def test_threads_and_processes_lose_nothing(queue: Corrections, tmp_path: Path) -> None:
    file = tmp_path / "var" / "corrections.jsonl"
    program = f"""
from datetime import date
from pathlib import Path
from bot.directory_tools.corrections import Corrections
queue = Corrections(Path({str(file)!r}), {{"a-b"}})
for _ in range(20): assert queue.report("a-b", "phone", date(2026, 11, 28))
"""
    others = [subprocess.Popen([sys.executable, "-c", program], cwd=ROOT) for _ in range(2)]

    def work() -> None:
        for _ in range(10):
            assert queue.report("a-b", "phone", DAY)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [other.wait(timeout=30) for other in others] == [0, 0]
    assert queue.entries() == [Correction("a-b", "phone", "2026-11-28", 70)]
