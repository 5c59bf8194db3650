"""What the channels and pages need of the assistant, put together from settings and data."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bot.keys import Keys
from bot.settings import Settings

if TYPE_CHECKING:
    from rasa.shared.core.trackers import DialogueStateTracker

    from actions.directory.geo import Place
    from bot.channels.shedding import Shedding
    from bot.channels.telegram.channel import TelegramInput
    from bot.channels.telegram.options import LookUp, Options, Share
    from bot.channels.web.pages.legal import Legal
    from bot.channels.web.pages.page import Book
    from bot.memory.counters import Counters
    from bot.memory.review_queue import ReviewQueue
    from bot.memory.shared import Shared
    from bot.speech.reply import Reply
    from bot.speech.topic_page import TopicPages

logger = logging.getLogger(__name__)
# Never discussed where a group can read it: health, residence, violence, belief and love.
PRIVATE = frozenset(
    {
        *("addiction", "disability_care", "doctor", "health_insurance", "medicine", "mental_health", "pregnancy"),
        *("vaccination", "asylum_procedure", "citizenship", "family_reunification", "passport_documents", "rejection"),
        *("residence_permit", "residence_obligation", "skilled_immigration", "ukraine_protection", "voluntary_return"),
        *("crisis_suicide", "emergency_medical", "emergency_violence", "domestic_violence", "discrimination"),
        *("forced_marriage_trafficking", "hate_crime", "lgbtiq", "women_girls", "unaccompanied_minor"),
        *("extremism_help", "legal_advice", "work_permit", "religion", "debt_contracts", "police_safety"),
    }
)
# Of these nothing shows in a notification: who is violent may look at the phone.
DISCREET = frozenset(
    {"domestic_violence", "forced_marriage_trafficking", "emergency_violence", "hate_crime", "lgbtiq", "women_girls"}
)
URGENT = frozenset({"crisis_suicide", "emergency_medical", "emergency_violence"})
# So long a report can look back.
MONTHS_COUNTED = 36


def telegram_input(settings: Settings, agent: Any, secret: bytes | Keys, shared: Shared | None = None) -> TelegramInput:
    """The channel; LaunchError when a program or model that a setting asks for is missing."""
    from bot.channels.telegram.channel import TelegramInput
    from bot.channels.telegram.journal import FILE, SCHEMA
    from bot.operations.schema import check_file
    from bot.speech.interface import InterfaceTexts

    check_file(settings.data_dir / FILE, SCHEMA)  # it is opened only when the server runs
    return TelegramInput(
        token=settings.telegram_token,
        secret=secret,
        intents=frozenset(agent.domain.intents) if agent.domain else frozenset(),
        texts=InterfaceTexts(agent.nlg.catalogue).telegram,
        options=telegram_options(settings, agent),
        api=settings.telegram_api,
        public_url=settings.public_url,
        shared=shared,
    )


def telegram_options(settings: Settings, agent: Any) -> Options:
    """What can be set, and the places and topics that a link may carry."""
    from bot.channels.shedding import Shedding
    from bot.channels.telegram.options import Options
    from bot.launcher import LaunchError
    from bot.speech.formats import span
    from bot.voice.hearing import HearingError, Whisper
    from bot.voice.speaking import VOICES, Espeak, SpeakingError

    try:
        transcribe = Whisper(settings.speech_model) if settings.speech_model is not None else None
        speak = Espeak() if settings.read_aloud else None
    except (HearingError, SpeakingError) as exc:
        raise LaunchError(str(exc)) from exc
    resources = agent.resources
    return Options(
        data_dir=settings.data_dir,
        per_second=float(settings.telegram_per_second),
        chat_seconds=1.0,
        kept=lambda language: span(settings.retention_hours, "hour", language),
        places=frozenset(resources.gazetteer.places),
        topics=frozenset(resources.knowledge.articles),
        private_topics=PRIVATE,
        discreet_topics=DISCREET,
        urgent_topics=URGENT,
        transcribe=transcribe,
        speak=speak,
        spoken=frozenset(VOICES) if speak is not None else frozenset(),
        look_up=_look_up(agent),
        share=_share(settings, agent),
        office=settings.handover_name,
        shedding=getattr(agent, "shedding", None) or Shedding(settings.max_waiting, urgent),
    )


def _look_up(agent: Any) -> LookUp:
    """Answers "housing leipzig ar" as a conversation would, for staff who forward it."""
    from bot.channels import gate
    from bot.channels.web.view import WebOutput
    from bot.languages import languages
    from bot.speech.reply import Reply

    intents = frozenset(agent.domain.intents)

    async def look_up(query: str) -> Reply | None:
        words = query.split()
        named = words[-1].lower() if words else ""
        language = named if named in languages() and languages()[named].trained else ""
        try:
            text = gate.clean_text(" ".join(words[:-1] if language else words))
        except gate.Refused:
            return None
        parsed = await agent.parse_message(text)
        topic = (parsed.get("intent") or {}).get("name") or ""
        if agent.resources.knowledge.article(topic) is None:
            return None
        places = [e["value"] for e in parsed.get("entities") or () if e.get("entity") == "place"]
        known = [place for place in places if agent.resources.gazetteer.get(place) is not None][:1]
        payload = f"/{topic}" + (f'{{"place": "{known[0]}"}}' if known else "")
        output = WebOutput()
        hint = language or str((parsed.get("language") or {}).get("name") or "en")
        # Nobody's conversation: staff look up for others, and the same question is the same look-up.
        sender = gate.conversation_id(b"inline", "telegram", f"{payload} {hint}")
        given = gate.parse_payload(payload, intents)
        message = gate.user_message(sender, "telegram", output, parsed=given, hint=hint, campaign="test")
        await agent.handle_message(message)
        return Reply.from_dict(output.replies[0]) if output.replies else None

    return look_up


def _share(settings: Settings, agent: Any) -> Share:
    """A text with the link to an answer's topic, place and language, as /staff/link makes it."""
    from bot.staff.links import LinkError, Target, fitted, share_text
    from bot.staff.posters.words import Words

    resources = agent.resources
    words = Words(agent.nlg.catalogue, {name: a.title for name, a in resources.knowledge.articles.items()})

    def share(reply: Reply) -> str:
        if reply.topic not in words.titles or reply.topic in URGENT:
            return ""
        place = next(iter(resources.gazetteer.candidates(reply.place)), None) if reply.place else None
        title = words.title(reply.topic, reply.language).text
        sentence = words.say("staff_share", reply.language).text
        try:
            target = fitted([Target(place.id if place else "", reply.topic, reply.language, "inline")])[0]
            return share_text(target, title, sentence, settings.public_url, settings.telegram_name)
        except LinkError:
            return ""

    return share


