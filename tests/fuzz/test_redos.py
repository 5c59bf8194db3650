"""No regular expression of ours takes longer than its text is long: each meets attacks made of its own parts."""

from __future__ import annotations

import json
import os
import re
import select
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.nlu import phrases
from tests.fuzz.patterns import Pattern, built, collected
from tests.fuzz.pumping import attacks

ROOT = Path(__file__).parents[2]
# Letters of an attack: four times what a message may have. What grows faster than the text shows at that length.
LONGEST = 8_000
# Where less comes in.
SHORTER = {"bot/nlu/phrases.py": phrases.LONGEST}
# Patterns made of local names. `built` has those that are made of lists; the others hold one escaped name or one word.
LOCAL = {
    "actions/directory/sources/hsds_terms.py:_phrase",
    "actions/directory/sources/integreat_categories.py:_pattern",
    "bot/channels/telegram/groups.py:without_name",
    "bot/channels/web/hsds_parameters.py:read",
    "bot/directory_tools/editing.py:_placed",
    "bot/memory/name_cues.py:_pattern",
    "bot/nlu/letters.py:",
    "bot/nlu/phrases.py:__init__",
    "bot/nlu/phrases.py:_shape",
    "bot/nlu/places.py:find",
    "bot/nlu/sounds.py:",
    "bot/nlu/when.py:_pattern",
    "bot/release/graph.py:_defined",
    "bot/speech/negations.py:",
}
SECONDS = 60


class Worker:
    """A process that tries patterns; a pattern that never ends is ended with it."""

    def __init__(self, seconds: float = SECONDS, attacks: str = "") -> None:
        self._seconds, self._attacks = seconds, attacks
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.fuzz.pumping"],
            cwd=ROOT,
            env=os.environ | ({"PUMPING_ATTACKS": attacks} if attacks else {}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def slow(self, text: str, flags: int, anywhere: bool, longest: int) -> str:
        """The attack that works, "" when none does."""
        process = self._process
        assert process.stdin and process.stdout
        process.stdin.write(json.dumps([text, flags, anywhere, longest]) + "\n")
        process.stdin.flush()
        ready, _, _ = select.select([process.stdout], [], [], self._seconds)
        if not ready:
            self.close()
            self.__init__(self._seconds, self._attacks)  # type: ignore[misc]
            return f"no answer within {self._seconds} seconds"
        return str(json.loads(process.stdout.readline()))

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()


@pytest.fixture(scope="module")
def worker():
    found = Worker()
    yield found
    found.close()


def all_patterns() -> list[Pattern]:
    unique = {(p.text, p.flags, p.anywhere): p for p in (*collected()[0], *built()) if isinstance(p.text, str)}
    return list(unique.values())


def longest(pattern: Pattern) -> int:
    return min((most for place, most in SHORTER.items() if pattern.where.startswith(place)), default=LONGEST)


def test_no_pattern_is_slow(worker: Worker) -> None:
    patterns = all_patterns()
    assert len(patterns) > 250
    slow = {}
    for pattern in patterns:
        attack = worker.slow(pattern.text, pattern.flags, pattern.anywhere, longest(pattern))
        if attack:
            slow[pattern.where] = (pattern.text[:200], attack)
    assert slow == {}


def test_every_pattern_is_seen() -> None:
    assert set(collected()[1]) == LOCAL


def test_what_is_said_to_be_shorter_is_there() -> None:
    where = [pattern.where for pattern in all_patterns()]
    assert all(any(place.startswith(known) for place in where) for known in SHORTER)


@pytest.mark.parametrize(
    ("pattern", "anywhere"),
    [(r"(a+)+b", True), (r"(x|xx)*y", False), (r"\s*@", True), (r"^(.*?,){12}P", True),
     (r"https?://[^\s@]+\.[^\s@]+(/\S*)?", False)],
)  # fmt: skip
def test_slow_patterns_are_found(pattern: str, anywhere: bool) -> None:
    worker = Worker(8.0, "60")
    try:
        assert worker.slow(pattern, 0, anywhere, LONGEST)
    finally:
        worker.close()


@pytest.mark.parametrize("pattern", [r"[a-z]+", r"(?:a|b)*c", r"\d{1,9}", r"[\w.]{1,64}@[\w.]{1,200}", r"x*?y"])
def test_quick_patterns_are_left_alone(worker: Worker, pattern: str) -> None:
    assert worker.slow(pattern, 0, False, LONGEST) == ""


def test_attacks_are_made_of_the_pattern() -> None:
    made = attacks(r"ab(?:cd)+[x-z]*!", 0)
    assert any(start.startswith("ab") and pump == "cd" for start, pump, _ in made)
    assert any(pump == "x" for _, pump, _ in made)


# Letters of one paragraph, the longest text that the widget reads at once.
PARAGRAPH = 4_000
WIDGET = ROOT / "bot" / "channels" / "web" / "widget"
_JS = re.compile(r"(?<=[=(,:?&|])\s*/(?![/*])((?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])+)/([gimsuy]*)")


def test_patterns_of_the_widget(worker: Worker) -> None:
    read: Callable[[str], str] = lambda text: re.sub(r"\(\?<(?=[A-Za-z])", "(?P<", text)  # noqa: E731
    slow, seen = {}, 0
    for path in sorted(WIDGET.rglob("*.js")):
        for found in _JS.finditer(path.read_text(encoding="utf-8")):
            text = re.sub(r"\\u\{([0-9a-fA-F]+)\}", lambda m: re.escape(chr(int(m[1], 16))), read(found[1]))
            text = text.replace(r"\p{L}", r"\w").replace(r"\p{N}", r"\d").replace(r"\/", "/")
            try:
                re.compile(text)
            except re.error:
                continue  # what only JavaScript has
            seen += 1
            attack = worker.slow(text, re.IGNORECASE if "i" in found[2] else 0, True, PARAGRAPH)
            if attack:
                slow[f"{path.name}: {text[:100]}"] = attack
    assert seen > 10
    assert slow == {}
