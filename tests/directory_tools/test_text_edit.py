"""Only the lines of a changed field change, byte for byte, in whatever way a file is laid out."""

from __future__ import annotations

import copy
import difflib
import random
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.directory_tools.columns import Record
from bot.directory_tools.holdings import Holdings
from bot.directory_tools.house_style import record_text
from bot.directory_tools.text_edit import EditError, edited

TEXT = """\
# About this file.
services:
# First comes a.
- id: a
  name: Alpha
  phone: "+49 341 1"  # by the door
  # what people pay
  cost: free
  sources:
  - url: https://a.example
    seen: undated
    supports: [phone]

# Then c.
- id: c
  name: >-
    folded
    name
  notes: |
    # no comment
    text
other: [1,   2]  # kept
"""


def records(text: str) -> dict[str, Record]:
    return {record["id"]: record for record in yaml.safe_load(text)["services"]}


def lines_changed(old: str, new: str) -> list[str]:
    diff = difflib.unified_diff(old.splitlines(keepends=True), new.splitlines(keepends=True), n=0)
    return [f"{line[0]} {line[1:]}".rstrip("\r\n") for line in list(diff)[2:] if line[0] in "+-"]


def change(text: str, identity: str, **values: object) -> str:
    record = copy.deepcopy(records(text)[identity])
    for key, value in values.items():
        if value is None:
            del record[key]
        else:
            record[key] = value
    return edited(text, {identity: record})


def test_the_house_style_writes_every_record_as_it_stands(holdings: Holdings) -> None:
    for area, text in holdings.texts.items():
        body = text.split("services:\n", 1)[1]
        assert "".join(record_text(record) for record in records(text).values()) == body, area


def test_nothing_wanted_changes_nothing() -> None:
    assert edited(TEXT, records(TEXT)) == TEXT


def test_one_value_is_one_line_and_keeps_its_comment() -> None:
    assert lines_changed(TEXT, change(TEXT, "a", phone="+49 341 2")) == [
        '-   phone: "+49 341 1"  # by the door',
        '+   phone: "+49 341 2"  # by the door',
    ]


def test_the_first_key_and_a_block_of_lines() -> None:
    assert lines_changed(TEXT, change(TEXT, "c", name="New: name")) == [
        "-   name: >-",
        "-     folded",
        "-     name",
        "+   name: 'New: name'",
    ]
    assert lines_changed(TEXT, change(TEXT, "c", notes="one")) == ["-   notes: |", "-     # no comment", "-     text", "+   notes: one"]  # fmt: skip


def test_a_key_that_goes_and_keys_that_come_in_their_place() -> None:
    new = change(TEXT, "a", cost=None, organization="Org", free=True, notes="n", email="a@b.de")
    assert lines_changed(TEXT, new) == [
        "+   organization: Org",
        "+   email: a@b.de",
        "-   cost: free",
        "+   free: true",
        "+   notes: n",
    ]


def test_a_nested_value() -> None:
    source = {"url": "https://a.example", "seen": "2024-05", "supports": ["phone"]}
    assert lines_changed(TEXT, change(TEXT, "a", sources=[source])) == ["-     seen: undated", '+     seen: "2024-05"']


def test_a_new_record_comes_in_order_and_a_record_goes() -> None:
    new = edited(TEXT, {"b": {"id": "b", "name": "Beta"}})
    assert lines_changed(TEXT, new) == ["+ - id: b", "+   name: Beta"]
    assert list(records(new)) == ["a", "b", "c"]
    last = edited(TEXT, {"z": {"id": "z", "name": "Zeta"}})
    assert list(records(last)) == ["a", "c", "z"]
    gone = edited(TEXT, {}, {"c"})
    assert gone == TEXT[: TEXT.index("- id: c")] + TEXT[TEXT.index("other:") :]


