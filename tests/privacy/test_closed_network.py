"""The server answers without any network, and asks for none: in a namespace with a loopback alone."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.settings import ROOT

SCRIPT = Path(__file__).with_name("closed_network.py")
LOOPBACK = ("127.", "::1", "localhost")
IMPORTS = """
import importlib, pathlib
from bot.rasa_compat import install
install()
for path in sorted([*pathlib.Path("bot").rglob("*.py"), *pathlib.Path("actions").rglob("*.py")]):
    importlib.import_module(".".join(path.with_suffix("").parts).removesuffix(".__init__"))
import rasa.model_training, rasa.core.agent, telegram.ext, spacy
"""


def inside(folder: Path, what: str, program: str = "", **settings: str) -> dict[str, Any]:
    """What happened in the namespace."""
    if os.geteuid() != 0 or sys.platform != "linux":
        pytest.skip("a network namespace of its own needs root")
    assert shutil.which("unshare") and shutil.which("ip"), "unshare or ip is missing: `make system` installs them"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WEGWEISER_")}
    done = subprocess.run(
        ["unshare", "-n", sys.executable, str(SCRIPT), what, str(folder), *([program] if program else [])],
        cwd=ROOT, env={**kept, **settings, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert told["seen"], "the watch is blind"
    return told


def outside(told: dict[str, Any]) -> list[str]:
    """Names and addresses that Python was asked for and that are not on this machine."""
    called = [row[1] if isinstance(row[1], str) else str((row[1] or [""])[0]) for row in told["calls"]]
    return sorted({name for name in called if name and not name.startswith((*LOOPBACK, "/"))})


def test_answers_come_without_any_network(tmp_path: Path) -> None:
    told = inside(tmp_path, "serve")
    assert told["code"] == 0
    assert {code: row["language"] for code, row in told["answers"].items()} == {"en": "en", "ar": "ar", "uk": "uk"}
    assert all(row["cards"] for row in told["answers"].values())
    assert told["left"] == [] and outside(told) == []


def test_only_what_is_configured_is_asked_and_nobody_needs_it(tmp_path: Path) -> None:
    """An upstream that does not answer: its name is looked up, nothing else, and people get their answers."""
    told = inside(tmp_path, "serve", WEGWEISER_INTEGREAT_URL="http://192.0.2.10:9", WEGWEISER_RETENTION_HOURS="1")
    assert all(row["cards"] for row in told["answers"].values())
    assert set(told["left"]) <= {"192.0.2.10"} and set(outside(told)) <= {"192.0.2.10"}
    assert told["left"] or outside(told), "it was asked at all"


def test_importing_everything_asks_nobody(tmp_path: Path) -> None:
    told = inside(tmp_path, "run", IMPORTS)
    assert told["code"] == 0, told["said"]
    assert told["left"] == [] and outside(told) == []


def test_training_asks_nobody(tmp_path: Path) -> None:
    """Rasa's whole training, as `wegweiser train` prepares it, on a small assistant: no telemetry, no downloads."""
    (tmp_path / "config.yml").write_text(
        "recipe: default.v1\nassistant_id: small\nlanguage: en\n"
        "pipeline:\n- name: KeywordIntentClassifier\npolicies:\n- name: RulePolicy\n"
    )
    (tmp_path / "domain.yml").write_text(
        'version: "3.1"\nintents: [greet, bye]\nresponses:\n  utter_hello:\n  - text: hello\n'
    )
    (tmp_path / "data.yml").write_text(
        'version: "3.1"\nnlu:\n- intent: greet\n  examples: |\n    - hello\n    - hi\n- intent: bye\n  examples: |\n'
        "    - bye\n    - see you\nrules:\n- rule: hello\n  steps:\n  - intent: greet\n  - action: utter_hello\n"
    )
    program = f"""
from bot.rasa_compat import install
install()
import rasa.model_training
folder = {str(tmp_path)!r}
result = rasa.model_training.train(
    domain=folder + "/domain.yml", config=folder + "/config.yml", training_files=[folder + "/data.yml"],
    output=folder, fixed_model_name="small", force_training=True,
)
assert result.code == 0 and result.model, result
"""
    told = inside(tmp_path, "run", program)
    assert told["code"] == 0, told["said"]
    assert (tmp_path / "small.tar.gz").exists()
    assert told["left"] == [] and outside(told) == []
