"""What the channels and pages need of the assistant, put together from settings and data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.settings import Settings

if TYPE_CHECKING:
    from actions.directory.geo import Place
    from bot.channels.telegram.channel import TelegramInput
    from bot.channels.telegram.options import LookUp, Options
    from bot.channels.web.pages.page import Book
    from bot.speech.topic_page import TopicPages

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


def telegram_input(settings: Settings, agent: Any, secret: bytes) -> TelegramInput:
    """The channel; LaunchError when a program or model that a setting asks for is missing."""
    from bot.channels.telegram.channel import TelegramInput
    from bot.speech.interface import InterfaceTexts

    return TelegramInput(
        token=settings.telegram_token,
        secret=secret,
        intents=frozenset(agent.domain.intents) if agent.domain else frozenset(),
        texts=InterfaceTexts(agent.nlg.catalogue).telegram,
        options=telegram_options(settings, agent),
        api=settings.telegram_api,
        public_url=settings.public_url,
    )


def telegram_options(settings: Settings, agent: Any) -> Options:
    """What can be set, and the places and topics that a link may carry."""
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
        await agent.handle_message(gate.user_message(sender, "telegram", output, parsed=given, hint=hint))
        return Reply.from_dict(output.replies[0]) if output.replies else None

    return look_up


def topic_titles(agent: Any, language: str) -> dict[str, str]:
    """Topic to its title in a language; crises are none to show at a counter."""
    articles = agent.resources.knowledge.articles
    catalogue = agent.nlg.catalogue
    return {name: catalogue.text(a.title, language)[0] for name, a in articles.items() if name not in URGENT}


def urgent(text: str) -> bool:
    """Whether the crisis phrases of any language find an emergency in a text: such messages are never shed."""
    from bot.nlu.crisis import patterns
    from bot.nlu.tokenizer import shared_vocab_doc

    return patterns().find(shared_vocab_doc(text)) is not None


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


async def warm(agent: Any) -> None:
    """Read and answer once in every language, so that the first person does not wait for lists and CLDR to be loaded."""
    from actions.directory.hours import saxon_holidays
    from bot.channels import gate
    from bot.channels.web.view import WebOutput
    from bot.languages import languages

    intents = frozenset(agent.domain.intents)
    given = gate.parse_payload('/german_course{"place": "leipzig"}', intents)
    saxon_holidays(agent.resources.clock().year)  # the calendars of all countries are loaded with the first
    for code, language in languages().items():
        if not language.trained:
            continue
        sender = f"warm-{code}"
        await agent.parse_message(f"{language.endonym} Leipzig 112?")
        await agent.handle_message(gate.user_message(sender, "cli", WebOutput(), parsed=dict(given), hint=code))
        await agent.conversations.delete(sender)
