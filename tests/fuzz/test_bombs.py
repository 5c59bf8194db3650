"""What is small and becomes large, or goes down without end: refused with one clear sentence before it is unpacked."""

from __future__ import annotations

import asyncio
import gzip
import json
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from actions import plain_yaml
from actions.directory.model import DirectoryError, records_of
from actions.directory.sources import http as http_module
from actions.directory.sources.http import Fetcher, Unavailable
from actions.directory.sources.integreat_models import Poi, Region
from actions.directory.sources.records import read
from actions.directory.sources.store import LastKnownGood, Row
from actions.directory.sources.unpacking import Body, TooLarge, Unreadable
from bot.directory_tools import table, workbook
from bot.directory_tools.limits import MAX_COLUMNS, MAX_FAULTS, TableError
from bot.legal import LegalError
from bot.legal import load as load_operator
from bot.settings import Settings, SettingsError
from bot.speech.pofile import CatalogueError
from bot.speech.pofile import load as load_catalogue
from bot.staff.report.goals import GoalsError, load_goals
from tests.fakes.network_body import NetworkBody

NOW = datetime(2026, 11, 24, 12, tzinfo=timezone.utc)
LAUGHS = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{','.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(8)
)
MERGES = "m0: &m0 {k: v}\n" + "".join(f"m{n}: &m{n} {{<<: [*m{n - 1}, *m{n - 1}]}}\n" for n in range(1, 26))
BAD_YAML = {
    "aliases": LAUGHS,
    "merged aliases": MERGES,
    "deep lists": "a: " + "[" * 100_000,
    "deep mappings": "a: " + "{a: " * 100_000,
    "deep dashes": "- " * 100_000 + "x",
    "deep blocks": "\n".join(" " * n + "a:" for n in range(2000)),
    "a day that is none": "a: 2026-13-01",
    "a number without digits": "a: !!int",
    "a number of 5,000 digits": "a: " + "9" * 5000,
    "an object of Python": "a: !!python/object/apply:os.system [id]",
    "not UTF-8": b"a: \xff\xfe",
}


class Peak:
    """Bytes that were allocated at most."""

    def __enter__(self) -> Peak:
        tracemalloc.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.bytes = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()


@pytest.mark.parametrize("name", BAD_YAML)
def test_yaml_that_no_editor_writes(name: str) -> None:
    with Peak() as peak, pytest.raises(yaml.YAMLError):
        plain_yaml.load(BAD_YAML[name])
    assert peak.bytes < 30_000_000


@pytest.mark.parametrize("name", BAD_YAML)
def test_yaml_in_every_file_that_people_hand_in(name: str, tmp_path: Path) -> None:
    bad = BAD_YAML[name]
    content = bad if isinstance(bad, bytes) else bad.encode()
    with pytest.raises(DirectoryError, match=r"x\.yml"):
        records_of(content, "x.yml")
    (tmp_path / "operator.yml").write_bytes(content)
    with pytest.raises(LegalError, match=r"operator\.yml"):
        load_operator(tmp_path)
    (tmp_path / "goals.yml").write_bytes(content)
    with pytest.raises(GoalsError, match=r"goals\.yml"):
        load_goals(tmp_path / "goals.yml")


def test_yaml_of_ours_is_read_as_before() -> None:
    for path in sorted((Path(__file__).parents[2] / "data").rglob("*.yml"))[::7]:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        assert plain_yaml.load(path.read_bytes()) == yaml.load(path.read_text(encoding="utf-8"), Loader=loader)
    assert plain_yaml.load("a: 'x & y'\nb: \"&c *d\"\nc: R&D\n") == {"a": "x & y", "b": "&c *d", "c": "R&D"}
    assert plain_yaml.load("a: '" + "[" * 200 + "'") == {"a": "[" * 200}


def test_goals_of_a_number_that_is_too_large(tmp_path: Path) -> None:
    (tmp_path / "g.yml").write_text(f"- {{goal: A, measure: messages, at_least: {'9' * 400}}}\n")
    with pytest.raises(GoalsError, match="at_least"):
        load_goals(tmp_path / "g.yml")


def test_an_operator_file_without_end(tmp_path: Path) -> None:
    (tmp_path / "operator.yml").write_bytes(b"#" * 600_000)
    with pytest.raises(LegalError, match="larger than"):
        load_operator(tmp_path)


def test_a_header_of_ten_million_columns(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b"x;" * 5_000_000 + b"\n")
    with Peak() as peak, pytest.raises(TableError, match=f"more than {MAX_COLUMNS} columns"):
        table.read(path)
    assert peak.bytes < 400_000_000
    path.write_bytes(
        b"id;name" + b";" * 1000 + b"\na;b" + b";" * 1000 + b"\n"
    )  # empty ones, as spreadsheets leave them
    assert table.read(path).rows == (table.Row(2, {"id": "a", "name": "b"}),)


