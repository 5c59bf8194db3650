"""Rasa without TensorFlow: the stand-ins answer imports, the neural components refuse with a sentence."""

from __future__ import annotations

import importlib
import inspect
import sys
from pathlib import Path

import pytest
from rasa.engine.recipes.default_components import DEFAULT_COMPONENTS

from bot.rasa_compat import tensorflow_free
from bot.rasa_compat.tensorflow_free import NEURAL, StandIn, TensorFlowMissing

pytestmark = pytest.mark.skipif(
    not any(isinstance(finder, tensorflow_free._Finder) for finder in sys.meta_path), reason="TensorFlow is installed"
)


def component(path: str) -> type:
    module, _, name = path.partition(":")
    return getattr(importlib.import_module(module), name)


@pytest.mark.parametrize("path", NEURAL, ids=lambda p: p.partition(":")[2])
@pytest.mark.parametrize("way", ["create", "load"])
def test_neural_components_refuse_with_a_sentence(path: str, way: str) -> None:
    cls = component(path)
    with pytest.raises(TensorFlowMissing, match=rf"^{cls.__name__} needs TensorFlow, which Wegweiser leaves out"):
        getattr(cls, way)({}, None, None, None)


def test_every_neural_component_of_rasa_is_closed() -> None:
    """A new component that builds a TensorFlow model must be named in NEURAL."""
    closed = {path.partition(":")[2] for path in NEURAL}
    sources = {cls.__name__: Path(inspect.getfile(cls)).read_text(encoding="utf-8") for cls in DEFAULT_COMPONENTS}
    found = {name for name, source in sources.items() if "import tensorflow" in source}
    assert "DIETClassifier" in found
    assert found <= closed


def test_components_of_the_configuration_do_not_refuse() -> None:
    for cls in DEFAULT_COMPONENTS:
        if cls.__name__ in ("RulePolicy", "MemoizationPolicy"):
            assert cls.create.__func__ is not tensorflow_free._refuse  # type: ignore[attr-defined]


def test_stand_ins_are_inert() -> None:
    tensorflow = importlib.import_module("tensorflow")
    assert tensorflow.keras.layers.Dense is StandIn
    assert importlib.import_module("tensorflow.keras.utils").anything is StandIn
    with pytest.raises(AttributeError):
        _ = tensorflow.__version__


def test_stand_ins_can_be_subclassed_subscripted_and_decorate() -> None:
    class Layer(StandIn):
        def __init__(self, size: int) -> None:
            self.size = size

    assert Layer(3).size == 3
    assert StandIn[int] is StandIn
    assert (StandIn | None) is StandIn

    @StandIn
    def plain() -> int:
        return 1

    @StandIn(jit=True)
    def configured() -> int:
        return 2

    assert (plain(), configured()) == (1, 2)


def test_installing_twice_adds_one_finder() -> None:
    tensorflow_free.install()
    tensorflow_free.install()
    assert sum(isinstance(f, tensorflow_free._Finder) for f in sys.meta_path) == 1


def test_spacy_does_not_believe_the_stand_in() -> None:
    import thinc.compat

    assert not thinc.compat.has_tensorflow
