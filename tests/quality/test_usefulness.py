"""The comparison with a search: the opponent finds what a search finds, and the figures are counted right."""

from __future__ import annotations

from pathlib import Path

import pytest

from actions import clarify
from actions.knowledge.loader import load
from bot.quality import usefulness
from bot.quality.card import write_card
from bot.quality.figures import CRISIS
from bot.quality.figures import report as evaluation
from bot.quality.sections import kept, put
from bot.quality.site_search import SiteSearch, article_text, pieces, with_questions, words
from bot.quality.usefulness_card import REASONS, SECTION, lines
from bot.settings import ROOT, Settings
from bot.speech.catalogue import Catalogue

# How fair a fight it is: a search that finds less than this of its own titles is broken, not weak.
TITLES_FOUND = 0.9


@pytest.fixture(scope="module")
def knowledge():
    return load(ROOT / "data" / "articles", ROOT / "data" / "knowledge")


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue.load(ROOT / "locales")


@pytest.mark.parametrize("language", ["de", "ar", "ti", "fa", "uk", "ku"])
@pytest.mark.parametrize(("tokens", "weight"), [(words, 0), (pieces, 3)])
def test_search_finds_articles_by_their_titles(knowledge, catalogue, language, tokens, weight) -> None:
    pages = {t: article_text(a, catalogue, language) for t, a in knowledge.articles.items()}
    search = SiteSearch(pages, tokens, weight)
    found = [topic in search.find(title) for topic, (title, _) in pages.items()]
    assert sum(found) / len(found) >= TITLES_FOUND


def test_an_article_is_searched_whole_and_in_its_language(knowledge, catalogue) -> None:
    article = knowledge.articles["social_benefits"]
    title, text = article_text(article, catalogue, "de")
    local = next(s for part in article.parts.values() for s in part if s.area == "Chemnitz")
    for statement in (local, article.simple[0], article.parts["summary"][-1]):
        said, language = catalogue.text(statement.text, "de")
        assert language == "de" and said in text
    assert title == catalogue.text(article.title, "de")[0]


def test_words_of_every_script() -> None:
    assert words("Wo finde ich die KITA?") == ["wo", "finde", "ich", "die", "kita"]
    assert words("مَدْرَسَة") == ["مدرسة"]  # vowel marks are left out
    assert words("می‌خواهم") == ["می", "خواهم"]
    assert words("ኣበይ ቤት፧") == ["ኣበይ", "ቤት"]
    assert words("?!") == []


def test_pieces_find_what_is_inflected_or_misspelt() -> None:
    pages = {"housing": ("Wohnungen", "Wohnungssuche in Leipzig"), "school": ("Schule", "Schulpflicht in Leipzig")}
    assert SiteSearch(pages, words).find("wonung") == []
    assert SiteSearch(pages, pieces).find("wonung") == ["housing"]
    assert SiteSearch(pages, pieces).find("???") == []


def test_example_questions_are_searched_too() -> None:
    pages = {"housing": ("Wohnen", "Miete"), "school": ("Schule", "Unterricht")}
    more = with_questions(pages, [("school", "Wo lernt mein Sohn?"), ("greet", "Hallo Sohn")])
    assert SiteSearch(more, words).find("Sohn") == ["school"]
    assert set(more) == set(pages)


def parsed(final: str, *ranking: tuple[str, float]) -> dict:
    return {"intent": {"name": final}, "intent_ranking": [{"name": n, "confidence": c} for n, c in ranking]}


TOPICS = frozenset({"a", "b", "c", "d", *CRISIS})


def test_an_answer_is_what_the_person_sees() -> None:
    told = usefulness.assistant_of(parsed("b", ("b", 0.6), ("greet", 0.2), ("a", 0.1), ("c", 0.1)), TOPICS)
    assert told == {"final": "b", "first": ["b", "a", "c"], "seen": ["b"]}


def test_buttons_are_what_the_person_sees() -> None:
    ranking = [("nlu_fallback", 0.7), ("a", 0.3), ("greet", 0.25), ("b", 0.15), ("c", 0.1), ("d", 0.08)]
    assert usefulness.assistant_of(parsed("nlu_fallback", *ranking), TOPICS)["seen"] == ["a", "b", "c"]
    # Together not likely enough: the main areas are offered, which say nothing of the question.
    assert usefulness.assistant_of(parsed("nlu_fallback", ("a", 0.2), ("b", 0.1)), TOPICS)["seen"] == []
    assert usefulness.assistant_of(parsed("crisis_near", ("a", 0.3)), TOPICS)["seen"] == list(CRISIS)
    assert usefulness.assistant_of({}, TOPICS) == {"final": "nlu_fallback", "first": [], "seen": []}


def test_buttons_are_those_of_the_dialogue() -> None:
    assert (usefulness.OFFERED, usefulness.ENOUGH) == (clarify.OFFERED, clarify.HAND_OVER)