def test_a_line_without_end(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b"id;name\na;" + b"x" * 19_000_000)
    with pytest.raises(TableError, match="well-formed"):
        table.read(path)


def test_faults_without_end(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("id;name\n" + "a;b;c\n" * 40_000, "utf-8")
    with pytest.raises(TableError, match=f"more than {MAX_FAULTS} faults; the first: row 2, column C"):
        table.read(path)


@pytest.mark.parametrize("name", ["xl/worksheets/sheet1.dat", "xl/worksheets/sheet1", "xl/worksheets/sheet1.XML.bak"])
def test_entities_in_a_part_of_any_name(name: str, tmp_path: Path) -> None:
    laughs = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><worksheet>&b;</worksheet>'
    path = tmp_path / "t.xlsx"
    path.write_bytes(workbook.write([["id"], ["a"]]))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(name, laughs)
    with pytest.raises(TableError, match="no spreadsheet writes"):
        table.read(path)


def test_pictures_in_a_workbook_are_no_xml(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    path.write_bytes(workbook.write([["id"], ["a"]]))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/media/image1.png", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\x00" * 100)
    assert table.read(path).rows == (table.Row(2, {"id": "a"}),)


# Upstreams


def ask(headers: dict[str, str], stream: httpx.AsyncByteStream, largest: int = 1_000_000) -> Any:
    """What a fetcher makes of this answer."""

    async def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"Content-Type": "application/json", **headers}, stream=stream)

    async def run() -> Any:
        transport = httpx.MockTransport(answer)
        fetcher = Fetcher("up", "https://up.example", LastKnownGood(":memory:"), transport=transport, largest=largest)
        try:
            return (await fetcher.json("/list", ttl=0)).value
        finally:
            await fetcher.close()

    return asyncio.run(run())


def zipped(content: bytes, times: int = 1) -> bytes:
    """Packed so many times."""
    for _ in range(times):
        content = gzip.compress(content, 9, mtime=0)
    return content


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_an_answer_that_is_packed_is_read(encoding: str) -> None:
    content = json.dumps(["ä" * 50_000]).encode()
    packed = zipped(content) if encoding == "gzip" else zlib.compress(content)
    assert ask(
        {"Content-Encoding": encoding}, NetworkBody(*(packed[n : n + 100] for n in range(0, len(packed), 100)))
    ) == ["ä" * 50_000]


def test_an_answer_that_unpacks_to_a_thousand_times_its_size() -> None:
    bomb = zipped(b" " * 200_000_000)
    assert len(bomb) < 250_000
    with Peak() as peak, pytest.raises(Unavailable, match="too large"):
        ask({"Content-Encoding": "gzip"}, NetworkBody(bomb))
    assert peak.bytes < 8_000_000


@pytest.mark.parametrize("encoding", ["gzip, gzip", "br", "zstd", "gzip,deflate", "compress"])
def test_an_answer_packed_as_nobody_asked(encoding: str) -> None:
    stream = NetworkBody(zipped(b" " * 50_000_000, times=2))
    with Peak() as peak, pytest.raises(Unavailable, match="not asked for"):
        ask({"Content-Encoding": encoding}, stream)
    assert peak.bytes < 8_000_000 and stream.given == 0


def test_half_an_answer_and_rubbish() -> None:
    with pytest.raises(Unavailable, match="cut off"):
        ask({"Content-Encoding": "gzip"}, NetworkBody(zipped(b"[1, 2]")[:15]))
    with pytest.raises(Unavailable, match="packed wrongly"):
        ask({"Content-Encoding": "gzip"}, NetworkBody(b"this is no gzip"))


def test_an_answer_that_drips(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_module, "LONGEST_SECONDS", 0.2)
    stream = NetworkBody(*[b" "] * 100_000, pause=0.01)
    with pytest.raises(Unavailable, match="TimeoutError"):
        ask({}, stream)
    assert stream.given < 1000


@pytest.mark.parametrize("headers", [{"ETag": '"\u00e9"'}, {"ETag": "x" * 5000}, {"Retry-After": "\u00b2"}])
def test_headers_that_cannot_be_sent_back(headers: dict[str, str]) -> None:
    """They come in Latin-1, and went out again with the next request, or were read as a number."""
    status = 503 if "Retry-After" in headers else 200
    asked: list[httpx.Request] = []

    async def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
        return httpx.Response(status, headers=raw, stream=NetworkBody(b"[1]"))

    async def run() -> list[Any]:
        store = LastKnownGood(":memory:")
        fetcher = Fetcher("up", "https://up.example", store, transport=httpx.MockTransport(answer))
        return [(await fetcher.json("/list", ttl=0)).value for _ in range(2)]

    if status == 200:
        assert asyncio.run(run()) == [[1], [1]] and "if-none-match" not in asked[1].headers
    else:
        with pytest.raises(Unavailable, match="503"):
            asyncio.run(run())


