"""The parts list: what `make sbom` adds to it, and how the image gets its own."""

from __future__ import annotations

import json
import re
import subprocess

import pytest
from packaging.specifiers import SpecifierSet

from bot.settings import ROOT
from tools.audit.locks import read_lock
from tools.audit.rows import Row
from tools.audit.sbom import judged, source

TOOLS = ROOT / "build" / "audit" / ".venv" / "bin" / "python"
SBOM = {
    "specVersion": "1.6",
    "components": [
        {"bom-ref": "a", "name": "aiohttp", "version": "3.9.5"},
        {"bom-ref": "b", "name": "Yarl", "version": "1.25.1"},
    ],
}
IDS = ("PYSEC-2026-1101", "CVE-2025-69223", "GHSA-6mq8-rvhq-8wgg")


def row(package="aiohttp", ids=IDS, affected="<3.13.3", decision="not reachable"):
    return Row(package, tuple(ids), (SpecifierSet(affected),), "why", decision)


def added(*rows):
    return judged(SBOM, rows, {"why": "Nothing\n  comes near it."})["vulnerabilities"]


def test_an_advisory_that_touches_a_part():
    (found,) = added(row())
    assert found["id"] == "GHSA-6mq8-rvhq-8wgg"
    assert [r["id"] for r in found["references"]] == ["CVE-2025-69223", "PYSEC-2026-1101"]
    assert found["affects"] == [{"ref": "a"}]
    assert found["analysis"] == {
        "state": "not_affected",
        "justification": "code_not_reachable",
        "detail": "not reachable: Nothing comes near it.",
    }


def test_what_is_accepted_is_not_called_harmless():
    (found,) = added(row(decision="accepted until 2027-05-31"))
    assert found["analysis"]["state"] == "exploitable"
    assert found["analysis"]["detail"].startswith("accepted until 2027-05-31")


def test_what_touches_no_part_or_has_no_id_is_left_out():
    assert added(row(affected="<3.0"), row(package="onnx"), row(ids=())) == []
    assert len(added(row(package="yarl", affected="<2"))) == 1, "names are compared in small letters"


@pytest.mark.parametrize(
    ("name", "site"),
    [
        ("PYSEC-2026-1101", "https://osv.dev/vulnerability/PYSEC-2026-1101"),
        ("GHSA-6mq8-rvhq-8wgg", "https://github.com/advisories/GHSA-6mq8-rvhq-8wgg"),
        ("CVE-2025-69223", "https://nvd.nist.gov/vuln/detail/CVE-2025-69223"),
    ],
)
def test_sources(name, site):
    assert source(name)["url"] == site


def test_the_image_makes_its_own_list_from_what_is_installed():
    text = (ROOT / "deploy/container/Containerfile").read_text(encoding="utf-8")
    build = text.split(" AS delivered")[0]
    made = build.index("cyclonedx-py environment")
    assert build.index("pip install --no-deps --no-build-isolation -e .") < made
    command = re.sub(r"\\\n\s*", "", build[made:]).splitlines()[0]
    assert command.split()[-3:] == ["-o", "/opt/wegweiser/sbom.cdx.json", "/opt/wegweiser/venv/bin/python"]
    assert "/tmp/audit/bin/pip install --no-deps --require-hashes -r /tmp/audit.lock" in build
    assert "COPY --from=build /opt/wegweiser /opt/wegweiser" in text, "so that the list is in the image"
    assert "cyclonedx-bom" in {p.name for p in read_lock(ROOT / "tools/audit/requirements.lock", "").packages}


@pytest.mark.skipif(not TOOLS.exists(), reason="`make sbom` sets up build/audit/.venv, which takes a network")
def test_the_real_list_is_valid_and_whole(tmp_path):
    """As `make sbom` does it, with the real tool and CycloneDX's own schema."""
    path = tmp_path / "sbom.cdx.json"
    lock = "deploy/container/requirements.lock"
    command = [TOOLS, "-W", "ignore", "-m", "cyclonedx_py", "requirements", "--pyproject", "pyproject.toml"]
    subprocess.run([*command, "--output-reproducible", "-o", path, lock], cwd=ROOT, check=True, timeout=120)
    done = subprocess.run(
        [TOOLS, "tools/audit/sbom.py", path], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    sbom = json.loads(path.read_text(encoding="utf-8"))
    locked = {(p.name, p.version) for p in read_lock(ROOT / lock, "").packages}
    assert {(re.sub(r"[-_.]+", "-", c["name"]).lower(), c["version"]) for c in sbom["components"]} == locked
    assert len(sbom["vulnerabilities"]) > 40
    assert str(ROOT) not in path.read_text(encoding="utf-8")
    broken = sbom | {"vulnerabilities": [{"analysis": {"state": "fine"}}]}
    (tmp_path / "broken.json").write_text(json.dumps(broken), encoding="utf-8")
    checked = "import sys; from tools.audit.sbom import fault_of; print(fault_of(open(sys.argv[1]).read()))"
    told = subprocess.run(
        [TOOLS, "-c", checked, tmp_path / "broken.json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert told.stdout.strip() not in ("", "None")
