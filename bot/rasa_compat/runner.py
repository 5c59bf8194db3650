"""Rasa's graph run in a plain loop: dask plans the same five nodes anew for every message, 1 ms each time (rasa-facts B6)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from rasa.engine.exceptions import GraphRunError
from rasa.engine.graph import GraphNode, GraphSchema
from rasa.engine.runner.dask import DaskGraphRunner

Plan = list[tuple[str, GraphNode, tuple[str, ...]]]
# Rasa's name for what the policies decide.
DIALOGUE = "select_prediction"
_dialogue_alone: ContextVar[bool] = ContextVar("dialogue_alone", default=False)


@contextmanager
def dialogue_alone() -> Iterator[None]:
    """Models that are loaded meanwhile get their policies only, for a process that has its messages read elsewhere."""
    token = _dialogue_alone.set(True)
    try:
        yield
    finally:
        _dialogue_alone.reset(token)


class SequentialRunner(DaskGraphRunner):
    """Runs the nodes one after another, in an order that is found once for each set of targets.

    May be used from several threads at once as long as the components may: a run keeps nothing.
    """

    def __init__(self, graph_schema: GraphSchema, *args: Any, **kwargs: Any) -> None:
        if _dialogue_alone.get():
            graph_schema = graph_schema.minimal_graph_schema([DIALOGUE])
        super().__init__(graph_schema, *args, **kwargs)
        self._plans: dict[tuple[str, ...], Plan] = {}

    def run(self, inputs: dict[str, Any] | None = None, targets: list[str] | None = None) -> dict[str, Any]:
        """The outputs of the targets by their names; GraphRunError when a node cannot run."""
        wanted = tuple(targets or self._graph_schema.target_names)
        plan = self._plans.get(wanted)
        if plan is None:
            plan = self._plans[wanted] = self._plan(wanted)
        given = inputs or {}
        done: dict[str, tuple[str, Any]] = {name: (name, value) for name, value in given.items()}
        try:
            for name, node, parents in plan:
                if name not in given:
                    done[name] = node(*(done.get(parent, parent) for parent in parents))
        except RuntimeError as exc:
            raise GraphRunError("Error running runner.") from exc
        return {name: done[name][1] for name in wanted}

    def _plan(self, wanted: tuple[str, ...]) -> Plan:
        """The nodes that the targets need, each after those it needs."""
        nodes = self._graph_schema.minimal_graph_schema(list(wanted)).nodes
        plan: Plan = []
        placed: set[str] = set()

        def place(name: str) -> None:
            if name in placed or name not in nodes:  # what is not in the graph comes with the inputs
                return
            parents = tuple(nodes[name].needs.values())
            for parent in parents:
                place(parent)
            placed.add(name)
            plan.append((name, self._instantiated_nodes[name], parents))

        for name in wanted:
            place(name)
        return plan