def test_unpacking_never_holds_more_than_it_may() -> None:
    body = Body("gzip", 10)
    body.add(zipped(b"x" * 10))
    assert body.finish() == b"x" * 10
    with pytest.raises(TooLarge):
        Body("gzip", 9).add(zipped(b"x" * 10))
    with pytest.raises(Unreadable):
        Body("gzip, gzip", 9)


DEEP: list[Callable[[], bytes]] = [
    lambda: b"[" * 1_000_000, lambda: b'{"a":' * 200_000, lambda: b"9" * 5_000, lambda: b'["' + b"\\ud800" * 10 + b'"',
    lambda: b"\xff\xfe[]", lambda: b"[NaN, 1e999, -Infinity]",
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(DEEP)))
def test_json_without_end_is_no_answer_or_harmless(number: int) -> None:
    try:
        value = ask({}, NetworkBody(DEEP[number]()), largest=8_000_000)
    except Unavailable:
        return
    assert isinstance(value, list)


def test_a_kept_answer_that_somebody_replaced() -> None:
    store = LastKnownGood(":memory:")
    for row in (
        Row(zlib.compress(b" " * 200_000_000, 9), NOW.timestamp(), ""),
        Row(b"rubbish", NOW.timestamp(), ""),
        Row(zlib.compress(b"[]")[:-3], NOW.timestamp(), ""),
        Row(zlib.compress(b"[]"), 1e300, ""),
    ):
        store._table.write("up", "/list", row, 0.0)
        with Peak() as peak:
            assert store.get("up", "/list", NOW) is None
        assert peak.bytes < 200_000_000


@pytest.mark.parametrize(
    "changed",
    [{"id": float("inf")}, {"location": {"id": float("nan")}}, {"last_updated": "0001-01-01T00:00:00+14:00"},
     {"title": "x" * 1_000_000}, {"contacts": [{"email": "a@b.example"}] * 100_000}, {"content": "<![foo[x]]>"}],
)  # fmt: skip
def test_one_record_of_an_upstream_spoils_itself_only(changed: dict[str, Any]) -> None:
    good = {"id": 1, "title": "Rathaus", "path": "/x/de/", "location": {"id": 5}}
    found, faults = read(Poi, [good, {**good, **changed}, good])
    assert len(found) + sum(faults.values()) == 3 and len(found) >= 2
    for poi in found:
        assert len(poi.title) <= 20_000 and len(poi.contacts) <= 500
        poi.updated  # noqa: B018 a day that no clock can show would raise here


def test_names_inside_a_region_that_never_end() -> None:
    found, faults = read(Region, [{"name": "x", "path": "x", "aliases": "[" * 100_000}])
    assert (len(found), sum(faults.values())) == (1, 0)


# Editors and operators


@pytest.mark.parametrize(
    "content",
    [b'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=nonsense\\n"\n', b"\xff\xfem\x00",
     b'msgid "a"\nmsgstr "\xff"\n', b"#" * 9_000_000],
)  # fmt: skip
def test_catalogues_that_cannot_be_used(content: bytes) -> None:
    with pytest.raises(CatalogueError):
        load_catalogue(content)


def test_translations_that_turn_the_text_around_are_not_said() -> None:
    head = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
    rows = {"One": "\u202eenO", "Two": "T\U000e0041wo", "Three": "\u2068Drei\u2069\u200f"}
    body = "".join(f'msgid "{one}"\nmsgstr "{said}"\n\n' for one, said in rows.items())
    found = {str(m.id): m.string for m in load_catalogue((head + body).encode()) if m.id}
    assert found == {"One": "", "Two": "", "Three": rows["Three"]}


@pytest.mark.parametrize(
    ("name", "value"),
    [("DATA_DIR", "~nobody-of-this-name/x"), ("PUBLIC_URL", "https://[::1"), ("PUBLIC_URL", "https://a.example:99999"),
     ("HANDOVER_NAME", "a\x1b[31m"), ("HANDOVER_NAME", "\udcff"), ("HANDOVER_NAME", "x" * 10_000), ("HANDOVER_NAME", "\u202ex")],
)  # fmt: skip
def test_settings_that_are_no_text(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"WEGWEISER_{name}: "):
        Settings.from_env({f"WEGWEISER_{name}": value})


@pytest.fixture(autouse=True)
def no_tracing_left() -> Iterator[None]:
    yield
    if tracemalloc.is_tracing():
        tracemalloc.stop()
