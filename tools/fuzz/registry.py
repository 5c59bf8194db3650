"""What is fuzzed: every gate by name. Needs no atheris."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

Run = Callable[[bytes], None]
# Modules that hold targets, in the order of docs/input.md.
MODULES = ("channels", "pages", "telegram", "upstreams", "editors", "kept", "words")


@dataclass(frozen=True)
class Target:
    """`run` feeds bytes to one gate; it raises nothing but for a fault. `share` is how many inputs it gets beside the
    others, as cheap ones get more. `is_json` lets inputs be changed as JSON besides; `longest` is in bytes.
    """

    name: str
    run: Run
    share: float = 1.0
    is_json: bool = False
    longest: int = 4096


TARGETS: dict[str, Target] = {}


def target(*, share: float = 1.0, is_json: bool = False, longest: int = 4096) -> Callable[[Run], Run]:
    """A function of this name is a target."""

    def register(run: Run) -> Run:
        name = run.__name__
        assert name not in TARGETS, f"two targets are called {name}"
        TARGETS[name] = Target(name, run, share, is_json, longest)
        return run

    return register


def load() -> dict[str, Target]:
    """All targets by name."""
    for module in MODULES:
        import_module(f"tools.fuzz.targets.{module}")
    return TARGETS
