"""The arithmetic of the quality card, on figures counted by hand."""

from __future__ import annotations

import pytest

from bot.quality.card import write_card
from bot.quality.figures import calibration_error, confusions, figures, interval, macro_f1, report, thresholds


def row(intent: str, got: str, confidence: float = 0.9, **more) -> dict:
    base = {"text": "a b c d", "lang": "en", "style": "plain", "top3": [got, "x"], "language": "en", "ms": 2.0}
    return base | {"intent": intent, "got": got, "confidence": confidence} | more


def test_shares() -> None:
    rows = [row("a", "a"), row("a", "b", top3=["b", "a"]), row("b", "b"), row("b", "b", language="de")]
    found = figures(rows)
    assert (found["top1"], found["top3"], found["language"]) == (0.75, 1.0, 0.75)
    assert found["crisis_recall"] is None and found["false_alarms"] == 0.0


def test_macro_f1_counts_every_intent_the_same() -> None:
    # a: 1 of 2 right, nothing else called a: F1 2/3; b: both right, one more called b: F1 4/5
    rows = [row("a", "a"), row("a", "b"), row("b", "b"), row("b", "b")]
    assert macro_f1(rows) == pytest.approx((2 / 3 + 4 / 5) / 2, abs=1e-4)


def test_a_true_probability_has_no_error() -> None:
    rows = [row("a", "a", 0.75)] * 3 + [row("a", "b", 0.75)]
    assert calibration_error(rows) == 0.0
    assert calibration_error([row("a", "b", 0.9)]) == 0.9
    assert calibration_error([]) is None


@pytest.mark.parametrize(
    ("hits", "n", "expected"), [(98, 100, (0.93, 0.9945)), (0, 50, (0.0, 0.0713)), (5, 5, (0.5655, 1.0))]
)
def test_interval_as_published_tables_have_it(hits: int, n: int, expected: tuple[float, float]) -> None:
    assert interval(hits, n) == pytest.approx(expected, abs=5e-4)


def test_no_interval_of_nothing() -> None:
    assert interval(0, 0) is None


def test_crisis_by_path() -> None:
    rows = [
        row("emergency_medical", "emergency_medical", paths={"phrase": "emergency_medical", "classifier": 0.1}),
        row("emergency_medical", "doctor", near=True, paths={"phrase": None, "classifier": 0.1}),
        row("crisis_suicide", "emergency_medical", paths={"phrase": None, "classifier": 0.9}),
        row("doctor", "emergency_medical", paths={"phrase": None, "classifier": 0.4}),
        row("doctor", "doctor", paths={"phrase": None, "classifier": 0.0}),
    ]
    found = figures(rows)
    assert found["crisis_recall"] == pytest.approx(0.6667)
    assert found["crisis_or_asked"] == 1.0
    assert found["false_alarms"] == 0.5
    assert found["paths"]["phrases"]["recall"] == pytest.approx(0.3333)
    assert found["paths"]["classifier"] == {
        "recall": 0.3333, "recall_95": interval(1, 3), "false_alarms": 0.5, "false_alarms_95": interval(1, 2),
    }  # fmt: skip


def test_confusions_most_frequent_first() -> None:
    rows = [row("a", "b"), row("a", "b"), row("b", "c"), row("c", "c")]
    assert confusions(rows) == [("a", "b", 2), ("b", "c", 1)]


def test_thresholds_tell_what_buttons_would_save() -> None:
    rows = [row("a", "a", 0.9), row("a", "b", 0.3, top3=["b", "a"])]
    found = {t["threshold"]: t for t in thresholds(rows)}
    assert (found[0.2]["answered"], found[0.2]["right"]) == (1.0, 0.5)
    assert (found[0.5]["answered"], found[0.5]["right"], found[0.5]["button_right"]) == (0.5, 1.0, 1.0)


def test_the_card_holds_every_language_and_style(tmp_path) -> None:
    rows = [row("a", "a"), row("crisis_suicide", "a", lang="uk", style="story")]
    write_card(report(rows) | {"engine": "wegweiser"}, tmp_path / "quality.md")
    text = (tmp_path / "quality.md").read_text("utf-8")
    assert "| en | 1 | 100.0 |" in text and "| story | 1 | 0.0 |" in text
    assert "- **uk**: crisis_suicide → a (1)" in text
