"""Reading and writing catalogues with Babel, and with the former msgid of a stale translation, which Babel writes only."""

from __future__ import annotations

import io

from babel.messages.catalog import Catalog
from babel.messages.pofile import denormalize, read_po, write_po

DOMAIN = "wegweiser"
_PREVIOUS = "| msgid "
# Babel wraps comments at 76 characters when it shall not wrap at all, which cuts a former msgid in two.
NO_WRAP = 100_000


def load(content: bytes) -> Catalog:
    """The catalogue in a PO file; `previous_id` of a message is what its `#| msgid` says."""
    catalog = read_po(io.BytesIO(content), domain=DOMAIN)
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
