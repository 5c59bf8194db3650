"""Talking with a person, put together from settings: off, and nothing of it is there, without them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.settings import Settings

if TYPE_CHECKING:
    from sanic import Sanic

    from bot.handover.relay import Relay
    from bot.handover.summary import Summary


def start_handover(settings: Settings, agent: Any) -> Relay | None:
    """Connect processor, actions and deletion with the office; None without one. LaunchError when hours are wrong."""
    if not (settings.zammad_url or settings.callbacks):
        return None
    from actions.directory.hours import HoursError, state_at
    from actions.people import People
    from bot.handover.callbacks import FILE as CALLBACKS
    from bot.handover.callbacks import Callbacks
    from bot.handover.delivery import Delivery, Sayings
    from bot.handover.desk import FILE as DESK
    from bot.handover.desk import Desk
    from bot.handover.numbers import Numbers
    from bot.handover.office import Office
    from bot.handover.relay import Relay
    from bot.handover.zammad import Zammad
    from bot.launcher import LaunchError, keys_of
    from bot.wiring import urgent

    resources, nlg = agent.resources, agent.nlg
    try:
        if settings.handover_hours:
            state_at(settings.handover_hours, resources.clock())
    except HoursError as exc:
        raise LaunchError(f"WEGWEISER_HANDOVER_HOURS: {exc}") from exc
    keys = keys_of(agent, settings)
    steady = agent.steady
    desk = Desk(settings.data_dir / DESK, keys, steady.time)
    numbers, delivery = Numbers(), Delivery()
    steady.on_set.append(desk.shift)
    summary = _summary(agent)
    port = None
    if settings.zammad_url:
        port = Zammad(settings.zammad_url, settings.zammad_token, settings.zammad_group, settings.zammad_customer)
    callbacks = None
    if settings.callbacks:
        callbacks = Callbacks(
            settings.data_dir / CALLBACKS,
            keys,
            topic=lambda topic: summary.topic(topic, "de"),
            place=lambda place: summary.place(place, "de"),
            language=lambda code: summary.language(code, "de"),
            clock=steady.time,
            deletes=steady.deletes,
        )
        steady.on_set.append(callbacks.shift)
    own = {"msgid": nlg.responses["utter_callback_office"][0]["text"]}
    name = settings.handover_name or own
    office = Office(desk, numbers, summary, delivery, port, callbacks)
    relay = Relay(
        desk,
        numbers,
        delivery,
        Sayings(nlg.speak, name),
        port,
        callbacks,
        urgent,
        lambda intent: resources.knowledge.article(intent) is not None,
    )
    resources.people = People(
        office=name,
        hours=settings.handover_hours,
        live=office.live,
        waiting=desk.waiting,
        open=office.open,
        callbacks=office.takes_numbers,
        numbers_leave=port is not None,
        call_back=office.call_back,
    )
    agent.processor.person = relay
    agent.conversations.on_forget.append(relay.forget)
    agent.conversations.on_rename.append(relay.rename)
    return relay


def reach(relay: Relay | None, channels: list[Any]) -> None:
    """Let persons' answers go out through these channels, and tell the channels who talks with a person."""
    if relay is None:
        return
    for channel in channels:
        if channel.name() == "telegram":
            relay.delivery.add("telegram", channel.deliver, needs_chat=True)
        else:
            relay.delivery.add(channel.name(), channel.deliver)
            channel.with_person = relay.desk.talks


def serve_handover(app: Sanic, settings: Settings, relay: Relay | None) -> None:
    """The webhook of Zammad, and what runs beside the server."""
    if relay is None:
        return
    from bot.handover.webhook import zammad_blueprint

    async def start(app: Any, _: Any) -> None:
        relay.start()

    async def stop(app: Any, _: Any) -> None:
        await relay.aclose()

    if settings.zammad_url:
        app.blueprint(zammad_blueprint(settings.zammad_webhook_secret, relay.desk.first_time, relay.hear))
    app.register_listener(start, "after_server_start")
    app.register_listener(stop, "before_server_stop")


def _summary(agent: Any) -> Summary:
    """The words of summaries, from the same catalogue as every answer."""
    from actions.status import TITLES
    from bot.handover.summary import Summary
    from bot.languages import spoken
    from bot.speech.formats import language_name

    resources, nlg = agent.resources, agent.nlg

    def topic(name: str, language: str) -> str:
        article = resources.knowledge.article(name)
        return str(nlg.catalogue.text(article.title, spoken(language))[0]) if article is not None else ""

    def place(name: str, language: str) -> str:
        found = resources.gazetteer.get(name)
        return str(found.display(spoken(language))) if found is not None else ""

    def status(name: str, language: str) -> str:
        return str(nlg.sentence(TITLES[name], spoken(language))) if name in TITLES else ""

    def service(name: str) -> str:
        found = resources.directory.services.get(name)
        return str(found.name) if found is not None else ""

    return Summary(topic, place, status, lambda code, language: language_name(code, spoken(language)), service)
