"""The compose files: against the published schema, against our settings and against the nginx in front."""

from __future__ import annotations

import importlib.util
import ipaddress
import json
import os
import re
import socket
import stat
import subprocess
import time
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from bot.cli import _parser
from bot.settings import PREFIX, Settings
from tests.deploy.files import COMPOSE, DEPLOY, compose, program
from tools.bench.processes import free_port

FILES = ("compose.yml", "compose.small.yml")
SERVICES = [(name, service) for name in FILES for service in compose(name)["services"]]


def schema() -> dict[str, Any]:
    """The schema of the Compose specification, as check-jsonschema carries it."""
    found = importlib.util.find_spec("check_jsonschema")
    if found is None:
        assert not os.environ.get("CI"), "check-jsonschema is missing and CI must not skip: run `make setup`"
        pytest.skip("check-jsonschema is not installed")
    folder = Path(found.submodule_search_locations[0])  # type: ignore[index]
    return dict(json.loads((folder / "builtin_schemas/vendor/compose-spec.json").read_text(encoding="utf-8")))


@pytest.mark.parametrize("name", FILES)
def test_it_follows_the_schema(name):
    published = schema()
    check = jsonschema.validators.validator_for(published)(published)
    faults = [f"{'.'.join(map(str, e.absolute_path))}: {e.message[:200]}" for e in check.iter_errors(compose(name))]
    assert faults == []
    broken = compose(name)
    broken["services"]["nginx"]["read_onlyy"] = True
    assert list(check.iter_errors(broken)), "a misspelt key must be found"


@pytest.mark.parametrize("name", FILES)
def test_every_name_leads_somewhere(name):
    plan = compose(name)
    for service, row in plan["services"].items():
        assert set(row.get("networks", [])) <= set(plan["networks"]), service
        names = set(row.get("secrets", []))
        assert names <= set(plan["secrets"]), service
        for other, condition in row.get("depends_on", {}).items():
            assert condition == {"condition": "service_healthy"}
            health = plan["services"][other].get("healthcheck")
            assert health or plan["services"][other]["image"].startswith("wegweiser:"), f"{other} says not how it is"
        for volume in row.get("volumes", []):
            source = volume.partition(":")[0] if isinstance(volume, str) else ""
            if source.startswith("."):
                made_by_operator = source in ("./model", "./release", "./legal", "./tls")
                assert made_by_operator or (COMPOSE / source).exists(), source
            elif source:
                assert source in plan["volumes"], source
    used = {name for row in plan["services"].values() for name in row.get("secrets", [])}
    assert used == set(plan["secrets"]), "a secret nobody reads is given to nobody"


@pytest.mark.parametrize("name, service", SERVICES)
def test_a_container_has_no_rights_and_cannot_write_its_root(name, service):
    row = compose(name)["services"][service]
    assert row["read_only"] is True and row["cap_drop"] == ["ALL"]
    assert row["security_opt"] == ["no-new-privileges:true"]
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", row["user"]), "not root"
    assert not {"privileged", "cap_add", "pid", "ipc"} & set(row)
    assert row.get("network_mode", "none") == "none"
    assert row["mem_limit"] and row["pids_limit"]
    assert row["restart"] == ("no" if service == "deliver" else "unless-stopped")
    assert row["logging"]["options"]["max-size"]


@pytest.mark.parametrize("name", FILES)
def test_only_nginx_can_be_reached_and_stores_reach_nobody(name):
    plan = compose(name)
    assert [service for service, row in plan["services"].items() if "ports" in row] == ["nginx"]
    inside = {network for network, row in plan["networks"].items() if (row or {}).get("internal")}
    assert inside == ({"front", "cache", "database"} if name == "compose.yml" else {"front"})
    for service in ("redis", "postgres"):
        if service in plan["services"]:
            assert set(plan["services"][service]["networks"]) <= inside
            assert not set(plan["services"][service]["networks"]) & set(plan["services"]["nginx"]["networks"])


@pytest.mark.parametrize("name, config", [("compose.yml", "nginx.conf"), ("compose.small.yml", "nginx.small.conf")])
def test_nginx_knows_the_addresses_of_the_processes(name, config):
    plan = compose(name)
    text = (COMPOSE / config).read_text(encoding="utf-8")
    address = {
        service: row["networks"]["front"]["ipv4_address"]
        for service, row in plan["services"].items()
        if isinstance(row.get("networks"), dict) and (row["networks"].get("front") or {}).get("ipv4_address")
    }
    network = ipaddress.ip_network(plan["networks"]["front"]["ipam"]["config"][0]["subnet"])
    assert all(ipaddress.ip_address(one) in network for one in address.values())
    assert len(set(address.values())) == len(address)
    blocks = {found[1]: re.findall(r"server ([\d.]+:\d+) ", found[2]) for found in
              re.finditer(r"upstream (\w+) \{(.*?)\n    \}", text, re.S)}  # fmt: skip
    serving = [f"{one}:{Settings.port}" for service, one in address.items() if service.startswith("serve")]
    assert blocks["wegweiser_conversations"] == blocks["wegweiser_any"] == serving
    assert len(serving) == (2 if name == "compose.yml" else 1)
    if name == "compose.yml":
        acting = [f"{one}:5055" for service, one in address.items() if service.startswith("actions")]
        assert blocks["wegweiser_actions"] == acting and len(acting) == 2
        listens = re.search(r"listen ([\d.]+:5055);", text)[1]  # type: ignore[index]
        assert plan["services"]["serve-1"]["environment"]["WEGWEISER_ACTIONS_URL"] == f"http://{listens}"
        assert listens == f"{address['nginx']}:5055"
    for service in address:
        if service.startswith("serve"):
            assert plan["services"][service]["environment"]["WEGWEISER_TRUSTED_PROXIES"] == address["nginx"]
    for port in plan["services"]["nginx"]["ports"]:
        assert re.search(rf"listen {port.split(':')[1]}\b", text)


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    subprocess.run(["sh", COMPOSE / "make-secrets.sh", tmp_path / "secrets"], check=True, timeout=20)
    return tmp_path / "secrets"


