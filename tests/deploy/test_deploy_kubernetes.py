"""The Kubernetes manifests: against the published schemas, and against each other."""

from __future__ import annotations

import importlib.util
import ipaddress
import json
import os
import shutil
import subprocess
from functools import lru_cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from bot.settings import PREFIX, Settings
from tests.deploy.files import COMPOSE, KUBERNETES, documents, resources

VERSION = "1.33"
ALL = resources("with-stores")
SECRET = documents(KUBERNETES / "secret.template.yml")[0]
PODS = [row for row in ALL if row["kind"] in ("Deployment", "StatefulSet")]
DEPLOYMENTS = [row for row in PODS if row["kind"] == "Deployment"]
POLICIES = {row["metadata"]["name"]: row["spec"] for row in ALL if row["kind"] == "NetworkPolicy"}


def name_of(row: dict[str, Any]) -> str:
    return f"{row['kind']}-{row['metadata']['name']}"


def pod(row: dict[str, Any]) -> dict[str, Any]:
    return dict(row["spec"]["template"]["spec"])


def container(row: dict[str, Any]) -> dict[str, Any]:
    (only,) = pod(row)["containers"]
    return dict(only)


def part(row: dict[str, Any]) -> str:
    return str(row["metadata"]["labels"]["app.kubernetes.io/component"])


def schemas() -> Path:
    """The strict schemas that kubernetes-validate carries; its own code wants a newer jsonschema than Rasa allows."""
    found = importlib.util.find_spec("kubernetes_validate")
    if found is None:
        assert not os.environ.get("CI"), "kubernetes-validate is missing and CI must not skip: run `make setup`"
        pytest.skip("kubernetes-validate is not installed")
    return Path(found.submodule_search_locations[0]) / "kubernetes-json-schema" / f"v{VERSION}.0-local-strict"  # type: ignore[index]


@lru_cache(maxsize=1)
def definitions() -> dict[str, Any]:
    """What the schemas refer to."""
    return dict(json.loads((schemas() / "_definitions.json").read_text(encoding="utf-8")))


def validator(kind: str, version: str) -> jsonschema.Draft7Validator:
    group, _, name = version.rpartition("/")
    stem = f"{group.partition('.')[0]}-{name}" if group else name
    folder = schemas()
    schema = json.loads((folder / f"{kind.lower()}-{stem}.json").read_text(encoding="utf-8"))
    resolver = jsonschema.RefResolver("", schema, store={"_definitions.json": definitions()})
    return jsonschema.Draft7Validator(schema, resolver=resolver)


@pytest.mark.parametrize("row", [*ALL, SECRET], ids=name_of)
def test_it_follows_the_schema(row):
    faults = [
        f"{'.'.join(map(str, e.absolute_path))}: {e.message[:200]}"
        for e in validator(row["kind"], row["apiVersion"]).iter_errors(row)
    ]
    assert faults == []


def test_the_schemas_are_strict():
    row = json.loads(json.dumps(DEPLOYMENTS[0]))
    row["spec"]["template"]["spec"]["containers"][0]["readinesProbe"] = {}
    assert list(validator("Deployment", "apps/v1").iter_errors(row)), "a misspelt field must be found"
    row = json.loads(json.dumps(DEPLOYMENTS[0]))
    row["spec"]["minReadySeconds"] = "five"
    assert list(validator("Deployment", "apps/v1").iter_errors(row)), "a wrong type must be found"


def test_everything_is_in_a_kustomization_and_in_the_namespace():
    named = {path.name for path in KUBERNETES.rglob("*.yml")}
    listed = {Path(name).name for path in KUBERNETES.rglob("kustomization.yaml") for name in
              yaml.safe_load(path.read_text(encoding="utf-8"))["resources"] if name.endswith(".yml")}  # fmt: skip
    assert named - listed == {"secret.template.yml"}, "applying a Secret without values would break what runs"
    assert {row["metadata"].get("namespace") for row in ALL if row["kind"] != "Namespace"} == {"wegweiser"}
    assert len({name_of(row) for row in ALL}) == len(ALL)


