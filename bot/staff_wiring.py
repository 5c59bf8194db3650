"""The parts of the staff pages, put together from settings, data and what bot/staff makes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from bot.settings import Settings

if TYPE_CHECKING:
    from sanic import Blueprint

    from bot.channels.web.staff.book import Named, StaffBook

_NOWHERE = "Dafür muss WEGWEISER_PUBLIC_URL oder WEGWEISER_TELEGRAM_NAME gesetzt sein."
_NO_NUMBERS = "Die Zahlen sind gerade nicht lesbar. Bitte versuchen Sie es später noch einmal."
_NOTED = ("posters", "link", "report", "callbacks", "review")
_ORDERED = ("languages", "topics", "format", "channel", "campaign")
_KINDS = {
    "not_understood": "nicht verstanden",
    "rated_bad": "Antwort als nicht hilfreich bewertet",
    "corrected": "durch einen Knopf berichtigt",
}


def staff_pages(settings: Settings, agent: Any) -> Blueprint:
    """The routes below /staff; LaunchError when the hash of the password cannot be used."""
    from bot.channels.web.staff.entrance import Access
    from bot.channels.web.staff.password import PasswordError, check_hash
    from bot.channels.web.staff.routes import staff_blueprint
    from bot.launcher import LaunchError
    from bot.shared_wiring import staff_entrance

    if settings.staff_password:
        try:
            check_hash(settings.staff_password)
        except PasswordError as exc:
            raise LaunchError(f"WEGWEISER_STAFF_PASSWORD: {exc}") from exc
    access = Access(
        secret=settings.secret_bytes(),
        password=settings.staff_password,
        header=settings.staff_header,
        trusted_proxies=settings.trusted_proxies,
        public_url=settings.public_url,
    )
    entrance = staff_entrance(settings, access, getattr(agent, "shared", None))
    return staff_blueprint(staff_book(settings, agent), access, entrance)


def staff_book(settings: Settings, agent: Any) -> StaffBook:
    """What the pages show and do."""
    from bot.channels.web.staff.book import StaffBook
    from bot.languages import languages
    from bot.speech.formats import language_name
    from bot.staff.posters.codes import svg
    from bot.wiring import topic_titles

    # Who looks for Dari or Kurmanji finds it by the name its speakers use.
    spoken = {
        code: language_name(code, "de") + ("" if code == "de" else f" ({language.endonym})")
        for code, language in languages().items()
        if language.trained
    }
    places = [place for place in agent.resources.gazetteer.places.values() if place.kind != "country"]
    parts = (_posters(settings, agent), _links(settings, agent), _report(settings, agent), _people(agent))
    fields = {name: value for part in (*parts, _review(settings)) for name, value in part.items()}
    notes = {name: fields.pop(f"note_{name}") for name in _NOTED if f"note_{name}" in fields}
    return StaffBook(
        places=_named((place.id, place.name) for place in places),
        topics=_named(topic_titles(agent, "de").items()),
        languages=_named(spoken.items()),
        qr=lambda address: str(svg(address, "QR-Code")),
        notes=notes,
        **fields,
    )


def _posters(settings: Settings, agent: Any) -> dict[str, Any]:
    """Posters, printed in a process of their own."""
    from actions.follow_up import MAIN_TOPICS
    from bot.channels.web.staff.book import File, Named, Sheet, Unable
    from bot.staff.posters.order import FORMATS, OrderError
    from bot.staff.posters.studio import Studio
    from bot.staff_press import PressRefused, printed

    if not (settings.public_url or settings.telegram_name):
        return {"note_posters": _NOWHERE}
    resources = agent.resources
    titles = {topic: article.title for topic, article in resources.knowledge.articles.items()}
    services = list(resources.directory.services.values())
    studio = Studio(settings, agent.nlg.catalogue, services, resources.gazetteer, titles, MAIN_TOPICS)
    channel = "both" if settings.public_url and settings.telegram_name else "web" if settings.public_url else "telegram"

    def poster(sheet: Sheet, kind: str) -> File:
        topics = sheet.topics or None
        try:
            order = studio.order(sheet.site, sheet.languages, sheet.format, topics, channel, sheet.campaign)
            wanted = {"site": order.site.id, **{name: getattr(order, name) for name in _ORDERED}}
            made = printed(settings, kind, wanted)
        except OrderError as exc:
            raise Unable(exc.german) from exc
        except PressRefused as exc:
            raise Unable(str(exc)) from exc
        content_type = "application/pdf" if kind == "pdf" else "text/html; charset=utf-8"
        return File(f"{order.file_name}.{kind}", made, content_type)

    sites = studio.sites()
    often = Counter(site.name for site in sites)
    names = [(site.id, site.name if often[site.name] == 1 else f"{site.name} ({site.id})") for site in sites]
    return {
        "poster": poster,
        "sites": [Named(*row) for row in names],
        "poster_topics": [Named(*row) for row in studio.topics()],
        "formats": [Named(*row) for row in FORMATS.items()],
    }


def _links(settings: Settings, agent: Any) -> dict[str, Any]:
    """Links to pass on."""
    from bot.channels.web.staff.book import Goal, Shared, Unable
    from bot.languages import languages
    from bot.staff.links import LinkError, Target, fitted, share_text, telegram_link, web_link
    from bot.staff.posters.words import Words

    if not (settings.public_url or settings.telegram_name):
        return {"note_link": _NOWHERE}
    titles = {topic: article.title for topic, article in agent.resources.knowledge.articles.items()}
    words = Words(agent.nlg.catalogue, titles)

    def link(goal: Goal) -> Shared:
        language = goal.language or "de"
        title = words.title(goal.topic, language).text if goal.topic else "Wegweiser"
        sentence = words.say("staff_share" if goal.topic else "staff_headline", language)
        try:
            target = fitted([Target(goal.place, goal.topic, goal.language, goal.campaign)])[0]
            return Shared(
                web=web_link(target, settings.public_url) if settings.public_url else "",
                telegram=telegram_link(target, settings.telegram_name) if settings.telegram_name else "",
                text=share_text(target, title, sentence.text, settings.public_url, settings.telegram_name),
                language=sentence.lang,
                direction=languages()[sentence.lang].direction,
            )
        except LinkError as exc:
            raise Unable("Ort, Thema und Kampagne sind zusammen zu lang für einen Link. Lassen Sie etwas weg.") from exc

    return {"link": link}


def _report(settings: Settings, agent: Any) -> dict[str, Any]:
    """Reports of the months that were counted; LaunchError when the goals cannot be read."""
    from bot.channels.web.staff.book import File, Unable
    from bot.launcher import LaunchError
    from bot.memory.counters import CountersError
    from bot.staff.report.command import COUNTS_FILE, HTML_FILE, JSON_FILE, TREND_FILE, report_files, report_of
    from bot.staff.report.goals import GoalsError, load_goals
    from bot.staff.report.months import MonthError
    from bot.staff.report.names import names_of
    from bot.staff.report.report import finished_months

    counters = getattr(agent, "counters", None)
    if counters is None:
        return {"note_report": "Dieser Server zählt nicht."}
    try:
        load_goals(settings.goals)
    except GoalsError as exc:
        raise LaunchError(f"WEGWEISER_GOALS: {exc}") from exc
    resources = agent.resources
    services = resources.directory.services
    names = names_of(
        resources.knowledge.articles,
        agent.nlg.catalogue,
        resources.gazetteer.places,
        lambda name: services[name].name if name in services else "",
    )

    def today() -> date:
        return agent.resources.clock().date()

    @lru_cache(maxsize=4)
    def files(month: str, day: date) -> dict[str, str]:
        return report_files(report_of(settings, counters, month, names, day))

    def months() -> list[str]:
        try:
            return finished_months(counters, today())
        except CountersError as exc:
            raise Unable(_NO_NUMBERS) from exc

    def report(month: str, kind: str) -> File:
        name, content_type = {
            "html": (HTML_FILE, "text/html; charset=utf-8"),
            "csv": (COUNTS_FILE, "text/csv; charset=utf-8"),
            "trend.csv": (TREND_FILE, "text/csv; charset=utf-8"),
            "json": (JSON_FILE, "application/json"),
        }[kind]
        try:
            content = files(month, today())[name]
        except CountersError as exc:
            raise Unable(_NO_NUMBERS) from exc
        except (MonthError, GoalsError) as exc:
            raise Unable(str(exc)) from exc
        return File(f"wegweiser-{month}-{name}", content.encode("utf-8"), content_type)

    return {"months": months, "report": report}


def _people(agent: Any) -> dict[str, Any]:
    """Who asks to be called back."""
    from bot.channels.web.staff.book import CallBack
    from bot.speech.formats import checked_date

    relay = getattr(agent, "relay", None)
    callbacks = relay.callbacks if relay is not None else None
    if callbacks is None:
        return {"note_callbacks": "Zum Einschalten: WEGWEISER_CALLBACKS=on."}

    def waiting() -> list[CallBack]:
        found = []
        for row in callbacks.list():
            day = checked_date(row.day, "de")
            told = (("Sprache", row.language), ("Thema", row.topic), ("Ort", row.place), ("Gebeten am", day))
            found.append(CallBack(row.id, row.number, told))
        return found

    return {"callbacks": waiting, "done": callbacks.done}


def _review(settings: Settings) -> dict[str, Any]:
    """How many messages wait for a reviewer."""
    from bot.channels.web.staff.book import Queue, Unable
    from bot.memory.review_store import ReviewError, queue_counts, review_url
    from bot.speech.formats import checked_date, language_name

    if not settings.learn:
        return {"note_review": "Zum Einschalten: WEGWEISER_LEARN=on. Vorher gehört es in Ihre Datenschutzhinweise."}

    def queue() -> Queue:
        try:
            counts = queue_counts(review_url(settings))
        except ReviewError as exc:
            raise Unable(_NO_NUMBERS) from exc
        languages, reasons = Counter[str](), Counter[str]()
        for (language, kind), number in counts["rows"].items():
            languages[language_name(language, "de")] += number
            reasons[_KINDS.get(kind, kind)] += number
        tables = (("Nach Sprache", languages.most_common()), ("Nach Grund", reasons.most_common()))
        return Queue(counts["total"], tables, checked_date(counts["oldest"], "de") if counts["oldest"] else "")

    return {"queue": queue}


def _named(rows: Iterable[tuple[str, str]]) -> list[Named]:
    """Something to choose from, by name."""
    from bot.channels.web.staff.book import Named

    return sorted((Named(*row) for row in rows), key=lambda row: row.name.casefold())
