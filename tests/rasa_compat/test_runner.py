"""The graph in a plain loop gives what Rasa's own runner gives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rasa.engine.exceptions import GraphComponentException, GraphRunError
from rasa.engine.graph import ExecutionContext, GraphComponent, GraphSchema, SchemaNode
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.storage.local_model_storage import LocalModelStorage

from bot.rasa_compat.runner import SequentialRunner


class Part(GraphComponent):
    """Adds, or breaks."""

    runs = 0

    @classmethod
    def create(cls, config: dict[str, Any], *_: Any, **__: Any) -> Part:
        return cls()

    def add(self, left: int, right: int) -> int:
        Part.runs += 1
        return left + right

    def fail(self, left: int) -> int:
        raise RuntimeError("broken")


def node(fn: str = "add", target: bool = False, **needs: str) -> SchemaNode:
    return SchemaNode(needs=needs, uses=Part, constructor_name="create", fn=fn, config={}, eager=True, is_target=target)


GRAPH = GraphSchema(
    {
        "all": node(left="half", right="twice", target=True),
        "twice": node(left="half", right="half"),
        "half": node(left="__a__", right="__b__"),
        "beside": node(left="__a__", right="__a__"),
        "broken": node("fail", left="__a__"),
    }
)


@pytest.fixture(params=[DaskGraphRunner, SequentialRunner])
def runner(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    return request.param(GRAPH, LocalModelStorage(tmp_path), ExecutionContext(GRAPH))


def test_targets(runner: Any) -> None:
    Part.runs = 0
    assert runner.run({"__a__": 1, "__b__": 2}, ["all"]) == {"all": 9}
    assert Part.runs == 3, "only what is needed, each once"
    assert runner.run({"__a__": 1, "__b__": 2}) == {"all": 9}
    assert runner.run({"__a__": 5, "__b__": 0}, ["beside", "half"]) == {"beside": 10, "half": 5}


def test_inputs_may_stand_for_nodes(runner: Any) -> None:
    assert runner.run({"half": 4}, ["all"]) == {"all": 12}


def test_a_missing_input(runner: Any) -> None:
    with pytest.raises(GraphRunError, match="Missing input"):
        runner.run({"__a__": 1}, ["all"])


def test_a_broken_node(runner: Any) -> None:
    with pytest.raises(GraphComponentException, match="broken"):
        runner.run({"__a__": 1}, ["broken"])