def test_kubectl_reads_the_kustomizations_as_these_tests_do():
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("kubectl is not installed; it is no package of Debian 12")
    done = subprocess.run(
        [kubectl, "kustomize", str(KUBERNETES / "with-stores")], capture_output=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    shown = [row for row in yaml.safe_load_all(done.stdout) if row]
    assert {name_of(row): row for row in shown} == {name_of(row): row for row in ALL}


@pytest.mark.parametrize("row", PODS, ids=name_of)
def test_a_pod_has_no_rights_and_cannot_write_its_root(row):
    spec, box = pod(row), container(row)["securityContext"]
    assert spec["securityContext"]["runAsNonRoot"] is True and spec["securityContext"]["runAsUser"] > 0
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert box["readOnlyRootFilesystem"] is True and box["allowPrivilegeEscalation"] is False
    assert box["capabilities"] == {"drop": ["ALL"]}
    assert spec["automountServiceAccountToken"] is False
    assert not {"hostNetwork", "hostPID", "hostIPC"} & set(spec)
    assert {"memory"} <= set(container(row)["resources"]["limits"])
    assert {"cpu", "memory"} == set(container(row)["resources"]["requests"])
    volumes = {volume["name"] for volume in spec.get("volumes", [])}
    volumes |= {claim["metadata"]["name"] for claim in row["spec"].get("volumeClaimTemplates", [])}
    assert {mount["name"] for mount in container(row)["volumeMounts"]} == volumes


@pytest.mark.parametrize("row", DEPLOYMENTS, ids=name_of)
def test_no_service_of_the_cluster_stands_among_the_settings(row):
    assert pod(row)["enableServiceLinks"] is False
    # what Kubernetes would set otherwise, and what our settings say to it
    with pytest.raises(ValueError, match="no such setting"):
        Settings.from_env({f"{PREFIX}SERVE_SERVICE_HOST": "10.1.2.3"})


def test_settings_can_be_read():
    config = next(row for row in ALL if row["metadata"]["name"] == "wegweiser-settings")["data"]
    values = {
        "WEGWEISER_SECRET": "x" * 32,
        "WEGWEISER_REDIS_URL": "redis://:word@wegweiser-redis:6379/0",
        "WEGWEISER_DATABASE_URL": "postgresql://wegweiser:word@wegweiser-postgres:5432/wegweiser",
        "WEGWEISER_TELEGRAM_TOKEN": "",
        "WEGWEISER_STAFF_PASSWORD": "",
    }
    for row in DEPLOYMENTS:
        names = [variable["name"] for variable in container(row)["env"]]
        assert set(names) <= set(values)
        settings = Settings.from_env({**config, **{name: values[name] for name in names}})
        assert settings.trusted_proxies and settings.public_url.startswith("https://")
    assert set(values) <= set(SECRET["stringData"])


def test_the_secret_has_names_and_no_values():
    assert set(SECRET["stringData"].values()) == {""} and "data" not in SECRET
    asked = {
        variable["valueFrom"]["secretKeyRef"]["key"]
        for row in PODS
        for variable in container(row).get("env", [])
        if "valueFrom" in variable
    }
    assert asked == set(SECRET["stringData"])
    references = {
        variable["valueFrom"]["secretKeyRef"]["name"]
        for row in PODS
        for variable in container(row).get("env", [])
        if "valueFrom" in variable
    }
    assert references == {SECRET["metadata"]["name"]}


@pytest.mark.parametrize("row", DEPLOYMENTS, ids=name_of)
def test_a_rolling_restart_loses_nothing(row):
    rolling = row["spec"]["strategy"]["rollingUpdate"]
    assert (rolling["maxUnavailable"], rolling["maxSurge"]) == (0, 1)
    box = container(row)
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        path = "/ready" if probe == "readinessProbe" and part(row) == "serve" else "/health"
        assert box[probe]["httpGet"] == {"path": path, "port": "http"}
    waits = int(box["lifecycle"]["preStop"]["exec"]["command"][1])
    ready = box["readinessProbe"]
    # it must have been taken out before it stops, and have the time to finish what it was asked
    assert waits > ready["periodSeconds"] * ready["failureThreshold"]
    patience = 25 if part(row) == "serve" else 15
    assert pod(row)["terminationGracePeriodSeconds"] >= waits + patience
    assert box["startupProbe"]["periodSeconds"] * box["startupProbe"]["failureThreshold"] >= 60
    killed = box["livenessProbe"]["periodSeconds"] * box["livenessProbe"]["failureThreshold"]
    assert killed >= 60, "a process that is only busy is not killed"
    assert {row["topologyKey"] for row in pod(row)["topologySpreadConstraints"]} == {
        "kubernetes.io/hostname",
        "topology.kubernetes.io/zone",
    }
    assert "replicas" not in row["spec"], "they belong to the autoscaler"


@pytest.mark.parametrize("row", DEPLOYMENTS, ids=name_of)
def test_scaling_and_disruption_know_the_pods(row):
    name, labels = row["metadata"]["name"], row["spec"]["template"]["metadata"]["labels"]
    (scaler,) = [r["spec"] for r in ALL if r["kind"] == "HorizontalPodAutoscaler" and r["metadata"]["name"] == name]
    assert scaler["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": name}
    assert [metric["resource"]["name"] for metric in scaler["metrics"]] == ["cpu"]
    assert 2 <= scaler["minReplicas"] < scaler["maxReplicas"]
    (budget,) = [r["spec"] for r in ALL if r["kind"] == "PodDisruptionBudget" and r["metadata"]["name"] == name]
    assert budget["selector"]["matchLabels"] == labels == row["spec"]["selector"]["matchLabels"]
    assert budget["maxUnavailable"] == 1
    (service,) = [r["spec"] for r in ALL if r["kind"] == "Service" and r["metadata"]["name"] == name]
    assert service["selector"] == labels
    assert service["ports"][0]["targetPort"] == container(row)["ports"][0]["name"] == "http"


def test_ports_and_names_agree():
    ports = {part(row): container(row)["ports"][0]["containerPort"] for row in PODS}
    assert ports == {"serve": Settings.port, "actions": 5055, "redis": 6379, "postgres": 5432}
    services = {r["metadata"]["name"]: r["spec"]["ports"][0]["port"] for r in ALL if r["kind"] == "Service"}
    assert services == {f"wegweiser-{name}": port for name, port in ports.items()}
    config = next(row for row in ALL if row["metadata"]["name"] == "wegweiser-settings")["data"]
    assert config["WEGWEISER_ACTIONS_URL"] == "http://wegweiser-actions:5055"
    (ingress,) = [row["spec"] for row in ALL if row["kind"] == "Ingress"]
    backend = ingress["rules"][0]["http"]["paths"][0]["backend"]["service"]
    assert backend == {"name": "wegweiser-serve", "port": {"name": "http"}}
    host = ingress["rules"][0]["host"]
    assert ingress["tls"][0]["hosts"] == [host] and config["WEGWEISER_PUBLIC_URL"] == f"https://{host}"
    arguments = next(container(row)["args"] for row in DEPLOYMENTS if part(row) == "actions")
    assert arguments[arguments.index("--port") + 1] == "5055"


def allows(source: str, target: str, port: int) -> bool:
    """Whether both policies let a pod of one part talk to a pod of another one."""

    def open_(rules: list[dict[str, Any]], side: str, other: str) -> bool:
        return any(
            peer.get("podSelector", {}).get("matchLabels", {}).get("app.kubernetes.io/component") == other
            and port in [entry["port"] for entry in rule["ports"]]
            for rule in rules
            for peer in rule[side]
        )

    leaves = open_(POLICIES.get(source, {}).get("egress", []), "to", target)
    return leaves and open_(POLICIES.get(target, {}).get("ingress", []), "from", source)


def test_who_may_talk_to_whom():
    parts = {"serve": 5005, "actions": 5055, "redis": 6379, "postgres": 5432}
    found = {(a, b) for a in parts for b, port in parts.items() if a != b and allows(a, b, port)}
    assert found == {("serve", "actions"), ("serve", "redis"), ("serve", "postgres"), ("actions", "postgres")}


def test_what_is_not_named_is_closed():
    assert POLICIES["nothing"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    for name in ("serve", "actions", "redis", "postgres"):
        assert POLICIES[name]["podSelector"]["matchLabels"]["app.kubernetes.io/component"] == name
    # the stores reach nobody: the policy that closes everything is their only word on egress
    assert "egress" not in POLICIES["redis"] and "egress" not in POLICIES["postgres"]
    (names,) = POLICIES["names"]["egress"]
    assert {entry["port"] for entry in names["ports"]} == {53}
    outside = [
        (rule, peer["ipBlock"])
        for name in POLICIES
        for rule in POLICIES[name].get("egress", [])
        for peer in rule["to"]
        if "ipBlock" in peer
    ]
    assert outside and all([entry["port"] for entry in rule["ports"]] == [443] for rule, _ in outside)
    closed = [ipaddress.ip_network(row) for _, block in outside for row in block["except"]]
    for address in ("10.1.2.3", "172.20.0.1", "192.168.1.1", "169.254.169.254", "fd00::1"):
        assert any(ipaddress.ip_address(address) in network for network in closed), address


def test_only_the_ingress_controller_comes_in_from_outside():
    outside = [
        (name, peer)
        for name, spec in POLICIES.items()
        for rule in spec.get("ingress", [])
        for peer in rule["from"]
        if "podSelector" not in peer
    ]
    label = {"matchLabels": {"kubernetes.io/metadata.name": "ingress-nginx"}}
    assert outside == [("serve", {"namespaceSelector": label})]


def test_redis_is_set_as_in_the_compose_file():
    text = next(row for row in ALL if row["kind"] == "ConfigMap" and "redis.conf" in row["data"])["data"]["redis.conf"]
    written = (COMPOSE / "redis.conf").read_text(encoding="utf-8")
    assert text.splitlines() == [line for line in written.splitlines() if not line.startswith("#")]
    limit = next(container(row)["resources"]["limits"]["memory"] for row in PODS if part(row) == "redis")
    assert "maxmemory 256mb" in text and limit == "512Mi", "a fork or fragments need room above maxmemory"


def test_the_namespace_asks_for_what_the_pods_have():
    (space,) = [row for row in ALL if row["kind"] == "Namespace"]
    assert space["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
