"""Records as YAML in the style of data/services: what is written by hand and what is written here look the same."""

from __future__ import annotations

from typing import Any

import yaml

from bot.directory_tools.columns import FIXED, ORDER_OF_CHECKED, SOURCE, Record

# "checked" and "sources" come after confidence; "notes" ends a record.
ORDER = [*dict.fromkeys(str(one.path[0]) for one in FIXED if one.path[0] not in ("checked", "notes"))]
ORDER += ["checked", "sources", "notes"]
INNER = {
    "eligibility": [str(one.path[1]) for one in FIXED if one.path[0] == "eligibility"],
    "location": [str(one.path[1]) for one in FIXED if one.path[0] == "location"],
    "checked": list(ORDER_OF_CHECKED),
    "sources": [key for key, _ in SOURCE],
}
WIDTH = 118


class _Quoted(str):
    """Text in double quotes: what YAML or a spreadsheet could take for a number or a date."""


class _Inline(dict[str, Any]):
    """A mapping on one line."""


class _Below(dict[str, Any]):
    """A mapping with one key a line."""


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def _plain_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    # Other line ends than \n would be folded; in double quotes they are written as escapes.
    style = None if all(c.isprintable() or c == "\n" for c in text) else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _plain_text)
_Dumper.add_representer(_Quoted, lambda d, v: d.represent_scalar("tag:yaml.org,2002:str", str(v), style='"'))
_Dumper.add_representer(
    _Inline, lambda d, v: d.represent_mapping("tag:yaml.org,2002:map", list(v.items()), flow_style=True)
)
_Dumper.add_representer(
    _Below, lambda d, v: d.represent_mapping("tag:yaml.org,2002:map", list(v.items()), flow_style=False)
)


def record_text(record: Record) -> str:
    """A whole record as an item of a list, keys in the usual order."""
    return _dump(_Below({key: _styled(key, record[key]) for key in in_order(record)}))


def key_text(key: str, value: Any) -> str:
    """One key of a record with its value, two spaces before it as in a file."""
    return "  " + _dump(_Below({key: _styled(key, value)}))[2:]


def in_order(record: Record) -> list[str]:
    """The keys of a record as they follow each other in a file; unknown ones last."""
    return _sorted(record, ORDER)


def _dump(record: _Below) -> str:
    return str(
        yaml.dump([record], Dumper=_Dumper, width=WIDTH, allow_unicode=True, sort_keys=False, default_flow_style=None)
    )


def _sorted(mapping: dict[str, Any], order: list[str]) -> list[str]:
    rank = {key: number for number, key in enumerate(order)}
    return sorted(mapping, key=lambda key: rank.get(key, len(order)))


def _styled(key: str, value: Any) -> Any:
    if key in ("phone", "hours") and isinstance(value, str):
        return _Quoted(value)
    if key == "sources" and isinstance(value, list):
        return [_source(source) if isinstance(source, dict) else source for source in value]
    if key not in INNER or not isinstance(value, dict):
        return value
    inner = {name: value[name] for name in _sorted(value, INNER[key])}
    if key == "eligibility":
        return _Inline(inner) if list(inner) == ["description"] else _Below(inner)
    quoted = key == "checked"
    return _Inline(
        {n: _Quoted(v) if isinstance(v, str) and (quoted or n == "postal_code") else v for n, v in inner.items()}
    )


def _source(source: dict[str, Any]) -> _Below:
    inner = {name: source[name] for name in _sorted(source, INNER["sources"])}
    if isinstance(inner.get("seen"), str) and inner["seen"] != "undated":
        inner["seen"] = _Quoted(inner["seen"])
    return _Below(inner)
