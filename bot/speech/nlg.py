"""Rasa's NLG: response keys and facts in, one channel-neutral reply in the person's language out."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from rasa.core.nlg.generator import NaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker

from actions.directory.hours import BERLIN
from bot.languages import languages, spoken
from bot.speech.cards import CardWriter
from bot.speech.catalogue import Catalogue
from bot.speech.formats import Formatter, isolate_terms, link_title
from bot.speech.reply import Choice, Reply

FACTS_RESPONSE = "utter_reply"
_PLACEHOLDER = re.compile(r"\{(\w+)\}(\.?)")


class CatalogueNLG(NaturalLanguageGenerator):
    """Speaks from the catalogue. `responses` are domain.yml's: key to English msgid and buttons."""

    def __init__(
        self,
        responses: dict[str, list[dict[str, Any]]],
        catalogue: Catalogue,
        formatter: Formatter,
        transit_url: str = "",
    ) -> None:
        self.responses = responses
        self.catalogue = catalogue
        self.formatter = formatter
        self.cards = CardWriter(self.sentence, catalogue, transit_url)

    @classmethod
    def from_domain(cls, domain: Domain, catalogue: Catalogue, formatter: Formatter) -> CatalogueNLG:
        """Take the response texts of a loaded domain."""
        return cls(domain.responses, catalogue, formatter)

    async def generate(
        self, utter_action: str, tracker: DialogueStateTracker, output_channel: str, **kwargs: Any
    ) -> dict[str, Any] | None:
        """The reply for a response key; None when the key is unknown, so that Rasa says nothing wrong."""
        facts = kwargs.get("facts")
        if utter_action != FACTS_RESPONSE or not facts:
            facts = self._plain_facts(utter_action, tracker)
            if facts is None:
                return None
        reply = self.speak(facts)
        return {"text": reply.text, "custom": {"reply": reply.to_dict(), "facts": facts}}

    def _plain_facts(self, key: str, tracker: DialogueStateTracker) -> dict[str, Any] | None:
        variants = self.responses.get(key)
        if not variants:
            return None
        return {
            "blocks": [{"say": key, "args": {}}],
            "choices": list(variants[0].get("buttons") or []),
            "speak": tracker.get_slot("language") or "",
            "introduced": tracker.get_slot("introduced") or "",
        }

    def speak(self, facts: dict[str, Any]) -> Reply:
        """Put the facts of one reply into words."""
        wanted = facts.get("speak") or "de"
        language = self._language(facts, wanted)
        direction = languages()[language].direction
        now = datetime.fromisoformat(facts["now"]) if facts.get("now") else datetime.now(BERLIN)
        paragraphs = []
        everywhere = any("everywhere" in block for block in facts.get("blocks", ()))  # numbers come first
        if wanted != language and not everywhere and (wanted == spoken(wanted) or wanted != facts.get("introduced")):
            paragraphs.append(self._introduction(wanted, language))
        for block in facts.get("blocks", ()):
            if "everywhere" in block:
                paragraphs.append(self._everywhere(block["everywhere"], wanted))
            else:
                paragraphs.append(self._block(block, language, direction, now))
        return Reply(
            text="\n\n".join(p for p in paragraphs if p),
            language=language,
            dir=direction,
            part=facts.get("part") or "",
            cards=[self.cards.write(card, language, direction, now) for card in facts.get("cards", ())],
            choices=self._choices(facts, language, direction, now),
            links=[
                {"url": link["url"], "title": link_title(link, language, direction, now)}
                for link in facts.get("links", ())
            ],
            sources=list(facts.get("sources") or ()),
            asks=facts.get("asks") or "",
            topic=facts.get("topic") or "",
            place=self.formatter.german_place(facts.get("place") or ""),
        )

    def _language(self, facts: dict[str, Any], wanted: str) -> str:
        """The language of the whole reply: the one wanted, unless a sentence of it is not translated (any more)."""
        language = spoken(wanted)
        blocks = list(facts.get("blocks") or ())
        texts = [self.responses[b["say"]][0]["text"] for b in blocks if "say" in b]
        calm = not any(b.get("optional") for b in blocks)  # in a crisis what matters is there; the rest may be missing
        if calm:
            texts += [t for b in blocks for t in b.get("statements", ())]
        if not languages()[language].complete:  # where much is missing, a button can be missing too
            if calm:
                texts += [row["title"] for row in facts.get("choices") or () if "title" in row]
                texts += [card["kind_label"] for card in facts.get("cards") or ()]
            texts += [self.responses[row["say"]][0]["text"] for row in facts.get("choices") or () if "say" in row]
        chain = (language, *(code for code in languages()[language].fallback if languages()[code].complete))
        return next((code for code in chain if all(self.catalogue.has(text, code) for text in texts)), "en")

    def _introduction(self, wanted: str, language: str) -> str:
        """An honest word to someone whose language is not spoken, or not in this answer: in that language."""
        known = wanted if wanted in languages() else language
        key = "utter_language_partly" if wanted == spoken(wanted) else "utter_language_recognised"
        return self.sentence(key, known, {"language": {"language": wanted}})

    def _everywhere(self, key: str, first: str) -> str:
        """A sentence in all languages that have it, one a line, the likeliest one first."""
        msgid = self.responses[key][0]["text"]
        codes = sorted(languages(), key=lambda code: code != first)
        return "\n".join(self.catalogue.text(msgid, code)[0] for code in codes if self.catalogue.has(msgid, code))

    def _block(self, block: dict[str, Any], language: str, direction: str, now: datetime) -> str:
        if "say" in block:
            return self.sentence(block["say"], language, block.get("args"), now)
        said = block["statements"]
        if block.get("optional"):
            said = [t for t in said if self.catalogue.has(t, language)]
        texts = [isolate_terms(self.catalogue.text(t, language)[0], direction) for t in said]
        if block.get("bullets"):
            return "\n".join(f"• {t}" for t in texts)
        return " ".join(texts)

    def _choices(self, facts: dict[str, Any], language: str, direction: str, now: datetime) -> list[Choice]:
        choices = []
        for row in facts.get("choices") or ():
            if "place" in row:
                place = self.formatter.gazetteer.get(row["place"])
                title = place.display(language) if place else row["place"]
            elif "say" in row:
                title = self.sentence(row["say"], language)
            else:
                title = isolate_terms(self.catalogue.text(row["title"], language)[0], direction)
            choices.append(Choice(title=title, payload=row["payload"]))
        wanted = facts.get("speak") or "de"
        unspoken = wanted != spoken(wanted) and wanted != facts.get("introduced")
        if facts.get("asks") == "language" or unspoken:
            choices += [
                Choice(item.endonym, f'/change_language{{"service_language": "{code}"}}')
                for code, item in languages().items()
                if item.trained
            ]
        return choices

    def sentence(self, key: str, language: str, args: dict[str, Any] | None = None, now: datetime | None = None) -> str:
        """A response of domain.yml in one language with its arguments filled in."""
        variants = self.responses.get(key)
        if not variants:
            raise KeyError(f"domain.yml has no response {key}")
        template, _ = self.catalogue.text(variants[0]["text"], language)
        direction = languages()[language].direction
        text = isolate_terms(template, direction)
        values = {n: self._translated(v, language) for n, v in (args or {}).items()}
        words = self.formatter.arguments(values, language, direction, now or datetime.now(BERLIN))
        # In one pass: a value that itself holds braces must never be interpreted.
        return _PLACEHOLDER.sub(lambda m: _filled(words.get(m[1], f"{{{m[1]}}}"), m[2]), text)

    def _translated(self, value: Any, language: str) -> Any:
        """{"msgid": text} becomes the translated text; everything else stays a fact."""
        if isinstance(value, dict) and "msgid" in value:
            return self.catalogue.text(value["msgid"], language)[0]
        return value


def _filled(word: str, stop: str) -> str:
    """The word and the full stop behind it; one that ends in a point of its own ("2025 р.") needs no second."""
    return word if word.endswith(".") else word + stop
