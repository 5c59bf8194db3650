"""What the directory costs as it grows: start-up, memory, searches, and taking in a batch of a source."""

from __future__ import annotations

import gc
import json
import multiprocessing
import random
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from actions.directory.geo import GERMANY, SAXONY, Gazetteer, Place
from actions.directory.hours import BERLIN, state_at
from actions.directory.model import Eligibility, Service, load_records, service_from_record
from actions.directory.search import Directory, Query

DATA = Path(__file__).parents[2] / "data"
SIZES = [1_000, 10_000, 100_000]
SEARCHES = 2_000
# A Tuesday morning, when most are open. "Open at night" is asked at three, when next to nothing is.
WHEN, NIGHT = datetime(2026, 11, 24, 10, tzinfo=BERLIN), datetime(2026, 11, 24, 3, tzinfo=BERLIN)
BATCH = 500
LANGUAGES = ("ar", "fa", "uk", "ru", "ti", "tr", "en", "fr", "es", "ps")
# Shares among generated services: statewide or nationwide, for a whole district, with coordinates of their own.
STATEWIDE, DISTRICTWIDE, OWN_POINT = 0.04, 0.12, 0.7
ADVISORY = "Beratung Treffpunkt Sprechstunde Kurs Praxis Verein Zentrum Anlaufstelle Initiative Haus".split()


def main(sizes: Sequence[int] = (), out: str = "") -> int:
    """Measure directories of these sizes, print a table and write the figures as JSON to `out`; returns 0.

    Each size has a process of its own, so that memory is its own too. Times are those of one core, without waiting
    for other programs on the machine; "p99 wall" is the clock on the wall. First searches, which read opening hours
    for the first time, count as well.
    """
    rows = []
    head = ("size", "start s", "memory MB", "index MB", "median ms", "p99 ms", "p99 wall", f"adopt {BATCH} ms")
    print("".join(f"{name:>14}" for name in head))
    for size in sizes or SIZES:
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
            row = pool.submit(measure, size).result()
        rows.append(row)
        print("".join(f"{value:>14,}" for value in list(row.values())[: len(head)]), flush=True)
    if out:
        Path(out).parent.mkdir(parents=True, exist_ok=True)
        Path(out).write_text(json.dumps({"directory": rows}, indent=2) + "\n", encoding="utf-8")
    return 0


def measure(size: int) -> dict[str, Any]:
    """The figures of one size, on generated services."""
    gazetteer = Gazetteer.load(DATA / "places.yml", DATA / "postcodes.yml")
    state_at("Mo-Fr 09:00-17:00", WHEN)  # reads the holidays once, as every process does
    before = _megabytes()
    services = generated(size, gazetteer, WHEN.date())
    batch = [
        replace(s, id=f"up:{s.id}", name=f"{s.name} neu") for s in generated(BATCH, gazetteer, WHEN.date(), seed=1)
    ]
    held = _megabytes()
    start = time.thread_time()
    directory = Directory(services, gazetteer)
    started = time.thread_time() - start
    after = _megabytes()
    kinds: dict[str, list[float]] = {}
    wall: list[float] = []
    for name, query in queries(SEARCHES, gazetteer, services):
        clock, start = time.perf_counter(), time.thread_time()
        directory.search(query, NIGHT if name == "open at night" else WHEN)
        kinds.setdefault(name, []).append((time.thread_time() - start) * 1000)
        wall.append((time.perf_counter() - clock) * 1000)
    every = [ms for times in kinds.values() for ms in times]
    adopted = []
    for _ in range(2):
        start = time.thread_time()
        directory.adopt("up:all", batch)
        adopted.append((time.thread_time() - start) * 1000)
    return {
        "size": size,
        "start_seconds": round(started, 2),
        "memory_mb": round(after - before),
        "index_mb": round(after - held),
        "median_ms": round(_share(every, 0.5), 2),
        "p99_ms": round(_share(every, 0.99), 2),
        "p99_wall_ms": round(_share(wall, 0.99), 2),
        "adopt_ms": round(adopted[0], 1),
        "adopt_again_ms": round(adopted[1], 3),
        "max_ms": round(max(every), 2),
        "by_kind": {
            name: {"n": len(t), "median_ms": round(_share(t, 0.5), 2), "p99_ms": round(_share(t, 0.99), 2)}
            for name, t in kinds.items()
        },
    }


def generated(size: int, gazetteer: Gazetteer, today: date, seed: int = 0) -> list[Service]:
    """Services that look like ours: topics, kinds, languages and limits of our records, places by population.

    The same arguments give the same services. Names, numbers and doors are made up.
    """
    chance = random.Random(f"{seed} {size}")
    models = [service_from_record(record) for record in load_records(DATA / "services")]
    quarters: dict[str, list[Place]] = {}
    for place in gazetteer.places.values():
        if place.kind == "quarter":
            quarters.setdefault(place.district, []).append(place)
    towns = [p for p in gazetteer.places.values() if p.kind in ("city", "municipality")]
    codes = {place: code for code in gazetteer.postcodes for place in (p.id for p in gazetteer.by_postcode(code))}
    # Small towns have their services too: half by population, half evenly.
    chosen = chance.choices(towns, [p.population + 9_500 for p in towns], k=size)
    return [
        _service(number, chance, chance.choice(models), town, quarters.get(town.id, ()), codes.get(town.id, ""), today)
        for number, town in enumerate(chosen)
    ]


