"""Which classes a model may name: loading a model imports and calls whatever its graph says (rasa-facts B10)."""

from __future__ import annotations

import importlib.util
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from bot.release.manifest import ReleaseError

# Where components of a graph live; the rest of Rasa and of ours is none of a model's business. Of Rasa's own
# understanding only what every model names: its classifiers read .skops files, which can run code (docs/advisories.yml).
PACKAGES = (
    "bot.nlu",
    "rasa.nlu.classifiers.regex_message_handler",
    "rasa.core.policies",
    "rasa.graph_components",
)
CONSTRUCTORS = frozenset({"create", "load"})
_SLOTS = frozenset({"any", "bool", "categorical", "float", "list", "text"})
_CLASS = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+")
_METHOD = re.compile(r"[a-z]\w*")
_RESOURCE = re.compile(r"[A-Za-z_][\w.-]*")


def check_graph(schema: Any) -> None:
    """ReleaseError when a node of a graph schema names a class, method, resource or setting that no model needs."""
    try:
        for name, node in schema["nodes"].items():
            _check_class(str(node["uses"]))
            if node["constructor_name"] not in CONSTRUCTORS or not _METHOD.fullmatch(node["fn"]):
                raise ReleaseError(f"the model calls a method that no component has, in its node {name}")
            if node["resource"] is not None and not _RESOURCE.fullmatch(node["resource"]["name"]):
                raise ReleaseError(f"the model reads outside its archive, in its node {name}")
            # A list of objects is how a policy names the class of its featurizer.
            if not all(_plain(value) for value in node["config"].values()):
                raise ReleaseError(f"the model has settings that may name classes, in its node {name}")
    except (KeyError, TypeError, AttributeError) as exc:
        raise ReleaseError(f"the graph in the model's metadata.json is broken ({exc.__class__.__name__})") from exc


def check_slots(domain: Any) -> None:
    """ReleaseError when a slot of a domain is of a type that is none of Rasa's: Rasa would import it."""
    try:
        for name, slot in (domain.get("slots") or {}).items():
            if slot["type"] not in _SLOTS:
                raise ReleaseError(f"the slot {name} of the model's domain is of no type that is allowed")
    except (KeyError, TypeError, AttributeError) as exc:
        raise ReleaseError(f"the model's domain is broken ({exc.__class__.__name__})") from exc


def _plain(value: Any) -> bool:
    if isinstance(value, list):
        return all(not isinstance(row, (list, dict)) for row in value)
    return not isinstance(value, dict)


def _check_class(path: str) -> None:
    if _CLASS.fullmatch(path) and path.startswith(tuple(f"{package}." for package in PACKAGES)):
        if _defined(path):
            return
        raise ReleaseError(f"the model needs {path}, which this program does not have: it is for another version")
    raise ReleaseError(f"the model names the class {path[:100]}, which is none of a component: do not use this model")


@lru_cache(maxsize=256)
def _defined(path: str) -> bool:
    """Whether the module itself defines the class, so that nothing it merely imports counts; read, not imported."""
    module, _, name = path.rpartition(".")
    top, *rest = module.split(".")
    spec = importlib.util.find_spec(top)
    folders = list(spec.submodule_search_locations or ()) if spec is not None else []
    for folder in folders:
        place = Path(folder).joinpath(*rest)
        for file in (place.with_name(f"{place.name}.py"), place / "__init__.py"):
            if file.is_file():
                return re.search(rf"^class {name}\b", file.read_text("utf-8"), re.MULTILINE) is not None
    return False
