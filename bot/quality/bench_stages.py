"""What each stage of one message costs: the real components of a loaded agent, timed while it answers messages in turn."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import inspect
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from bot.quality.bench_messages import KINDS, Ask, Workload, draw
from bot.settings import Settings

MESSAGES, WARM_UP = 600, 60
# The components of config.yml by the name of their stage, in the order of the way of a message.
COMPONENTS = {
    "LanguageIdentifier": "language",
    "SpacyBlankTokenizer": "tokenizer",
    "SentenceEmbedding": "embedding",
    "IntentClassifier": "intent",
    "PlaceExtractor": "places",
    "TermExtractor": "terms",
    "Decision": "decision",
}
# What holds others: understanding holds the components, the action the search.
INSIDE = {stage: "understanding" for stage in COMPONENTS.values()} | {"directory": "action"}
STAGES = (
    *("store: retrieve", "understanding", *COMPONENTS.values(), "slots", "policies"),
    *("action", "directory", "speech", "store: save", "channel", "other", "total"),
)


class Stopwatch:
    """Adds up, message by message, the seconds spent in each stage; `report` gives them in microseconds."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, dict[str, float]]] = []
        self._now: dict[str, float] = {}

    def timed(self, stage: str, call: Callable[..., Any]) -> Callable[..., Any]:
        """`call` with its time added to the stage; coroutine functions stay such."""
        if inspect.iscoroutinefunction(call):

            async def waited(*given: Any, **named: Any) -> Any:
                start = time.perf_counter()
                try:
                    return await call(*given, **named)
                finally:
                    self._add(stage, time.perf_counter() - start)

            return waited

        def called(*given: Any, **named: Any) -> Any:
            start = time.perf_counter()
            try:
                return call(*given, **named)
            finally:
                self._add(stage, time.perf_counter() - start)

        return called

    def _add(self, stage: str, seconds: float) -> None:
        self._now[stage] = self._now.get(stage, 0.0) + seconds

    def message(self, kind: str, total: float) -> None:
        """One message is answered; what no stage explains is `other`: Rasa's trackers and events, changes of threads."""
        outer = sum(seconds for stage, seconds in self._now.items() if stage not in INSIDE)
        self.rows.append((kind, self._now | {"other": max(0.0, total - outer), "total": total}))
        self._now = {}

    def report(self) -> dict[str, Any]:
        """Median and p95 of each stage over the messages that went through it."""
        found = {}
        for stage in STAGES:
            times = sorted(1e6 * row[stage] for _, row in self.rows if stage in row)
            if times:
                found[stage] = {"messages": len(times), "median_us": _at(times, 50), "p95_us": _at(times, 95)}
        return found

    def totals(self) -> dict[str, Any]:
        """The whole of a message by its kind."""
        found = {}
        for kind in KINDS:
            times = sorted(1e6 * row["total"] for name, row in self.rows if name == kind)
            if times:
                found[kind] = {"messages": len(times), "median_us": _at(times, 50), "p95_us": _at(times, 95)}
        return found


def _at(times: list[float], percent: int) -> int:
    return round(times[min(len(times) - 1, len(times) * percent // 100)])


@contextlib.contextmanager
def watched(agent: Any, watch: Stopwatch) -> Iterator[None]:
    """The agent's own components with a stopwatch around them, until the block ends. ValueError when one is not there."""
    nodes = [n for n in agent.processor.graph_runner._instantiated_nodes.values() if _stage(n)]
    missing = set(COMPONENTS.values()) - {_stage(node) for node in nodes}
    if missing:
        raise ValueError(f"the model has no component for: {', '.join(sorted(missing))}")
    objects = [
        (agent.processor, "parse_message", "understanding"),
        (agent.processor, "run_action_extract_slots", "slots"),
        (agent.processor, "_predict_next_with_tracker", "policies"),
        (agent.processor.action_endpoint, "request", "action"),
        (agent.processor.nlg, "generate", "speech"),
        (agent.resources.directory, "search", "directory"),
        (agent.conversations, "retrieve", "store: retrieve"),
        (agent.conversations, "save", "store: save"),
    ]
    before = [node._fn for node in nodes]
    for node in nodes:
        node._fn = watch.timed(_stage(node), node._fn)
    for owner, name, stage in objects:
        setattr(owner, name, watch.timed(stage, getattr(owner, name)))
    try:
        yield
    finally:
        for node, call in zip(nodes, before, strict=True):
            node._fn = call
        for owner, name, _ in objects:
            delattr(owner, name)


def _stage(node: Any) -> str:
    """The stage of a node that reads messages; training nodes and policies have none."""
    return COMPONENTS.get(node._component_class.__name__, "") if node._fn_name.startswith("process") else ""


async def measure(agent: Any, work: Workload, messages: int = MESSAGES, warm_up: int = WARM_UP) -> dict[str, Any]:
    """Figures of so many messages, one after the other; conversations have six messages and are deleted afterwards."""
    from bot.nlu.embedding import cache

    watch = Stopwatch()
    lookups, hits = cache().lookups, cache().hits
    number = answered = 0
    with watched(agent, watch):
        while answered < warm_up + messages:
            sender = f"bench-{number}"
            for ask in work.conversation(number):
                start = time.perf_counter()
                await _answer(agent, sender, ask, watch)
                watch.message(ask.kind, time.perf_counter() - start)
                answered += 1
            await agent.conversations.delete(sender)
            number += 1
    watch.rows = watch.rows[warm_up:]
    return {
        "messages": len(watch.rows),
        "stages": watch.report(),
        "kinds": watch.totals(),
        "embedding_cache": {"lookups": cache().lookups - lookups, "hits": cache().hits - hits},
    }


async def _answer(agent: Any, sender: str, ask: Ask, watch: Stopwatch) -> None:
    """What the web channel does with a message, without HTTP."""
    from bot.channels import gate
    from bot.channels.web.protocol import encode
    from bot.channels.web.view import WebOutput

    output = WebOutput()
    given = partial(gate.user_message, sender, "web", output, hint=ask.language, campaign="test")
    start = time.perf_counter()
    if ask.text:
        message = given(text=gate.clean_text(ask.text))
    else:
        message = given(parsed=gate.parse_payload(ask.payload, frozenset(agent.domain.intents)))
    watch._add("channel", time.perf_counter() - start)
    await agent.handle_message(message)
    start = time.perf_counter()
    encode({"replies": output.replies})
    watch._add("channel", time.perf_counter() - start)


def main(settings: Settings, out: str = "", messages: int = MESSAGES) -> int:
    """Load the assistant, measure, print a table and write the figures as JSON to `out`; returns 0."""
    from bot.launcher import build_agent
    from bot.wiring import URGENT, warm

    with tempfile.TemporaryDirectory(prefix="wegweiser-bench-") as folder:
        alone = dataclasses.replace(settings, data_dir=Path(folder), redis_url="", database_url="", actions_url="")
        agent: Any = build_agent(alone)
        work = draw(agent.resources, URGENT)

        async def run() -> dict[str, Any]:
            await warm(agent)
            return await measure(agent, work, messages)

        figures = asyncio.run(run())
        agent.counters.close()
    for stage, row in figures["stages"].items():
        name = f"  {stage}" if stage in INSIDE else stage
        print(f"{name:<20}{row['median_us']:>10,}{row['p95_us']:>10,} µs")
    if out:
        Path(out).parent.mkdir(parents=True, exist_ok=True)
        Path(out).write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return 0
