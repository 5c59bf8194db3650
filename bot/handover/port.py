"""What any system of a counselling office must be able to do for us."""

from __future__ import annotations

from typing import Protocol


class HandoverError(Exception):
    """The office's system did not take something. Its text never holds what a person wrote.

    `again` tells whether a later attempt may succeed; `gone` that the conversation is not known there any more.
    """

    def __init__(self, message: str, *, again: bool = False, gone: bool = False) -> None:
        super().__init__(message)
        self.again, self.gone = again, gone


class Handover(Protocol):
    """A conversation with a person, as the office's system keeps it. Every method raises HandoverError."""

    async def open(self, summary: str, language: str, place: str, kind: str = "") -> str:
        """Begin one; the reference under which it is kept there. `kind` is a German word for the title."""

    async def send(self, ref: str, text: str) -> None:
        """Pass on what the person wrote."""

    async def note(self, ref: str, text: str) -> None:
        """Tell the counsellor something that is not from the person."""

    async def close(self, ref: str) -> None:
        """The person has ended it."""

    async def aclose(self) -> None:
        """Close the connections."""
