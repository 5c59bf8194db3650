"""`wegweiser directory`: is the directory valid, and where does it have nothing to offer?"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from actions.directory.freshness import shown
from actions.directory.geo import SAXONY, Gazetteer
from actions.directory.model import load_kinds, load_records, service_from_record
from actions.directory.validation import problems
from bot.settings import ROOT

DATA = ROOT / "data"


def main(verb: str, out: str, data: Path = DATA) -> int:
    """Run one verb; 1 when the directory has problems."""
    records = load_records(data / "services")
    gazetteer = Gazetteer.load(data / "places.yml", data / "postcodes.yml")
    if verb == "check":
        found = problems(records, load_kinds(data / "services"), _intents(), set(gazetteer.places))
        print("\n".join(found) if found else f"{len(records)} services, no problems")
        return 1 if found else 0
    text = table(records, gazetteer, date.today())
    if out:
        Path(out).write_text(text, encoding="utf-8")
    else:
        print(text)
    return 0


def _intents() -> set[str]:
    import yaml

    rows = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))["intents"]
    return {next(iter(row)) if isinstance(row, dict) else row for row in rows}


def counts(
    records: list[dict], gazetteer: Gazetteer, today: date, actionable: bool = True
) -> dict[str, dict[str, int]]:
    """Topic to district to number of active services serving it; statewide ones under SAXONY.

    By default only those with something to go on with today are counted.
    """
    districts = [place.id for place in gazetteer.districts()]
    found: dict[str, dict[str, int]] = {}
    for record in records:
        service = service_from_record(record)
        if not service.active or (actionable and not shown(service, today).actionable):
            continue
        served = gazetteer.districts_of(service.area)
        for topic in service.topics:
            row = found.setdefault(topic, dict.fromkeys([*districts, SAXONY], 0))
            for name in served:
                if name in row:
                    row[name] += 1
    return found


def table(records: list[dict], gazetteer: Gazetteer, today: date) -> str:
    """A Markdown table topic × district of cards one can act on, and the emptiest topics."""
    from actions.knowledge.loader import load

    found = counts(records, gazetteer, today)
    districts = sorted(place.id for place in gazetteer.districts())
    topics = list(load(DATA / "articles", DATA / "knowledge").articles)
    lines = [
        "# Coverage of the directory",
        "",
        f"Active services with a number, a door or a website that may be shown on {today.isoformat()}, per topic and "
        "district. “Saxony” counts services for the whole state or country. Written by "
        "`wegweiser directory coverage --out docs/coverage.md`.",
        "",
        "| topic | Saxony | " + " | ".join(districts) + " |",
        "|---|---|" + "---|" * len(districts),
    ]
    for topic in topics:
        row = found.get(topic, {})
        lines.append(
            f"| {topic} | {row.get('sachsen', 0)} | " + " | ".join(str(row.get(d, 0)) for d in districts) + " |"
        )
    empty = sorted(
        ((row_total(found.get(t, {})), found.get(t, {}).get(d, 0), t, d) for t in topics for d in districts),
        key=lambda cell: (cell[1] + found.get(cell[2], {}).get(SAXONY, 0), cell[0], cell[2], cell[3]),
    )
    lines += ["", "Ten worst cells (nothing local, least elsewhere):", ""]
    lines += [f"- {topic} in {district}" for _, _, topic, district in empty[:10]]
    return "\n".join(lines) + "\n"


def row_total(row: dict[str, int]) -> int:
    """All services of a topic."""
    return sum(row.values())