def _service(
    number: int, chance: random.Random, model: Service, town: Place, quarters: Sequence[Place], code: str, today: date
) -> Service:
    where = chance.choice(quarters) if quarters and chance.random() < 0.5 else town
    share = chance.random()
    if share < STATEWIDE:
        area: tuple[str, ...] = (SAXONY, GERMANY) if share < STATEWIDE / 4 else (SAXONY,)
    elif share < STATEWIDE + DISTRICTWIDE:
        area = (town.district, town.id)
    else:
        area = (town.id,) if where is town else (where.id, town.id)
    point: tuple[float | None, float | None] = (None, None)
    if where.latitude is not None and where.longitude is not None and chance.random() < OWN_POINT:
        point = (where.latitude + chance.gauss(0, 0.015), where.longitude + chance.gauss(0, 0.02))
    fields = ("address", "phone", "email", "url", "hours", "description")
    month = today - timedelta(days=int(chance.expovariate(1 / 500)) % 2_500)
    said = {name: month.isoformat() for name in fields if chance.random() < 0.6}
    limits = model.eligibility
    if chance.random() < 0.05:
        limits = Eligibility(gender=chance.choice(("women", "women", "men")))
    return replace(
        model,
        id=f"g-{number}",
        name=f"{chance.choice(ADVISORY)} {where.name} {number % 997}",
        status="active" if chance.random() < 0.97 else "inactive",
        area=area,
        city="" if model.telephone_only else town.name,
        address_1="" if model.telephone_only else f"Straße {number % 89} {chance.randint(1, 120)}",
        postal_code="" if model.telephone_only else code,
        latitude=point[0],
        longitude=point[1],
        phone=f"+49 {chance.randint(341, 378)} {chance.randint(1_000_000, 9_999_999)}" if chance.random() < 0.7 else "",
        email=f"post{number}@example.org" if chance.random() < 0.4 else "",
        url=f"https://example.org/{number}" if chance.random() < 0.7 else "",
        hours=_hours(chance) if chance.random() < 0.4 else "",
        languages=("de", *chance.sample(LANGUAGES, chance.choice((0, 0, 1, 2, 3)))),
        free=chance.random() < 0.3,
        eligibility=limits,
        checked=said,
    )


def _hours(chance: random.Random) -> str:
    rules = []
    for days in chance.choice((("Mo-Fr",), ("Mo", "We", "Th"), ("Tu", "Th"), ("Mo-Th", "Fr"))):
        opens = chance.randint(7, 10)
        rules.append(f"{days} {opens:02}:{chance.choice(('00', '30'))}-{opens + chance.randint(3, 9):02}:00")
    return "; ".join([*rules, "PH off"])


def queries(count: int, gazetteer: Gazetteer, services: Sequence[Service], seed: int = 0) -> list[tuple[str, Query]]:
    """Questions as people ask them, each with its kind: topics as often as there are services, places by people."""
    chance = random.Random(seed)
    places = [p for p in gazetteer.places.values() if p.kind not in ("state", "country")]
    people = [p.population + 2_000 for p in places]
    found: list[tuple[str, Query]] = []
    for _ in range(count):
        kind = chance.choice(
            "place,place,point,no place,speaks,open now,open at night,free,women,age,more,all filters".split(",")
        )
        place = chance.choices(places, people)[0]
        query = Query(
            topic=chance.choice(chance.choice(services).topics), place=place, language=chance.choice(LANGUAGES)
        )
        if kind == "no place":
            query = replace(query, place=None)
        elif kind == "point" and place.latitude is not None and place.longitude is not None:
            near = (round(place.latitude + chance.gauss(0, 0.05), 2), round(place.longitude + chance.gauss(0, 0.05), 2))
            query = replace(query, place=None, point=near)
        if kind in ("speaks", "all filters"):
            query = replace(query, speaks=chance.choice(LANGUAGES))
        if kind in ("open now", "open at night", "all filters"):
            query = replace(query, open_now=True)
        if kind in ("free", "all filters"):
            query = replace(query, free=True)
        if kind in ("women", "all filters"):
            query = replace(query, women=True)
        if kind in ("age", "all filters"):
            query = replace(query, age=chance.randint(15, 70))
        if kind == "more":
            query = replace(query, exclude=frozenset(chance.choice(services).id for _ in range(30)), limit=60)
        found.append((kind, query))
    return found


def _share(times: list[float], share: float) -> float:
    return sorted(times)[min(len(times) - 1, int(len(times) * share))]


def _megabytes() -> float:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6
