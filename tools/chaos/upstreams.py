"""Directories of others on loopback, an Integreat and an HSDS feed, each behind a wire, and what goes wrong with them."""

from __future__ import annotations

import json
import random
import sys
from contextlib import ExitStack
from copy import deepcopy
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.fakes import hsds_server, integreat_server  # noqa: E402
from tools.chaos.wire import Wire  # noqa: E402

SERVICE = ROOT / "tests" / "contracts" / "hsds_feed" / "service_full.json"
SERVICES = 12
# The ways to fail of the servers, by the name of a fault; any one of them is drawn.
FEED = {
    "upstream-slow": ("slow",),
    "upstream-errors": ("404", "429", "500"),
    "upstream-garbage": ("html", "empty", "truncated", "cut", "garbage", "shape"),
    "upstream-lies": ("lying", "grand", "endless", "stuck", "mute", ""),
}
CMS = {
    "upstream-slow": ("slow",),
    "upstream-errors": ("404", "429", "500"),
    "upstream-garbage": ("html", "html without type", "empty", "truncated", "object"),
    "upstream-lies": ("",),
}
# Those that the wire does.
WIRES = {"upstream-endless": "endless", "upstream-away": "away"}
_WRONG: tuple[Any, ...] = (None, True, -1, 1e300, "", "x" * 5000, "\u202e<b>{name}</b>", [], [None, 3], {}, {"id": []})


class Upstreams:
    """Both servers, well until `begin`. Their addresses are for settings of the assistant."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._stack = ExitStack()
        text = SERVICE.read_text("utf-8")
        records = [{**json.loads(text), "id": f"00000000-0000-4000-8000-{n:012d}"} for n in range(SERVICES)]
        self.feed = hsds_server.FakeHsds(records)
        self.cms = integreat_server.IntegreatServer()
        self._records, self._lists = deepcopy(self.feed.records), deepcopy(self.cms.lists)
        self.wires: list[Wire] = []

    async def start(self) -> None:
        """Both listen, each behind its wire."""
        self._stack.enter_context(self.feed)
        self.cms = self._stack.enter_context(integreat_server.serve())
        for port in (self.feed.port, int(self.cms.url.rpartition(":")[2])):
            wire = Wire(port, self._dice)
            await wire.start()
            self.wires.append(wire)

    async def stop(self) -> None:
        """End both."""
        for wire in self.wires:
            await wire.stop()
        self._stack.close()

    @property
    def settings(self) -> dict[str, str]:
        """Settings of the assistant, without their prefix."""
        feed, cms = self.wires
        return {"HSDS_URLS": feed.url, "INTEGREAT_URL": cms.url}

    def begin(self, name: str, dice: random.Random) -> str:
        """Something goes wrong with both; says what."""
        if name in WIRES:
            for wire in self.wires:
                wire.mode = WIRES[name]
            return WIRES[name]
        self.feed.mode, self.cms.mode = dice.choice(FEED[name]), dice.choice(CMS[name])
        if name == "upstream-lies":
            self.feed.records = [lied(record, dice) for record in self._records]
            self.cms.lists = {key: lied(rows, dice) for key, rows in self._lists.items()}
        return f"{self.feed.mode or 'wrong types'}, {self.cms.mode or 'wrong types'}"

    def end(self) -> None:
        """Both are well again."""
        for wire in self.wires:
            wire.mode = ""
        self.feed.mode = self.cms.mode = ""
        self.feed.records, self.cms.lists = deepcopy(self._records), deepcopy(self._lists)
        # What was asked is of no use here, and would grow.
        self.feed.requests.clear()
        self.cms.requests.clear()


def lied(value: Any, dice: random.Random, share: float = 0.15) -> Any:
    """A copy in which some values have another type."""
    if dice.random() < share and not (isinstance(value, (dict, list)) and len(value) > 4):
        return dice.choice(_WRONG)
    if isinstance(value, dict):
        return {key: lied(inner, dice, share) for key, inner in value.items()}
    if isinstance(value, list):
        return [lied(inner, dice, share) for inner in value]
    return value
