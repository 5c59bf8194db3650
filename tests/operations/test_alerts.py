"""Alert rules by promtool: what they say is valid, each fires on its sign alone, and a healthy assistant is silent."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.settings import ROOT
from tests.operations.promtool import MONITORING, promtool

RULES = [rule for group in yaml.safe_load((MONITORING / "alerts.yml").read_text("utf-8"))["groups"] for rule in group["rules"]]  # fmt: skip
HANDBOOK = (ROOT / "docs" / "monitoring.md").read_text("utf-8")
ONE = 'job="wegweiser",instance="a:9105"'
OUTSIDE = 'job="wegweiser-public",instance="https://wegweiser.example.org/health"'
# A quarter of an hour and some hours, a value a minute.
MINUTES = 700
# An assistant that is asked ten times a minute and well.
HEALTHY = {
    f"up{{{ONE}}}": "1x700",
    f"probe_success{{{OUTSIDE}}}": "1x700",
    f"probe_ssl_earliest_cert_expiry{{{OUTSIDE}}}": "9000000x700",
    f'wegweiser_ready{{check="can_answer",{ONE}}}': "1x700",
    f'wegweiser_ready{{check="store_conversations",{ONE}}}': "1x700",
    f"wegweiser_crisis_failed_total{{{ONE}}}": "0x700",
    f'wegweiser_messages_total{{channel="web",kind="text",{ONE}}}': "0+10x700",
    f'wegweiser_outcomes_total{{outcome="answered",{ONE}}}': "0+10x700",
    f'wegweiser_outcomes_total{{outcome="failed",{ONE}}}': "0x700",
    f'wegweiser_http_responses_total{{status="2xx",{ONE}}}': "0+20x700",
    f'wegweiser_http_responses_total{{status="5xx",{ONE}}}': "0x700",
    f'wegweiser_answer_seconds_bucket{{channel="web",le="0.25",{ONE}}}': "0+10x700",
    f'wegweiser_answer_seconds_bucket{{channel="web",le="5.0",{ONE}}}': "0+10x700",
    f'wegweiser_answer_seconds_bucket{{channel="web",le="+Inf",{ONE}}}': "0+10x700",
    f'wegweiser_answer_seconds_count{{channel="web",{ONE}}}': "0+10x700",
    f'wegweiser_shed_total{{channel="web",{ONE}}}': "0x700",
    f'wegweiser_refused_total{{channel="web",reason="rate",{ONE}}}': "0+1x700",
    f"wegweiser_waiting{{{ONE}}}": "2x700",
    f"wegweiser_telegram_waiting{{{ONE}}}": "3x700",
    f"wegweiser_loop_lag_seconds{{{ONE}}}": "0.02x700",
    f'wegweiser_store_faults_total{{store="redis",{ONE}}}': "0x700",
    f'wegweiser_quarantined_total{{file="counters",{ONE}}}': "0x700",
    f'wegweiser_upstream_up{{source="integreat",{ONE}}}': "1x700",
    f'wegweiser_upstream_age_seconds{{source="integreat",{ONE}}}': "3600x700",
    f"wegweiser_model_refused{{{ONE}}}": "0x700",
    f'wegweiser_model_info{{sha256="abc",{ONE}}}': "1x700",
    f'wegweiser_build_info{{version="0.1.0",{ONE}}}': "1x700",
    f"process_start_time_seconds{{{ONE}}}": "1000x700",
    f"wegweiser_data_free_bytes{{{ONE}}}": "50000000000x700",
    f"wegweiser_data_size_bytes{{{ONE}}}": "100000000000x700",
    f"process_resident_memory_bytes{{{ONE}}}": "600000000x700",
    f"process_open_fds{{{ONE}}}": "100x700",
    f"process_max_fds{{{ONE}}}": "65536x700",
}
TWO = ONE.replace("a:9105", "b:9105")
# Alert: what is different from the healthy assistant, None for a series that is not there.
SIGNS: dict[str, dict[str, str | None]] = {
    "WegweiserDown": {f"up{{{ONE}}}": "1x10 0x690"},
    "WegweiserGone": {f"up{{{ONE}}}": None},
    "WegweiserPublicDown": {f"probe_success{{{OUTSIDE}}}": "0x700"},
    "WegweiserNotReady": {f'wegweiser_ready{{check="can_answer",{ONE}}}': "0x700"},
    "WegweiserDegraded": {f'wegweiser_ready{{check="store_conversations",{ONE}}}': "0x700"},
    "WegweiserCrisisUnanswered": {f"wegweiser_crisis_failed_total{{{ONE}}}": "0x695 1x5"},
    "WegweiserAnswersFail": {f'wegweiser_outcomes_total{{outcome="failed",{ONE}}}': "0+1x700"},
    "WegweiserServerErrors": {f'wegweiser_http_responses_total{{status="5xx",{ONE}}}': "0+1x700"},
    "WegweiserSlow": {f'wegweiser_answer_seconds_bucket{{channel="web",le="0.25",{ONE}}}': "0+5x700"},
    "WegweiserSheds": {f'wegweiser_shed_total{{channel="web",{ONE}}}': "0+1x700"},
    "WegweiserRefusesMuch": {f'wegweiser_refused_total{{channel="web",reason="rate",{ONE}}}': "0+100x700"},
    "WegweiserWaiting": {f"wegweiser_waiting{{{ONE}}}": "60x700"},
    "WegweiserTelegramWaiting": {f"wegweiser_telegram_waiting{{{ONE}}}": "200x700"},
    "WegweiserTelegramAway": {f'wegweiser_ready{{check="telegram_connected",{ONE}}}': "0x700"},
    "WegweiserLoopLag": {f"wegweiser_loop_lag_seconds{{{ONE}}}": "3x700"},
    "WegweiserStoreFaults": {f'wegweiser_store_faults_total{{store="redis",{ONE}}}': "0+1x700"},
    "WegweiserQuarantined": {f'wegweiser_quarantined_total{{file="counters",{ONE}}}': "1x700"},
    "WegweiserUpstreamDown": {f'wegweiser_upstream_up{{source="integreat",{ONE}}}': "0x700"},
    "WegweiserUpstreamStale": {f'wegweiser_upstream_age_seconds{{source="integreat",{ONE}}}': "500000x700"},
    "WegweiserModelRefused": {f"wegweiser_model_refused{{{ONE}}}": "1x700"},
    "WegweiserProcessesDiffer": {f'wegweiser_model_info{{sha256="def",{TWO}}}': "1x700"},
    "WegweiserRestarts": {f"process_start_time_seconds{{{ONE}}}": "0+100x700"},
    "WegweiserDisk": {f"wegweiser_data_free_bytes{{{ONE}}}": "900000000x700"},
    "WegweiserMemory": {f"process_resident_memory_bytes{{{ONE}}}": "1100000000x700"},
    "WegweiserFiles": {f"process_open_fds{{{ONE}}}": "60000x700"},
    "WegweiserCertificate": {f"probe_ssl_earliest_cert_expiry{{{OUTSIDE}}}": "1000000x700"},
}
# Nearly, and not yet: nobody is woken for these.
QUIET: dict[str, dict[str, str | None]] = {
    "nothing is wrong": {},
    "a restart": {f"up{{{ONE}}}": "1x698 0x1 1x10", f"process_start_time_seconds{{{ONE}}}": "1000x698 2000x10"},
    "one failure": {f'wegweiser_outcomes_total{{outcome="failed",{ONE}}}': "0x695 1x10"},
    "one slow answer": {f'wegweiser_answer_seconds_bucket{{channel="web",le="0.25",{ONE}}}': "0+10x690 6899+10x10"},
    "a short queue": {f"wegweiser_waiting{{{ONE}}}": "2x699 90x1"},
    "a source that was away for a minute": {f'wegweiser_upstream_up{{source="integreat",{ONE}}}': "1x690 0x2 1x10"},
}


def case(
    changes: dict[str, str | None], firing: list[str], minute: int = MINUTES, interval: str = "1m"
) -> dict[str, Any]:
    """One test as promtool reads it: these series, and exactly these alerts at the end."""
    series = {**HEALTHY, **changes}
    return {
        "interval": interval,
        "input_series": [{"series": name, "values": values} for name, values in series.items() if values is not None],
        "promql_expr_test": [
            {
                "expr": 'group by (alertname) (ALERTS{alertstate="firing"})',
                "eval_time": f"{minute}m",
                "exp_samples": [{"labels": f'{{alertname="{name}"}}', "value": 1} for name in firing],
            }
        ],
    }


def tried(folder: Path, *cases: dict[str, Any]) -> str:
    """What promtool finds wrong, "" when all is as expected."""
    rules = str(MONITORING / "alerts.yml")
    file = folder / "tests.yml"
    file.write_text(yaml.safe_dump({"rule_files": [rules], "evaluation_interval": "1m", "tests": list(cases)}), "utf-8")
    done = promtool("test", "rules", file, folder=folder)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_prometheus_can_read_them() -> None:
    done = promtool("check", "rules", "alerts.yml")
    assert done.returncode == 0 and f"{len(RULES)} rules found" in done.stdout, done.stdout + done.stderr
    done = promtool("check", "config", "prometheus.yml")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("alert", SIGNS)
def test_an_alert_fires_on_its_sign_and_no_other_does(alert: str, tmp_path: Path) -> None:
    assert tried(tmp_path, case(SIGNS[alert], [alert])) == ""


@pytest.mark.parametrize("sign", QUIET)
def test_nobody_is_called_for_nothing(sign: str, tmp_path: Path) -> None:
    assert tried(tmp_path, case(QUIET[sign], [])) == ""


def test_three_days_without_a_message(tmp_path: Path) -> None:
    silent = {name: "0x700" if "+10x" in values or "+20x" in values else values for name, values in HEALTHY.items()}
    silent = {**silent, f"probe_ssl_earliest_cert_expiry{{{OUTSIDE}}}": "90000000x700"}
    assert tried(tmp_path, case(silent, ["WegweiserNoMessages"], 600 * 10, "10m")) == ""


def test_a_wrong_expectation_is_seen(tmp_path: Path) -> None:
    assert "WegweiserDown" in tried(tmp_path, case(SIGNS["WegweiserDown"], []))
    assert tried(tmp_path, case({}, ["WegweiserDown"])) != ""


def test_every_alert_is_tested_and_in_the_handbook() -> None:
    names = [rule["alert"] for rule in RULES]
    assert len(set(names)) == len(names)
    assert set(names) == {*SIGNS, "WegweiserNoMessages"}
    rows = dict(re.findall(r"^\| (Wegweiser\w+) \((page|ticket)\) \|", HANDBOOK, re.M))
    assert rows == {rule["alert"]: rule["labels"]["severity"] for rule in RULES}


def test_alerts_name_only_what_is_told() -> None:
    from tests.operations.test_dashboard import unknown_names

    for rule in RULES:
        assert unknown_names(rule["expr"]) == set(), rule["alert"]
