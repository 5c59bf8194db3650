"""Rasa without TensorFlow (rasa-facts B15): inert modules answer its imports.

Rasa imports TensorFlow in sixteen modules although no component of ours uses it. The stand-ins can be
subclassed, subscripted and used as decorators, which is all that importing needs; Rasa's neural
components themselves refuse to be created, with a sentence that says why.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import sys
import types
from typing import Any, NoReturn

NAMES = frozenset({"tensorflow", "keras", "tensorflow_text", "tensorflow_hub", "tensorflow_addons"})
# Plots, stores and channels of Rasa that nothing here uses, yet every start would import them (50 MB, half a second).
UNUSED = frozenset(
    {
        *(
            "matplotlib",
            "boto3",
            "botocore",
            "pymongo",
            "slack_sdk",
            "twilio",
            "aiogram",
            "webexteamssdk",
            "fbmessenger",
        ),
        *("socketio", "engineio", "questionary", "prompt_toolkit", "aio_pika", "sklearn_crfsuite"),
    }
)
# What Rasa's own classifiers import, none of which is configured. Our training uses the real one: it is imported
# where it is needed, after this process has read Rasa.
BORROWED = frozenset({"sklearn", "skops"})
NEURAL = (
    "rasa.nlu.classifiers.diet_classifier:DIETClassifier",
    "rasa.nlu.selectors.response_selector:ResponseSelector",
    "rasa.nlu.featurizers.dense_featurizer.convert_featurizer:ConveRTFeaturizer",
    "rasa.nlu.featurizers.dense_featurizer.lm_featurizer:LanguageModelFeaturizer",
    "rasa.core.policies.ted_policy:TEDPolicy",
    "rasa.core.policies.unexpected_intent_policy:UnexpecTEDIntentPolicy",
)


class TensorFlowMissing(RuntimeError):
    """A component that needs TensorFlow was configured."""


class _Meta(type):
    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return StandIn

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        if cls is StandIn:
            # as a decorator (with or without arguments) it hands the function back
            if len(args) == 1 and not kwargs and isinstance(args[0], (types.FunctionType, type)):
                return args[0]
            return StandIn
        return super().__call__(*args, **kwargs)

    def __getitem__(cls, _: Any) -> Any:
        return StandIn

    def __or__(cls, _: Any) -> Any:
        return StandIn

    __ror__ = __or__


class StandIn(metaclass=_Meta):
    """What every attribute of a stand-in module is."""

    def __class_getitem__(cls, _: Any) -> Any:
        return cls


class _Module(types.ModuleType):
    __path__: list[str] = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return StandIn


def _top(name: str) -> str:
    return name.partition(".")[0]


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def __init__(self, names: frozenset[str]) -> None:
        self._names = names

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> Any:
        if _top(fullname) in self._names:
            return importlib.machinery.ModuleSpec(fullname, self, is_package=True)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return _Module(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        return None


def read_rasa() -> None:
    """Import what of Rasa imports scikit-learn, with stand-ins for it that are gone afterwards; once a process."""
    components = "rasa.engine.recipes.default_components"
    if components in sys.modules or BORROWED & sys.modules.keys():
        return
    finder = _Finder(BORROWED)
    sys.meta_path.insert(0, finder)
    try:
        importlib.import_module(components)
        importlib.import_module("rasa.core.agent")
    finally:
        sys.meta_path.remove(finder)
        for name in [name for name in sys.modules if _top(name) in BORROWED]:
            del sys.modules[name]


def install() -> None:
    """Put the stand-ins in place; unless TensorFlow is really installed, close the neural components."""
    if any(isinstance(finder, _Finder) for finder in sys.meta_path):
        return
    if importlib.util.find_spec("tensorflow") is not None:
        sys.meta_path.append(_Finder(UNUSED))
        return
    # spaCy's thinc probes for TensorFlow and would believe the stand-in: it must look first.
    import thinc.compat  # noqa: F401

    # Before the others: these are installed.
    sys.meta_path.insert(0, _Finder(NAMES | UNUSED))
    read_rasa()
    for path in NEURAL:
        module_name, _, class_name = path.partition(":")
        component = getattr(importlib.import_module(module_name), class_name)
        component.create = component.load = classmethod(_refuse)


def _refuse(cls: type, *_: Any, **__: Any) -> NoReturn:
    raise TensorFlowMissing(
        f"{cls.__name__} needs TensorFlow, which Wegweiser leaves out on purpose "
        "(docs/architecture.md, decision 2). Use the components of config.yml instead."
    )
