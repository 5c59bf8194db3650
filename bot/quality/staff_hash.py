"""`wegweiser staff hash`: the password of the staff pages, typed twice, as the hash that goes into the settings."""

from __future__ import annotations

import getpass
import sys
from typing import TextIO

from bot.channels.web.staff.password import LONGEST, PasswordError, make_hash


def main(source: TextIO, out: TextIO) -> int:
    """Read the password twice without showing it, or one line when nobody sits there; print the hash.

    1 when the password cannot be used, with the reason on standard error.
    """
    try:
        hashed = make_hash(_typed() if source.isatty() else _line(source))
    except (PasswordError, UnicodeDecodeError) as exc:
        reason = exc if isinstance(exc, PasswordError) else "the password must be UTF-8"
        print(f"wegweiser staff hash: {reason}", file=sys.stderr)
        return 1
    except (EOFError, KeyboardInterrupt):
        print("wegweiser staff hash: no password was given", file=sys.stderr)
        return 1
    print(hashed, file=out)
    # A $ means something to shells, compose files and systemd: quotes keep it.
    print("Set it in single quotes: WEGWEISER_STAFF_PASSWORD='…'", file=sys.stderr)
    return 0


def _typed() -> str:
    first = getpass.getpass("Password: ")
    if getpass.getpass("The same again: ") != first:
        raise PasswordError("the two passwords are not the same")
    return first


def _line(source: TextIO) -> str:
    line = source.readline(LONGEST * 4)
    if not line:
        raise EOFError
    return line.rstrip("\r\n")
