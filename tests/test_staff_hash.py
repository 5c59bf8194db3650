"""`wegweiser staff hash`: from one line and from a terminal."""

from __future__ import annotations

import io
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from bot.channels.web.staff.password import matches
from bot.quality.staff_hash import main
from bot.settings import Settings
from tests.test_cli import ROOT, wegweiser

PASSWORD = "drei blaue Züge fahren"


def test_one_line_becomes_a_hash_that_the_settings_take() -> None:
    done = wegweiser("staff", "hash", text=PASSWORD + "\nmore\n")
    assert done.returncode == 0
    (line,) = done.stdout.splitlines()
    assert PASSWORD not in done.stdout + done.stderr
    assert matches(Settings.from_env({"WEGWEISER_STAFF_PASSWORD": line}).staff_password, PASSWORD)
    assert "WEGWEISER_STAFF_PASSWORD" in done.stderr


@pytest.mark.parametrize(
    ("text", "reason"),
    [("", "no password"), ("\n", "12 characters"), ("elf Zeichen\n", "12 characters"), ("a" * 30 + "\n", "different")],
)
def test_what_is_no_password(text: str, reason: str, capsys: pytest.CaptureFixture[str]) -> None:
    out = io.StringIO()
    assert main(io.StringIO(text), out) == 1
    assert out.getvalue() == ""
    (line,) = capsys.readouterr().err.splitlines()
    assert reason in line


@pytest.mark.parametrize(("again", "code"), [(PASSWORD, 0), ("etwas anderes hier", 1)])
def test_on_a_terminal_it_is_asked_twice_and_not_shown(again: str, code: int, tmp_path: Path) -> None:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("WEGWEISER_")}
    main_end, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "bot.cli", "staff", "hash"],
        **{"cwd": ROOT, "env": clean | {"PYTHONPATH": str(ROOT)}, "stdin": terminal, "stderr": terminal},
        stdout=subprocess.PIPE, start_new_session=True, preexec_fn=lambda: os.close(os.open(os.ttyname(0), os.O_RDWR)),
    )  # fmt: skip
    os.close(terminal)
    shown = b""
    for asked, typed in ((b"Password: ", PASSWORD), (b"again: ", again)):
        while asked not in shown:
            shown += os.read(main_end, 1000)
        os.write(main_end, typed.encode() + b"\n")
    out, _ = process.communicate(timeout=60)
    while True:
        try:
            more = os.read(main_end, 1000)
        except OSError:
            break
        if not more:
            break
        shown += more
    os.close(main_end)
    assert process.returncode == code
    assert PASSWORD.encode() not in shown
    assert out.startswith(b"$argon2id$") is (code == 0)
    assert (b"not the same" in shown) is (code == 1)
