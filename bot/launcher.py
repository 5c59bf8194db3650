"""The composition root: settings become stores, actions, speech, channels and one Rasa agent."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot import rasa_compat
from bot.keys import Keys, open_keys
from bot.operations.steady import SteadyClock, last_saved
from bot.quality.freshness import inputs_hash, write_stamp
from bot.resources_wiring import DATA, build_resources, not_before
from bot.settings import ROOT, Settings
from bot.shared_wiring import build_locks, build_pieces, build_store, open_shared, web_answers, web_buckets

if TYPE_CHECKING:
    from rasa.core.agent import Agent
    from rasa.core.channels.channel import InputChannel
    from sanic import Blueprint

    from actions.resources import Resources
    from bot.channels.web.pages.page import Book
    from bot.rasa_compat.reading_process import ModelCopy, Reading
    from bot.release.checking import Checked
    from bot.speech.nlg import CatalogueNLG

logger = logging.getLogger(__name__)


class LaunchError(RuntimeError):
    """The assistant cannot start; the message says why and what to do."""


def build_agent(
    settings: Settings, clock: Callable[[], datetime] | None = None, reading: Reading | None = None
) -> Agent:
    """A ready agent: model, in-process actions, catalogue, SQLite conversations. LaunchError when it cannot be.

    With `reading` messages are read in that process, which is kept going once the server has started.
    """
    require_model(settings)
    rasa_compat.install()
    from rasa.core.agent import Agent

    from actions.registry import build, runs_here
    from bot.handover_wiring import start_handover
    from bot.nlu import reader
    from bot.nlu.crisis import patterns
    from bot.nlu.forgetting import forget_words
    from bot.rasa_compat.in_process import InProcessEndpoint
    from bot.rasa_compat.runner import dialogue_alone
    from bot.takeover import Takeover
    from bot.wiring import start_counting, start_learning

    try:
        patterns()  # a broken phrase file must stop the start, not the first message
    except (ValueError, OSError, KeyError) as exc:
        raise LaunchError(f"data cannot be read: {exc}") from exc
    model = reading.copy if reading is not None else copy_of(settings)
    resources = build_resources(settings, clock)
    actions: Any = InProcessEndpoint(build(resources))
    if settings.actions_url:
        from bot.rasa_compat.remote_actions import RemoteEndpoint

        actions = RemoteEndpoint(settings.actions_url, actions, lambda name: runs_here(name, resources))
    shared, keys = open_shared(settings), open_keys(settings)
    steady = build_clock(settings, resources, clock)
    store = build_store(settings, shared, keys, steady)
    with _loading(settings), dialogue_alone() if reading is not None else nullcontext():
        agent = Agent.load(
            model_path=str(model.path),
            generator=build_speech(domain_responses(), resources.gazetteer, settings.transit_url),
            tracker_store=store,
            lock_store=build_locks(shared),
            action_endpoint=actions,
        )
    store.domain = agent.domain
    reader.when_idle[:] = [forget_words]
    agent.takeover = Takeover(agent, settings, loaded=model.sha256, reading=reading)  # type: ignore[attr-defined]
    agent.reading = reading  # type: ignore[attr-defined]
    agent.shared = shared  # type: ignore[attr-defined]
    agent.keys = keys  # type: ignore[attr-defined]
    agent.steady = steady  # type: ignore[attr-defined]
    agent.clock_given = clock is not None  # type: ignore[attr-defined]
    agent.actions = actions  # type: ignore[attr-defined]
    # Rasa hides the store behind its FailSafeTrackerStore; the hourly sweep needs ours.
    agent.conversations = store  # type: ignore[attr-defined]
    if agent.processor is not None:
        if reading is not None:
            agent.processor.reading = reading.of(model)  # type: ignore[attr-defined]
        agent.processor.fragments = build_pieces(shared, keys)  # type: ignore[attr-defined]
        store.on_forget.append(agent.processor.fragments.clear)  # type: ignore[attr-defined]
    agent.resources = resources  # type: ignore[attr-defined]
    agent.relay = start_handover(settings, agent)  # type: ignore[attr-defined]
    agent.counters = start_counting(settings, agent)  # type: ignore[attr-defined]
    agent.review = start_learning(settings, agent)  # type: ignore[attr-defined]
    return agent


def build_clock(settings: Settings, resources: Resources, clock: Callable[[], datetime] | None) -> SteadyClock:
    """By which stores delete; a clock that is given, as by tests, is believed whatever it says."""
    if clock is not None:
        return SteadyClock(wall=lambda: time.time(), steady=lambda: time.time())
    return SteadyClock(not_before(resources).timestamp(), last_saved(settings.data_dir))


@contextmanager
def model_of(settings: Settings) -> Iterator[Checked]:
    """A checked copy of the model while it is loaded; LaunchError when it may not or cannot be."""
    from bot.release.checking import held
    from bot.release.manifest import ReleaseError

    try:
        with held(settings) as model:
            yield model
    except ReleaseError as exc:
        raise LaunchError(str(exc)) from exc


def copy_of(settings: Settings) -> ModelCopy:
    """A checked copy of the model that stays while it is used; LaunchError when there may be none."""
    from bot.rasa_compat.reading_process import ModelCopy

    with model_of(settings) as model:
        return ModelCopy(model.path, model.sha256)


@contextmanager
def _loading(settings: Settings) -> Iterator[None]:
    from rasa.exceptions import ModelNotFound

    try:
        yield
    except ModelNotFound as exc:
        raise LaunchError(f"the model at {settings.model} cannot be loaded: run `make train`") from exc


def domain_responses() -> dict[str, Any]:
    """The response keys of domain.yml with their English msgids."""
    import yaml

    content = yaml.load((ROOT / "domain.yml").read_text("utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return dict(content["responses"])


def require_model(settings: Settings) -> None:
    """LaunchError when there is no model; asked before Rasa is imported, which takes seconds."""
    if not settings.model.exists():
        raise LaunchError(f"no model at {settings.model}: run `make train` first")


def build_speech(responses: dict, gazetteer: object, transit_url: str = "") -> CatalogueNLG:
    """The NLG that speaks from locales/."""
    from bot.speech.catalogue import Catalogue
    from bot.speech.formats import Formatter
    from bot.speech.nlg import CatalogueNLG

    formatter = Formatter(gazetteer)  # type: ignore[arg-type]
    return CatalogueNLG(responses, Catalogue.load(ROOT / "locales", kept=ROOT / "models"), formatter, transit_url)


def build_channels(settings: Settings, agent: Agent, book: Book | None = None) -> list[InputChannel]:
    """The web channel always, the one without JavaScript with the `book` of its pages, Telegram when a token is set."""
    from bot.channels.web.endpoint import WebInput
    from bot.channels.web.mailbox import Mailbox
    from bot.handover_wiring import reach
    from bot.languages import offered
    from bot.speech.interface import InterfaceTexts
    from bot.wiring import build_line, topic_titles, urgent

    intents = frozenset(agent.domain.intents) if agent.domain else frozenset()
    texts = InterfaceTexts(agent.nlg.catalogue)  # type: ignore[union-attr]
    keys, shared = keys_of(agent, settings), getattr(agent, "shared", None)
    kept = settings.retention_hours * 3600
    answers, buckets = web_answers(shared, keys), web_buckets(shared)
    line = agent.shedding = build_line(settings, agent)  # type: ignore[attr-defined]
    web = WebInput(
        secret=keys,
        intents=intents,
        languages=offered(),
        strings=texts.web,
        allowed_origins=settings.allowed_origins,
        topics=lambda language: topic_titles(agent, language),
        urgent=urgent,
        per_address=settings.per_address,
        trusted_proxies=settings.trusted_proxies,
        mailbox=Mailbox(seconds=kept),
        replays=answers(),
        buckets=buckets,
        shedding=line,
    )
    agent.conversations.on_forget.append(web.forget)  # type: ignore[attr-defined]
    found: list[InputChannel] = [web]
    if book is not None:
        from bot.channels.gate import RateLimit
        from bot.channels.web.limits import Limits
        from bot.channels.web.pages.light import LightInput

        limits = Limits(
            RateLimit(),
            settings.per_address,
            settings.trusted_proxies,
            urgent,
            buckets=buckets,
            name="light",
            secret=keys.current if shared is not None else None,
        )
        light = LightInput(
            keys,
            intents,
            book,
            settings.allowed_origins,
            limits=limits,
            mailbox=Mailbox(seconds=kept),
            replays=answers(),
            shedding=line,
        )
        agent.conversations.on_forget.append(light.forget)  # type: ignore[attr-defined]
        found.append(light)
    if settings.telegram_token:
        from bot.wiring import telegram_input

        channel = telegram_input(settings, agent, keys, shared)
        channel.moved = partial(_move, agent)
        agent.conversations.on_forget.append(channel.forget)  # type: ignore[attr-defined]
        found.append(channel)
    reach(getattr(agent, "relay", None), found)
    return found


def keys_of(agent: Any, settings: Settings) -> Keys:
    """The keys of a running assistant, which end a former secret on time for everybody."""
    return getattr(agent, "keys", None) or open_keys(settings)


async def _move(agent: Any, before: str, now: str) -> None:
    """Bring a conversation to its new pseudonym, when no process is about to write it."""
    async with agent.lock_store.lock(now):
        await agent.conversations.rename(before, now)


def build_app(settings: Settings, agent: Agent, channels: list[InputChannel] | None = None):  # type: ignore[no-untyped-def]
    """Rasa's Sanic application with our channels and pages, without its HTTP API."""
    from rasa.core.run import configure_app

    from bot import upkeep
    from bot.channels.web.connections import limit_connections
    from bot.channels.web.pages.topics import pages_blueprint
    from bot.channels.web.site import site_blueprint
    from bot.handover_wiring import serve_handover
    from bot.operations_wiring import watch
    from bot.rasa_compat import stopping
    from bot.readiness_wiring import watch_readiness
    from bot.staff_wiring import staff_pages
    from bot.wiring import page_book

    resources = getattr(agent, "resources", None)
    book = page_book(settings, agent) if resources is not None else None
    found = build_channels(settings, agent, book) if channels is None else channels
    app = configure_app(found, enable_api=False)
    app.blueprint(site_blueprint(settings.allowed_origins, settings.public_url, build_first_words(agent)))
    if book is not None:
        app.blueprint(pages_blueprint(book))
        app.blueprint(staff_pages(settings, agent))
    if resources is not None:
        app.blueprint(build_hsds(settings, resources))
    upkeep.attach(app, agent)
    serve_handover(app, settings, getattr(agent, "relay", None))
    app.ctx.agent = agent
    watch(app, settings, agent, found)
    watch_readiness(app, settings, agent, found)
    stopping.heed(app)
    app.ctx.protocol = limit_connections(app, settings.max_connections, settings.trusted_proxies)
    app.config.REQUEST_MAX_SIZE = 256 * 1024
    # An answer may take 25 s; a process that is asked to end finishes those under way.
    app.config.GRACEFUL_SHUTDOWN_TIMEOUT = 30
    app.config.ACCESS_LOG = False
    return app


