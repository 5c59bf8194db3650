"""The image: its build file, what goes into it, its entrypoint and its health check."""

from __future__ import annotations

import importlib.metadata
import os
import re
import shlex
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import tomli
from packaging.requirements import Requirement

from bot.settings import ROOT, Settings
from tests.deploy.backends import backends
from tests.deploy.files import DEPLOY, compose, texts
from tools.bench.processes import free_port

HERE = DEPLOY / "container"
PROJECT = tomli.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def instructions() -> list[tuple[str, str]]:
    """The instructions of the Containerfile in order, continued lines joined."""
    text = re.sub(r"^\s*#.*\n", "", (HERE / "Containerfile").read_text(encoding="utf-8"), flags=re.M)
    lines = re.sub(r"\\\n\s*", " ", text).splitlines()
    return [(line.split(None, 1)[0], line.split(None, 1)[1]) for line in lines if line.strip()]


def stages() -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for word, rest in instructions():
        if word == "FROM":
            found[rest.split(" AS ")[1]] = []
        list(found.values())[-1].append((word, rest))
    return found


def locked(path: Path) -> dict[str, tuple[str, frozenset[str]]]:
    """Every package of a lock with its version and its hashes."""
    found = {}
    for block in re.split(r"\n(?=\S)", path.read_text(encoding="utf-8").strip()):
        name, version = re.match(r"([\w.-]+)==(\S+)", block).groups()  # type: ignore[union-attr]
        found[name] = (version, frozenset(re.findall(r"sha256:[0-9a-f]{64}", block)))
    return found


def test_the_image_is_locked_as_the_project_is():
    whole, image = locked(ROOT / "requirements.lock"), locked(HERE / "requirements.lock")
    assert [name for name, row in image.items() if whole.get(name) != row] == [], "run `make lock`"
    assert all(hashes for _, hashes in image.values())


def test_the_image_has_what_is_needed_and_nothing_of_the_tests():
    image = set(locked(HERE / "requirements.lock"))
    for line in PROJECT["dependencies"]:
        assert Requirement(line).name.lower() in image, line
    # what only tests, checks and comparisons use
    assert not image & {"pytest", "mypy", "ruff", "playwright", "hypothesis", "schemathesis", "kubernetes-validate"}
    # everything a package of the image asks for is in it, too, as far as it is in the project at all
    whole, missing = set(locked(ROOT / "requirements.lock")), set()
    for name in image:
        for line in importlib.metadata.requires(name) or []:
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                wanted = re.sub(r"[-_.]+", "-", requirement.name).lower()
                if wanted in whole and wanted not in image:
                    missing.add(f"{name} needs {wanted}")
    assert missing == set()


def test_it_installs_with_hashes_only():
    runs = [rest for word, rest in instructions() if word == "RUN" and "pip install" in rest]
    for command in re.findall(r"pip install ([^&]*)", " && ".join(runs)):
        assert "--no-deps" in command
        assert "--require-hashes" in command or command.split()[-2:] == ["-e", "."], command


def test_the_builders_tools_are_the_locked_ones(tmp_path):
    (run,) = [rest for word, rest in instructions() if word == "RUN" and "build.lock" in rest]
    command = run.split(" && ")[0].replace("/tmp/requirements.lock", str(HERE / "requirements.lock"))
    subprocess.run(
        ["sh", "-c", command.replace("/tmp/build.lock", str(tmp_path / "build.lock"))], check=True, timeout=20
    )
    image = locked(HERE / "requirements.lock")
    assert locked(tmp_path / "build.lock") == {name: image[name] for name in ("setuptools", "wheel")}


def test_stages_and_rights():
    found = stages()
    assert list(found) == ["build", "delivered", "wegweiser", "with-model"]
    assert {rest.split(" ")[0] for rows in found.values() for word, rest in rows if word == "FROM"} == {
        "python:3.10-slim-bookworm",
        "build",
        "wegweiser",
    }
    words = [word for word, _ in found["wegweiser"]]
    user = next(rest for word, rest in found["wegweiser"] if word == "USER")
    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", user)
    assert "RUN" not in words[words.index("USER") :], "nothing is done any more once it is not root"
    assert not any(word == "USER" for word, _ in found["with-model"]), "the model's image runs as the other one"
    users = {row["user"] for row in compose("compose.yml")["services"].values() if row["image"].startswith("wegweiser")}
    assert users == {user}
    rest = dict(found["wegweiser"])
    assert (
        rest["HEALTHCHECK"].endswith('"deploy/health.py", "--path", "/ready"]')
        and rest["ENTRYPOINT"] == '["/opt/wegweiser/entrypoint"]'
    )
    assert rest["CMD"] == '["wegweiser", "serve"]'


