"""Rasa must be prepared before any test imports rasa.core."""

from bot.rasa_compat import install

install()