def test_several_edits_at_once() -> None:
    a, c = copy.deepcopy(records(TEXT)).values()
    a["phone"], c["phone"] = "112", "110"
    new = edited(TEXT, {"a": a, "c": c, "b": {"id": "b", "name": "x"}, "bb": {"id": "bb", "name": "y"}})
    assert list(records(new)) == ["a", "b", "bb", "c"]
    assert len(lines_changed(TEXT, new)) == 2 + 4 + 1


def test_line_ends_and_a_missing_last_one_are_kept() -> None:
    windows = TEXT.replace("\n", "\r\n")
    new = change(windows, "c", notes="one\ntwo", cost="free")
    assert new.count("\n") == new.count("\r\n")
    assert records(new)["c"]["notes"] == "one\ntwo"
    short = TEXT[: TEXT.index("\nother:")]
    for values in ({"name": "x"}, {"notes": "x"}, {"cost": "x"}):
        new = change(short, "c", **values)
        assert not new.endswith("\n") and new.startswith(short[: short.index("- id: c")])


def test_indented_lists_and_records_on_one_line() -> None:
    text = "services:\n  - id: a\n    name: x\n    area: [b]\n  - {id: b, name: y}  \n  - id: c\n    name: z\n"
    assert lines_changed(text, change(text, "a", area=["b", "c"], notes="n")) == [
        "-     area: [b]",
        "+     area: [b, c]",
        "+     notes: n",
    ]
    assert lines_changed(text, change(text, "b", name="why")) == [
        "-   - {id: b, name: y}  ",
        "+   - id: b",
        "+     name: why",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "services: []\n",
        "services: [{id: a, name: x}]\n",
        "other: 1\n",
        "services:\n-\n  id: a\n  name: x\n",
        "{",
        "- 1\n",
    ],
)
def test_a_layout_that_cannot_be_edited_is_refused(text: str) -> None:
    with pytest.raises(EditError):
        edited(text, {"a": {"id": "a", "name": "new"}})


def test_an_alias_that_would_change_another_record_is_refused() -> None:
    text = "services:\n- id: a\n  cost: &c free\n- id: b\n  cost: *c\n"
    with pytest.raises(EditError):
        edited(text, {"a": {"id": "a", "cost": "5 Euro"}})


VALUES = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=200).filter(
    lambda text: not any(ord(c) & 0xFFFE == 0xFFFE for c in text)
)


@settings(max_examples=150, deadline=None)
@given(key=st.sampled_from(["name", "notes", "cost", "phone", "hours", "hours_note"]), value=VALUES | st.sampled_from(["no", "~", "1.0", "2024-01-01", "# x", "a: b", "- a", "&a", "| x"]))  # fmt: skip
def test_any_value_is_written_so_that_it_is_read_again(key: str, value: str) -> None:
    new = change(TEXT, "a", **{key: value})
    assert records(new)["a"][key] == value
    assert new.startswith(TEXT[: TEXT.index("- id: a")]) and new.endswith(TEXT[TEXT.index("# Then c.") :])


def test_records_of_every_file_can_be_edited(holdings: Holdings) -> None:
    chance = random.Random(1)
    for text in holdings.texts.values():
        known = records(text)
        for identity in chance.sample(sorted(known), 1):
            new = change(text, identity, notes="checked by phone")
            changed = lines_changed(text, new)
            assert [line for line in changed if line[0] == "+"] == ["+   notes: checked by phone"]
            assert records(new) == known | {identity: known[identity] | {"notes": "checked by phone"}}


def test_a_file_that_somebody_changed_meanwhile(data: Path) -> None:
    """Holdings.write refuses a file that changed meanwhile, and then writes none of them."""
    holdings = Holdings.load(data)
    work = data / "services" / "work.yml"
    work.write_text(work.read_text("utf-8") + "# mine\n", "utf-8")
    before = {path: path.read_bytes() for path in (data / "services").iterdir()}
    with pytest.raises(ValueError, match="changed by somebody else"):
        holdings.write({"crisis": "services: []\n", "work": "services: []\n"})
    assert {path: path.read_bytes() for path in (data / "services").iterdir()} == before
