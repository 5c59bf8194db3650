"""Reading and writing catalogues with Babel, and with the former msgid of a stale translation, which Babel writes only."""

from __future__ import annotations

import io
import re

from babel.messages.catalog import Catalog
from babel.messages.pofile import PoFileError, denormalize, read_po, write_po

DOMAIN = "wegweiser"
LARGEST = 8_000_000  # bytes; ours have a tenth of that
# Control characters, half characters, tags, and what turns the rest of a line around. Marks of direction and isolates
# are what translators of Arabic and Persian need.
UNSAYABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]")
_CHARSET = re.compile(rb"charset=([\w.:-]*)", re.IGNORECASE)
_PREVIOUS = "| msgid "
# Babel wraps comments at 76 characters when it shall not wrap at all, which cuts a former msgid in two.
NO_WRAP = 100_000


class CatalogueError(ValueError):
    """A PO file cannot be used; the message says why."""


def load(content: bytes) -> Catalog:
    """The catalogue in a PO file; `previous_id` of a message is what its `#| msgid` says.

    CatalogueError when it is none, is not UTF-8 or too large. Texts with control characters or marks that turn the
    direction around are left untranslated.
    """
    catalog = _parsed(content)
    for message in catalog:
        former = [line.removeprefix(_PREVIOUS) for line in message.user_comments if line.startswith(_PREVIOUS)]
        if former:
            message.previous_id = [denormalize(former[0])]
            message.user_comments = [line for line in message.user_comments if not line.startswith("| ")]
    return catalog


def dump(catalog: Catalog) -> str:
    """The entries of a catalogue as a PO file has them, without a header."""
    buffer = io.BytesIO()
    write_po(buffer, catalog, width=NO_WRAP, omit_header=True, sort_output=False, include_previous=True)
    return buffer.getvalue().decode("utf-8")


def _parsed(content: bytes) -> Catalog:
    if len(content) > LARGEST:
        raise CatalogueError(f"a catalogue is larger than {LARGEST} bytes")
    named = _CHARSET.search(content)
    if named and named[1].lower() not in (b"", b"utf-8", b"charset"):
        raise CatalogueError("a catalogue is not in UTF-8")
    try:
        catalog = read_po(io.BytesIO(content), domain=DOMAIN, charset="utf-8")
    except (PoFileError, ValueError, LookupError, TypeError, AttributeError) as exc:
        # Babel lets many kinds of error out of a damaged file.
        raise CatalogueError(f"a catalogue cannot be read ({exc.__class__.__name__})") from exc
    for message in catalog:
        if message.id and UNSAYABLE.search("".join(message.string) if message.string else ""):
            message.string = ""
    return catalog
