"""The command line: one clear sentence and the right exit code for everything that can be wrong at the start."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def wegweiser(
    *arguments: str, text: str = "", folder: Path | None = None, **env: object
) -> subprocess.CompletedProcess[str]:
    """Run the command with WEGWEISER_ settings and nothing else of ours in the environment."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("WEGWEISER_")}
    settings = {f"WEGWEISER_{key}": str(value) for key, value in env.items()}
    return subprocess.run(
        [sys.executable, "-m", "bot.cli", *arguments],
        cwd=folder or ROOT,
        env=clean | {"PYTHONPATH": str(ROOT)} | settings,
        input=text,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_broken_settings_are_all_named_before_anything_starts(tmp_path: Path) -> None:
    done = wegweiser("serve", PORT="x", TYPO="1", SECRET="short", DATA_DIR=tmp_path / "var")
    assert done.returncode == 2
    assert done.stdout == ""
    first, *faults = done.stderr.splitlines()
    assert first == "wegweiser: settings are wrong:"
    assert sorted(fault.partition(":")[0] for fault in faults) == [
        "WEGWEISER_PORT",
        "WEGWEISER_SECRET",
        "WEGWEISER_TYPO",
    ]
    assert "short" not in done.stderr
    assert not (tmp_path / "var").exists()


def test_a_port_in_use_is_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = wegweiser("serve", PORT=port, DATA_DIR=tmp_path)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"wegweiser: port {port} on 127.0.0.1 cannot be used (Address already in use)")
    assert "WEGWEISER_PORT" in line
    assert done.stdout == ""


def test_a_host_that_is_not_ours_is_one_line(tmp_path: Path) -> None:
    done = wegweiser("serve", HOST="no-such-host.invalid", DATA_DIR=tmp_path)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("wegweiser: port 5005 on no-such-host.invalid cannot be used")
    assert "None" not in line


@pytest.mark.parametrize("verb", ["serve", "talk", "parse"])
def test_a_missing_model_is_one_line(tmp_path: Path, verb: str) -> None:
    model = tmp_path / "none.tar.gz"
    done = wegweiser(verb, PORT=0, MODEL=model, DATA_DIR=tmp_path / "var", text='{"text": "hello", "sender": "a"}\n')
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.splitlines()[-1] == f"wegweiser: no model at {model}: run `make train` first"
    assert "Traceback" not in done.stderr


def test_a_wrong_time_for_talk_is_one_line(tmp_path: Path) -> None:
    done = wegweiser("talk", "--at", "tomorrow", MODEL=tmp_path / "none", DATA_DIR=tmp_path)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("wegweiser: --at: not a time like 2026-11-23T10:00")


def test_doctor_masks_secrets_and_names_the_missing_model(tmp_path: Path) -> None:
    token = "123456:abcdefghijklmnop"
    done = wegweiser("doctor", MODEL=tmp_path / "none.tar.gz", DATA_DIR=tmp_path, TELEGRAM_TOKEN=token, PORT=8080)
    assert done.returncode == 1
    assert token not in done.stdout + done.stderr
    assert "WEGWEISER_TELEGRAM_TOKEN = (set)  [environment]" in done.stdout
    assert "WEGWEISER_SECRET = (not set)  [default]" in done.stdout
    assert "WEGWEISER_PORT = 8080  [environment]" in done.stdout
    assert "FAULT no model at" in done.stdout


def test_doctor_lists_every_setting(tmp_path: Path) -> None:
    from dataclasses import fields

    from bot.settings import Settings

    lines = wegweiser("doctor", DATA_DIR=tmp_path).stdout.splitlines()
    listed = [line.partition(" = ")[0] for line in lines if " = " in line]
    assert listed == [f"WEGWEISER_{f.name.upper()}" for f in fields(Settings) if f.name != "origin"]


def test_evaluate_names_an_unreadable_file(tmp_path: Path) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_text('{"text": "x"}\n', "utf-8")
    done = wegweiser("evaluate", str(bad))
    assert done.returncode == 1
    assert done.stderr == f"wegweiser evaluate: {bad}:1: needs text, intent and lang\n"
    assert wegweiser("evaluate", str(tmp_path / "none.jsonl")).returncode == 1


def test_forget_without_conversations(tmp_path: Path) -> None:
    done = wegweiser("forget", "--all", DATA_DIR=tmp_path)
    assert (done.returncode, done.stdout) == (0, "0 conversations deleted\n")


def test_the_directory_is_valid() -> None:
    done = wegweiser("directory", "check")
    assert done.returncode == 0, done.stdout
    assert done.stdout.endswith("services, no problems\n")


@pytest.mark.parametrize("arguments", [[], ["fly"], ["directory"], ["directory", "burn"]])
def test_wrong_use_is_explained(arguments: list[str]) -> None:
    done = wegweiser(*arguments)
    assert done.returncode == 2
    assert done.stderr.startswith("usage: wegweiser")
    assert "Traceback" not in done.stderr


def test_help_needs_no_rasa() -> None:
    program = "import sys; from bot.cli import main\ntry: main(['--help'])\nfinally: assert 'rasa' not in sys.modules"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "serve" in done.stdout


def test_it_works_from_another_folder(tmp_path: Path) -> None:
    done = wegweiser("directory", "check", folder=tmp_path)
    assert done.returncode == 0, done.stderr
