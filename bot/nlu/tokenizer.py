"""Tokens from spaCy's blank pipelines, one per language; the Doc is kept for the phrase matchers."""

from __future__ import annotations

from typing import Any

import spacy
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from spacy.language import Language
from spacy.tokens import Doc

from bot.nlu.normalise import fold

DOC = "doc"
BLANK = frozenset({"de", "en", "ar", "uk", "fa", "ru", "tr", "es", "fr", "ti", "pl", "ro", "vi", "sq"})
# Vietnamese needs another package; French takes 34 MB for its list of exceptions.
BLANK_WITHOUT_EXTRAS = BLANK - {"vi", "fr"}


# The tokenizers of this process, each with the number of words it knew at first.
_blanks: dict[str, tuple[Language, int]] = {}


def blank(language: str) -> Language:
    """spaCy's tokenizer for a language, the multi-language one where spaCy has none."""
    code = language if language in BLANK_WITHOUT_EXTRAS else "xx"
    known = _blanks.get(code)
    if known is None:
        made = spacy.blank(code)
        known = _blanks[code] = (made, len(made.vocab.strings))
    return known[0]


def learnt() -> int:
    """How many words the tokenizers have met that they did not know at first: spaCy keeps every word for ever."""
    return sum(len(made.vocab.strings) - first for made, first in _blanks.values())


def settle() -> None:
    """Count from here on: what the tokenizers know now is ours."""
    for code, (made, _) in _blanks.items():
        _blanks[code] = (made, len(made.vocab.strings))


def forget() -> None:
    """Begin with new tokenizers; whatever holds on to a vocabulary must be made anew, too (bot/nlu/forgetting.py)."""
    _blanks.clear()


def shared_vocab_doc(text: str) -> Doc:
    """A Doc of the normalised text in the shared vocabulary that all matchers use."""
    return blank("xx")(fold(text))


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class SpacyBlankTokenizer(Tokenizer):
    """Tokenises with the language found before; sets the normalised Doc that places, terms and crisis read."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Rasa's tokenizer options, unused here."""
        return {"intent_tokenization_flag": False, "intent_split_symbol": "_", "token_pattern": None}

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        """Tokens of one attribute with their character offsets."""
        text = str(message.get(attribute) or "")
        language = message.get("language")
        code = language.get("name", "xx") if isinstance(language, dict) else str(language or "xx")
        doc = blank(code).make_doc(text)
        return [Token(t.text, t.idx) for t in doc if not t.is_space]

    def process(self, messages: list[Message]) -> list[Message]:
        """A normalised Doc for the matchers; the tokens themselves are asked for in training only."""
        for message in messages:
            message.set(DOC, shared_vocab_doc(str(message.get(TEXT) or "")))
        return messages
