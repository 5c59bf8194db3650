"""The HTML of a sheet: an order, the words and the codes put into a template."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from markupsafe import Markup

from bot.languages import languages
from bot.speech.formats import checked_date
from bot.staff.links import short_address, telegram_link, web_link
from bot.staff.posters import codes, layout
from bot.staff.posters.numbers import Number
from bot.staff.posters.order import Order
from bot.staff.posters.words import Said, Words

HERE = Path(__file__).parent
PROMISES = ("staff_own_language", "staff_free", "staff_no_name", "staff_always")
SENTENCES = ("headline", "what", "scan", "telegram", "web", "type", "numbers")
# How a poster is laid out, by its number of languages.
DENSITY = {1: "single", 2: "double", 3: "few"}
_ABOUT = 170  # letters beside the stamp at full size
TEMPLATES = {"strips": "strips.html", "wallet": "wallet.html"}


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the assistant is found: its web address and its bot's name, "" for what there is not."""

    public_url: str
    bot_name: str

    def of(self, channel: str) -> Addresses:
        """Those of "web", "telegram" or "both"."""
        return Addresses(self.public_url if channel != "telegram" else "", self.bot_name if channel != "web" else "")

    @property
    def short(self) -> list[str]:
        """As people type them."""
        named = (short_address(self.public_url), f"t.me/{self.bot_name}" if self.bot_name else "")
        return [name for name in named if name]


@dataclass(frozen=True, slots=True)
class Code:
    """One code: "telegram" or "web", its picture and where it leads."""

    kind: str
    picture: Markup
    link: str


@dataclass(frozen=True, slots=True)
class Block:
    """One language of a sheet."""

    language: str
    endonym: str
    dir: str
    codes: list[Code]
    words: dict[str, Said]
    promises: list[Said]
    topics: list[Said]
    numbers: list[tuple[Number, Said, Said | None]]


@lru_cache(maxsize=1)
def pictograms_of_topics() -> dict[str, str]:
    """Topic to the name of its pictogram: the topics that a poster can be about."""
    rows = yaml.safe_load((HERE / "topics.yml").read_text(encoding="utf-8"))["pictograms"]
    return {topic: name for name, topics in rows.items() for topic in topics}


@lru_cache(maxsize=32)
def pictogram(name: str) -> Markup:
    """A pictogram as SVG."""
    return Markup((HERE / "pictograms" / f"{name}.svg").read_text(encoding="utf-8").strip())


def drawer(
    order: Order, words: Words, addresses: Addresses, numbers: Sequence[Number], today: date
) -> Callable[[float], str]:
    """Makes the HTML of an order, given the scale of its text (1: as the page foresees it)."""
    addresses = addresses.of(order.channel)
    blocks = [_block(order, language, words, addresses, numbers) for language in order.languages]
    page = layout.PAGES[order.format]
    topics = [(pictogram(pictograms_of_topics()[topic]), words.title(topic, "de")) for topic in order.topics]
    danger = words.say("staff_danger", "de").text
    template = _templates().get_template(TEMPLATES.get(order.format, "poster.html"))
    values = {
        "order": order,
        "page": page,
        "size": layout.sizes(order.format, len(blocks), len(blocks[0].codes), bool(order.topics)),
        "u": page.unit,
        "tall": layout.TALL,
        "blocks": blocks,
        "strips": [blocks[n % len(blocks)] for n in range(layout.STRIPS)],
        "cards": [blocks[n % len(blocks)] for n in range(layout.CARDS)],
        "dense": DENSITY.get(len(blocks), "many"),
        "topics": topics,
        "danger": danger,
        # what stands beside the stamp: smaller when it is long
        "about": min(1.0, (_ABOUT / (len(order.site.name) + len(danger))) ** 0.5),
        "label": layout.label(page, [title.text for _, title in topics]),
        "addresses": addresses.short,
        "longest": max(map(len, addresses.short)),
        "typed": sum(len(name) + 4 for name in addresses.short),
        "numbers": numbers,
        "picture": pictogram,
        "day": lambda stamp: checked_date(stamp, "de"),
        "today": checked_date(today.isoformat(), "de"),
    }
    return lambda scale: str(template.render(values, base=page.base * scale, scale=scale))


def _block(order: Order, language: str, words: Words, addresses: Addresses, numbers: Sequence[Number]) -> Block:
    target, known = order.target(language), languages()[language]
    found = []
    if addresses.bot_name:
        found.append(("telegram", telegram_link(target, addresses.bot_name)))
    if addresses.public_url:
        found.append(("web", web_link(target, addresses.public_url)))
    voice = words.voice(language, (*(f"staff_{key}" for key in SENTENCES), *PROMISES))
    return Block(
        language=language,
        endonym=known.endonym,
        dir=known.direction,
        codes=[Code(kind, codes.svg(link, f"{kind} {language}"), link) for kind, link in found],
        words={key: words.say(f"staff_{key}", voice) for key in SENTENCES}
        | {"danger": words.say("staff_danger", language)},
        promises=[words.say(key, voice) for key in PROMISES],
        topics=[words.title(topic, language) for topic in order.topics],
        numbers=[(n, words.say(n.key, language), words.checked(n.seen, language) if n.seen else None) for n in numbers],
    )


@lru_cache(maxsize=1)
def _templates() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
