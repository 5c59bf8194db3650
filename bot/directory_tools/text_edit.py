"""Changing records inside a file of services: only the lines of a changed field are written anew.

The text is never parsed and dumped as a whole. After every edit the new text is read again, and it must say
exactly what was asked for, otherwise nothing is returned.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml

from actions import plain_yaml
from bot.directory_tools.columns import Record
from bot.directory_tools.house_style import in_order, key_text, record_text

LINE = re.compile(r"[^\r\n\x85\u2028\u2029]*(?:\r\n|[\r\n\x85\u2028\u2029]|$)")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class EditError(ValueError):
    """A file is laid out so that it cannot be edited safely; the message says where."""


def edited(text: str, wanted: Mapping[str, Record], gone: set[str] | frozenset[str] = frozenset()) -> str:
    """The text with the records of `wanted` changed or added (sorted by id if the file is) and `gone` taken out."""
    layout = _Layout(text)
    known = {record["id"]: record for record in layout.records}
    edits: list[tuple[int, int, str]] = []
    for index, record in enumerate(layout.records):
        if record["id"] in gone:
            start, end = layout.block(index)
            edits.append((start, end, ""))
        elif record["id"] in wanted and wanted[record["id"]] != record:
            edits += layout.changes(index, record, wanted[record["id"]])
    for identity in sorted(set(wanted) - set(known)):
        edits.append(layout.insertion(identity, record_text(wanted[identity])))
    result = layout.applied(edits)
    expected = {i: wanted.get(i, r) for i, r in known.items() if i not in gone} | dict(wanted)
    try:
        found = plain_yaml.load(result)["services"]
        # In every other place the file must say what it said.
        same_order = [r["id"] for r in found if r["id"] in known] == [i for i in known if i not in gone]
        ok = same_order and len(found) == len(expected) and all(expected[r["id"]] == r for r in found)
    except (yaml.YAMLError, KeyError, TypeError) as exc:
        raise EditError(f"the changed file could not be read again ({exc.__class__.__name__})") from exc
    if not ok:
        raise EditError("the changed file would not say what the table says; please edit it by hand")
    return result


class _Layout:
    """Where the records and their keys stand in a text, in line numbers."""

    def __init__(self, text: str) -> None:
        self.lines = LINE.findall(text)
        if self.lines and not self.lines[-1]:
            self.lines.pop()
        self.newline = "\r\n" if text.count("\r\n") * 2 > text.count("\n") else "\n"
        try:
            self.records: list[Record] = plain_yaml.load(text)["services"]
            root = yaml.compose(text, Loader=_LOADER)
            assert root is not None
            self.sequence: Any = next(value for key, value in root.value if key.value == "services")
            well_formed = all(isinstance(record["id"], str) for record in self.records)
        except (yaml.YAMLError, KeyError, TypeError, StopIteration) as exc:
            raise EditError(f"not a services file ({exc.__class__.__name__})") from exc
        if not well_formed or not self.records or self.sequence.flow_style:
            raise EditError("the list of services is empty or written on one line; please edit it by hand")
        self.items: list[Any] = self.sequence.value
        if len(self.items) != len(self.records):
            raise EditError("there are two lists of services; please edit it by hand")

    def block(self, index: int) -> tuple[int, int]:
        """First line and line after the last of a record; comments between two records belong to neither."""
        start = self.items[index].start_mark
        if not re.fullmatch(r" *- +", self.lines[start.line][: start.column]):
            raise EditError(f"{self.records[index]['id']}: does not begin beside its dash; please edit it by hand")
        after = self.items[index + 1].start_mark.line if index + 1 < len(self.items) else self.sequence.end_mark.line
        if index + 1 == len(self.items) and self.sequence.end_mark.column:
            after += 1  # the end of the file, without a line end
        return start.line, self._without_comments(start.line, min(after, len(self.lines)), start.column)

    def changes(self, index: int, old: Record, new: Record) -> list[tuple[int, int, str]]:
        """Edits that turn one record into another, key by key; the whole block where that cannot be."""
        start, end = self.block(index)
        item = self.items[index]
        first = str(item.value[0][0].value) if item.value else ""
        column = item.start_mark.column
        if item.flow_style or first not in new or in_order(new)[0] not in old:
            return [(start, end, self._indented(record_text(new), column - 2))]
        spans = self._spans(item, end)
        edits = []
        for key, (top, bottom, tail) in spans.items():
            if key not in new:
                edits.append((top, bottom, ""))
            elif new[key] != old[key]:
                prefix = self.lines[top][:column]
                text = self._indented(key_text(key, new[key]), column - 2)
                edits.append((top, bottom, prefix + self._with_tail(text[column:], tail, column)))
        order = in_order(old | new)
        for key in order:
            if key not in old:
                before = [other for other in order[: order.index(key)] if other in spans]
                place = max(spans[other][1] for other in before)
                edits.append((place, place, self._indented(key_text(key, new[key]), column - 2)))
        return edits

    def insertion(self, identity: str, text: str) -> tuple[int, int, str]:
        """An edit that puts a new record in its place."""
        ids = [record["id"] for record in self.records]
        later = [n for n, other in enumerate(ids) if other > identity]
        indent = self.items[0].start_mark.column - 2
        place = self.block(later[0])[0] if later and ids == sorted(ids) else self.block(len(ids) - 1)[1]
        return place, place, self._indented(text, indent)

    def applied(self, edits: list[tuple[int, int, str]]) -> str:
        """The text with all edits; edits of one place are applied in the order given."""
        lines = list(self.lines)
        open_end = not lines[-1].endswith(("\n", "\r"))
        if open_end:
            lines[-1] += self.newline
        for number in sorted(range(len(edits)), key=lambda n: (edits[n][0], edits[n][1], n), reverse=True):
            start, end, text = edits[number]
            lines[start:end] = [text] if text else []
        return "".join(lines).removesuffix(self.newline if open_end else "")

    def _spans(self, item: Any, end: int) -> dict[str, tuple[int, int, str]]:
        """Key to first line, line after the last, and a comment behind its value."""
        tops = [key.start_mark.line for key, _ in item.value] + [end]
        spans = {}
        for number, (key, value) in enumerate(item.value):
            bottom = self._without_comments(tops[number], tops[number + 1], item.start_mark.column)
            last = value.end_mark
            tail = self.lines[last.line][last.column :].strip() if last.line == bottom - 1 else ""
            spans[str(key.value)] = (tops[number], bottom, tail if tail.startswith("#") else "")
        return spans

    def _without_comments(self, start: int, end: int, column: int) -> int:
        """`end` moved up past blank lines and comments that stand no deeper than the keys."""
        while end > start + 1:
            line = self.lines[end - 1]
            if line.strip() and not (line.lstrip().startswith("#") and len(line) - len(line.lstrip()) <= column):
                break
            end -= 1
        return end

    def _indented(self, text: str, indent: int) -> str:
        pad = " " * indent
        return "".join((pad + line if line else "") + self.newline for line in text.split("\n")[:-1])

    def _with_tail(self, text: str, tail: str, column: int) -> str:
        """The text with the comment that stood behind the old value; below it when it has several lines."""
        if not tail:
            return text
        if text.count(self.newline) > 1:
            return f"{text}{' ' * column}{tail}{self.newline}"
        return f"{text[: -len(self.newline)]}  {tail}{self.newline}"
