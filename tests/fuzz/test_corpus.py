"""Every input that was kept goes through its gate once more: what broke a gate before does not break it again."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tools.fuzz.mutation import TEXTS, json_mutator
from tools.fuzz.registry import load

CORPUS = Path(__file__).parent / "corpus"
TARGETS = load()
# Marks and letters that mean something to one reader or another.
ODD = "/\uff0f\\{}%<>&\"'=;:,.|-+@#*?![]()\x00\x1b\n\r\t\x85\u200b\u200c\u200f\u061c\u202e\u2066\u2069\ufeff\ufdfa\ud800\udfff\U000e0041"
ODD += "aZ0é\u0301م٣ß€🙂"
profile = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=25,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)
odd_text = st.one_of(st.sampled_from(TEXTS), st.text(alphabet=ODD, max_size=60), st.text(max_size=60))


def files(name: str) -> list[Path]:
    """The corpus of a target."""
    return sorted((CORPUS / name).iterdir())


def test_every_target_has_a_small_corpus_and_every_corpus_a_target() -> None:
    assert {path.name for path in CORPUS.iterdir()} == set(TARGETS)
    for name in TARGETS:
        assert 3 <= len(files(name)) <= 60, name
        assert all(path.stat().st_size <= 20_000 for path in files(name)), name


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_kept_inputs(name: str) -> None:
    for path in files(name):
        try:
            TARGETS[name].run(path.read_bytes())
        except Exception as exc:
            raise AssertionError(f"{path.name} breaks {name}") from exc


@pytest.mark.parametrize("name", sorted(TARGETS))
@profile
@given(text=odd_text, before=st.binary(max_size=3))
def test_odd_texts_and_bytes(name: str, text: str, before: bytes) -> None:
    TARGETS[name].run(before + text.encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize("name", sorted(name for name, target in TARGETS.items() if target.is_json))
@profile
@given(seed=st.integers(0, 2**32))
def test_good_inputs_with_one_thing_changed(name: str, seed: int) -> None:
    chosen = random.Random(seed).choice(files(name)).read_bytes()
    change = json_mutator(lambda data, longest: data[: len(data) // 2])
    TARGETS[name].run(change(chosen, TARGETS[name].longest, seed))


def test_the_mutator_keeps_json_json() -> None:
    change = json_mutator(lambda data, longest: b"bytes")
    made = [change(b'{"a": ["b", {"c": 1}]}', 4096, seed) for seed in range(200)]
    changed = {one for one in made if one != b"bytes"}
    assert len(changed) > 40
    assert all(len(change(b'{"a": "b"}', 50, seed)) <= 50 for seed in range(100))