def topic_titles(agent: Any, language: str) -> dict[str, str]:
    """Topic to its title in a language; crises are none to show at a counter."""
    articles = agent.resources.knowledge.articles
    catalogue = agent.nlg.catalogue
    return {name: catalogue.text(a.title, language)[0] for name, a in articles.items() if name not in URGENT}


def urgent(text: str) -> bool:
    """Whether a text, or "/" and the intent of a button, tells of an emergency: such messages are never shed."""
    return bool(emergency(text))


def emergency(text: str) -> str:
    """The crisis intent of a button, or the one that the crisis phrases of any language find in a text; "" for none."""
    from bot.nlu.crisis import patterns
    from bot.nlu.tokenizer import shared_vocab_doc

    if text.startswith("/"):  # no text from a person begins like this (bot/channels/gate.py)
        name = text[1:].partition("{")[0]
        return name if name in URGENT else ""
    return patterns().find(shared_vocab_doc(text)) or ""


def build_line(settings: Settings, agent: Any) -> Shedding:
    """The line in which messages of all channels wait. With emergencies go deletions: who is in a hurry leaves nothing."""
    from bot.channels.shedding import Shedding
    from bot.channels.web.endpoint import FORGET

    def first(text: str) -> bool:
        return text == f"/{FORGET}" or urgent(text)

    def first_aid(text: str, hint: str) -> Reply | None:
        """The first sentence of the assistant's own answer; in all languages when nobody knows hers."""
        topic = emergency(text)
        if not topic:
            return None
        block = {"say" if hint else "everywhere": f"utter_{topic}"}
        reply: Reply = agent.nlg.speak({"blocks": [block], "speak": hint or "de", "topic": topic})
        return reply

    return Shedding(settings.max_waiting, first, first_aid)


