"""`make fuzz` does what it says: counts inputs, finds a fault, keeps the input that shows it, and writes the table."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tools.fuzz import run as runner
from tools.fuzz.card import BEGIN, END, write

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(runner, "BUILD", tmp_path / "build")
    monkeypatch.setattr(runner, "CORPUS", tmp_path / "corpus")
    return tmp_path


def test_a_target_is_fuzzed(folder: Path) -> None:
    seeds = folder / "corpus" / "start_link"
    seeds.mkdir(parents=True)
    (seeds / "one").write_bytes(b"l-ar_p-leipzig")
    row = runner.fuzz("start_link", runs=300, seconds=0)
    assert row["inputs"] >= 300 and row["features"] > 0 and row["faults"] == [] and row["exit"] == 0
    assert row["slowest_ms"] > 0


def test_a_fault_is_found(tmp_path: Path) -> None:
    """A target that fails on one byte: atheris ends with an error, and the input is there."""
    script = tmp_path / "failing.py"
    script.write_text(
        "import sys, atheris\n"
        "def run(data):\n    assert data[:1] != b'x'\n"
        "atheris.instrument_func(run)\natheris.Setup(sys.argv, run)\natheris.Fuzz()\n"
    )
    done = subprocess.run(
        [sys.executable, str(script), "-runs=200000", f"-artifact_prefix={tmp_path}/found-"],
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    row = runner.read(done.stderr)
    assert done.returncode != 0 and row["faults"] == ["crash"]
    (kept,) = tmp_path.glob("found-crash-*")
    assert kept.read_bytes()[:1] == b"x"


def test_the_table(tmp_path: Path) -> None:
    page = tmp_path / "input.md"
    page.write_text(f"# Input\n\n{BEGIN}\nold\n{END}\n\nMore.\n")
    row = {"target": "web_text", "inputs": 120_000, "seconds": 10.0, "slowest_ms": 1.5, "features": 300, "faults": []}
    write(page, [row, {**row, "target": "other", "faults": ["crash"]}])
    said = page.read_text()
    assert "| `web_text` | 120,000 | 12,000 | 1.5 | 300 | none |" in said and "| crash |" in said and "240,000" in said
    assert said.endswith("More.\n") and "old" not in said
    page.write_text("no markers")
    with pytest.raises(ValueError, match="no markers"):
        write(page, [row])


def test_what_libfuzzer_says() -> None:
    said = "#2\tINITED cov: 4 ft: 5 corp: 1/1b\n#300\tDONE   cov: 44 ft: 105 corp: 9/9b\nstat::number_of_executed_units: 301\nstat::peak_rss_mb: 77\n"
    assert runner.read(said) == {"inputs": 301, "coverage": 44, "features": 105, "peak_mb": 77, "faults": []}
    assert runner.read("==1== ERROR: libFuzzer: timeout after 60 seconds")["faults"] == ["timeout"]
    assert runner.read("==1== ERROR: libFuzzer: out-of-memory (used: 2049Mb)")["faults"] == ["memory"]
    assert json.dumps(runner.read(""))
