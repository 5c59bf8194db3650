"""Part A: both engines train the same sample from nothing; then both are asked the same test messages."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.quality.bench_messages import FOLLOW_UPS, Workload
from tools.bench import sample
from tools.bench.export import export
from tools.bench.processes import BenchError, clean_environment, timed
from tools.stock.project import write_project

ROOT = Path(__file__).resolve().parents[2]
TRAIN_SECONDS = 1500.0
PARSE_SECONDS = 300.0


@dataclass(frozen=True)
class Places:
    """Where everything of the benchmark lies."""

    folder: Path

    @property
    def stock_python(self) -> Path:
        """The interpreter with TensorFlow, made by `make baseline`."""
        return ROOT / "build" / "stock" / ".venv" / "bin" / "python"

    @property
    def project(self) -> Path:
        """Stock's project."""
        return self.folder / "stock"

    @property
    def stock_model(self) -> Path:
        """Stock's model."""
        return self.folder / "stock-model" / "model.tar.gz"

    @property
    def model(self) -> Path:
        """Our model of the sample."""
        return self.folder / "model" / "wegweiser.tar.gz"

    @property
    def plain(self) -> Path:
        """Our model of the sample, made without the adapter."""
        return self.folder / "plain" / "wegweiser.tar.gz"

    @property
    def workload(self) -> Path:
        """The messages of the load."""
        return self.folder / "workload.json"

    @property
    def messages(self) -> Path:
        """The sample as our importer reads it."""
        return self.folder / "messages"

    @property
    def cases(self) -> Path:
        """The test messages."""
        return self.folder / "tests.jsonl"


def prepare(at: Places, size: int, tested: int) -> None:
    """Write sample, test messages, workload and stock's project."""
    from bot import rasa_compat

    rasa_compat.install()
    from bot.quality.bench_messages import draw, load_resources
    from bot.wiring import URGENT

    if not at.stock_python.exists():
        raise BenchError("stock Rasa is not installed: run `make baseline` first, or `make bench`, which installs it")
    rows = sample.draw(size)
    shutil.rmtree(at.messages, ignore_errors=True)
    sample.write_folders(rows, at.messages)
    cases = sample.tests(tested)
    at.cases.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in cases), encoding="utf-8")
    resources = load_resources()
    work = draw(resources, URGENT)
    work.save(at.workload)
    topics = frozenset(resources.knowledge.articles) & {intent for _, intent, _ in rows}
    marked = sample.with_places(rows)
    names = [name for _, name in work.places]
    write_project(at.project, at.stock_python.parents[1], marked, topics, FOLLOW_UPS, names)
    export(resources, work.places, at.project / "actions" / "answers.json")


def train(at: Places, size: int, reuse: bool) -> dict[str, Any]:
    """Seconds and accuracy of both, and of ours without the adapter."""
    cases = [json.loads(line) for line in at.cases.read_text(encoding="utf-8").splitlines()]
    wanted = [row["intent"] for row in cases]
    ours = _train_ours(at, at.model)
    plain = _train_ours(at, at.plain, "--plain")
    answers, bare = _parse_ours(at, at.model), _parse_ours(at, at.plain, "--plain")
    stock = _train_stock(at, reuse)
    got, milliseconds = _parse_stock(at, cases)
    return {
        "messages": size,
        "tested": len(cases),
        "stock": {**stock, "top1": _share(got, wanted), "parse_ms_median": _median(milliseconds)},
        "wegweiser": {
            **ours,
            "top1": _share(answers["got"], wanted),
            "parse_ms_median": _median(answers["ms"]),
            "top1_without_adapter": _share(bare["got"], wanted),
            "top1_letters": _share(bare["letters"], wanted),
            "seconds_without_adapter": plain["seconds"],
        },
    }


