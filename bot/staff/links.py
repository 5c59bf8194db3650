"""Links that carry place, topic, language and campaign: for posters, for staff to forward, for Telegram's inline mode.

target = Target(language="ar", topic="german_course", place="leipzig", campaign="vhs-leipzig")
telegram_link(target, settings.telegram_name); web_link(target, settings.public_url)
share_text(target, title, sentence, public_url=…, bot_name=…)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import urlencode, urlsplit

from bot.channels.telegram.start import MOST, Start, StartError

SHORTEST_CAMPAIGN = 3


class LinkError(ValueError):
    """A link cannot be made; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a link leads; "" for what it does not carry.

    `place` is an id of the gazetteer, `topic` one of the articles, `language` a code, `campaign` up to 20 small letters,
    digits and hyphens that say where the link was found.
    """

    place: str = ""
    topic: str = ""
    language: str = ""
    campaign: str = ""

    @property
    def start(self) -> Start:
        """The same as data of a /start link."""
        return Start(self.language, self.place, self.topic, self.campaign)


def telegram_link(target: Target, bot_name: str) -> str:
    """The link that starts the bot there; LinkError when it carries more than Telegram allows (64 characters)."""
    if not bot_name:
        raise LinkError("the bot has no name: set WEGWEISER_TELEGRAM_NAME")
    data = _data(target)
    return f"https://t.me/{bot_name}" + (f"?start={data}" if data else "")


def web_link(target: Target, public_url: str) -> str:
    """The address that opens the page there; LinkError when the assistant has no public address or a campaign no name."""
    if not public_url:
        raise LinkError("the assistant has no public address: set WEGWEISER_PUBLIC_URL")
    _data(Target(campaign=target.campaign))
    values = {"lang": target.language, "topic": target.topic, "place": target.place, "c": target.campaign}
    query = urlencode({name: value for name, value in values.items() if value})
    return f"{public_url.rstrip('/')}/" + (f"?{query}" if query else "")


def short_address(public_url: str) -> str:
    """The address as people type it: without https:// and slash at the end."""
    parts = urlsplit(public_url)
    return (parts.netloc + parts.path).rstrip("/")


def fitted(targets: Iterable[Target]) -> list[Target]:
    """The targets with their campaign shortened where a link would be too long for Telegram.

    All get the same one, so that a report counts one sheet under one name. LinkError when place and topic leave no
    room for a campaign, or when it is no short name.
    """
    found = list(targets)
    for target in found:
        _data(Target(campaign=target.campaign))
    while not all(map(_fits, found)):
        length = max(len(target.campaign) for target in found) - 1
        if length < SHORTEST_CAMPAIGN:
            raise LinkError(f"place and topic are too long for a link of {MOST} characters: leave the topic out")
        found = [replace(target, campaign=target.campaign[:length].rstrip("-")) for target in found]
    return found


def share_text(target: Target, title: str, sentence: str, public_url: str = "", bot_name: str = "") -> str:
    """What staff paste into a message: the topic's title, one sentence, and the links there are, each on a line.

    LinkError when there is neither a public address nor a bot.
    """
    links = []
    if public_url:
        links.append(web_link(target, public_url))
    if bot_name:
        links.append(telegram_link(target, bot_name))
    if not links:
        raise LinkError("no link can be made: set WEGWEISER_PUBLIC_URL or WEGWEISER_TELEGRAM_NAME")
    return "\n".join(filter(None, (title, sentence, *links)))


def _data(target: Target) -> str:
    try:
        return target.start.data
    except StartError as exc:
        raise LinkError(str(exc)) from exc


def _fits(target: Target) -> bool:
    try:
        _data(target)
    except LinkError:
        return False
    return True