def page_book(settings: Settings, agent: Any) -> Book:
    """What the light version and the topic pages show, from the same facts and words as the assistant's answers."""
    from actions.follow_up import MAIN_TOPICS
    from bot.channels.web.pages.page import Book
    from bot.languages import offered
    from bot.speech.formats import checked_date, distance, span
    from bot.speech.interface import InterfaceTexts
    from bot.speech.topic_page import og_locale

    resources = agent.resources
    texts, rows = InterfaceTexts(agent.nlg.catalogue), offered()
    words = {row["code"]: texts.words(row["code"], "web", "web/pages") for row in rows}
    return Book(
        languages=rows,
        words=words.__getitem__,
        day=checked_date,
        number=lambda kilometres, language: distance(kilometres, language).removesuffix(" km"),
        locale=og_locale,
        kept=lambda language: span(settings.retention_hours, "hour", language),
        topics=topic_pages(agent),
        areas=_areas(frozenset(resources.knowledge.articles)),
        main=MAIN_TOPICS,
        places=frozenset(resources.gazetteer.places),
        discreet=DISCREET,
        telegram=bool(settings.telegram_token),
        public_url=settings.public_url,
        legal=legal(settings),
    )


def legal(settings: Settings) -> Legal:
    """Who runs this copy and what it does with data, as settings say; LaunchError when operator.yml is wrong."""
    from bot.channels.web.pages.legal import Legal
    from bot.launcher import LaunchError
    from bot.legal import LegalError, load

    try:
        operator = load(settings.legal_dir)
    except LegalError as exc:
        raise LaunchError(f"the legal pages cannot be made:\n{exc}") from exc
    return Legal(
        operator=operator,
        telegram=bool(settings.telegram_token),
        voice=settings.speech_model is not None,
        learning=settings.learn,
        callbacks=settings.callbacks,
        handover=settings.handover_name if settings.zammad_url else "",
        sources=bool(settings.integreat_url or settings.hsds_urls or settings.course_search_url),
        address_limit=bool(settings.per_address),
        staff=bool(settings.staff_password),
        counter_months=MONTHS_COUNTED,
    )


def topic_pages(agent: Any) -> TopicPages:
    """The writer of topic pages, with the rules by which actions answer."""
    from actions import answer, crisis, status
    from actions.directory.sources.port import Wanted
    from actions.turn import card_facts
    from bot.speech.topic_page import Rules, TopicPages

    resources = agent.resources

    async def refresh(topic: str, place: Place | None, language: str) -> None:
        if resources.sources is not None:
            await resources.sources.refresh(Wanted(topic, place, language))

    rules = Rules(
        card=lambda match: card_facts(match, resources),
        cards=answer.CARDS,
        anywhere=answer.CARDS - 1,
        counselling=answer.COUNSELLING,
        numbers=crisis.NUMBER,
        crisis_cards=crisis.CARDS,
        crisis_looked_at=crisis.LOOKED_AT,
        statuses=status.TITLES,
        drafts=resources.drafts,
        refresh=refresh,
    )
    return TopicPages(resources.knowledge, resources.directory, resources.gazetteer, agent.nlg, resources.clock, rules)


def _areas(topics: frozenset[str]) -> list[list[str]]:
    """The topics area by area: an area is a file of articles."""
    from actions.knowledge.loader import read_rows
    from bot.settings import ROOT

    files = sorted((ROOT / "data" / "articles").glob("*.yml"))
    areas = [[row["topic"] for row in read_rows(file, "articles") if row["topic"] in topics] for file in files]
    return [area for area in areas if area]


