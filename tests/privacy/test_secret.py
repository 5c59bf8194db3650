"""The secret is changed without ending conversations, and the former one is destroyed on time."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import InvalidToken

from bot import keys as module
from bot.cli import main
from bot.keys import CURRENT, FORMER, KeyChangeError, Keys, change, open_keys
from bot.settings import ROOT, Settings, SettingsError

HOUR = 3600.0
OLD, NEW = "the secret of before, 32 letters", "the secret of now, with 32 letters"


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1_795_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "var", retention_hours=24)


def everything(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_a_change_keeps_the_former_secret_for_one_retention(settings: Settings, clock: Clock) -> None:
    before = settings.secret_bytes()
    assert change(settings, clock=clock) == clock.now + 24 * HOUR
    now = settings.secret_bytes()
    assert now != before and len(now) == 64
    for name in (CURRENT, FORMER):
        assert stat.S_IMODE((settings.data_dir / name).stat().st_mode) == 0o600
    assert sorted(os.listdir(settings.data_dir)) == [CURRENT, FORMER]
    assert open_keys(settings, clock).all() == (now, before)
    clock.now += 24 * HOUR - 1
    assert open_keys(settings, clock).all() == (now, before)
    clock.now += 1
    assert open_keys(settings, clock).all() == (now,)
    assert not (settings.data_dir / FORMER).exists() and before not in everything(settings.data_dir)


def test_a_server_that_runs_destroys_it_within_the_hour(settings: Settings, clock: Clock) -> None:
    before = settings.secret_bytes()
    change(settings, clock=clock)
    keys = open_keys(settings, clock)
    token = keys.cipher("journal").encrypt(b"x")
    old = Keys(before).cipher("journal").encrypt(b"x")
    cipher = keys.cipher("journal")
    assert cipher.decrypt(old) == b"x"
    keys.sweep()
    assert (settings.data_dir / FORMER).exists()
    clock.now += 24 * HOUR
    assert keys.all() == (settings.secret_bytes(),), "not used a moment longer, before any sweep"
    with pytest.raises(InvalidToken):
        cipher.decrypt(old)
    assert cipher.decrypt(token) == b"x"
    keys.sweep()
    assert not (settings.data_dir / FORMER).exists()
    keys.sweep()


def test_what_is_deleted_is_overwritten(settings: Settings, clock: Clock, tmp_path: Path) -> None:
    """A second name for each file shows what stays in its blocks."""
    before = settings.secret_bytes()
    os.link(settings.data_dir / CURRENT, tmp_path / "blocks-of-secret")
    change(settings, clock=clock)
    assert set((tmp_path / "blocks-of-secret").read_bytes()) == {0}
    os.link(settings.data_dir / FORMER, tmp_path / "blocks-of-former")
    clock.now += 25 * HOUR
    open_keys(settings, clock)
    assert set((tmp_path / "blocks-of-former").read_bytes()) == {0}
    assert before not in everything(tmp_path)


def test_a_second_change_waits_for_the_first(settings: Settings, clock: Clock) -> None:
    change(settings, clock=clock)
    first = open_keys(settings, clock).all()
    with pytest.raises(KeyChangeError, match="--force"):
        change(settings, clock=clock)
    assert open_keys(settings, clock).all() == first
    change(settings, force=True, clock=clock)
    second = open_keys(settings, clock).all()
    assert second[1] == first[0] and first[1] not in everything(settings.data_dir)


@pytest.mark.parametrize("step", ["before", "between"])
def test_power_that_fails_in_the_middle_loses_nothing(
    settings: Settings, clock: Clock, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    before, replace, done = settings.secret_bytes(), os.replace, []

    def fails(source: object, target: object) -> None:
        done.append(target)
        if len(done) == (1 if step == "before" else 2):
            raise OSError("power")
        replace(source, target)  # type: ignore[call-overload]

    monkeypatch.setattr(module.os, "replace", fails)
    with pytest.raises(OSError, match="power"):
        change(settings, clock=clock)
    monkeypatch.undo()
    assert settings.secret_bytes() == before
    assert open_keys(settings, clock).all() == (before,)
    assert not (settings.data_dir / FORMER).exists()
    change(settings, clock=clock)
    assert open_keys(settings, clock).all() == (settings.secret_bytes(), before)


def test_a_clock_that_was_wrong_does_not_keep_it_for_years(settings: Settings, clock: Clock) -> None:
    settings.secret_bytes()
    clock.now += 10 * 365 * 24 * HOUR
    change(settings, clock=clock)
    clock.now -= 10 * 365 * 24 * HOUR
    assert len(open_keys(settings, clock).all()) == 2
    clock.now += 25 * HOUR
    assert len(open_keys(settings, clock).all()) == 1


def test_with_settings_the_former_one_counts_for_one_retention(
    tmp_path: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    given = Settings(data_dir=tmp_path, secret=NEW, secret_old=OLD)
    assert open_keys(given, clock).all() == (NEW.encode(), OLD.encode())
    clock.now += 23 * HOUR  # restarts do not make it longer
    keys = open_keys(given, clock)
    assert keys.former == OLD.encode()
    assert OLD.encode() not in everything(tmp_path), "only a mark of it is written"
    clock.now += HOUR
    assert keys.former == b""
    caplog.clear()
    assert open_keys(given, clock).all() == (NEW.encode(),)
    assert "WEGWEISER_SECRET_OLD" in caplog.text and OLD not in caplog.text
    # taken out, and put in again by mistake later: as if new, of course, but another one is not the same
    assert open_keys(Settings(data_dir=tmp_path, secret=NEW), clock).all() == (NEW.encode(),)
    assert not (tmp_path / FORMER).exists()


def test_a_former_secret_needs_one_of_now() -> None:
    with pytest.raises(SettingsError, match="WEGWEISER_SECRET_OLD: needs WEGWEISER_SECRET"):
        Settings.from_env({"WEGWEISER_SECRET_OLD": OLD})
    with pytest.raises(SettingsError, match="WEGWEISER_SECRET_OLD: must have at least 16"):
        Settings.from_env({"WEGWEISER_SECRET": NEW, "WEGWEISER_SECRET_OLD": "short"})
    assert OLD not in repr(Settings.from_env({"WEGWEISER_SECRET": NEW, "WEGWEISER_SECRET_OLD": OLD}))


def test_pseudonyms_and_ciphers_of_both() -> None:
    keys, former, now = Keys(NEW.encode(), OLD.encode()), Keys(OLD.encode()), Keys(NEW.encode())
    assert keys.pseudonyms("telegram", "7001") == (
        *now.pseudonyms("telegram", "7001"),
        *former.pseudonyms("telegram", "7001"),
    )
    cipher, old = keys.cipher("a"), former.cipher("a")
    assert cipher.decrypt(old.encrypt(b"x")) == b"x"
    renewed = cipher.renewed(old.encrypt(b"x"))
    assert renewed is not None and now.cipher("a").decrypt(renewed) == b"x"
    assert cipher.renewed(cipher.encrypt(b"x")) is None and cipher.renewed(b"rubbish") is None
    with pytest.raises(InvalidToken):
        keys.cipher("b").decrypt(old.encrypt(b"x"))


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for name in [name for name in os.environ if name.startswith("WEGWEISER_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("WEGWEISER_DATA_DIR", str(tmp_path))
    assert main(["key", "rotate"]) == 0
    said = capsys.readouterr()
    assert "Restart the server" in said.out
    secret = (tmp_path / CURRENT).read_text()
    assert secret not in said.out + said.err
    assert main(["key", "rotate"]) == 1
    assert "--force" in capsys.readouterr().err
    assert main(["key", "rotate", "--force"]) == 0
    assert json.loads((tmp_path / FORMER).read_text())["key"] == secret
    monkeypatch.setenv("WEGWEISER_SECRET", NEW)
    capsys.readouterr()
    assert main(["key", "rotate"]) == 1
    assert "WEGWEISER_SECRET_OLD" in capsys.readouterr().err


def test_a_restart_after_its_time_destroys_it_in_a_whole_process(tmp_path: Path) -> None:
    """Not the injected clock but that of a machine, as faketime shows it to another process."""
    import shutil

    if shutil.which("faketime") is None:
        pytest.skip("faketime is missing: `make system` installs it")
    given = Settings(data_dir=tmp_path)
    before = given.secret_bytes()
    change(given)
    program = "from bot.keys import open_keys; from bot.settings import Settings; print(len(open_keys(Settings.from_env()).all()))"
    environment = {**os.environ, "WEGWEISER_DATA_DIR": str(tmp_path)}
    for later, known in (("+23 hours", "2"), ("+25 hours", "1")):
        done = subprocess.run(
            ["faketime", "-f", later.replace(" hours", "h"), sys.executable, "-c", program],
            cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert done.stdout.strip() == known
    assert before not in everything(tmp_path)
