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


def build(resources: Resources) -> list[WegweiserAction]:
    """One instance of every action."""
    return [action(resources) for action in ACTIONS]
