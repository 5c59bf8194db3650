"""The last word of understanding: crisis first, bare details, then whether we are sure enough to answer."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME
from rasa.shared.nlu.constants import ENTITIES
from rasa.shared.nlu.training_data.message import Message
from spacy.tokens import Doc

from bot.languages import languages
from bot.nlu.asking import WHAT_IS, asked_near
from bot.nlu.crisis import INTENTS, patterns
from bot.nlu.normalise import fold
from bot.nlu.tokenizer import DOC

# Words that may stand beside a bare detail without changing it: "in Leipzig", "من دمشق", "з Хемніца".
FILLERS = frozenset(
    fold(word)
    for word in (
        "in aus bei nach von ich wir wohne wohnen lebe leben bin komme jetzt hier aktuell "
        "near at from i am we live living now here the town of city stadt und and "
        "в у з із на я ми живу живемо мешкаю мешкаємо зараз біля з-під ya zhyvu zhivu v "
        "في من ب انا احنا نحن ساكن ساكنه اسكن نسكن عايش عايشه اعيش نعيش مدينه عند الان حاليا هلق "
        "ana fi men min 3ayesh 3aish saken sakin plz postleitzahl "
        "я мы живу живём живем из под около сейчас город городе тут "
        "در از توی من ما هستم هستیم زندگی میکنم می‌کنم میکنیم شهر الان حالا نزدیک تو dar az man "
        "په د کې کی زه یم مونږ موږ اوسېږم اوسیږم اوس ښار نه له za pa ke yam "
        "ez em li ji dijim dijîm rudinim rûdinim me im bajare bajarê nêzîk nezik niha "
        "ben biz yaşıyorum yasiyorum yaşıyoruz oturuyorum oturuyoruz şehri sehri şimdi simdi yakın yakin "
        "en de soy estoy vivo vivimos somos ciudad ahora cerca yo "
        "à a au aux j'habite habite je suis ville maintenant près pres nous "
        "ኣነ ኣብ ካብ እነብር ይነብር ከተማ ሕጂ ጥቓ ንሕና ንነብር ab kab ane enebir"
    ).split()
)
SHORT_WORDS = 3
CRISIS_NEAR = "crisis_near"
PROGRAMME = "programme_info"
LETTER = 0.8
# Words beside the name of a programme that still only ask what it is.
ASKED_WORDS = 5
# What clears a conversation, and a thank-you for thanks nobody gave: a wrong one is a dead end.
CAREFUL = frozenset({"start_over", "delete_my_data", "feedback_good"})
# How sure the language must be for the crisis phrases of the others to be left out.
CERTAIN = 0.95
# A classifier that is so sure of something else is most likely right about a look-alike.
SURE = 0.85
# Unless it is what people despair of: "I will kill myself if they deport me" is a question about it only at first sight.
DESPAIR = frozenset({"mental_health", "rejection"})


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class Decision(GraphComponent):
    """Turns the ranking into the final intent.

    Order: a message that is nothing but details (inform), a German office word (its topic, and the word is marked as asked for) or a programme; a crisis phrase
    or enough crisis probability; a pasted letter; `crisis_near` for what is nearly one; a short question about a programme; a question beside a detail; else the
    classifier, or `nlu_fallback` below the threshold.
    """

    def __init__(self, config: dict[str, Any]) -> None:
        self.config = config

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """threshold: below it we ask with buttons; careful: the same for what ends a conversation;
        crisis: sum of crisis probabilities that is enough; phrase: what a crisis phrase needs of it beside;
        near: sum from which we ask whether there is danger; beside: what a question needs next to a detail."""
        return {"threshold": 0.45, "careful": 0.60, "crisis": 0.22, "phrase": 0.02, "near": 0.08, "beside": 0.15}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Decision:
        """Needs only its thresholds."""
        return cls(config)

    def process(self, messages: list[Message]) -> list[Message]:
        """Decide each message."""
        for message in messages:
            self._decide(message)
            message.set(DOC, None)
        return messages

    def _decide(self, message: Message) -> None:
        ranking: list[dict[str, Any]] = list(message.get("intent_ranking") or [])
        doc = message.get(DOC)
        if not ranking or doc is None:
            return
        # What a place shall fulfil ("free", "open now") is no detail of the person, nor is what a course is called.
        entities = [e for e in message.get(ENTITIES) or [] if e["entity"] != "wish" and not e.get("common")]
        letter = next((e for e in entities if e["entity"] == "letter"), None)
        bare = _bare(doc, entities) if letter is None else None
        found, total = (None, 0.0) if bare else self._crisis(message, doc, ranking)
        pasted = (str(letter["topic"]), LETTER) if letter else None
        chosen = (
            bare
            or found
            or pasted
            or _named(doc, message.get(ENTITIES) or [], ranking, self.config["threshold"])
            or _word(doc, entities)
            or self._question(doc, entities, ranking)
        )
        first = ranking[0]
        if found is None and total >= self.config["near"]:
            _ask_back(message, ranking, CRISIS_NEAR, total)
        elif chosen is not None:
            _put_first(message, ranking, chosen)
        elif first["confidence"] < self.config["careful" if first["name"] in CAREFUL else "threshold"]:
            _ask_back(message, ranking, DEFAULT_NLU_FALLBACK_INTENT_NAME, 1 - first["confidence"])

    def _question(
        self, doc: Doc, entities: list[dict[str, Any]], ranking: list[dict[str, Any]]
    ) -> tuple[str, float] | None:
        """A message with a town and much else is no bare detail: its likeliest question wins over inform."""
        if ranking[0]["name"] != "inform" or len(ranking) < 2 or len(_rest(doc, entities)) < SHORT_WORDS:
            return None
        second = ranking[1]
        return (second["name"], ranking[0]["confidence"]) if second["confidence"] >= self.config["beside"] else None

    def _crisis(
        self, message: Message, doc: Doc, ranking: list[dict[str, Any]]
    ) -> tuple[tuple[str, float] | None, float]:
        """The crisis and how sure we are, or None and how near it is, 0 to 1; a phrase alone is near."""
        odds = {row["name"]: row["confidence"] for row in ranking if row["name"] in INTENTS}
        total = sum(odds.values())
        spoken = message.get("language") or {}
        name = spoken.get("name", "")
        certain = spoken.get("confidence", 0) >= CERTAIN and spoken.get("words", 0) >= SHORT_WORDS
        known = name in languages() and languages()[name].trained
        phrase = patterns().find(doc, name if certain and known else "")
        message.set("crisis_paths", {"phrase": phrase, "classifier": total}, add_to_output=True)
        if phrase is not None and total >= self.config["phrase"]:
            # The phrase says that it is a crisis; which one, the classifier often knows better.
            likeliest = max(odds, key=lambda k: odds[k])
            return ((likeliest if odds[likeliest] > 0.5 else phrase), max(0.9, total)), total
        # In a language we do not speak nobody can be asked back: what is near is enough.
        if total >= self.config["crisis" if known or not certain else "near"]:
            return (max(odds, key=lambda k: odds[k]), total), total
        despair = phrase == "crisis_suicide" and ranking[0]["name"] in DESPAIR
        if ranking[0]["confidence"] >= SURE and not despair:
            return None, 0.0
        return None, max(total, self.config["near"] if phrase is not None else 0.0)


def _rest(doc: Doc, entities: list[dict[str, Any]]) -> list[str]:
    """Words that are neither part of an entity nor fillers."""
    covered = [(e["start"], e["end"]) for e in entities]
    return [
        t.text
        for t in doc
        if any(c.isalnum() for c in t.text) and not any(a <= t.idx < b for a, b in covered) and t.text not in FILLERS
    ]


def _bare(doc: Doc, entities: list[dict[str, Any]]) -> tuple[str, float] | None:
    """inform for nothing but details, the term's topic for nothing but a German word, else None."""
    if not entities or _rest(doc, entities):
        return None
    kinds = {e["entity"] for e in entities}
    if "programme" in kinds and kinds <= {"programme", "term", "place"}:
        return PROGRAMME, 0.9
    terms = [e for e in entities if e["entity"] == "term"]
    if terms and kinds <= {"term", "place"}:
        terms[0]["asked"] = True
        return str(terms[0]["value"]), 0.9
    if kinds <= {"place", "status", "level", "age", "point"}:
        return "inform", 0.95
    return None


