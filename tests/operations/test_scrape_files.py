"""How Prometheus finds the processes: the files below deploy/ and the piece in docs/monitoring.md agree with each other."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from bot.settings import ROOT, Settings
from tests.deploy.files import resources
from tests.deploy.test_deploy_kubernetes import DEPLOYMENTS, validator
from tests.operations.promtool import MONITORING, promtool

PORT = 9105
HANDBOOK = (ROOT / "docs" / "monitoring.md").read_text("utf-8")
CONFIG = yaml.safe_load((MONITORING / "prometheus.yml").read_text("utf-8"))


def test_the_port_is_the_same_everywhere() -> None:
    (own,) = [job for job in CONFIG["scrape_configs"] if job["job_name"] == "wegweiser"]
    assert own["static_configs"] == [{"targets": [f"127.0.0.1:{PORT}"]}]
    for path in (ROOT / "deploy" / "kubernetes" / "base" / "settings.yml", ROOT / "deploy" / "compose" / "compose.yml"):
        (listen,) = re.findall(r"# WEGWEISER_METRICS: (\S+)", path.read_text("utf-8"))
        assert Settings.from_env({"WEGWEISER_METRICS": listen}).metrics == f"0.0.0.0:{PORT}"
    assert f"WEGWEISER_METRICS=127.0.0.1:{PORT}" in HANDBOOK


def test_alerts_ask_for_jobs_that_are_scraped() -> None:
    asked = set(re.findall(r'job=~?"([^"]+)"', (MONITORING / "alerts.yml").read_text("utf-8")))
    named = {job for names in asked for job in names.split("|")}
    text = (MONITORING / "prometheus.yml").read_text("utf-8")
    assert named == set(re.findall(r"job_name: (\S+)", text))


def test_a_policy_lets_prometheus_in_and_nobody_else() -> None:
    (policy,) = resources("monitoring")
    assert list(validator("NetworkPolicy", policy["apiVersion"]).iter_errors(policy)) == []
    spec = policy["spec"]
    labels = spec["podSelector"]["matchLabels"]
    (parts,) = [row["values"] for row in spec["podSelector"]["matchExpressions"]]
    for row in DEPLOYMENTS:
        given = row["spec"]["template"]["metadata"]["labels"]
        assert labels.items() <= given.items() and given["app.kubernetes.io/component"] in parts
    (rule,) = spec["ingress"]
    (peer,) = rule["from"]
    assert set(peer) == {"namespaceSelector", "podSelector"}, "both must hold"
    assert rule["ports"] == [{"port": PORT}] and "egress" not in spec


def test_the_piece_for_kubernetes_can_be_read(tmp_path: Path) -> None:
    (piece,) = re.findall(r"```yaml\n(.*?)```", HANDBOOK, re.S)
    jobs: list[dict[str, Any]] = yaml.safe_load(piece)
    assert any(f"$1:{PORT}" == row.get("replacement") for row in jobs[0]["relabel_configs"])
    found = jobs[0].pop("kubernetes_sd_configs")  # Debian's promtool is built without it
    assert found == [{"role": "pod", "namespaces": {"names": ["wegweiser"]}}]
    jobs[0]["static_configs"] = [{"targets": ["10.0.0.1"]}]
    file = tmp_path / "prometheus.yml"
    file.write_text(yaml.safe_dump({"scrape_configs": jobs}), "utf-8")
    done = promtool("check", "config", file, folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
