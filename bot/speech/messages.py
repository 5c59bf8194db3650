"""`wegweiser messages`: every English sentence people read into the catalogues, and what is wrong there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import yaml
from babel.messages.catalog import Catalog, Message

from actions.directory.model import load_kinds, load_records
from actions.knowledge.glossary import load_letter_kinds, load_words
from actions.knowledge.loader import load as load_knowledge
from actions.knowledge.programmes import load_programmes
from bot.languages import Language, languages
from bot.settings import ROOT
from bot.speech import negations, second_look
from bot.speech.changed import predecessors, stale, withdrawn
from bot.speech.critical import is_critical
from bot.speech.interface import strings
from bot.speech.numbers import numbers
from bot.speech.pofile import DOMAIN, dump, load

LOCALES = ROOT / "locales"
REPAIR = "make messages"
# The languages a doubtful sentence is compared with: what offices speak, and what the others are translated from.
MASTERS = frozenset({"de", "en"})
# What someone is told in danger, and about the language, even where little else is translated.
DANGER = (
    "utter_emergency_medical",
    "utter_emergency_violence",
    "utter_crisis_suicide",
    "utter_danger_numbers",
    "utter_danger_question",
)
ABOUT_LANGUAGE = {"recognised": "utter_language_recognised", "understood": "utter_language_partly"}
DRAFT, UNREVIEWED = "machine draft", ", not yet reviewed by a native speaker"
_PLACEHOLDER = re.compile(r"\{\w+\}")
_MARKUP = re.compile(r"<[a-z/]|https?://|\n", re.I)


def sentences() -> Iterator[tuple[str, str]]:
    """(English sentence, where it is used) of everything people read."""
    responses = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))["responses"]
    for key, variants in responses.items():
        yield variants[0]["text"], f"domain.yml:{key}"
        for button in variants[0].get("buttons") or ():
            yield button["title"], f"domain.yml:{key}"
    for channel in ("web", "web/pages", "telegram", "staff"):
        for key, text in strings(channel).items():
            yield text, f"{channel}:{key}"
    for key, kind in load_kinds(ROOT / "data" / "services").items():
        yield kind["label"], f"kind:{key}"
    for record in load_records(ROOT / "data" / "services"):
        if record.get("hours_note"):
            yield record["hours_note"], f"service:{record['id']}"
    knowledge = load_knowledge(ROOT / "data" / "articles", ROOT / "data" / "knowledge")
    for topic, article in knowledge.articles.items():
        yield article.title, f"{topic}:title"
        for part, statements in article.parts.items():
            for statement in statements:
                yield statement.text, f"{topic}:{part}"
        for statement in article.simple:
            yield statement.text, f"{topic}:simple"
    for term, word in load_words(ROOT / "data" / "glossary.yml", knowledge).items():
        for statement in (*word.meaning, *word.deadline):
            yield statement.text, f"word:{term}"
    for name, title in load_letter_kinds(ROOT / "data" / "letters.yml").items():
        yield title, f"letter:{name}"
    for name, programme in load_programmes(ROOT / "data" / "programmes.yml", knowledge).items():
        for statement in programme.statements:
            yield statement.text, f"programme:{name}"


def needed(language: Language, source: Catalog) -> set[str]:
    """The English sentences that a catalogue must have translated, by the status of its language."""
    if language.complete:
        return {str(m.id) for m in source if m.id}
    responses = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))["responses"]
    return {responses[key][0]["text"] for key in (*DANGER, ABOUT_LANGUAGE[language.status])}


def template() -> Catalog:
    """The catalogue of all msgids with the places of their use."""
    catalog = Catalog(project="Wegweiser", domain=DOMAIN, charset="utf-8", fuzzy=False)
    for text, place in sentences():
        existing = catalog.get(text)
        if existing is None:
            catalog.add(text, auto_comments=[place])
        elif place not in existing.auto_comments:
            existing.auto_comments.append(place)
    return catalog


def po_path(code: str) -> Path:
    """The catalogue file of a language."""
    return LOCALES / code / "LC_MESSAGES" / f"{DOMAIN}.po"


def read(code: str) -> Catalog | None:
    """The catalogue of a language, or None when it has none yet."""
    path = po_path(code)
    return load(path.read_bytes()) if path.exists() else None


def review_state(code: str) -> str:
    """What the header of a catalogue says of its review; "machine draft" for a new one."""
    path = po_path(code)
    found = re.search(r'"X-Review-State: (.*?)\\n"', path.read_text(encoding="utf-8")) if path.exists() else None
    return found.group(1) if found else DRAFT


def is_draft(code: str) -> bool:
    """Whether no person has reviewed a catalogue yet."""
    return review_state(code).startswith(DRAFT)


def write(code: str, catalog: Catalog, state: str = "") -> None:
    """Store a catalogue with its review state (by default the one it has).

    The header's times are left out so that the file only changes with its content.
    """
    state = state or review_state(code)
    path = po_path(code)
    path.parent.mkdir(parents=True, exist_ok=True)
    header = (
        f"# Wegweiser in {code}. Texts: CC BY 4.0. Review state: {state}{UNREVIEWED if state == DRAFT else ''}.\n"
        'msgid ""\nmsgstr ""\n'
        f'"Language: {code}\\n"\n"MIME-Version: 1.0\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'
        f'"Content-Transfer-Encoding: 8bit\\n"\n"X-Review-State: {state}\\n"\n\n'
    )
    path.write_text(header + dump(catalog), encoding="utf-8")


def update() -> None:
    """Bring every catalogue up to the present sentences.

    Vanished ones are dropped and new ones are empty; a changed one keeps its translation, marked as stale.
    """
    source = template()
    for code, language in languages().items():
        if code == "en" or language.status == "started":
            continue
        must = needed(language, source)
        old = read(code) or Catalog(domain=DOMAIN, charset="utf-8", fuzzy=False)
        replaced = predecessors(old, source)
        new = Catalog(domain=DOMAIN, charset="utf-8", fuzzy=False)
        for message in source:
            if not message.id or (language.status == "recognised" and message.id not in must):
                continue
            new[message.id] = _carried(message, old.get(message.id), replaced.get(str(message.id)))
        write(code, new)


def _carried(message: Message, known: Message | None, replaced: Message | None) -> Message:
    """The entry of a sentence with the translation it has, or the stale one of the sentence it replaced."""
    found = known if known is not None and known.string else replaced
    if found is None:
        return Message(message.id, "", auto_comments=message.auto_comments)
    changed = found is not known
    return Message(
        message.id,
        found.string,
        auto_comments=message.auto_comments,
        user_comments=found.user_comments,
        flags=set(found.flags) | ({"fuzzy"} if changed else set()),
        # What was stale already stays compared with the sentence it was translated from.
        previous_id=found.previous_id or ((str(found.id),) if changed else ()),
    )


def problems() -> list[str]:
    """What is missing, fuzzy, stale or does not match its English sentence, one line each."""
    found: list[str] = []
    source = template()
    wanted = {str(m.id): m for m in source if m.id}
    for code, language in languages().items():
        if code == "en" or language.status == "started":
            continue
        catalog = read(code)
        if catalog is None:
            found.append(f"{code}: no catalogue; run `{REPAIR}`")
            continue
        have = {str(m.id): m for m in catalog if m.id}
        must = needed(language, source)
        kept = must if language.status == "recognised" else wanted.keys()
        found += [f"{code}: not in the catalogue: {text[:70]}; run `{REPAIR}`" for text in kept - have.keys()]
        found += [f"{code}: no longer used: {text[:70]}; run `{REPAIR}`" for text in have.keys() - wanted.keys()]
        for text in wanted.keys() & have.keys():
            if not have[text].string and text not in must:
                continue
            fault = _fault(text, have[text], code)
            if not fault and language.complete and is_critical(text, wanted[text].auto_comments):
                fault = second_look.fault(have[text])
            if fault:
                found.append(f"{code}: {fault}: {text[:70]}; edit {po_path(code).relative_to(ROOT)}")
    return sorted(found)


def _fault(text: str, message: Message, code: str) -> str:
    translated = str(message.string or "")
    if not translated:
        return "not translated"
    if stale(message):
        return "stale, so not said any more" if withdrawn(message) else "stale"
    if message.fuzzy:
        return "fuzzy"
    if sorted(_PLACEHOLDER.findall(text)) != sorted(_PLACEHOLDER.findall(translated)):
        return "other placeholders"
    if numbers(text) != numbers(translated):
        return "other numbers"
    if negations.lost(text, translated, code):
        return "no negation"
    if _MARKUP.search(translated):
        return "markup or line break"
    return "far too long" if len(translated) > _longest(message) else ""


def _longest(message: Message) -> float:
    """Letters a translation may have; easy language explains the office word that the English has in brackets."""
    easy = all(place.endswith(":simple") for place in message.auto_comments or [""])
    return max(70, (4 if easy else 2.2) * len(str(message.id)))


def main(verb: str) -> int:
    """Run one verb; 1 when something is wrong."""
    if verb == "update":
        update()
        return 0
    found = problems()
    print("\n".join(found) if found else f"{sum(1 for _ in template()) - 1} sentences, nothing wrong")
    for code, language in languages().items():
        if language.status == "understood":
            done = sum(bool(m.string) for m in read(code) or () if m.id)
            print(f"{code}: {done} translated, not complete")
    return 1 if found else 0