def _named(
    doc: Doc, entities: list[dict[str, Any]], ranking: list[dict[str, Any]], sure: float
) -> tuple[str, float] | None:
    """A short question about the name of a programme: "what is SprInt?", "tell me about KIK".

    A classifier that is sure of the programme's own topic is left alone: the programme is told there, too.
    """
    names = [e for e in entities if e["entity"] == "programme"]
    if not names:
        return None
    first, beside = ranking[0], _rest(doc, names)
    if all(e.get("common") for e in names):
        return (PROGRAMME, 0.85) if beside and set(beside) <= WHAT_IS else None
    if first["name"] in ("saxony_facts", *(e.get("topic") for e in names)) and first["confidence"] >= sure:
        return None
    return (PROGRAMME, 0.85) if len(_rest(doc, entities)) <= ASKED_WORDS else None


def _word(doc: Doc, entities: list[dict[str, Any]]) -> tuple[str, float] | None:
    """A question what an office word means: "was heißt Mahnung?"; the entity is marked as asked for."""
    words = [e for e in entities if e.get("word")]
    beside = _rest(doc, entities)
    if beside and set(beside) <= WHAT_IS:
        asked = words[:1]
    else:
        # What is also the name of a programme is told as such.
        named = [(e["start"], e["end"]) for e in entities if e["entity"] == "programme"]
        alone = [e for e in words if not any(a <= e["start"] < b for a, b in named)]
        near = [(between, -e["start"], e) for e in alone if (between := asked_near(doc.text, e)) is not None]
        asked = [e for *_, e in sorted(near, key=lambda row: row[:2])][:1]
    for entity in asked:
        entity["asked"] = True
        return str(entity["topic"]), 0.9
    return None


def _ask_back(message: Message, ranking: list[dict[str, Any]], name: str, confidence: float) -> None:
    """The dialogue asks instead of answering; the ranking keeps what was likeliest."""
    message.set("intent", {"name": name, "confidence": confidence}, add_to_output=True)
    message.set("intent_ranking", ranking, add_to_output=True)


def _put_first(message: Message, ranking: list[dict[str, Any]], chosen: tuple[str, float]) -> None:
    name, confidence = chosen
    sure = float(min(1.0, confidence))
    first = {"name": name, "confidence": sure}
    scale = (1 - sure) / max(1e-9, sum(r["confidence"] for r in ranking if r["name"] != name))
    rest = [{"name": r["name"], "confidence": r["confidence"] * min(1.0, scale)} for r in ranking if r["name"] != name]
    message.set("intent", first, add_to_output=True)
    message.set("intent_ranking", [first, *rest], add_to_output=True)


__all__ = ["Decision"]
