"""The commands of the bot, and its menu and profile in every language."""

from __future__ import annotations

import re

from telegram import Bot, BotCommand, BotCommandScopeAllGroupChats, Message

from bot.channels.telegram.options import Texts
from bot.languages import languages

# What a command asks of the assistant; "" for what the channel does itself.
COMMANDS = {
    "start": "/greet",
    "help": "/help",
    "language": "/change_language",
    "privacy": "/privacy",
    "hide": "",
    "forget": "/delete_my_data",
}
IN_GROUPS = ("help", "privacy")
_COMMAND = re.compile(r"/([A-Za-z_]+)(?:@(\w+))?(?:\s+(.*))?", re.DOTALL)
# Telegram's limits in characters.
MOST_NAME, MOST_DESCRIPTION, MOST_SHORT, MOST_COMMAND = 64, 512, 120, 256


def command_of(message: Message | None, username: str = "") -> tuple[str, str]:
    """One of our commands and what stands behind it; empty strings when it is neither or another bot's."""
    match = _COMMAND.fullmatch((message.text or "").strip()) if message is not None else None
    name = match.group(1).lower() if match else ""
    meant = (match.group(2) or "").lower() if match else ""
    if match is None or name not in COMMANDS or (meant and username and meant != username.lower()):
        return "", ""
    return name, (match.group(3) or "").strip()


def tongues() -> list[str]:
    """The languages Telegram can have texts in: two letters, and answered by us; "" is for everybody else."""
    return ["", *(language.code for language in languages().values() if language.trained and len(language.code) == 2)]


async def announce_commands(bot: Bot, texts: Texts) -> None:
    """Put the command menu into Telegram in every language we answer in, English for everybody else."""
    for code in tongues():
        menu = [BotCommand(name, texts(f"telegram_command_{name}", code or "en")) for name in COMMANDS]
        await bot.set_my_commands(menu, language_code=code or None)
        few = [command for command in menu if command.command in IN_GROUPS]
        await bot.set_my_commands(few, scope=BotCommandScopeAllGroupChats(), language_code=code or None)
    await bot.set_chat_menu_button()


async def announce_profile(bot: Bot, texts: Texts) -> list[str]:
    """Name, description and short description of the bot in every language; a line for each language done."""
    done = []
    for code in tongues():
        spoken = code or "en"
        await bot.set_my_name(texts("telegram_profile_name", spoken)[:MOST_NAME], language_code=code or None)
        about = texts("telegram_profile_description", spoken)[:MOST_DESCRIPTION]
        await bot.set_my_description(about, language_code=code or None)
        short = texts("telegram_profile_short", spoken)[:MOST_SHORT]
        await bot.set_my_short_description(short, language_code=code or None)
        done.append(f"{code or 'everybody else (en)'}: name, description, short description")
    return done
