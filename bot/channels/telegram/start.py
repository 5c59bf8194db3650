"""The data of a `/start` link: place, topic, language and campaign, as posters and staff links carry them.

`t.me/bot?start=l-ar_p-leipzig_t-german-course_c-aufnahme7`: letter, hyphen, value; underscores part them. Telegram
allows 64 characters of A-Z, a-z, 0-9, _ and -. Values have hyphens where our ids have underscores.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MOST = 64
_DATA = re.compile(r"[A-Za-z0-9_-]{1,64}")
_CAMPAIGN = re.compile(r"[a-z0-9][a-z0-9-]{0,19}")
_NAMES = {"l": "language", "p": "place", "t": "topic", "c": "campaign"}


class StartError(ValueError):
    """A link cannot be made; the message says why."""


@dataclass(frozen=True, slots=True)
class Start:
    """What a link carries; "" for what it does not."""

    language: str = ""
    place: str = ""
    topic: str = ""
    campaign: str = ""

    @property
    def data(self) -> str:
        """The data of the link; StartError when it is too long or a campaign is no short name."""
        if self.campaign and not _CAMPAIGN.fullmatch(self.campaign):
            raise StartError("a campaign is up to 20 small letters, digits and hyphens")
        values = (("l", self.language), ("p", self.place), ("t", self.topic.replace("_", "-")), ("c", self.campaign))
        data = "_".join(f"{name}-{value}" for name, value in values if value)
        if len(data) > MOST:
            raise StartError(f"a link holds {MOST} characters, this one has {len(data)}: use a shorter campaign")
        if data and not _DATA.fullmatch(data):
            raise StartError("a link holds only letters, digits and hyphens")
        return data


def read_start(data: str, languages: frozenset[str], places: frozenset[str], topics: frozenset[str]) -> Start:
    """What is in the data of a link; parts that are none of ours are left out, so that any link starts."""
    if not _DATA.fullmatch(data):
        return Start()
    found: dict[str, str] = {}
    for part in data.split("_"):
        name, _, value = part.partition("-")
        if name in _NAMES and value:
            found.setdefault(_NAMES[name], value)
    topic = found.get("topic", "").replace("-", "_")
    campaign = found.get("campaign", "")
    return Start(
        language=found.get("language", "") if found.get("language") in languages else "",
        place=found.get("place", "") if found.get("place") in places else "",
        topic=topic if topic in topics else "",
        campaign=campaign if _CAMPAIGN.fullmatch(campaign) else "",
    )
