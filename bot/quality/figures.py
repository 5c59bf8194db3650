"""Figures of understanding: accuracy, macro F1, calibration, crisis recall with intervals, confusions. Pure arithmetic."""

from __future__ import annotations

import math
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

CRISIS = ("emergency_medical", "emergency_violence", "crisis_suicide")
BINS = 10
# 95 % of a normal distribution lie within this many standard deviations.
NORMAL_95 = 1.959964
# What the decision needs of the classifier without a phrase (bot.nlu.decision, `crisis`; a test compares them).
CLASSIFIER_ALONE = 0.22
Row = dict[str, Any]


def figures(results: list[Row]) -> dict[str, Any]:
    """All single figures of a group of results; shares from 0 to 1, times in milliseconds."""
    crisis = [r for r in results if r["intent"] in CRISIS]
    calm = [r for r in results if r["intent"] not in CRISIS]
    times = sorted(r["ms"] for r in results)
    found = {
        "n": len(results),
        "top1": share(r["got"] == r["intent"] for r in results),
        "top3": share(r["intent"] in r["top3"] for r in results),
        "macro_f1": macro_f1(results),
        "ece": calibration_error(results),
        "crisis_n": len(crisis),
        "crisis_recall": share(r["got"] in CRISIS for r in crisis),
        "crisis_recall_95": interval(sum(r["got"] in CRISIS for r in crisis), len(crisis)),
        "crisis_or_asked": share(r["got"] in CRISIS or r.get("near", False) for r in crisis),
        "crisis_exact": share(r["got"] == r["intent"] for r in crisis),
        "calm_n": len(calm),
        "false_alarms": share(r["got"] in CRISIS for r in calm),
        "false_alarms_95": interval(sum(r["got"] in CRISIS for r in calm), len(calm)),
        "asked_danger": share(r.get("near", False) for r in calm),
        "language": share(r["language"] == r["lang"] for r in results),
        "language_4_words": share(r["language"] == r["lang"] for r in results if len(r["text"].split()) >= 4),
        "ms_median": round(statistics.median(times), 2) if times else None,
        "ms_p95": round(times[int(len(times) * 0.95)], 2) if times else None,
    }
    if any("paths" in r for r in results):
        found["paths"] = paths(crisis, calm)
    return found


def paths(crisis: list[Row], calm: list[Row]) -> dict[str, Any]:
    """Recall and false alarms of each of the two crisis paths alone."""

    def phrase(row: Row) -> bool:
        return bool((row.get("paths") or {}).get("phrase"))

    def classifier(row: Row) -> bool:
        return float((row.get("paths") or {}).get("classifier") or 0.0) >= CLASSIFIER_ALONE

    return {
        name: {
            "recall": share(map(says, crisis)),
            "recall_95": interval(sum(map(says, crisis)), len(crisis)),
            "false_alarms": share(map(says, calm)),
            "false_alarms_95": interval(sum(map(says, calm)), len(calm)),
        }
        for name, says in (("phrases", phrase), ("classifier", classifier))
    }


def share(values: Iterable[bool]) -> float | None:
    """The share of True, rounded to four digits; None of nothing."""
    found = list(values)
    return round(sum(found) / len(found), 4) if found else None


def interval(hits: int, n: int) -> list[float] | None:
    """95 % interval of a share (Wilson 1927); None of nothing."""
    if n == 0:
        return None
    z, p = NORMAL_95, hits / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return [round(max(0.0, middle - half), 4), round(min(1.0, middle + half), 4)]


def macro_f1(results: list[Row]) -> float | None:
    """Mean F1 over the intents that were meant, each counting the same."""
    meant, got = Counter(r["intent"] for r in results), Counter(r["got"] for r in results)
    right = Counter(r["intent"] for r in results if r["got"] == r["intent"])
    scores = [2 * right[i] / (meant[i] + got[i]) for i in meant]
    return round(sum(scores) / len(scores), 4) if scores else None


def calibration_bins(results: list[Row]) -> list[dict[str, Any]]:
    """Ten equal steps of the stated probability: how many messages, mean probability, share that was right."""
    bins: dict[int, list[Row]] = defaultdict(list)
    for row in results:
        bins[min(BINS - 1, int(row["confidence"] * BINS))].append(row)
    return [
        {
            "from": i / BINS,
            "n": len(rows),
            "stated": round(sum(r["confidence"] for r in rows) / len(rows), 4),
            "right": share(r["got"] == r["intent"] for r in rows),
        }
        for i, rows in sorted(bins.items())
    ]


def calibration_error(results: list[Row]) -> float | None:
    """Expected calibration error (Naeini et al. 2015): mean distance of stated and true probability."""
    if not results:
        return None
    return round(sum(b["n"] * abs(b["stated"] - b["right"]) for b in calibration_bins(results)) / len(results), 4)


def thresholds(results: list[Row]) -> list[dict[str, Any]]:
    """For each threshold of answering at once: how many messages, and how many of these answers are right;
    below it, how often one of the three buttons is right."""
    rows = []
    for t in (0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6):
        above, below = [r for r in results if r["confidence"] >= t], [r for r in results if r["confidence"] < t]
        rows.append(
            {
                "threshold": t,
                "answered": round(len(above) / len(results), 4),
                "right": share(r["got"] == r["intent"] for r in above),
                "button_right": share(r["intent"] in r["top3"] for r in below),
                "answer_would_be_right": share(r["got"] == r["intent"] for r in below),
            }
        )
    return rows


def confusions(results: list[Row], most: int = 10) -> list[tuple[str, str, int]]:
    """What was meant, what was understood, how often; the most frequent first."""
    wrong = Counter((r["intent"], r["got"]) for r in results if r["intent"] != r["got"])
    return [(a, b, n) for (a, b), n in sorted(wrong.items(), key=lambda x: (-x[1], x[0]))[:most]]


def report(results: list[Row]) -> dict[str, Any]:
    """Figures for everything, each set, language and style, calibration, thresholds and confusions."""
    found = _with_languages(results)
    languages = found["languages"].values()
    return found | {
        "mean_of_languages": {
            key: round(statistics.mean(v[key] for v in languages), 4) for key in ("top1", "top3", "macro_f1")
        },
        "sets": {k: _with_languages(v) for k, v in reversed(_groups(results, "set", "all").items())},
        "styles": {k: figures(v) for k, v in _groups(results, "style", "none").items()},
        "calibration": calibration_bins(results),
        "thresholds": thresholds(results),
        "confusions": {k: confusions(v) for k, v in _groups(results, "lang").items()},
    }


def _with_languages(results: list[Row]) -> dict[str, Any]:
    """Figures of all results and of each language."""
    return {"overall": figures(results), "languages": {k: figures(v) for k, v in _groups(results, "lang").items()}}


def _groups(results: list[Row], key: str, without: str = "") -> dict[str, list[Row]]:
    """Results by one of their fields, in the order of its values; `without` stands for a missing one."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in results:
        found[row.get(key, without)].append(row)
    return dict(sorted(found.items()))
