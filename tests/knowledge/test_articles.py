"""The real articles are complete and every fault of a file is named."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from actions.knowledge.loader import load
from actions.knowledge.model import PARTS, Article, Item, Knowledge, KnowledgeError, Statement

ROOT = Path(__file__).parents[2]
DOMAIN = (ROOT / "domain.yml").read_text(encoding="utf-8")
TOPICS_BLOCK = DOMAIN.partition("intents:")[2].partition("# acts")[0]
TOPICS = re.findall(r"^- (\w+):", TOPICS_BLOCK, re.M)
KNOWLEDGE = load(ROOT / "data" / "articles", ROOT / "data" / "knowledge")


def test_the_domain_names_69_topics() -> None:
    assert len(TOPICS) == len(set(TOPICS)) == 69
    assert {"german_course", "crisis_suicide"} <= set(TOPICS)


@pytest.mark.parametrize("topic", TOPICS)
def test_every_topic_has_an_article_with_a_summary(topic: str) -> None:
    article = KNOWLEDGE.article(topic)
    assert article is not None and article.title
    assert article.part("summary"), "nothing is left of the summary without a place"


def test_no_article_without_a_topic() -> None:
    assert set(KNOWLEDGE.articles) == set(TOPICS)


def test_every_statement_rests_on_known_items() -> None:
    for article in KNOWLEDGE.articles.values():
        for statements in article.parts.values():
            for statement in statements:
                assert statement.text.strip() == statement.text != ""
                assert statement.items and set(statement.items) <= set(KNOWLEDGE.items), statement.text


def test_every_item_has_statement_source_and_date() -> None:
    dateless = re.compile(r"undated|\d{4}(-\d\d(-\d\d)?)?")
    assert [i.id for i in KNOWLEDGE.items.values() if not (i.statement and i.source)] == []
    assert [i.id for i in KNOWLEDGE.items.values() if not dateless.fullmatch(i.date)] == []


def test_related_topics_exist_and_are_others() -> None:
    wrong = {a.topic: r for a in KNOWLEDGE.articles.values() for r in a.related if r not in TOPICS or r == a.topic}
    assert wrong == {}


def test_every_status_is_told_something_in_the_summary() -> None:
    for article in KNOWLEDGE.articles.values():
        for status in ("asylum_seeker", "tolerated", "recognised", "ukraine"):
            assert article.part("summary", status), f"{article.topic} is silent for {status}"


ITEM = "items: [{id: k-1, statement: S, source: 'https://s.de', date: 2026-01}]"
GOOD = "articles: [{topic: doctor, title: T, parts: {summary: [{text: A, items: [k-1]}]}}]"


def loaded(folder: Path, items: str = ITEM, **files: str) -> Knowledge:
    for name, text in ({"health": GOOD} | files).items():
        (folder / "articles").mkdir(exist_ok=True)
        (folder / "articles" / f"{name}.yml").write_text(text, "utf-8")
    (folder / "knowledge").mkdir(exist_ok=True)
    (folder / "knowledge" / "gaps.yml").write_text(items, "utf-8")
    return load(folder / "articles", folder / "knowledge")


def test_a_small_article(tmp_path: Path) -> None:
    article = loaded(tmp_path).article("doctor")
    assert article == Article("doctor", "T", parts={"summary": (Statement("A", ("k-1",)),)})
    assert loaded(tmp_path).items["k-1"].date == "2026-01"


@pytest.mark.parametrize(
    ("article", "said"),
    [
        ("articles: [", r"^work\.yml: cannot be read"),
        ("", r"^work\.yml: cannot be read"),
        ("topics: []", r"^work\.yml: cannot be read"),
        ("articles: 5", r"^work\.yml: cannot be read"),
        (GOOD, r"^work\.yml: topic doctor has two articles"),
        (GOOD.replace("doctor", "find_job").replace("summary", "sumary"), r"^work\.yml: find_job: unknown part sumary"),
        (GOOD.replace("doctor", "find_job").replace("summary", "cost"), r"^work\.yml: find_job: no summary"),
        (GOOD.replace("doctor", "find_job").replace("k-1", "k-2"), r"^work\.yml: find_job: .*known item \['k-2'\].*A"),
        (GOOD.replace("doctor", "find_job").replace("[k-1]", "[]"), r"^work\.yml: find_job: .*known item.*A"),
        (
            GOOD.replace("doctor", "find_job").replace("items:", "for: [tourist], items:"),
            r"^work\.yml: find_job: unknown status \['tourist'\]",
        ),
        (GOOD.replace("doctor", "find_job").replace("title: T, ", ""), r"^work\.yml: find_job: 'title' is missing"),
        (GOOD.replace("doctor", "find_job").replace("text: A, ", ""), r"^work\.yml: find_job: 'text' is missing"),
        (GOOD.replace("topic: doctor, ", ""), r"^work\.yml: \?: "),
        ("articles: [find_job]", r"^work\.yml: \?: "),
        ("articles: [{topic: find_job, title: T, parts: [summary]}]", r"^work\.yml: find_job: "),
        ("articles: [{topic: find_job, title: T, parts: {summary: [A]}}]", r"^work\.yml: find_job: "),
    ],
)
def test_a_fault_names_file_and_topic(tmp_path: Path, article: str, said: str) -> None:
    with pytest.raises(KnowledgeError, match=said):
        loaded(tmp_path, work=article)


@pytest.mark.parametrize(
    ("items", "said"),
    [
        ("items: [", r"^gaps\.yml: cannot be read"),
        (ITEM.replace("}]", "}, {id: k-1, statement: S, source: s, date: x}]"), r"^gaps\.yml: item k-1 occurs twice"),
        (ITEM.replace("source: 'https://s.de', ", ""), r"^gaps\.yml: item k-1: 'source' is missing"),
        ("items: [k-1]", r"^gaps\.yml: item \?: "),
    ],
)
def test_a_fault_of_an_item_is_named(tmp_path: Path, items: str, said: str) -> None:
    with pytest.raises(KnowledgeError, match=said):
        loaded(tmp_path, items)


def test_bytes_that_are_no_utf8_are_named(tmp_path: Path) -> None:
    loaded(tmp_path)
    (tmp_path / "articles" / "work.yml").write_bytes(b"articles: [{topic: B\xfcro}]")
    with pytest.raises(KnowledgeError, match=r"^work\.yml: cannot be read"):
        load(tmp_path / "articles", tmp_path / "knowledge")


def test_a_part_for_a_status_and_a_place() -> None:
    all_, mine, local = Statement("all", ("k",)), Statement("mine", ("k",), ("ukraine",)), Statement("local", ("k",))
    local = Statement("local", ("k",), area="Leipzig")
    article = Article("doctor", "T", parts={"who": (all_, mine, local)})
    assert article.part("who") == [all_, mine]
    assert article.part("who", "ukraine") == [all_, mine]
    assert article.part("who", "tolerated") == [all_]
    assert article.part("who", "tolerated", frozenset({"leipzig"})) == [all_, local]
    assert article.part("who", "", frozenset({"dresden"})) == [all_, mine]
    assert article.part("cost") == []


def test_real_local_statements_name_real_places() -> None:
    """A misspelt place would never be said."""
    places = (ROOT / "data" / "places.yml").read_text(encoding="utf-8")
    names = set(re.findall(r"^  name: (.+)$", places, re.M))
    areas = {s.area for a in KNOWLEDGE.articles.values() for part in a.parts.values() for s in part if s.area}
    assert areas <= names


def test_parts_are_known_to_the_follow_ups() -> None:
    assert {part for a in KNOWLEDGE.articles.values() for part in a.parts} <= set(PARTS)


def test_sources_come_once_in_order_of_use() -> None:
    items = {n: Item(n, "S", f"https://{n}.de", "2026") for n in "abc"}
    knowledge = Knowledge({}, items)
    found = knowledge.sources([Statement("1", ("b", "a")), Statement("2", ("a", "c"))])
    assert [row["id"] for row in found] == ["b", "a", "c"]
    assert found[0] == {"id": "b", "url": "https://b.de", "date": "2026"}
    assert knowledge.sources([]) == []


def test_an_unknown_topic_has_no_article() -> None:
    assert KNOWLEDGE.article("weather") is None
    assert KNOWLEDGE.article(None) is None


def test_the_first_last_day_of_the_items_is_that_of_the_sentence(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "k").mkdir()
    (tmp_path / "k" / "items.yml").write_text(
        "items:\n"
        "- {id: one, statement: x, source: y, date: 2026, expires: 2027-12-31}\n"
        "- {id: two, statement: x, source: y, date: 2026, expires: '2026-12-31'}\n"
        "- {id: ever, statement: x, source: y, date: 2026}\n"
    )
    (tmp_path / "a" / "x.yml").write_text(
        "articles:\n- topic: doctor\n  title: x\n  parts:\n    summary:\n"
        "    - {text: A., items: [one, two, ever]}\n    - {text: B., items: [ever]}\n"
        "    - {text: C., items: [ever], withdrawn: true}\n"
    )
    article = load(tmp_path / "a", tmp_path / "k").article("doctor")
    assert article is not None
    assert [(s.text, s.expires) for s in article.part("summary")] == [("A.", "2026-12-31"), ("B.", "")]


def test_a_last_day_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "items.yml").write_text("items:\n- {id: x, statement: x, source: y, date: 2026, expires: soon}\n")
    with pytest.raises(KnowledgeError, match="items.yml: item x: expires"):
        load(tmp_path, tmp_path)