def build_first_words(agent: Agent) -> dict[str, Any]:
    """The words that stand in the widget's module."""
    from bot.channels.web.first_words import first_words
    from bot.languages import offered
    from bot.speech.interface import InterfaceTexts

    nlg: Any = agent.nlg
    return first_words(InterfaceTexts(nlg.catalogue).web, offered())


def build_hsds(settings: Settings, resources: Resources) -> Blueprint:
    """Our own directory as HSDS, for other systems."""
    from actions.directory.hsds_query import Feed
    from bot.channels.web.hsds import hsds_blueprint
    from bot.speech.formats import language_name

    titles = {topic: article.title for topic, article in resources.knowledge.articles.items()}
    own = resources.directory.services.values()
    feed = Feed(own, resources.gazetteer, resources.kinds, titles, lambda code: language_name(code, "en"))
    return hsds_blueprint(feed, resources.clock, settings.public_url)


def serve(settings: Settings) -> None:
    """Run the server until it is stopped. LaunchError names all that is wrong, before the model is loaded."""
    from bot.preflight import faults, told
    from bot.rasa_compat.lasting import SWITCH_SECONDS, give_back
    from bot.reading import start_reading, wanted
    from bot.wiring import warm

    found = faults(settings)
    if found:
        raise LaunchError(told(found))
    # The process that reads loads its part while this one loads the rest.
    reading = start_reading(copy_of(settings)) if wanted(settings) else None
    agent = build_agent(settings, reading=reading)
    asyncio.run(warm(agent))
    app = build_app(settings, agent)
    # The model and the catalogues stay as they are: looking through them for garbage stops every answer for 0.2 s.
    gc.collect()
    gc.freeze()
    give_back()
    sys.setswitchinterval(SWITCH_SECONDS)
    shown = "127.0.0.1" if settings.host in ("0.0.0.0", "") else settings.host
    logger.info("serving on http://%s:%s/", shown, settings.port)
    print(f"Wegweiser: http://{shown}:{settings.port}/", flush=True)
    app.run(
        host=settings.host,
        port=settings.port,
        workers=1,
        access_log=False,
        backlog=512,  # connections that wait while an answer keeps the event loop
        protocol=app.ctx.protocol,
        register_sys_signals=False,
    )


