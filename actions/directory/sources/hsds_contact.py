"""Which of a feed's phone numbers is one to talk to."""

from __future__ import annotations

import re
from collections.abc import Iterable

from actions.directory.sources.contact import phone_number
from actions.directory.sources.hsds_models import Phone

# RFC 6350 types that are no voice line.
NO_VOICE = re.compile(r"fax|pager|text|tty|tdd|sms", re.IGNORECASE)
VOICE = re.compile(r"voice|cell|mobil", re.IGNORECASE)


def first_phone(*lists: Iterable[Phone]) -> str:
    """The first number that is one to talk to and has a safe form."""
    for phone in (phone for phones in lists for phone in phones):
        if NO_VOICE.search(phone.type) and not VOICE.search(phone.type):
            continue
        found = phone_number(phone.number)
        if found:
            return found
    return ""
