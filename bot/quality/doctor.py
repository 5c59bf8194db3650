"""`wegweiser doctor`: every setting with value and origin, and what an installation lacks."""

from __future__ import annotations

from dataclasses import fields

from bot.quality.freshness import model_is_current
from bot.settings import PREFIX, Settings

SECRET = ("secret", "telegram_token", "course_search_key")


def main(settings: Settings) -> int:
    """Print the settings; 1 when the assistant could not start."""
    for field in fields(Settings):
        if field.name == "origin":
            continue
        value = getattr(settings, field.name)
        if field.name in SECRET:
            value = "(set)" if value else "(not set)"
        elif isinstance(value, tuple):
            value = ",".join(value)
        print(f"{PREFIX}{field.name.upper()} = {value}  [{settings.origin.get(field.name, 'default')}]")
    if not settings.model.exists():
        print(f"FAULT no model at {settings.model}: run `make train`")
        return 1
    if not model_is_current(settings.model):
        print("NOTE the model is older than its data: run `make train`")
    return 0