def train(settings: Settings, force: bool = False) -> Path:
    """Train the model from data/ into settings.model; unchanged parts come from Rasa's cache."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(name, str(os.cpu_count() or 1))
    rasa_compat.install()
    import rasa.model_training

    from bot.release.manifest import replace_file

    settings.model.parent.mkdir(parents=True, exist_ok=True)
    inputs = inputs_hash()  # before training: what is edited meanwhile is not in the model
    name = settings.model.name.removesuffix(".tar.gz")
    # Elsewhere first: a process that serves watches the file, and half a model is none.
    with tempfile.TemporaryDirectory(prefix="wegweiser-train-") as folder:
        result = rasa.model_training.train(
            domain=str(ROOT / "domain.yml"),
            config=str(ROOT / "config.yml"),
            training_files=[str(DATA / "stories")],
            output=folder,
            fixed_model_name=name,
            force_training=force,
            core_additional_arguments={"augmentation_factor": 0},
        )
        if result.model is None:
            raise LaunchError(f"training failed (code {result.code})")
        replace_file(settings.model, Path(result.model))
    write_stamp(settings.model, inputs)
    return settings.model


def build_parser(settings: Settings) -> Parser:
    """Understanding alone, without dialogue: what `parse` and `evaluate` use."""
    require_model(settings)
    rasa_compat.install()
    from rasa.core.agent import Agent

    with model_of(settings) as model, _loading(settings):
        return Parser(Agent.load(model_path=str(model.path)))


class Parser:
    """Parses one text after another through the trained pipeline."""

    def __init__(self, agent: Agent) -> None:
        self._processor = agent.processor
        self._loop = asyncio.new_event_loop()

    def parse(self, text: str, hint: str = "") -> dict[str, Any]:
        """Rasa's parse data of a text."""
        from rasa.core.channels.channel import UserMessage

        message = UserMessage(text=text, metadata={"hint": hint} if hint else {})
        return dict(self._loop.run_until_complete(self._processor.parse_message(message)))  # type: ignore[union-attr]
