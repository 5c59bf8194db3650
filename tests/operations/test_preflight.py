"""All that would stop the start is said at once, in one message, with what to do."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import preflight
from bot.settings import ROOT, Settings

GOOD_HASH = "$argon2id$v=19$m=99999999,t=2,p=1$c29tZXNhbHRzb21l$c29tZWhhc2hzb21laGFzaHNvbWU"


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that something else has."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield int(listener.getsockname()[1])


def start(*arguments: str, **env: object) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("WEGWEISER_")}
    settings = {f"WEGWEISER_{key}": str(value) for key, value in env.items()}
    return subprocess.run(
        [sys.executable, "-m", "bot.cli", *arguments],
        cwd=ROOT, env=clean | settings, capture_output=True, text=True, timeout=60,
    )  # fmt: skip


def broken(folder: Path) -> dict[str, object]:
    """Faults outside the settings: operator.yml, goals, hash, model, data folder."""
    (folder / "legal").mkdir()
    (folder / "legal" / "operator.yml").write_text("name: [1]\nnonsense: x\n")
    (folder / "goals.yml").write_text("- goal: x\n  measure: nonsense\n  at_least: 1\n")
    (folder / "file").write_text("")
    return {
        "LEGAL_DIR": folder / "legal",
        "GOALS": folder / "goals.yml",
        "STAFF_PASSWORD": GOOD_HASH,
        "MODEL": folder / "none.tar.gz",
        "DATA_DIR": folder / "file",
    }


def test_ten_faults_in_one_message(tmp_path: Path, taken: int) -> None:
    done = start(
        "serve",
        **broken(tmp_path),
        PORT=taken,
        METRICS="127.0.0.1:nine",
        OLD_MONTHS=60,
        SECRET="short",
        STAFF_HEADER="X-Remote-User",
        TYPO=1,
    )
    assert done.returncode == 2 and done.stdout == ""
    first, *faults = done.stderr.splitlines()
    assert first == "wegweiser: settings are wrong:"
    text = "\n".join(faults)
    for said in (
        "WEGWEISER_METRICS: must be",
        "WEGWEISER_OLD_MONTHS: must not be more than",
        "WEGWEISER_SECRET: must have at least 16 characters",
        "WEGWEISER_STAFF_HEADER: is believed only from",
        "WEGWEISER_TYPO: no such setting",
        f"port {taken} on 127.0.0.1 cannot be used",
        f"no model at {tmp_path / 'none.tar.gz'}: run `make train` first",
        "the legal pages cannot be made:",
        "WEGWEISER_GOALS:",
        "WEGWEISER_STAFF_PASSWORD: the hash is too expensive",
        f"{tmp_path / 'file'} cannot be written",
    ):
        assert said in text, said
    assert "Traceback" not in text and "argon2id" not in text
    assert len(faults) < 20, "nothing is said twice"


def test_right_settings_and_a_wrong_machine(tmp_path: Path, taken: int) -> None:
    """As before: what is not in the settings themselves ends with 1."""
    done = start("serve", **broken(tmp_path), PORT=taken)
    assert done.returncode == 1 and done.stdout == ""
    first, *faults = done.stderr.splitlines()
    assert first == "wegweiser: it cannot start, 6 things are wrong:"
    assert faults[0].startswith(f"port {taken} on 127.0.0.1 cannot be used (Address already in use)")
    assert "the legal pages cannot be made:" in faults


def test_an_action_server_says_what_concerns_it(tmp_path: Path, taken: int) -> None:
    done = start("actions", "--port", str(taken), **broken(tmp_path), SECRET="short")
    assert done.returncode == 2
    assert f"port {taken} on 127.0.0.1 cannot be used" in done.stderr and "cannot be written" in done.stderr
    assert "no model" not in done.stderr and "legal" not in done.stderr


def test_other_commands_ask_for_settings_alone(tmp_path: Path) -> None:
    done = start("forget", **broken(tmp_path), SECRET="short")
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "wegweiser: settings are wrong:",
        "WEGWEISER_SECRET: must have at least 16 characters",
    ]


def test_nothing_is_made_while_it_looks(tmp_path: Path) -> None:
    settings = Settings(port=0, data_dir=tmp_path / "var", model=tmp_path / "none")
    assert [fault.partition(" at ")[0] for fault in preflight.faults(settings)] == ["no model"]
    assert list(tmp_path.iterdir()) == []


def test_a_setting_that_cannot_be_read_causes_no_second_fault(tmp_path: Path, taken: int) -> None:
    settings = Settings(port=taken, data_dir=tmp_path, model=tmp_path / "none")
    assert preflight.faults(settings, frozenset({"port", "model"})) == []


def test_addresses_of_stores_that_are_none(tmp_path: Path) -> None:
    model = tmp_path / "model"
    model.write_text("")
    settings = Settings(
        port=0, data_dir=tmp_path, model=model, secret="x" * 20,
        redis_url="redis://127.0.0.1:port/0", database_url="postgresql://w:hunter2@[::1/w",
    )  # fmt: skip
    found = preflight.faults(settings)
    assert [fault.partition(":")[0] for fault in found] == ["WEGWEISER_REDIS_URL", "WEGWEISER_DATABASE_URL"]
    assert "hunter2" not in str(found)


def test_the_port_of_the_metrics(tmp_path: Path, taken: int) -> None:
    model = tmp_path / "model"
    model.write_text("")
    settings = Settings(port=0, data_dir=tmp_path, model=model, metrics=f"127.0.0.1:{taken}")
    (fault,) = preflight.faults(settings)
    assert fault.startswith(f"WEGWEISER_METRICS: 127.0.0.1:{taken} cannot be used (Address already in use)")
    assert preflight.told([fault]) == fault
    other = Settings(port=0, data_dir=tmp_path, model=model, metrics="192.0.2.1:9105")
    assert preflight.faults(other)[0].startswith("WEGWEISER_METRICS: 192.0.2.1:9105 cannot be used")