def start_counting(settings: Settings, agent: Any) -> Counters:
    """The counters, told of every turn from now on; what is older than three years is dropped."""
    from bot.memory.counters import Counters, months_ago
    from bot.memory.turns import Known, read_turn
    from bot.operations_wiring import turn_counted
    from bot.staff.report.command import counters_url

    resources = agent.resources
    articles = resources.knowledge.articles
    counters = Counters(counters_url(settings))
    known = Known(
        topics=frozenset(articles),
        local=frozenset(topic for topic, article in articles.items() if article.place),
        crises=URGENT,
        private=DISCREET,
        district=lambda place: _district(resources.gazetteer.get(place)),
    )

    def told(tracker: DialogueStateTracker) -> None:
        counted = read_turn(tracker, known, resources.clock())
        if counted is not None:
            turn_counted(counted)
            counters.count(counted)

    agent.conversations.on_turn.append(told)
    counters.oldest = lambda: months_ago(believed(agent), MONTHS_COUNTED)
    counters.sweep()
    return counters


def believed(agent: Any) -> datetime:
    """The time in Saxony by which what is old is deleted: see bot/operations/steady.py."""
    from actions.directory.hours import BERLIN

    if agent.clock_given:
        return agent.resources.clock()  # type: ignore[no-any-return]
    return datetime.fromtimestamp(agent.steady.time(), BERLIN)


def start_learning(settings: Settings, agent: Any) -> ReviewQueue | None:
    """The queue of messages to learn from, told of every turn when the operator wants it.

    When it was switched off, what is there is no more added to, and still goes on time.
    """
    from bot.languages import languages
    from bot.launcher import LaunchError, keys_of
    from bot.memory import redaction
    from bot.memory.database import missing_file
    from bot.memory.review_queue import ReviewQueue, Rules
    from bot.memory.review_store import ReviewError, review_url
    from bot.quality.review_opening import review_seal

    url = review_url(settings)
    if not settings.learn and missing_file(url) is not None:
        return None
    rules = Rules(
        scrub=lambda text: redaction.scrub(text, known_words()),
        urgent=urgent,
        languages=frozenset(code for code, language in languages().items() if language.trained),
        topics=frozenset(agent.resources.knowledge.articles),
    )
    try:
        today, hours = (lambda: believed(agent).date()), settings.retention_hours
        keys = keys_of(agent, settings)
        queue = ReviewQueue(url, keys, rules, hours, today, seal=review_seal(settings, keys))
    except ReviewError as exc:
        raise LaunchError(str(exc)) from exc
    agent.conversations.on_forget.append(queue.forget)
    agent.conversations.on_rename.append(queue.rename)
    if settings.learn:
        known_words()
        agent.conversations.on_turn.append(queue.turn)
    return queue


def known_words() -> frozenset[str]:
    """Words that people write to us, and that are no names."""
    from bot.quality.vocabulary import vocabulary

    return vocabulary()


def _district(place: Place | None) -> str:
    """The id of the Kreis or city a place lies in, "" for the whole state and for places that are not known."""
    if place is None or place.kind in ("state", "country"):
        return ""
    return place.district or place.id


async def warm(agent: Any) -> None:
    """Read and answer once in every language, so that the first person does not wait for lists and CLDR to be loaded."""
    from actions.directory.hours import saxon_holidays
    from bot.channels import gate
    from bot.channels.web.view import WebOutput
    from bot.languages import languages

    intents = frozenset(agent.domain.intents)
    given = gate.parse_payload('/german_course{"place": "leipzig"}', intents)
    saxon_holidays(agent.resources.clock().year)  # the calendars of all countries are loaded with the first
    reading = getattr(agent, "reading", None)
    for code, language in languages().items():
        if not language.trained:
            continue
        sender = f"warm-{code}"
        if reading is None:  # the process that reads warms up by itself
            await agent.parse_message(f"{language.endonym} Leipzig 112?")
        message = gate.user_message(sender, "cli", WebOutput(), parsed=dict(given), hint=code, campaign="test")
        await agent.handle_message(message)
        await agent.conversations.delete(sender)
    for upstream in (agent.resources.handbook, agent.resources.sources):
        if upstream is not None:
            await upstream.close()
    if reading is not None:
        await reading.open()
        await reading.leave()
    await disconnect(agent)


async def disconnect(agent: Any) -> None:
    """Let go of connections that belong to this event loop; the next loop opens its own."""
    for part in (getattr(agent, "actions", None), getattr(agent, "shared", None)):
        if part is not None and hasattr(part, "disconnect"):
            await part.disconnect()
