"""The parts of `make bench` in small: processes, the load generator over real HTTP, samples, and stock's project."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher
from sanic import Sanic
from sanic.response import json as as_json

from bot.quality.bench_messages import BUTTON, FOLLOW_UP, FOLLOW_UPS, TOPIC, Ask, Workload, load_resources
from bot.settings import ROOT
from tests.fakes.running import running as serving
from tests.fakes.web_server import serve
from tools.bench import event_loop, run, sample
from tools.bench.answers import EMPTY, FALLBACK, NO_CARDS, REAL, REFUSED, STOCK_FALLBACK, judge_stock, judge_wegweiser
from tools.bench.export import export
from tools.bench.processes import BenchError, cpu_seconds, members, memory, running, timed, wait_until
from tools.stock.project import write_endpoints, write_project

NAMES = {"leipzig": "Leipzig", "dresden": "Dresden"}
WORK = Workload(
    questions=(("en", "german_course", "a course"), ("en", "german_course", "another course")),
    follow_ups=(("en", "ask_cost", "what does it cost"),),
    topics=("german_course",),
    places=tuple(NAMES.items()),
)
ASK = Ask(TOPIC, "german_course", "leipzig", "a course Leipzig")
CHILD = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
BUSY = (
    "import time\nend = time.process_time() + 0.3\nwhile time.process_time() < end: pass\nprint('done', flush=True)\n"
)


def test_a_process_ends_with_all_it_started(tmp_path: Path) -> None:
    command = [sys.executable, "-c", CHILD + BUSY + "time.sleep(60)"]
    with pytest.raises(RuntimeError, match="on purpose"), running(command, tmp_path, {}, tmp_path / "log") as process:
        wait_until(lambda: "done" in (tmp_path / "log").read_text(), [process], 20)
        assert len(members(process.pid)) == 2
        assert cpu_seconds([process.pid]) >= 0.3
        held = memory([process.pid])
        assert held["processes"] == 2 and held["rss_mb"] > 5
        raise RuntimeError("on purpose")
    assert process.poll() is not None and members(process.pid) == []


def test_a_process_is_pinned_and_its_failure_is_told(tmp_path: Path) -> None:
    code = "import os; print(sorted(os.sched_getaffinity(0)))"
    with running([sys.executable, "-c", code], tmp_path, {}, tmp_path / "log", [0]) as process:
        assert process.wait(20) == 0
    assert (tmp_path / "log").read_text().strip() == "[0]"
    with pytest.raises(BenchError, match="why it failed"):
        timed([sys.executable, "-c", "raise SystemExit('why it failed')"], tmp_path, {}, tmp_path / "log", 20)
    with pytest.raises(BenchError, match="longer than"):
        timed([sys.executable, "-c", "import time; time.sleep(60)"], tmp_path, {}, tmp_path / "log", 0.2)
    with pytest.raises(BenchError, match="ended while"):
        wait_until(lambda: False, [process], 5)


def generated(tmp_path: Path, engine: str, port: int, clients: int = 2) -> dict[str, Any]:
    WORK.save(tmp_path / "work.json")
    out = tmp_path / "load.json"
    command = [sys.executable, "tools/bench/load.py", "--engine", engine, "--port", str(port), "--json", str(out)]
    command += ["--workload", str(tmp_path / "work.json"), "--clients", str(clients), "--warm", "0.1"]
    done = subprocess.run([*command, "--seconds", "0.7"], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr[-2000:]
    return dict(json.loads(out.read_text("utf-8")))


def test_load_on_our_web_api(tmp_path: Path) -> None:
    with serve() as server:
        found = generated(tmp_path, "wegweiser", server.port)
    kinds = found["kinds"]
    assert found["messages"] == sum(row["n"] for row in kinds.values()) > 20 and found["faults"] == {}
    # the fake agent has a card for whatever names a course, and echoes everything else
    assert kinds[TOPIC]["answers"][REAL] == kinds[TOPIC]["n"] > 0
    assert kinds[FOLLOW_UP]["answers"][REAL] == kinds[FOLLOW_UP]["n"] > 0
    assert kinds[BUTTON]["answers"][REAL] == kinds[BUTTON]["n"] > 0
    assert 0 < found["p50_ms"] <= found["p95_ms"] <= found["p99_ms"] and 0 < found["generator_cpu_share"] < 1.1
    assert found["repeated"] > 0  # so few messages cannot last: it is said


@pytest.fixture
def stock() -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """Something like stock's REST channel: cards for texts, unsure of buttons, broken for follow-ups."""
    Sanic.test_mode = True
    app, heard = Sanic("stock_like"), []

    @app.post("/webhooks/rest/webhook")
    async def webhook(request: Any) -> Any:
        heard.append(request.json)
        text = request.json["message"]
        if text.startswith("/"):
            return as_json([{"text": STOCK_FALLBACK}])
        if "cost" in text:
            return as_json({"error": "broken"}, status=500)
        about = {"cards": [{"name": "VHS"}], "topic": "german_course", "place": "leipzig"}
        return as_json([{"text": "A course."}, {"custom": about}])

    with serving(app) as port:
        yield port, heard


