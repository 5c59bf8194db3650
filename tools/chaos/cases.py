"""What people ask, and what must be answered: topic, place and language are known before the first fault.

Questions come from tests/nlu and tests/crisis, whose topics and languages were written down by hand. Before the faults
each is asked once; one that the assistant takes for something else even then tells nothing here, and is left out.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx

from actions.directory.geo import Gazetteer
from bot.languages import languages

ROOT = Path(__file__).resolve().parents[2]
TYPED, BUTTON, CRISIS, FOLLOW = "typed", "button", "crisis", "follow-up"
EMERGENCIES = frozenset({"emergency_medical", "emergency_violence", "crisis_suicide"})
FOLLOW_UP = "/ask_cost"
# The numbers an answer about an emergency begins with.
NUMBERS = re.compile(r"\b11[02]\b|116 ?1(17|23)|0800")
TOWNS = 40
_LEAD, _SHORTEST = 160, 12
_SENTENCE = re.compile(r".{20,}?(?:[.!?؟።]\s|\Z)|.+", re.DOTALL)
_ASKING = 4  # at the same time, before the faults


@dataclass(frozen=True)
class Case:
    """A first message and its right answer. `text` is typed, or `payload` comes from a button.

    `lead` is the beginning of the right answer and `follow_lead` that of the answer to FOLLOW_UP, "" for none, both
    as `plain` makes them: pages and Telegram do not say what an answer is about.
    """

    kind: str
    language: str
    topic: str
    place: str
    place_name: str
    text: str = ""
    payload: str = ""
    lead: str = ""
    follow_lead: str = ""


def plain(text: str) -> str:
    """A text without marks of direction and without blanks, which pages and Telegram set differently."""
    return "".join(c for c in text if not c.isspace() and unicodedata.category(c) != "Cf")


def lead_of(reply: dict[str, Any]) -> str:
    """The first sentence of a reply, or its beginning: what follows depends on what a person has told of himself.

    A word alone, as before its explanation, stands in other answers, too; with it comes the sentence after it.
    """
    found = ""
    for part in str(reply.get("text", "")).split("\n\n"):
        first = _SENTENCE.match(part)
        found += plain(first[0]) if first else ""
        if len(found) >= _SHORTEST:
            break
    return found[:_LEAD]


def drawn(seed: int, each: int, topics: Sequence[str]) -> list[Case]:
    """So many typed questions, buttons and emergencies of every language, the same for the same seed."""
    dice = random.Random(seed)
    gazetteer = Gazetteer.load(ROOT / "data" / "places.yml", ROOT / "data" / "postcodes.yml")
    towns = [place for place in gazetteer.places.values() if place.kind in ("city", "municipality")]
    towns.sort(key=lambda place: (-place.population, place.id))
    found: list[Case] = []
    for language in sorted(code for code, spoken in languages().items() if spoken.trained):
        questions = [row for row in _rows("nlu", language) if row["intent"] in topics and len(row["text"]) < 200]
        crises = [row for row in _rows("crisis", language) if row["intent"] in EMERGENCIES]
        dice.shuffle(questions)
        dice.shuffle(crises)
        for row in questions[:each]:
            town = dice.choice(towns[:TOWNS])
            found.append(Case(TYPED, language, row["intent"], town.id, town.name, f"{row['text']} {town.name}"))
        for topic in dice.sample(sorted(topics), min(each, len(topics))):
            town = dice.choice(towns[:TOWNS])
            payload = f'/{topic}{{"place": "{town.id}"}}'
            found.append(Case(BUTTON, language, topic, town.id, town.name, payload=payload))
        found += [Case(CRISIS, language, row["intent"], "", "", row["text"]) for row in crises[:each]]
    return found


def _rows(folder: str, language: str) -> list[dict[str, Any]]:
    """Messages of a language; where there are files by language and folders by language alike."""
    base = ROOT / "tests" / folder
    files = sorted([*base.glob(f"{language}.jsonl"), *(base / language).glob("*.jsonl")])
    rows = [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines() if line.strip()]
    return [row for row in rows if row["lang"] == language]


async def topics(url: str) -> list[str]:
    """Topics that have a page: of which an answer says something, and not only buttons."""
    async with httpx.AsyncClient(trust_env=False, timeout=30) as http:
        answer = await http.get(f"{url}/api/v1/topics", params={"lang": "en"})
        return sorted(answer.raise_for_status().json()["topics"])


async def learn(url: str, cases: Sequence[Case]) -> tuple[list[Case], Counter[str]]:
    """The cases that are answered rightly while nothing happens, with the beginnings of their answers.

    Also why others are not among them.
    """
    waiting, known, left_out = list(reversed(cases)), [], Counter[str]()

    async def ask() -> None:
        async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=60) as http:
            while waiting:
                case = waiting.pop()
                found = await _asked(http, case)
                if isinstance(found, Case):
                    known.append(found)
                else:
                    left_out[found] += 1

    await asyncio.gather(*(ask() for _ in range(_ASKING)))
    twice = Counter((case.language, case.lead) for case in known if case.kind != CRISIS)
    kept = []
    for case in sorted(known, key=cases_order(cases)):
        if twice[case.language, case.lead] > 1:
            left_out["begins like another one"] += 1
        else:
            kept.append(case)
    return kept, left_out


def cases_order(cases: Sequence[Case]) -> Any:
    """A key that sorts known cases as they were drawn, whichever was answered first."""
    order = {(case.language, case.text, case.payload): at for at, case in enumerate(cases)}
    return lambda case: order[case.language, case.text, case.payload]


async def _asked(http: httpx.AsyncClient, case: Case) -> Case | str:
    """The case with the beginnings of its answers; or why it tells nothing."""
    opened = (await http.post("/api/v1/conversations")).raise_for_status().json()
    headers = {"Authorization": f"Bearer {opened['token']}"}

    async def say(number: int, **what: str) -> dict[str, Any]:
        body = {"conversation": opened["conversation"], "id": f"m{number}", "hint": case.language, **what}
        answer = (await http.post("/api/v1/messages", json=body, headers=headers)).raise_for_status()
        replies = answer.json()["replies"]
        return dict(replies[0]) if replies else {}

    reply = await say(1, **({"text": case.text} if case.text else {"payload": case.payload}))
    if reply.get("language") != case.language:
        return "another language"
    if not lead_of(reply):
        return "no text"
    if case.kind == CRISIS:
        if reply.get("topic") != case.topic or not NUMBERS.search(str(reply["text"])):
            return "an emergency that is not heard as this one"
        return replace(case, lead=lead_of(reply))
    if reply.get("topic") != case.topic:
        return "another topic"
    if reply.get("place") != case.place_name:
        return "another place"
    then = await say(2, payload=FOLLOW_UP)
    right = then.get("topic") == case.topic and then.get("language") == case.language
    return replace(case, lead=lead_of(reply), follow_lead=lead_of(then) if right else "")
