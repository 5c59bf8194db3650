"""`wegweiser telegram`: the bot's profile in every language, and links for posters and staff."""

from __future__ import annotations

import asyncio
import sys

from bot.settings import ROOT, Settings


def profile(settings: Settings) -> int:
    """Write name, description and short description of the bot in every language into Telegram; 1 when that failed."""
    from telegram import Bot
    from telegram.error import TelegramError

    from bot.channels.telegram.commands import announce_commands, announce_profile
    from bot.rasa_compat import tensorflow_free
    from bot.speech.catalogue import Catalogue

    tensorflow_free.install()
    from bot.speech.interface import InterfaceTexts

    if not settings.telegram_token:
        print("wegweiser telegram profile: WEGWEISER_TELEGRAM_TOKEN is not set", file=sys.stderr)
        return 1
    texts = InterfaceTexts(Catalogue.load(ROOT / "locales")).telegram
    api = settings.telegram_api.rstrip("/")

    async def run() -> list[str]:
        async with Bot(settings.telegram_token, base_url=f"{api}/bot") as bot:
            await announce_commands(bot, texts)
            return await announce_profile(bot, texts)

    try:
        print("\n".join(asyncio.run(run())))
    except TelegramError as exc:
        # its message can hold the address with the token
        print(f"wegweiser telegram profile: Telegram said no ({type(exc).__name__})", file=sys.stderr)
        return 1
    return 0


def link(settings: Settings, language: str, place: str, topic: str, campaign: str) -> int:
    """Print the link that starts with these; 1 with a line on standard error for what is not known."""
    from actions.directory.geo import Gazetteer
    from actions.knowledge.loader import load
    from bot.channels.telegram.start import Start, StartError
    from bot.languages import languages

    data = ROOT / "data"
    known = languages().get(language)
    gazetteer = Gazetteer.load(data / "places.yml", data / "postcodes.yml")
    faults = [
        f"--language: {language!r} is not answered" if language and (known is None or not known.trained) else "",
        f"--place: {place!r} is no id of data/places.yml" if place and gazetteer.get(place) is None else "",
        f"--topic: {topic!r} has no article"
        if topic and load(data / "articles", data / "knowledge").article(topic) is None
        else "",
    ]
    try:
        start = Start(language, place, topic, campaign).data
    except StartError as exc:
        faults.append(f"--campaign: {exc}")
        start = ""
    if any(faults):
        print("\n".join(filter(None, faults)), file=sys.stderr)
        return 1
    name = settings.telegram_name or "<the bot's name>"
    print(f"https://t.me/{name}" + (f"?start={start}" if start else ""))
    return 0