def test_load_on_stocks_rest_channel(tmp_path: Path, stock) -> None:
    port, heard = stock
    found = generated(tmp_path, "stock", port, clients=1)
    assert {name: row["answers"] for name, row in found["kinds"].items() if row["n"]}.keys() == {
        TOPIC,
        FOLLOW_UP,
        BUTTON,
    }
    assert found["kinds"][TOPIC]["answers"][REAL] == found["kinds"][TOPIC]["n"]
    assert found["kinds"][FOLLOW_UP]["answers"][REFUSED] == found["kinds"][FOLLOW_UP]["n"]
    assert found["kinds"][BUTTON]["answers"][FALLBACK] == found["kinds"][BUTTON]["n"]
    assert found["topic_right"] == 1.0 and 0.3 < found["place_right"] < 0.7
    # one client sends them in the order of the workload, and every conversation has an id of its own
    expected = [ask.text or ask.payload for n in range(3) for ask in WORK.conversation(n)]
    assert [row["message"] for row in heard[:18]] == expected
    assert len({row["sender"] for row in heard[:18]}) == 3


@pytest.mark.parametrize(
    ("reply", "verdict"),
    [
        ({"text": "x", "cards": [{"id": "a"}], "topic": "german_course", "place": "Leipzig"}, REAL),
        ({"text": "x", "cards": [], "part": "summary", "topic": "german_course"}, NO_CARDS),
        ({"text": "x", "cards": [], "choices": [{"payload": "/human_handover"}]}, FALLBACK),
        ({"text": "", "cards": []}, EMPTY),
    ],
)
def test_what_an_answer_of_ours_is_worth(reply, verdict) -> None:
    judged = judge_wegweiser(ASK, 200, json.dumps({"replies": [reply]}).encode(), NAMES)
    assert judged.verdict == verdict
    if verdict == REAL:
        assert judged.topic is True and judged.place is True
    assert judge_wegweiser(ASK, 429, b"{}", NAMES).verdict == REFUSED
    assert judge_stock(ASK, 200, b"[]", NAMES).verdict == EMPTY


def test_the_sample_is_the_same_each_time_and_has_all_intents(tmp_path: Path) -> None:
    rows = sample.draw(400)
    assert rows == sample.draw(400) and len(set(rows)) == 400
    counts = Counter(intent for _, intent, _ in rows)
    domain = yaml.safe_load((ROOT / "domain.yml").read_text("utf-8"))
    assert set(counts) == {next(iter(row)) for row in domain["intents"]} - {"nlu_fallback", "crisis_near"}
    assert min(counts.values()) >= 3
    sample.write_folders(rows, tmp_path)
    from bot.nlu.message_files import read_messages

    assert sorted(read_messages(tmp_path)) == sorted((a, b, c.strip()) for a, b, c in rows)
    tested = sample.tests(50)
    assert tested == sample.tests(50) and not {row["text"] for row in tested} & {text for *_, text in rows}
    with pytest.raises(ValueError, match="at least"):
        sample.draw(10)


