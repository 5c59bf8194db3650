"""Asking what a word is, in the words of many languages: "was ist ...", "... nedir?"."""

from __future__ import annotations

import re
from typing import Any

from bot.nlu.normalise import fold


def _folded(phrases: str) -> str:
    """The alternatives of a regular expression in the letters that a message is read in."""
    return "|".join(re.escape(fold(phrase)) for phrase in phrases.split("|"))


# Words that ask what something is, for names that are everyday words, too.
WHAT_IS = frozenset(
    fold(word)
    for word in (
        "was ist sind das der die den ein eine eigentlich denn bedeutet heißt heisst genau für bitte mal erklären erkläre "
        "what what's whats is are does mean means a an the tell me about please explain exactly "
        "ما ماذا هو هي هذا هذه يعني معنى ايش شو وش اشرح لي عن ابي اعرف "
        "що таке це значить означає таке є поясніть мені про розкажіть будь ласка "
        "что такое это значит означает есть объясните мне про расскажите о об пожалуйста "
        "چیست چیه یعنی چه چی درباره لطفا توضیح بدهید بگویید "
        "څه دی ده شی دي مانا معنی "
        "çi ye ci çiye ciye ne wateya wê "
        "nedir ne demek nedemek bu lütfen "
        "qué que es son significa el la los las un una por favor explique "
        "c'est c est quoi qu'est-ce qu ce que qu'est le la les l un une veut dire signifie s'il vous plaît "
        "እንታይ እዩ ማለት እዩ'ሞ እዩ፧ ኢዩ"
    ).split()
)
# "What is it?" right before a word, with an article at most between, or a little after it.
_BEFORE = (
    "was ist|was sind|was bedeutet|was heißt|was heisst|what is|what's|whats|what does|what do|meaning of|what are|explain|"
    "شو يعني|شو معنى|ما معنى|معنى كلمة|ما هو|ما هي|شو هو|شو هي|شو هاد|شو هاي|ايش يعني|وش يعني|شنو يعني|شنو هو|"
    "що таке|що значить|що означає|что такое|что значит|что означает|"
    "qué es|que es|qué significa|que significa|c'est quoi|qu'est-ce que|qu'est-ce qu|qu'est ce que|que veut dire|que signifie"
)
_AFTER = (
    "was ist das|was heißt das|was heisst das|was bedeutet das|was soll das|what is it|what is that|what is this|what's that|"
    "what's this|what does it mean|what does that mean|what does this mean|what means|mean|"
    "شو يعني|شو هو|شو هي|شو هاد|شو هاي|شو معنى|ما معنى|يعني شو|يعني ايش|ايش يعني|وش يعني|شنو يعني|ماذا يعني|ما هذا|ما هذه|"
    "що це|що таке|що означає|что это|это что|что значит|что означает|"
    "nedir|ne demek|nedemek|ne anlama|ne oluyor|çi ye|çiye|ci ye|çi wate|wateya|چیست|چیه|چی هست|یعنی چه|یعنی چی|چه معنی|این یعنی|"
    "څه شی|څه معنا|څه مانا|څه ته وایي|څه دی|څه ده|qué es|que es|qué significa|que significa|"
    "c'est quoi|c'est qui|qu'est-ce que c'est|ça veut dire|ca veut dire|de quoi s'agit|እንታይ እዩ|እንታይ ማለት|ማለት እንታይ"
)
_ASKED_BEFORE = re.compile(rf"(?:^|\W)(?:{_folded(_BEFORE)})\W+(?P<between>(?:\w+\W+){{0,2}})$")
_ASKED_AFTER = re.compile(rf"^\w{{0,4}}\W+(?P<between>(?:\w+\W+){{0,3}}?)(?:{_folded(_AFTER)})(?:\W|$)")


def asked_near(text: str, entity: dict[str, Any]) -> int | None:
    """How many words stand between an entity and "what is it?", or None when nobody asks."""
    found = (_ASKED_BEFORE.search(text[: entity["start"]]), _ASKED_AFTER.match(text[entity["end"] :]))
    return min((len(match["between"].split()) for match in found if match), default=None)
