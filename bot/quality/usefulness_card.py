"""The part of docs/quality.md that compares the assistant with a search, written by `wegweiser bench usefulness`."""

from __future__ import annotations

from typing import Any

SECTION = "usefulness"
REASONS = {
    "button": "asked back, the right topic was on a button",
    "asked": "asked back, the right topic was on no button",
    "topic": "answered another topic",
    "act": "took it for a detail or a follow-up question",
    "emergency": "took it for an emergency",
}
_TEXT = """\
## Does it beat search?

Written by `make bench-usefulness`: all {n} messages of `tests/nlu` that ask about a topic with an article, put to the
assistant and to searches over the same {topics} articles. The messages are our own, like those the assistant was
trained with: other people's will be harder for it, and for a search, too.

- **Assistant**: top-1 is the answer it gives at once. Asking back is not right there ({asked} % of the messages). Top-3 are
  the first three topics of its ranking. *Before the person* is what counts for people: the right answer, or the right
  topic on one of the buttons when it asks back (the emergency numbers where it asks about danger).
- **Search**: BM25 (Lucene's form, k1 1.5, b 0.75) over title, all parts and the easy version of each article in the
  language of the question, which it is told and the assistant is not. Words of any script in lower case, without vowel
  marks. It finds nothing at all for {nothing} % of the messages.
- **Strong search**: our spelling of keyboard variants, words and their pieces of 3 to 5 letters, titles weighed four
  times. The best of the ten ways that were tried on these very messages.
- **Strong search + questions**: the same, with our training messages of the language written under each article, as a
  collection of frequent questions has them. No site has that; it shows what matching letters can do at most.
- **German site**: the plain search over the German articles, asked in one's own language.

Shares are in per cent, intervals are 95 % (Wilson)."""
_SHARES = (
    "messages | assistant: top-1 | search | strong | + questions | German site | "
    "assistant: top-3 | before the person | search | strong | + questions | German site"
)
_PAIRS = (
    "top-1: only assistant / only search | … strong | … + questions | "
    "before the person / in the first three: search | … strong | … + questions"
)


def lines(content: dict[str, Any]) -> list[str]:
    """The Markdown of the comparison, without the comments around it."""
    overall = content["overall"]
    text = _TEXT.format(
        n=overall["n"], topics=content["topics"], asked=_p(overall["asked_back"]), nothing=_p(overall["nothing_found"])
    )
    written = [*text.splitlines(), "", *_table("language", _SHARES, _all(content), _shares)]
    written += ["", "### By style", "", *_table("style", _SHARES, content["styles"], _shares)]
    written += [
        "",
        "### Message by message",
        "",
        "How many messages only one of the two has right. `*`: the difference is no chance (McNemar, exact, p < 0.001).",
        "",
        *_table("language", _PAIRS, _all(content), _pairs),
    ]
    lost = content["lost"]
    written += ["", "### Where search wins", ""]
    written.append(f"{lost['n']} messages the strong search puts first and the assistant does not answer at once:")
    written.append("")
    written += [f"- {count}: {REASONS[name]}" for name, count in lost["reasons"].items()]
    for name in ("languages", "styles"):
        written += ["", f"Most often by {name}: " + ", ".join(f"{k} ({n})" for k, n in lost[name]) + "."]
    told = ", ".join(f"{a} → {b} ({n})" for (a, b), n in lost["topics"])
    return [*written, "", f"Meant and understood, most often: {told}."]


def _all(content: dict[str, Any]) -> dict[str, Any]:
    return {"all": content["overall"], **content["languages"]}


def _table(first: str, head: str, rows: dict[str, Any], cells: Any) -> list[str]:
    found = [f"| {first} | {head} |", "|" + "---|" * (head.count("|") + 2)]
    return found + [f"| {name} | " + " | ".join(map(str, cells(row))) + " |" for name, row in rows.items()]


def _shares(row: dict[str, Any]) -> list[Any]:
    cells: list[Any] = [row["n"]]
    for top in ("top1", "top3"):
        cells.append(_range(row["assistant"][top]))
        cells += [_range(row["seen"])] if top == "top3" else []
        cells += [_range(row[name][top]) for name in ("words", "pieces", "questions", "german")]
    return cells


def _pairs(row: dict[str, Any]) -> list[str]:
    return [_pair(row["pairs"][name][top]) for top in ("top1", "top3") for name in ("words", "pieces", "questions")]


def _pair(told: dict[str, Any]) -> str:
    return f"{told['only_assistant']} / {told['only_search']}{' *' if told['p'] < 0.001 else ''}"


def _p(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f}"


def _range(told: dict[str, Any]) -> str:
    if told["share"] is None:
        return "–"
    low, high = told["interval"]
    return f"{_p(told['share'])} ({_p(low)}–{_p(high)})"