def test_no_setting_of_the_image_is_secret_and_all_can_be_read():
    (environment,) = [rest for word, rest in stages()["wegweiser"] if word == "ENV"]
    values = dict(part.split("=", 1) for part in shlex.split(environment))
    ours = {name: value for name, value in values.items() if name.startswith("WEGWEISER_")}
    settings = Settings.from_env(ours)
    assert settings.host == "0.0.0.0" and settings.port == 5005
    assert set(ours) == {"WEGWEISER_HOST", "WEGWEISER_PORT", "WEGWEISER_DATA_DIR"}
    (volume,) = [rest for word, rest in stages()["wegweiser"] if word == "VOLUME"]
    assert str(settings.data_dir) in volume


def test_what_is_copied_exists_and_what_is_not_needed_stays_out():
    lines = (ROOT / ".containerignore").read_text(encoding="utf-8").splitlines()
    assert (HERE / "Containerfile.dockerignore").read_text(encoding="utf-8").splitlines() == lines
    assert lines[1] == "*", "nothing goes in by itself"
    let_in = [line[1:] for line in lines if line.startswith("!")]
    for name in let_in:
        assert name.startswith("build/") or (ROOT / name).exists(), name
    for word, rest in instructions():
        if word == "COPY" and "--from" not in rest:
            for source in [part for part in rest.split()[:-1] if not part.startswith("--")]:
                source = source.rstrip("/")
                assert any(
                    source == name or name.startswith(f"{source}/") or source.startswith(f"{name}/") for name in let_in
                ), source
    assert not any(name.startswith((".git", "tests", "var")) for name in let_in)


def test_versions_agree():
    version = PROJECT["version"]
    assert f"ARG VERSION={version}" in (HERE / "Containerfile").read_text(encoding="utf-8")
    named = {
        found for text in texts().values() for found in re.findall(r"\bwegweiser(?:-with-model)?:(\d+\.\S+)", text)
    }
    assert named == {version}


def entered(folder: Path, environment: dict[str, str]) -> dict[str, str]:
    """The settings a program gets from the entrypoint."""
    done = subprocess.run(
        ["sh", HERE / "entrypoint.sh", "env"],
        env={"PATH": os.environ["PATH"], "SECRETS_DIR": str(folder), **environment},
        capture_output=True, text=True, check=True, timeout=20,
    )  # fmt: skip
    rows = (line.partition("=") for line in done.stdout.splitlines())
    return {name: value for name, _, value in rows if name.startswith("WEGWEISER_")}


def test_secrets_come_from_files_and_what_is_set_wins(tmp_path):
    hash_of_password = "$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHQ$aGFzaGhhc2g"
    (tmp_path / "WEGWEISER_SECRET").write_text("of the file\n")
    (tmp_path / "WEGWEISER_STAFF_PASSWORD").write_text(hash_of_password)
    (tmp_path / "WEGWEISER_TELEGRAM_TOKEN").write_text("")
    (tmp_path / "redis_password").write_text("x")
    (tmp_path / "WEGWEISER_X;touch stolen").write_text("x")
    assert entered(tmp_path, {}) == {
        "WEGWEISER_SECRET": "of the file",
        "WEGWEISER_STAFF_PASSWORD": hash_of_password,
        "WEGWEISER_TELEGRAM_TOKEN": "",
    }
    assert entered(tmp_path, {"WEGWEISER_SECRET": "set"})["WEGWEISER_SECRET"] == "set"
    assert entered(tmp_path / "nothing", {}) == {}
    assert os.access(HERE / "entrypoint.sh", os.X_OK)


def health(*arguments: str, port: int | None = None) -> int:
    environment = {"PATH": os.environ["PATH"], **({"WEGWEISER_PORT": str(port)} if port else {})}
    return subprocess.run(
        [sys.executable, "-I", DEPLOY / "health.py", *arguments], env=environment, timeout=30, check=False
    ).returncode


def test_the_health_check_says_how_it_is():
    with backends("one") as (server,):
        port = int(server.address.rpartition(":")[2])
        assert health("--port", str(port)) == 0
        assert health(port=port) == 0, "the port is a setting of the process"
        server.status = 503
        assert health("--port", str(port)) == 1
        assert [row[:2] for row in server.got] == [("GET", "/health")] * 3
        server.status = 200
        assert health("--port", str(port), "--path", "/ready") == 0
        assert server.got[-1][:2] == ("GET", "/ready")
    assert health("--port", str(free_port())) == 1


def test_the_health_check_can_wait_for_a_start():
    port = free_port()
    asked: list[float] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(time.monotonic())
            self.send_response(200 if len(asked) > 2 else 503)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    found: list[int] = []
    waiting = threading.Thread(target=lambda: found.append(health("--port", str(port), "--wait", "20")))
    waiting.start()
    server = HTTPServer(("127.0.0.1", port), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    waiting.join(25)
    server.shutdown()
    server.server_close()
    assert found == [0] and len(asked) == 3


@pytest.mark.parametrize("name", ["Containerfile", "Containerfile.dockerignore", "entrypoint.sh"])
def test_no_line_of_windows(name):
    assert b"\r" not in (HERE / name).read_bytes(), "sh would not find its program"
