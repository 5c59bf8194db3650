"""Tokens from spaCy's blank pipelines, one per language; the Doc is kept for the phrase matchers."""

from __future__ import annotations

from functools import lru_cache
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


@lru_cache(maxsize=32)
def blank(language: str) -> Language:
    """spaCy's tokenizer for a language, the multi-language one where spaCy has none."""
    return spacy.blank(language if language in BLANK_WITHOUT_EXTRAS else "xx")


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
        """Tokens for Rasa, a normalised Doc for the matchers."""
        super().process(messages)
        for message in messages:
            message.set(DOC, shared_vocab_doc(str(message.get(TEXT) or "")))
        return messages
