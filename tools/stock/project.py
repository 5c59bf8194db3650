"""The project stock Rasa is compared with: what `rasa init` makes, with our intents, one place slot and a custom action that answers.

Pipeline and policies are left out of its config.yml, as `rasa init` leaves them out: Rasa then takes its own defaults
(DIET, FallbackClassifier; MemoizationPolicy, RulePolicy, UnexpecTEDIntentPolicy, TEDPolicy).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
INIT = Path("lib/python3.10/site-packages/rasa/cli/initial_project")
VERSION = "3.1"
ANSWER, FOLLOW_UP, CLARIFY = "action_answer", "action_follow_up", "action_clarify"


def write_project(
    folder: Path,
    environment: Path,
    rows: Iterable[tuple[str, str]],
    topics: frozenset[str],
    follow_ups: frozenset[str],
    places: Iterable[str],
) -> None:
    """Write a project to train from `rows` of (intent, text with places marked).

    `environment` is the virtual environment of stock Rasa; `topics` are answered with cards, `follow_ups` by a part,
    all others by a fixed text; when the classifier is not sure, an action offers the likeliest intents, as ours does.
    """
    by_intent: dict[str, list[str]] = {}
    for intent, text in rows:
        by_intent.setdefault(intent, []).append(text)
    intents = sorted(by_intent)
    acts = [i for i in intents if i not in topics and i not in follow_ups and i != "inform"]
    if folder.exists():
        shutil.rmtree(folder)
    (folder / "data").mkdir(parents=True)
    nlu = [{"intent": i, "examples": _lines(ts)} for i, ts in sorted(by_intent.items())]
    _write(folder / "data" / "nlu.yml", {"nlu": [*nlu, {"lookup": "place", "examples": _lines(places)}]})
    _write(folder / "data" / "rules.yml", {"rules": _rules(intents, topics, follow_ups)})
    _write(folder / "data" / "stories.yml", {"stories": _stories()})
    domain: dict[str, Any] = {
        "intents": [*intents, "nlu_fallback"],
        "entities": ["place"],
        "slots": {
            "place": {
                "type": "text",
                "influence_conversation": False,
                "mappings": [{"type": "from_entity", "entity": "place"}],
            },
            "topic": {"type": "text", "influence_conversation": False, "mappings": [{"type": "custom"}]},
        },
        "responses": {f"utter_{act}": [{"text": f"This is the answer to {act}."}] for act in acts},
        "actions": [ANSWER, FOLLOW_UP, CLARIFY],
        "session_config": {"session_expiration_time": 60, "carry_over_slots_to_new_session": True},
    }
    _write(folder / "domain.yml", domain)
    initial = environment / INIT
    config = (initial / "config.yml").read_text(encoding="utf-8")
    (folder / "config.yml").write_text(config.replace("placeholder_default", "stock"), encoding="utf-8")
    (folder / "credentials.yml").write_text("rest:\n", encoding="utf-8")
    (folder / "actions").mkdir()
    (folder / "actions" / "__init__.py").touch()
    shutil.copy(HERE / "actions.py", folder / "actions" / "actions.py")


def write_endpoints(folder: Path, port: int) -> Path:
    """The file that says where the action server is."""
    path = folder / "endpoints.yml"
    _write(path, {"action_endpoint": {"url": f"http://127.0.0.1:{port}/webhook"}})
    return path


def _rules(intents: list[str], topics: frozenset[str], follow_ups: frozenset[str]) -> list[dict[str, Any]]:
    def action(intent: str) -> str:
        if intent in topics or intent == "inform":
            return ANSWER
        return FOLLOW_UP if intent in follow_ups else f"utter_{intent}"

    rules = [{"rule": i, "steps": [{"intent": i}, {"action": action(i)}]} for i in intents]
    return [*rules, {"rule": "not sure", "steps": [{"intent": "nlu_fallback"}, {"action": CLARIFY}]}]


def _stories() -> list[dict[str, Any]]:
    """Three paths, as `rasa init` has three, for the policies that learn from stories."""
    paths = {
        "happy path": ["greet", "german_course", "ask_cost", "thank"],
        "another topic": ["greet", "find_housing", "ask_documents", "doctor", "goodbye"],
        "a place later": ["doctor", "inform", "ask_opening_hours", "deny"],
    }
    said = {"german_course": ANSWER, "find_housing": ANSWER, "doctor": ANSWER, "inform": ANSWER}
    said |= {"ask_cost": FOLLOW_UP, "ask_documents": FOLLOW_UP, "ask_opening_hours": FOLLOW_UP}
    return [
        {"story": name, "steps": [row for i in path for row in ({"intent": i}, {"action": said.get(i, f"utter_{i}")})]}
        for name, path in paths.items()
    ]


def _lines(texts: Iterable[str]) -> str:
    return "".join(f"- {text}\n" for text in texts)


def _write(path: Path, content: dict[str, Any]) -> None:
    text = yaml.safe_dump({"version": VERSION, **content}, allow_unicode=True, width=10**6, sort_keys=False)
    path.write_text(text, encoding="utf-8")