@pytest.mark.parametrize("name", FILES)
def test_settings_can_be_read(name, secrets):
    for service, row in compose(name)["services"].items():
        if not row["image"].startswith("wegweiser:"):
            continue
        if service == "deliver":
            assert "secrets" not in row, "it needs none"
            Settings.from_env(row["environment"])
            continue
        given = {key: (secrets / key).read_text() for key in row.get("secrets", []) if key.startswith(PREFIX)}
        settings = Settings.from_env({**row["environment"], **given})
        assert len(settings.secret) == 64 and settings.trusted_proxies, service
        if name == "compose.yml" and service.startswith("serve"):
            assert settings.redis_url and settings.database_url and settings.actions_url
        if service.startswith("actions"):
            assert not settings.redis_url, "an action server needs no Redis"


def test_secrets_are_made_once_and_lie_where_nobody_else_looks(secrets):
    plan = compose("compose.yml")
    assert {path.name for path in secrets.iterdir()} == {Path(row["file"]).name for row in plan["secrets"].values()}
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o700
    redis, postgres = ((secrets / name).read_text() for name in ("redis_password", "postgres_password"))
    assert redis != postgres and len(redis) == 64
    assert f":{redis}@redis:" in (secrets / "WEGWEISER_REDIS_URL").read_text()
    assert f":{postgres}@postgres:" in (secrets / "WEGWEISER_DATABASE_URL").read_text()
    before = {path.name: path.read_text() for path in secrets.iterdir()}
    (secrets / "WEGWEISER_TELEGRAM_TOKEN").write_text("1234567:abcdefghijk")
    subprocess.run(["sh", COMPOSE / "make-secrets.sh", secrets], check=True, timeout=20)
    after = {path.name: path.read_text() for path in secrets.iterdir()}
    assert after == {**before, "WEGWEISER_TELEGRAM_TOKEN": "1234567:abcdefghijk"}


def test_redis_starts_with_its_password_and_keeps_nothing_on_disk(secrets, tmp_path):
    program("redis-server")
    port = free_port()
    conf = (COMPOSE / "redis.conf").read_text(encoding="utf-8").replace("bind * -::*", "bind 127.0.0.1")
    conf = conf.replace("dir /tmp", f"dir {tmp_path}") + f"port {port}\n"
    (tmp_path / "redis.conf").write_text(conf, encoding="utf-8")
    password = (secrets / "redis_password").read_text()
    process = subprocess.Popen(
        ["sh", COMPOSE / "redis-start.sh"],
        env={**os.environ, "REDIS_CONF": str(tmp_path / "redis.conf"), "REDIS_PASSWORD_FILE": str(secrets / "redis_password")},
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        end = time.monotonic() + 15
        while _redis(port, "PING") is None:
            assert process.poll() is None and time.monotonic() < end
            time.sleep(0.02)
        assert password.encode() not in Path(f"/proc/{process.pid}/cmdline").read_bytes()
        assert Path(f"/proc/{process.pid}/comm").read_text().strip().startswith("redis-server"), "it gets the signals"
        assert _redis(port, "PING").startswith("-NOAUTH")  # type: ignore[union-attr]
        settings = {
            name: _redis(port, f"AUTH {password}", f"CONFIG GET {name}")
            for name in ("maxmemory-policy", "appendonly", "save", "maxmemory")
        }
        assert "volatile-lru" in settings["maxmemory-policy"] and str(256 * 1024 * 1024) in settings["maxmemory"]  # type: ignore[operator]
        assert settings["appendonly"].endswith("$2\r\nno\r\n") and settings["save"].endswith("$0\r\n\r\n")  # type: ignore[union-attr]
        assert "+OK" in (_redis(port, f"AUTH {password}", "SET a b EX 60") or "")
    finally:
        process.terminate()
        assert process.wait(15) == 0
    assert not list(tmp_path.glob("*.rdb")) and not list(tmp_path.glob("appendonly*"))


def _redis(port: int, *commands: str) -> str | None:
    """What Redis answers to the last of some commands, None when nobody listens."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            answer = b""
            for command in commands:
                connection.sendall(command.encode() + b"\r\n")
                answer = connection.recv(4096)
            return answer.decode()
    except OSError:
        return None


@pytest.mark.parametrize("name", FILES)
def test_commands_exist_and_only_delivering_writes_the_model(name):
    for service, row in compose(name)["services"].items():
        if not row["image"].startswith("wegweiser:"):
            continue
        if "command" in row:
            assert row["command"][0] == "wegweiser"
            _parser().parse_args(row["command"][1:])
        mounts = [volume for volume in row.get("volumes", []) if ":/model" in volume]
        assert mounts == (["./model:/model"] if service == "deliver" else ["./model:/model:ro"]) or not mounts
        if service.startswith("serve"):
            assert mounts, "a process that serves needs the model"


def test_nobody_commits_secrets():
    ignored = (DEPLOY.parent / ".gitignore").read_text(encoding="utf-8").splitlines()
    inner = COMPOSE / ".gitignore"
    lines = [*ignored, *(inner.read_text(encoding="utf-8").splitlines() if inner.exists() else [])]
    assert {"secrets/", "tls/"} <= set(lines)
