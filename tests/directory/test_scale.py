"""A large directory costs a search what it shows, not what there is. Times are measured by the benchmark, not here."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from actions.directory import adopted, ranking, search
from actions.directory.admission import guarded
from actions.directory.entry import EVERYWHERE
from actions.directory.geo import Gazetteer
from actions.directory.hours import BERLIN
from actions.directory.model import Service
from actions.directory.search import LOOKED_AT, Directory, Query
from bot.quality import bench_directory
from bot.quality.bench_directory import generated

DATA = Path(__file__).parents[2] / "data"
NOW, NIGHT = datetime(2026, 11, 24, 10, tzinfo=BERLIN), datetime(2026, 11, 24, 3, tzinfo=BERLIN)
TOPIC = "migration_counselling"


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer.load(DATA / "places.yml", DATA / "postcodes.yml")


@pytest.fixture(scope="module")
def services(gazetteer: Gazetteer) -> list[Service]:
    return generated(10_000, gazetteer, date(2026, 11, 24))


@pytest.fixture(scope="module")
def large(gazetteer: Gazetteer, services: list[Service]) -> Directory:
    return Directory(services, gazetteer)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter]:
    """How often hours were evaluated and distances measured."""
    calls: Counter = Counter()
    for module, name in ((search, "state_at"), (ranking, "distance_km")):
        original = getattr(module, name)

        def counting(*args, original=original, name=name):
            calls[name] += 1
            return original(*args)

        monkeypatch.setattr(module, name, counting)
    yield calls


def test_the_generated_directory_looks_like_ours(gazetteer: Gazetteer, services: list[Service]) -> None:
    assert services == generated(10_000, gazetteer, date(2026, 11, 24))
    assert len({s.id for s in services}) == 10_000
    assert len({topic for s in services for topic in s.topics}) == 66
    assert all(place in gazetteer.places for s in services for place in s.area)
    towns = {place for s in services for place in s.area if gazetteer.places[place].kind in ("city", "municipality")}
    assert len(towns) == 418
    quarters = {p.id for p in gazetteer.places.values() if p.kind == "quarter"}
    assert len(quarters & {a for s in services for a in s.area}) > 0.9 * len(quarters)
    share = sum("sachsen" in s.area for s in services) / 10_000
    assert 0.03 < share < 0.05


def test_a_search_reads_the_hours_of_what_it_shows(large: Directory, gazetteer: Gazetteer, counted: Counter) -> None:
    found = large.search(Query(TOPIC, gazetteer.places["leipzig"], limit=3), NOW)
    assert len(found) == 3
    assert counted["state_at"] == sum(bool(m.service.hours) for m in found)


def test_a_search_measures_few_distances(large: Directory, gazetteer: Gazetteer, counted: Counter) -> None:
    of_topic = sum(TOPIC in s.topics and s.active for s in large.services.values())
    for place in ("leipzig", "grimma", "dresden-neustadt"):
        counted.clear()
        assert large.search(Query(TOPIC, gazetteer.places[place]), NOW)
        assert counted["distance_km"] < of_topic / 10
    counted.clear()
    assert large.search(Query(TOPIC, point=(51.34, 12.37)), NOW)
    assert counted["distance_km"] < of_topic / 3


def test_open_now_reads_hours_only_until_enough_are_open(
    large: Directory, gazetteer: Gazetteer, counted: Counter
) -> None:
    leipzig = gazetteer.places["leipzig"]
    assert len(large.search(Query(TOPIC, leipzig, open_now=True), NOW)) == 3
    assert 3 <= counted["state_at"] < 20
    counted.clear()
    assert large.search(Query(TOPIC, leipzig, open_now=True), NIGHT) == []
    assert counted["state_at"] == LOOKED_AT


def test_every_entry_lies_once_in_each_of_its_buckets(large: Directory) -> None:
    topic = large._index.topic(TOPIC, NOW.date())
    assert topic is not None
    expected = [s for s in large.services.values() if s.active and TOPIC in s.topics]
    assert sorted(topic.entries) == sorted(s.id for s in expected)
    leipzig = [e.service.id for e in topic.buckets["leipzig"].entries]
    assert sorted(leipzig) == sorted(s.id for s in expected if "leipzig" in s.area)
    everywhere = [e.service.id for e in topic.buckets[EVERYWHERE].entries]
    assert sorted(everywhere) == sorted(s.id for s in expected if {"sachsen", "deutschland"} & set(s.area))


def copies(services: list[Service], count: int) -> list[Service]:
    """What an upstream would say of our first records with a number, under its own ids and names."""
    numbered = [s for s in services if s.phone and not guarded(s)][:count]
    return [
        replace(s, id=f"up:{s.id}", name=f"{s.name} e. V.", url="https://up.example", checked={"url": "2026-11-24"})
        for s in numbered
    ]


def test_a_batch_costs_what_it_touches(
    large: Directory, services: list[Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at: list[int] = []
    original = adopted.gather

    def counting(records, towns):
        rows = list(records)
        looked_at.append(len(rows))
        return original(rows, towns)

    monkeypatch.setattr(adopted, "gather", counting)
    before = dict(large.services)
    batch = copies(services, 500)
    large.adopt("up:all", batch)
    assert looked_at == [1_000]
    assert list(large.services) == list(before)  # every copy found the record it is one with
    assert all(large.services[s.id.removeprefix("up:")].url == "https://up.example" for s in batch)
    looked_at.clear()
    large.adopt("up:all", list(batch))
    assert looked_at == []  # nothing new: nothing done
    large.adopt("up:all", [replace(batch[0], email="new@example.org"), *batch[1:]])
    assert looked_at == [2]
    large.drop("up:all")
    assert large.services == before and list(large.services) == list(before)


def test_the_benchmark_prints_and_writes_its_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "build" / "directory.json"
    assert bench_directory.main([300], str(out)) == 0
    rows = json.loads(out.read_text(encoding="utf-8"))["directory"]
    assert [row["size"] for row in rows] == [300]
    assert rows[0]["median_ms"] <= rows[0]["p99_ms"] <= rows[0]["max_ms"]
    assert {"place", "point", "no place", "speaks", "open now", "free", "women", "age"} <= set(rows[0]["by_kind"])
    head, line = capsys.readouterr().out.splitlines()
    assert head.split()[:3] == ["size", "start", "s"] and line.split()[0] == "300"