def _train_ours(at: Places, model: Path, *more: str) -> dict[str, Any]:
    cache = at.folder / "cache"
    shutil.rmtree(cache, ignore_errors=True)
    command = [sys.executable, "tools/bench/train_wegweiser.py", "--messages", str(at.messages), "--model", str(model)]
    environment = clean_environment(RASA_CACHE_DIRECTORY=str(cache))
    log = at.folder / f"train-{model.parent.name}.log"
    seconds, used = timed([*command, *more], ROOT, environment, log, TRAIN_SECONDS)
    return {"seconds": round(seconds, 1), "cpu_seconds": round(used, 1)}


def _parse_ours(at: Places, model: Path, *more: str) -> dict[str, Any]:
    out = at.folder / f"parsed-{model.parent.name}.json"
    command = [sys.executable, "tools/bench/train_wegweiser.py", "--model", str(model), "--parse", str(at.cases)]
    log = at.folder / f"parse-{model.parent.name}.log"
    timed([*command, "--json", str(out), *more], ROOT, clean_environment(), log, PARSE_SECONDS)
    return dict(json.loads(out.read_text(encoding="utf-8")))


def _stamp(project: Path) -> str:
    """A hash of all that stock's model is made of."""
    digest = hashlib.sha256()
    for path in (*sorted((project / "data").iterdir()), project / "domain.yml", project / "config.yml"):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _train_stock(at: Places, reuse: bool) -> dict[str, Any]:
    stamp = _stamp(at.project)
    note = at.stock_model.with_name("trained.json")
    known = json.loads(note.read_text(encoding="utf-8")) if note.exists() else {}
    if reuse and known.get("stamp") == stamp and at.stock_model.exists():
        return {**known["figures"], "reused": True}
    cache = at.folder / "cache"
    shutil.rmtree(cache, ignore_errors=True)
    rasa = at.stock_python.with_name("rasa")
    command = [str(rasa), "train", "--skip-validation", "--fixed-model-name", "model"]
    command += ["--out", str(at.stock_model.parent.resolve())]
    environment = clean_environment(RASA_CACHE_DIRECTORY=str(cache))
    seconds, used = timed(command, at.project, environment, at.folder / "train-stock.log", TRAIN_SECONDS)
    figures = {"seconds": round(seconds, 1), "cpu_seconds": round(used, 1)}
    note.write_text(json.dumps({"stamp": stamp, "figures": figures}) + "\n", encoding="utf-8")
    return figures


def _parse_stock(at: Places, cases: list[dict[str, Any]]) -> tuple[list[str], list[float]]:
    """Stock's first intent for each test message, its fallback left out of the ranking."""
    from bot import rasa_compat

    rasa_compat.install()
    from bot.channels.gate import clean_text

    lines = "".join(json.dumps({"text": clean_text(row["text"])}) + "\n" for row in cases)
    command = [str(at.stock_python), str(ROOT / "tools" / "stock" / "parse.py"), str(at.stock_model)]
    try:
        done = subprocess.run(
            command, input=lines, capture_output=True, text=True, timeout=PARSE_SECONDS, env=clean_environment()
        )
    except subprocess.TimeoutExpired:
        raise BenchError(f"stock Rasa did not read {len(cases)} messages within {PARSE_SECONDS:.0f} s") from None
    answers = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    if len(answers) != len(cases):
        raise BenchError(f"stock Rasa read {len(answers)} of {len(cases)} messages: {done.stderr[-300:]}")
    first = [row["ranking"][0]["intent"] if row["ranking"] else "out_of_scope" for row in answers]
    return first, [row["ms"] for row in answers]


def _share(got: list[str], wanted: list[str]) -> float:
    return round(sum(a == b for a, b in zip(got, wanted, strict=True)) / len(wanted), 4)


def _median(values: list[float]) -> float:
    return round(sorted(values)[len(values) // 2], 2)


def load_workload(at: Places) -> Workload:
    """The messages of the load, which `prepare` has written."""
    return Workload.read(at.workload)
