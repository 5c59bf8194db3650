"""The systemd units: read by systemd itself, and how much a service may do."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from bot.cli import _parser
from bot.settings import ROOT, Settings
from tests.deploy.files import DEPLOY, program

UNITS = {"wegweiser.service": "", "wegweiser@.service": "5006", "wegweiser-actions@.service": "5056"}
APP = "/opt/wegweiser/app"


def values(name: str, key: str) -> list[str]:
    text = (DEPLOY / "systemd" / name).read_text(encoding="utf-8")
    return re.findall(rf"^{key}=(.*)$", text, re.M)


@pytest.fixture(params=UNITS)
def unit(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Path]:
    """A unit as it is on a server, its programs taken from this checkout."""
    name = str(request.param)
    text = (DEPLOY / "systemd" / name).read_text(encoding="utf-8")
    text = text.replace(f"{APP}/.venv/bin/", f"{ROOT}/.venv/bin/")
    path = tmp_path / name.replace("@", f"@{UNITS[name]}")
    path.write_text(text, encoding="utf-8")
    return name, path


def test_systemd_understands_it(unit):
    done = subprocess.run([program("systemd-analyze"), "verify", unit[1]], capture_output=True, text=True, timeout=60)
    about_it = [line for line in done.stderr.splitlines() if unit[1].name in line or str(unit[1]) in line]
    assert done.returncode == 0 and about_it == [], done.stderr


def test_it_may_do_little(unit):
    # of 100; a unit without any of this has 96
    command = [program("systemd-analyze"), "security", "--offline=true", "--threshold=20", "--no-pager", unit[1]]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout[-600:]


@pytest.mark.parametrize("name", UNITS)
def test_its_command_exists_and_its_folder_is_its_own(name):
    (start,) = values(name, "ExecStart")
    words = start.replace("%i", UNITS[name]).replace("%S", "/var/lib").split()
    given = dict(word.split("=", 1) for word in words if word.startswith("WEGWEISER_"))
    command = words[words.index(f"{APP}/.venv/bin/wegweiser") + 1 :]
    _parser().parse_args(command)
    settings = Settings.from_env(given)
    (state,) = values(name, "StateDirectory")
    if "@" in name:
        assert str(settings.data_dir) == f"/var/lib/{state.replace('%i', UNITS[name])}"
    (stop,) = values(name, "TimeoutStopSec")
    assert int(stop) >= 30, "answers under way take up to 25 seconds"
    (check,) = values(name, "ExecStartPost")
    assert (ROOT / check.split()[2]).exists(), "a restart is over when it answers"
    if "@" in name:
        assert "--port %i" in check
    for key, value in {
        "ProtectSystem": "strict",
        "NoNewPrivileges": "yes",
        "User": "wegweiser",
        "CapabilityBoundingSet": "",
    }.items():
        assert values(name, key) == [value]
    # Of several on one server, each may have something of its own besides, such as the port of its metrics.
    own = ["-/etc/wegweiser/settings.%i"] if "@" in name else []
    assert values(name, "EnvironmentFile") == ["/etc/wegweiser/settings", *own]
    assert values(name, "MemoryMax") and values(name, "MemoryHigh")


@pytest.mark.parametrize("name", ["wegweiser.service", "wegweiser@.service"])
def test_a_server_that_hangs_is_started_anew(name):
    assert values(name, "Type") == ["notify"] and values(name, "NotifyAccess") == ["main"]
    assert 30 <= int(values(name, "WatchdogSec")[0]) <= 120, (
        "a take-over of a model holds up the event loop for a moment"
    )
    assert values(name, "Restart") == ["on-failure"]
    assert "AF_UNIX" in values(name, "RestrictAddressFamilies")[0], "signs of life go through a socket"


def test_settings_of_an_instance_win_over_the_file_of_settings():
    for name in ("wegweiser@.service", "wegweiser-actions@.service"):
        assert not any("WEGWEISER_" in row for row in values(name, "Environment")), "the file would win over these"
