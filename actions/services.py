"""Follow-ups on services: where it is, when it opens, another one, does someone speak my language."""

from __future__ import annotations

from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions import wishes
from actions.answer import add_services
from actions.directory.model import Service
from actions.directory.search import Match, Query
from actions.follow_up import ask_topic, topic_in_hand
from actions.turn import Turn, WegweiserAction


def service_in_hand(turn: Turn) -> Service | None:
    """The service last put first, searched for when a topic is in hand but nothing was shown yet."""
    service = turn.resources.directory.get(turn.slots.get("service"))
    if service is None and topic_in_hand(turn) is not None:
        query = Query(topic=str(turn.slots["topic"]), place=turn.place, point=turn.point, limit=1)
        found = turn.resources.directory.search(query, turn.resources.clock())
        if found:
            service = found[0].service
            turn.set("service", service.id)
    return service


class _ServiceAction(WegweiserAction):
    part = ""
    looks_up = True

    async def answer(self, turn: Turn, dispatcher: CollectingDispatcher) -> list[EventType]:
        """Answer about the service in hand; without one ask for the topic."""
        service = service_in_hand(turn)
        if service is None:
            if turn.slots.get("topic"):
                turn.say("utter_no_service")
                if turn.place is None:
                    turn.ask_place()
            else:
                ask_topic(turn)
        elif not service.active:
            _closed_down(turn, service)
        else:
            self.about(turn, service)
        turn.send(dispatcher, self.part)
        return []

    def about(self, turn: Turn, service: Service) -> None:
        """Add what is asked about one service."""
        raise NotImplementedError


class ContactAction(_ServiceAction):
    """Address, phone, e-mail and website of the service in hand, as far as they are known."""

    action_name = "action_contact"
    part = "contact"

    def about(self, turn: Turn, service: Service) -> None:
        """The card says it all; the sentence says how sure we are."""
        match = turn.resources.directory.describe(service, turn.place, turn.resources.clock())
        turn.say("utter_contact" if match.shown.actionable else "utter_contact_unknown", service=service.name)
        turn.card(match)
        turn.choose("utter_choice_hours", "/ask_opening_hours")
        turn.choose("utter_choice_more", "/ask_more_options")


class OpeningHoursAction(_ServiceAction):
    """Is it open now, until when, when next; honest when the hours are not known."""

    action_name = "action_opening_hours"
    part = "hours"

    def about(self, turn: Turn, service: Service) -> None:
        """One sentence on now, then the card with the week."""
        match = turn.resources.directory.describe(service, turn.place, turn.resources.clock())
        if match.hours is None or not match.shown.hours:
            if match.shown.phone or match.shown.email:
                key = "utter_hours_unknown"
            else:
                key = "utter_hours_unknown_website" if match.shown.url else "utter_hours_unknown_no_contact"
            turn.say(key, service=service.name)
        elif match.hours.state == "appointment":
            turn.say("utter_hours_appointment", service=service.name)
        elif match.hours.state == "open" and match.hours.always:
            turn.say("utter_hours_always", service=service.name)
        elif _say_then(turn, service):
            pass
        elif match.hours.state == "open" and match.hours.until:
            turn.say("utter_hours_open", service=service.name, until={"moment": match.hours.until.isoformat()})
        elif match.hours.opens:
            key = "utter_hours_holiday" if match.hours.holiday else "utter_hours_closed"
            turn.say(key, service=service.name, opens={"moment": match.hours.opens.isoformat()})
        else:
            turn.say("utter_hours_closed_for_now", service=service.name)
        turn.card(match)
        if match.hours is not None and match.hours.state == "closed" and turn.asked_moment is None:
            _open_elsewhere(turn, service)
        turn.choose("utter_choice_more", "/ask_more_options")


def _closed_down(turn: Turn, service: Service) -> None:
    """A place that is no more, and the next best in its stead."""
    turn.say("utter_service_closed_down", service=service.name)
    others = _others(turn, service, open_now=False)
    if others:
        turn.say("utter_instead")
        turn.card(others[0])
        turn.set("service", others[0].service.id)
    else:
        turn.choose_topic("migration_counselling")


def _open_elsewhere(turn: Turn, service: Service) -> None:
    """Whoever finds a closed door wants to know which one is open."""
    others = [m for m in _others(turn, service, open_now=True) if m.shown.hours]
    if others:
        turn.say("utter_open_elsewhere")
        turn.card(others[0])


def _others(turn: Turn, service: Service, open_now: bool) -> list[Match]:
    topic = str(turn.slots.get("topic") or service.topics[0])
    query = Query(
        topic=topic, place=turn.place, point=turn.point, language=turn.language, age=turn.age, limit=1,
        exclude=frozenset({service.id}), open_now=open_now,
    )  # fmt: skip
    return turn.resources.directory.search(query, turn.resources.clock())


def _say_then(turn: Turn, service: Service) -> bool:
    """Whether it is open at a later moment the person asks about; False when they ask about now."""
    then = turn.asked_moment
    if then is None or then <= turn.resources.clock():
        return False
    hours = turn.resources.directory.describe(service, turn.place, then).hours
    moment = {"moment": then.isoformat()}
    if hours is not None and hours.state == "open" and hours.until:
        until = {"moment": hours.until.isoformat()}
        turn.say("utter_hours_open_then", service=service.name, moment=moment, until=until)
    elif hours is not None and hours.opens:
        opens = {"moment": hours.opens.isoformat()}
        turn.say("utter_hours_closed_then", service=service.name, moment=moment, opens=opens)
    else:
        return False
    return True


class ServiceLanguageAction(_ServiceAction):
    """Which languages are spoken at the service in hand; otherwise one that speaks the person's language."""

    action_name = "action_service_language"
    part = "service_language"

    def about(self, turn: Turn, service: Service) -> None:
        """Never promises a language the source does not name."""
        wanted = str(next((e.get("value") for e in turn.entities("service_language")), turn.language))
        directory, now = turn.resources.directory, turn.resources.clock()
        if wanted in service.languages:
            turn.say("utter_language_spoken", service=service.name, language={"language": wanted})
            turn.card(directory.describe(service, turn.place, now))
            return
        if service.languages:
            turn.say("utter_languages_known", service=service.name, languages={"languages": list(service.languages)})
        else:
            turn.say("utter_languages_unknown", service=service.name)
        query = Query(
            topic=str(turn.slots.get("topic") or ""), place=turn.place, point=turn.point, speaks=wanted, limit=2
        )
        others = [m for m in directory.search(query, now) if m.service.id != service.id]
        if others:
            turn.say("utter_language_elsewhere", language={"language": wanted})
            for match in others:
                turn.card(match)
        else:
            turn.card(directory.describe(service, turn.place, now))
        turn.choose_topic("interpreter")


class MoreOptionsAction(WegweiserAction):
    """The next services of the topic in hand, until the list ends."""

    action_name = "action_more_options"
    looks_up = True

    async def answer(self, turn: Turn, dispatcher: CollectingDispatcher) -> list[EventType]:
        """Show the next ones, or say that these were all."""
        topic = topic_in_hand(turn)
        anew = topic is not None and wishes.take(turn, topic)
        if topic is None:
            ask_topic(turn)
        elif add_services(turn, topic, first=anew):
            if not anew:
                turn.say("utter_more_options")
            turn.choose("utter_choice_more", "/ask_more_options")
        else:
            turn.say("utter_no_more_options")
            if turn.place is None:
                turn.ask_place()
            else:
                turn.choose_topic("migration_counselling")
        turn.send(dispatcher, "more")
        return []
