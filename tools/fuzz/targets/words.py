"""What reads a message after the gate: scrubbing and the forms of words."""

from __future__ import annotations

from bot.channels import gate
from bot.handover.numbers import Numbers
from bot.memory.redaction import LONGEST, MARKS, find, scrub
from bot.nlu.normalise import fold, normalise
from bot.nlu.sounds import skeleton, sound
from tools.fuzz.checks import text_of
from tools.fuzz.registry import target

KNOWN = frozenset("ich bin in leipzig wohne help need مرحبا я".split())


@target(share=1.5)
def scrubbing(data: bytes) -> None:
    """Spans lie inside the text, in order and apart; what was scrubbed has nothing more that is found as such."""
    try:
        text = gate.clean_text(text_of(data))
    except gate.Refused:
        return
    spans = find(text, KNOWN)
    at = 0
    for span in spans:
        assert at <= span.start < span.end <= min(len(text), LONGEST) and span.kind in MARKS
        at = span.end
    scrubbed = scrub(text, KNOWN)
    assert len(scrubbed) <= LONGEST + 10 * len(spans)
    # What was taken out leaves marks; looking again ends soon.
    rounds = [scrubbed]
    for _ in range(4):
        rounds.append(scrub(rounds[-1], KNOWN))
    assert rounds[-1] == rounds[-2]


@target(share=2)
def word_forms(data: bytes) -> None:
    """Letters in one form."""
    try:
        text = gate.clean_text(text_of(data))
    except gate.Refused:
        return
    assert len(normalise(text)) <= 6 * gate.MAX_CHARACTERS and len(fold(text)) <= 6 * gate.MAX_CHARACTERS
    for word in text.split()[:5]:
        sound(word)
        skeleton(word)


@target(share=0.5)
def callback_number(data: bytes) -> None:
    """A phone number in what somebody wrote: nothing of it stays in what is read further."""
    try:
        text = gate.clean_text(text_of(data))
    except gate.Refused:
        return
    numbers = Numbers()
    found = numbers.read("web-1", text)
    if found is not None:
        assert len(found.value) <= 12 and len(found.rest) <= len(text)