def test_stocks_project_answers_with_our_cards(tmp_path: Path) -> None:
    resources = load_resources()
    environment, project = tmp_path / "venv", tmp_path / "project"
    initial = environment / "lib/python3.10/site-packages/rasa/cli/initial_project"
    initial.mkdir(parents=True)
    (initial / "config.yml").write_text("assistant_id: placeholder_default\npipeline:\npolicies:\n")
    rows = [
        ("de", "german_course", "Deutschkurs in Leipzig"),
        ("de", "ask_cost", "Was kostet das?"),
        ("de", "greet", "Hallo"),
    ]
    marked = sample.with_places(rows)
    assert marked[0] == ("german_course", 'Deutschkurs in [Leipzig]{"entity": "place", "value": "leipzig"}')
    write_project(project, environment, marked, frozenset({"german_course"}), FOLLOW_UPS, NAMES.values())
    endpoints = yaml.safe_load(write_endpoints(project, 5055).read_text())
    assert endpoints["action_endpoint"]["url"] == "http://127.0.0.1:5055/webhook"
    rules = yaml.safe_load((project / "data" / "rules.yml").read_text())["rules"]
    assert {rule["rule"]: rule["steps"][1]["action"] for rule in rules} == {
        "german_course": "action_answer", "ask_cost": "action_follow_up", "greet": "utter_greet",
        "not sure": "action_clarify",
    }  # fmt: skip
    assert yaml.safe_load((project / "config.yml").read_text())["assistant_id"] == "stock"

    export(resources, WORK.places, project / "actions" / "answers.json")
    spec = importlib.util.spec_from_file_location("stock_actions", project / "actions" / "actions.py")
    assert spec is not None and spec.loader is not None
    actions = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(actions)

    def say(action: Any, intent: str, **slots: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        latest = {"intent": {"name": intent}}
        tracker = Tracker("x", slots, latest, [], False, None, {}, "action_listen")
        dispatcher = CollectingDispatcher()
        return action.run(dispatcher, tracker, {}), dispatcher.messages

    events, messages = say(actions.ActionAnswer(), "german_course", place="leipzig")
    assert [(event["name"], event["value"]) for event in events] == [("topic", "german_course")]
    assert messages[0]["text"] and messages[0]["buttons"]
    custom = messages[1]["custom"]
    assert custom["topic"] == "german_course" and custom["place"] == "leipzig" and len(custom["cards"]) == 3
    known = resources.directory.services
    assert all(known[row["id"]].name == row["name"] for row in custom["cards"])
    _, messages = say(actions.ActionFollowUp(), "ask_cost", topic="german_course", place="Leipzig")
    assert messages[0]["text"] == " ".join(s.text for s in resources.knowledge.article("german_course").part("cost"))
    _, messages = say(actions.ActionClarify(), "nlu_fallback")
    # the load generator knows by this sentence that stock is not sure
    assert [row["text"] for row in messages] == [STOCK_FALLBACK]
    _, messages = say(actions.ActionFollowUp(), "ask_cost")
    assert messages[0]["text"] == "What is it about?"


def test_lateness_counts_only_the_measured_time() -> None:
    moments = [0.5, 1.0, 1.5, 2.0, 2.5]
    found = event_loop.summary(moments, [0.9, 0.001, 0.030, 0.002, 0.9], 1.0, 2.0)
    assert (found["wake_ups"], found["max_ms"], found["over_20_ms"], found["p50_ms"]) == (3, 30.0, 1, 2.0)
    with pytest.raises(ValueError, match="not watched"):
        event_loop.summary([], [], 0.0, 1.0)


def test_parts_become_ratios_and_a_missing_part_none(tmp_path: Path) -> None:
    loads = {
        name: {"levels": {"c8": {"per_second": rate, "p95_ms": p95}}, "memory": {"rss_mb": rss}}
        for name, rate, p95, rss in (("stock", 40.0, 200.0, 1200.0), ("wegweiser", 260.0, 30.0, 300.0))
    }
    (tmp_path / "load.json").write_text(json.dumps({**loads, "sample": 3000}))
    (tmp_path / "loop.json").write_text(json.dumps({"max_ms": 9.0, "sample": 3000, "commit": "abc"}))
    (tmp_path / "start.json").write_text(json.dumps({"sample": 300}))  # of another sample: not this run's
    content = run.assemble(tmp_path, 3000)
    found = content["ratios"]
    assert (found["throughput_c8"], found["p95_c8"], found["rss"]) == (6.5, 0.15, 0.25)
    assert found["train"] is None and found["start"] is None
    assert content["wegweiser"]["loop"]["max_ms"] == 9.0 and set(content["stock"]) == {"load"}
    assert content["parts_commits"] == {"load": None, "loop": "abc"}
    assert content["machine"]["cores"] >= 1 and "hostname" not in json.dumps(content)
