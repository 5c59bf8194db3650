"""`make sbom`: our judgement of advisories goes into the parts list, which is then checked against CycloneDX's schema.

Runs in build/audit/.venv, after cyclonedx-py has written the list. Ends with 1 when the list is not valid.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tools.audit.rows import Row, read_rows  # noqa: E402

ANALYSIS = {
    "not reachable": {"state": "not_affected", "justification": "code_not_reachable"},
    "mitigated": {"state": "not_affected", "justification": "protected_by_mitigating_control"},
}
ACCEPTED = {"state": "exploitable", "response": ["will_not_fix"]}
SITES = (("PYSEC-", "OSV", "https://osv.dev/vulnerability/"), ("GHSA-", "GitHub", "https://github.com/advisories/"))


def judged(sbom: dict[str, Any], rows: Sequence[Row], reasons: dict[str, str]) -> dict[str, Any]:
    """The list with one entry for each row that has ids and touches a component of it; `reasons` by their keys."""
    found = []
    for row in rows:
        refs = [
            component["bom-ref"]
            for component in sbom.get("components", [])
            if canonicalize_name(component["name"]) == row.package and row.touches(component["version"])
        ]
        if not row.ids or not refs:
            continue
        analysis = dict(ANALYSIS.get(row.decision, ACCEPTED))
        # GitHub's name is the one most scanners use.
        names = sorted(row.ids, key=lambda name: (not name.startswith("GHSA-"), name))
        found.append(
            {
                "id": names[0],
                "source": source(names[0]),
                "references": [{"id": name, "source": source(name)} for name in names[1:]],
                "analysis": {**analysis, "detail": f"{row.decision}: {' '.join(reasons[row.reach].split())}"},
                "affects": [{"ref": ref} for ref in refs],
            }
        )
    return {**sbom, "vulnerabilities": found}


def source(name: str) -> dict[str, str]:
    """Who gave an advisory its name, and where it can be read."""
    for prefix, title, site in SITES:
        if name.startswith(prefix):
            return {"name": title, "url": site + name}
    return {"name": "NVD", "url": f"https://nvd.nist.gov/vuln/detail/{name}"}


def fault_of(text: str) -> str:
    """What CycloneDX's schema says against the list; "" when it is valid. ImportError outside build/audit/.venv."""
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    version = SchemaVersion.from_version(json.loads(text)["specVersion"])
    error = JsonStrictValidator(version).validate_str(text)
    return "" if error is None else str(error)[:500]


def main(argv: Sequence[str] | None = None) -> int:
    """Add the rows to a list, check it, and write it back."""
    import yaml

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sbom", type=Path)
    path = parser.parse_args(argv).sbom
    rows = ROOT / "docs" / "advisories.yml"
    reasons = yaml.safe_load(rows.read_text(encoding="utf-8"))["reasons"]
    known = read_rows(rows, ROOT, date.today())
    whole = judged(
        json.loads(path.read_text(encoding="utf-8")), known.rows, {key: row["why"] for key, row in reasons.items()}
    )
    text = json.dumps(whole, indent=2, ensure_ascii=False) + "\n"
    fault = fault_of(text)
    if fault:
        print(f"sbom: {path} is no valid CycloneDX: {fault}", file=sys.stderr)
        return 1
    path.write_text(text, encoding="utf-8")
    print(f"{path}: {len(whole['components'])} components, {len(whole['vulnerabilities'])} advisories judged, valid")
    return 0


if __name__ == "__main__":
    sys.exit(main())
