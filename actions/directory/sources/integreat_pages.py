"""Pages of a region's handbook, for long-tail questions that no article and no service answers.

The whole tree is fetched, at most every six hours, and searched here: words never leave.
"""

from __future__ import annotations

import asyncio
from array import array
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import log
from typing import Any

from rapidfuzz import fuzz, process

from actions.directory.geo import Gazetteer, fold
from actions.directory.sources.http import Fetched, Fetcher, Health, Unavailable
from actions.directory.sources.integreat_addresses import endpoint
from actions.directory.sources.integreat_models import Page, Region
from actions.directory.sources.integreat_regions import Regions
from actions.directory.sources.port import Wanted
from actions.directory.sources.records import read
from actions.directory.sources.text import plain

TTL = 6 * 3600.0
# A tree is megabytes: what to give the fetcher that is made for pages.
LARGEST_BYTES = 32 * 1024 * 1024
READ_SECONDS = 20.0
# `children/` with this depth is the whole tree; a real server answered it while its `pages/` failed with 500.
DEPTH = {"depth": "20"}

# Letters of a page's text that are searched.
SEARCHED = 4000
SHORTEST_WORD = 3
# Trees kept in memory, a few megabytes each.
TREES = 20
# How alike (0-100) two words of at least five letters must be to count as one: inflection, typing errors.
ALIKE, ALIKE_LETTERS = 84, 5
TITLE_WEIGHT, TEXT_WEIGHT = 1.0, 0.4
# Of the weight of all words asked for, what a page must reach to be worth a link. Or its title has a word that
# tells: of so many letters at least, and on this share of all pages or on one.
ENOUGH = 0.3
TELLING_LETTERS, TELLING_SHARE = 5, 0.05


@dataclass(frozen=True, slots=True)
class PageLink:
    """A page for people. `language` is our code of the language it is really written in, `updated` an ISO date or ""."""

    title: str
    url: str
    language: str
    updated: str
    region: str


@dataclass(frozen=True, slots=True)
class _Entry:
    title: str
    url: str
    updated: str


@dataclass(frozen=True, slots=True)
class _Tree:
    """The pages of one region in one language and until when they are current; word -> numbers of the pages with it."""

    entries: tuple[_Entry, ...]
    until: datetime
    titles: dict[str, array[int]]
    texts: dict[str, array[int]]


class IntegreatPages:
    """Finds pages for words. `fetcher` should be one of its own: large, slow and with a breaker of its own."""

    def __init__(self, fetcher: Fetcher, gazetteer: Gazetteer, clock: Callable[[], datetime]) -> None:
        self._fetcher, self._clock = fetcher, clock
        self._regions = Regions(fetcher, gazetteer)
        self._trees: OrderedDict[tuple[str, str], _Tree] = OrderedDict()

    async def find(self, wanted: Wanted, words: list[str], limit: int = 2) -> list[PageLink]:
        """The best pages of the place's regions for these words, in the first language that has any.

        The languages are that of the person, English, German. Nothing found, no place, no answer: an empty list.
        """
        place = wanted.place
        asked = list(dict.fromkeys(word for text in words for word in _words(text)))
        if place is None or not asked:
            return []
        for language, regions in await self._regions.readable(place, wanted.language):
            scored: list[tuple[float, PageLink]] = []
            for region, codes in regions:
                scored += await self._in_region(region, codes, asked, language)
            if scored:
                scored.sort(key=lambda pair: (-pair[0], pair[1].url))
                return [link for _, link in scored[:limit]]
        return []

    async def _in_region(
        self, region: Region, codes: Sequence[str], asked: Sequence[str], language: str
    ) -> list[tuple[float, PageLink]]:
        """What the first of several variants of a language has: two would be the same pages twice."""
        for code in codes:
            tree = await self._tree(region, code)
            found = await asyncio.to_thread(_search, tree, asked, language, region) if tree is not None else []
            if found:
                return found
        return []

    async def _tree(self, region: Region, code: str) -> _Tree | None:
        kept = self._trees.get((region.path, code))
        if kept is not None and self._clock() < kept.until:
            return kept
        answer = await self._answer(region, code)
        if answer is None:
            return None
        until = self._clock() + timedelta(seconds=TTL if answer.origin != "stale" else 60.0)
        tree = await asyncio.to_thread(_index, answer.value, until)
        self._trees[region.path, code] = tree
        self._trees.move_to_end((region.path, code))
        while len(self._trees) > TREES:
            self._trees.popitem(last=False)
        return tree

    async def _answer(self, region: Region, code: str) -> Fetched | None:
        for name, params in (("children", DEPTH), ("pages", None)):
            try:
                return await self._fetcher.json(endpoint(region.path, code, name), params, ttl=TTL, shape=list)
            except Unavailable:
                continue
        return None

    @property
    def health(self) -> Health:
        """How calls of the upstream go."""
        return self._fetcher.health

    async def close(self) -> None:
        """Close the connections."""
        await self._fetcher.close()


def _index(rows: Sequence[Any], until: datetime) -> _Tree:
    """What is needed of the pages. Fallbacks (a null id) are left out: they are found in their own language."""
    pages, _ = read(Page, rows)
    entries: list[_Entry] = []
    titles: dict[str, array[int]] = {}
    texts: dict[str, array[int]] = {}
    for page in pages:
        title = " ".join(page.title.split())
        if page.id is None or not title or not page.url:
            continue
        text = (plain(page.content) or plain(page.excerpt))[:SEARCHED]
        for words, postings in ((_words(title), titles), (_words(text), texts)):
            for word in set(words):
                postings.setdefault(word, array("I")).append(len(entries))
        entries.append(_Entry(title, page.url, page.updated))
    return _Tree(tuple(entries), until, titles, texts)


def _search(tree: _Tree, asked: Sequence[str], language: str, region: Region) -> list[tuple[float, PageLink]]:
    """Pages that share enough with the words, weighed by rarity: a word on no page at all weighs most."""
    scores: dict[int, float] = {}
    told: set[int] = set()
    total = 0.0
    vocabulary = [*tree.titles, *(word for word in tree.texts if word not in tree.titles)]
    for word in asked:
        forms = _forms(word, vocabulary)
        titled = {number for form in forms for number in tree.titles.get(form, ())}
        mentioned = {number for form in forms for number in tree.texts.get(form, ())} - titled
        weight = log((1 + len(tree.entries)) / (1 + len(titled) + len(mentioned))) + 0.1
        total += weight
        if len(word) >= TELLING_LETTERS and len(titled | mentioned) <= max(1, TELLING_SHARE * len(tree.entries)):
            told |= titled
        for numbers, share in ((titled, TITLE_WEIGHT), (mentioned, TEXT_WEIGHT)):
            for number in numbers:
                scores[number] = scores.get(number, 0.0) + share * weight
    return [
        (score, PageLink(entry.title, entry.url, language, entry.updated, region.name))
        for number, score in scores.items()
        for entry in (tree.entries[number],)
        if number in told or score / total >= ENOUGH
    ]


def _forms(word: str, vocabulary: Sequence[str]) -> set[str]:
    """Words of the tree that mean the same: equal, a compound with it, or nearly equal."""
    if len(word) < ALIKE_LETTERS:
        return {word}
    alike = process.extract(word, vocabulary, scorer=fuzz.ratio, score_cutoff=ALIKE, limit=None)
    return {word, *(other for other, _, _ in alike), *(other for other in vocabulary if word in other)}


def _words(text: str) -> list[str]:
    return [word for word in fold(text).split() if len(word) >= SHORTEST_WORD]
