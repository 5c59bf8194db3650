"""The Grafana dashboard: every metric it asks for exists with these labels, and every expression can be read."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.operations import metrics
from tests.operations.promtool import MONITORING, promtool

DASHBOARD = json.loads((MONITORING / "grafana-dashboard.json").read_text("utf-8"))
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
# Of Prometheus itself, of the blackbox exporter, and of every process in Python.
OTHERS = {
    "up": set(), "probe_success": set(), "probe_ssl_earliest_cert_expiry": set(), "process_start_time_seconds": set(),
    "process_resident_memory_bytes": set(), "process_cpu_seconds_total": set(), "process_open_fds": set(),
    "process_max_fds": set(),
}  # fmt: skip
TARGET = {"job", "instance"}
_METRIC = re.compile(r"\b(wegweiser_\w+|process_\w+|probe_\w+|up)\b(?:\{([^}]*)\})?")


def told() -> dict[str, set[str]]:
    """Every name that a scrape may hold, with its labels."""
    names: dict[str, set[str]] = dict(OTHERS)
    for collector in list(metrics.REGISTRY._collector_to_names):
        labels = set(getattr(collector, "_labelnames", ()) or ())
        labels |= {collector._label} if getattr(collector, "_label", "") else set()
        for family in collector.describe() if hasattr(collector, "describe") else ():
            endings = {"counter": ["_total"], "histogram": ["_bucket", "_count", "_sum"]}.get(family.type, [""])
            for ending in endings:
                names[family.name + ending] = labels | ({"le"} if ending == "_bucket" else set())
    return names


def unknown_names(expression: str) -> set[str]:
    """Metrics and labels of an expression that nothing of ours has."""
    known = told()
    found = set()
    for name, selector in _METRIC.findall(expression):
        if name not in known:
            found.add(name)
            continue
        asked = set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", selector or ""))
        found |= {f"{name}.{label}" for label in asked - known[name] - TARGET}
    for grouping in re.findall(r"\b(?:by|ignoring|on)\s*\(([^)]*)\)", expression):
        labels = {label.strip() for label in grouping.split(",")} - TARGET
        found |= labels - {label for row in known.values() for label in row}
    return found


def plain(expression: str) -> str:
    """As Grafana sends it: with a value for each of its variables."""
    filled = expression.replace("$__rate_interval", "2m").replace("$instance", ".*")
    assert "$" not in filled
    return filled


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel["title"])
def test_a_panel_asks_for_what_there_is(panel: dict[str, Any]) -> None:
    assert panel["targets"] and panel["description"]
    for target in panel["targets"]:
        assert unknown_names(plain(target["expr"])) == set()
        for label in re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]):
            assert label in TARGET or re.search(rf"by \([^)]*\b{label}\b", target["expr"]), label


def test_a_misspelt_metric_is_seen() -> None:
    assert unknown_names("rate(wegweiser_mesages_total[5m])") == {"wegweiser_mesages_total"}
    assert unknown_names('wegweiser_messages_total{chanel="web"}') == {"wegweiser_messages_total.chanel"}
    assert unknown_names("sum by (langauge) (wegweiser_languages_total)") == {"langauge"}


def test_prometheus_can_read_every_expression(tmp_path: Path) -> None:
    """As recording rules, because this promtool reads expressions in rules only."""
    expressions = [plain(target["expr"]) for panel in PANELS for target in panel["targets"]]
    rules = [{"record": f"panel:{i}", "expr": expression} for i, expression in enumerate(expressions)]
    file = tmp_path / "panels.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}), "utf-8")
    done = promtool("check", "rules", file, folder=tmp_path)
    assert done.returncode == 0 and f"{len(expressions)} rules found" in done.stdout, done.stdout + done.stderr
    file.write_text(
        yaml.safe_dump({"groups": [{"name": "x", "rules": [{"record": "x", "expr": "sum by ("}]}]}), "utf-8"
    )
    assert promtool("check", "rules", file, folder=tmp_path).returncode != 0


def test_panels_lie_beside_each_other() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}  # fmt: skip
        assert place["x"] + place["w"] <= 24 and not cells & taken, panel["title"]
        taken |= cells
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])


def test_no_server_and_no_data_is_in_it() -> None:
    assert DASHBOARD["id"] is None and DASHBOARD["schemaVersion"] >= 36
    assert {panel["datasource"]["uid"] for panel in PANELS} == {"${datasource}"}
    assert not re.search(r"https?://", json.dumps(DASHBOARD))
