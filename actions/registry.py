"""The list of our actions, built with the resources they need."""

from __future__ import annotations

from actions.clarify import ClarifyAction
from actions.crisis import CheckDangerAction, CrisisAction
from actions.feedback import FeedbackAction
from actions.follow_up import FollowUpAction
from actions.handover import HandoverAction
from actions.profile import ChangeLanguageAction, InformAction, ProfileAction
from actions.resources import Resources
from actions.services import ContactAction, MoreOptionsAction, OpeningHoursAction, ServiceLanguageAction
from actions.session import (
    ForgetAction,
    RepeatAction,
    SimplifyAction,
    StartOverAction,
)
from actions.topic import AnswerAction
from actions.turn import WegweiserAction

ACTIONS: tuple[type[WegweiserAction], ...] = (
    AnswerAction,
    ChangeLanguageAction,
    CheckDangerAction,
    ClarifyAction,
    ContactAction,
    CrisisAction,
    FeedbackAction,
    FollowUpAction,
    ForgetAction,
    HandoverAction,
    InformAction,
    MoreOptionsAction,
    OpeningHoursAction,
    ProfileAction,
    RepeatAction,
    ServiceLanguageAction,
    SimplifyAction,
    StartOverAction,
)

# Who is in danger waits for no network. The profile, read before every answer and so before those, takes less time than
# asking another process; what was said is at hand here; a report is counted, so it must not be sent twice.
HERE = frozenset(
    action.action_name for action in (CheckDangerAction, CrisisAction, FeedbackAction, ProfileAction, RepeatAction)
)
# With counsellors, these hand over a conversation or a number.
WITH_PEOPLE = frozenset({HandoverAction.action_name, InformAction.action_name})
# With pages of the region, it looks for the words of the message in them.
WITH_HANDBOOK = frozenset({ClarifyAction.action_name})


def runs_here(name: str, resources: Resources) -> bool:
    """Whether an action is run by the process that took the message, however many action servers there are.

    All others read the slots and what was understood, change nothing outside the conversation and may run twice.
    """
    if name in HERE:
        return True
    if name in WITH_PEOPLE:
        return bool(resources.people.office)
    return name in WITH_HANDBOOK and resources.handbook is not None


def build(resources: Resources) -> list[WegweiserAction]:
    """One instance of every action."""
    return [action(resources) for action in ACTIONS]