def result(intent: str, final: str, found: str, first: str = "", seen: str = "", lang: str = "de") -> dict:
    told = {"final": final, "first": (first or final).split(), "seen": (seen or final).split()}
    searched = {name: found.split() for name in usefulness.SEARCHES}
    return {"intent": intent, "lang": lang, "style": "plain", "text": "x", "assistant": told, **searched}


ROWS = [
    result("a", "a", "a b c"),
    result("a", "a", "b a"),
    result("a", "b", "a", first="b a"),
    result("a", "nlu_fallback", "a", first="a b", seen="a b", lang="ar"),
    result("b", "b", "", lang="ar"),
]


def test_shares_and_pairs_counted_by_hand() -> None:
    found = usefulness.figures(ROWS)
    assert found["assistant"]["top1"]["share"] == 0.6
    assert found["assistant"]["top3"]["share"] == 1.0
    assert found["seen"]["share"] == 0.8
    assert found["words"]["top1"]["share"] == 0.6
    assert found["words"]["top3"]["share"] == 0.8
    assert (found["asked_back"], found["nothing_found"]) == (0.2, 0.2)
    one = found["pairs"]["words"]["top1"]
    assert (one["only_assistant"], one["only_search"], one["p"]) == (2, 2, 1.0)
    three = found["pairs"]["words"]["top3"]
    assert (three["only_assistant"], three["only_search"]) == (1, 1)


def test_the_exact_p_of_a_sign_test() -> None:
    assert usefulness.pair([(True, False)] * 8 + [(False, True)] * 2)["p"] == pytest.approx(112 / 1024)
    assert usefulness.pair([(True, True)])["p"] == 1.0
    assert usefulness.pair([(True, False)] * 4000)["p"] < 1e-300


def test_why_a_search_won() -> None:
    found = usefulness.report(ROWS, TOPICS)["lost"]
    assert found["n"] == 2 and found["reasons"] == {"topic": 1, "button": 1}
    assert [["a", "b"], 1] in [[list(k), n] for k, n in found["topics"]]
    for final, reason in (("inform", "act"), ("crisis_near", "asked"), ("crisis_suicide", "emergency")):
        assert usefulness.reason(result("a", final, "a", seen="d"), TOPICS) == reason
        assert reason in REASONS


def test_the_table_says_the_figures() -> None:
    written = lines(usefulness.report(ROWS, TOPICS))
    row = next(line for line in written if line.startswith("| all | 5 |"))
    assert row.startswith("| all | 5 | 60.0 (23.1–88.2) | 60.0 (23.1–88.2) |")
    heads = [line for line in written if line.startswith("| language |")]
    assert [row.count("|")] == [heads[0].count("|")]
    assert any(line.startswith("| ar | 2 |") for line in written)


def test_card_and_comparison_do_not_overwrite_each_other(tmp_path: Path) -> None:
    card = tmp_path / "quality.md"
    base = {"text": "x", "lang": "en", "style": "plain", "top3": ["a"], "language": "en", "ms": 2.0, "set": "nlu"}
    figures = evaluation([base | {"intent": "a", "got": "a", "confidence": 0.9}]) | {"engine": "wegweiser"}
    write_card(figures, card)
    alone = card.read_text("utf-8")
    assert SECTION not in alone
    put(card, SECTION, ["## Old", "first"])
    put(card, SECTION, lines(usefulness.report(ROWS, TOPICS)))
    both = card.read_text("utf-8")
    assert both.startswith(alone) and "## Old" not in both and both.count("## Does it beat search?") == 1
    write_card(figures, card)
    assert card.read_text("utf-8") == both
    put(card, SECTION, [])
    assert kept(card, SECTION) == ["<!-- usefulness: begin -->", "<!-- usefulness: end -->"]


def test_only_questions_about_topics_are_asked(knowledge) -> None:
    rows = usefulness.questions([str(ROOT / "tests" / "nlu" / "de")], knowledge.articles)
    assert rows and {r["intent"] for r in rows} <= set(knowledge.articles)
    with pytest.raises(ValueError, match="no messages"):
        usefulness.questions([str(ROOT / "locales")], knowledge.articles)


@pytest.mark.model
def test_the_assistant_beats_the_strong_search(knowledge) -> None:
    """On every twentieth question in four scripts; the whole is `make bench-usefulness`."""
    from bot.launcher import build_parser

    rows = usefulness.questions([str(usefulness.QUESTIONS)], knowledge.articles)
    some = [r for r in rows if r["lang"] in ("de", "ar", "ti", "uk")][::20]
    found = usefulness.figures(usefulness.measure(build_parser(Settings.from_env({})), some, knowledge))
    assert found["n"] >= 90
    for name in ("words", "pieces"):
        told = found["pairs"][name]
        assert told["top1"]["only_assistant"] > told["top1"]["only_search"] and told["top1"]["p"] < 0.001
        assert told["top3"]["only_assistant"] > told["top3"]["only_search"]
