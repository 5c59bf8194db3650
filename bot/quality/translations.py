"""`wegweiser messages table`, `blind`, `back` and `reviewed`: the state of the translations, and what people add to it."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

from babel.messages.catalog import Catalog

from bot.languages import Language, languages
from bot.speech import messages, second_look
from bot.speech.changed import stale, withdrawn

HEAD = """# State of the translations

Written by `make messages` from the catalogues under `locales/`; English is what the others are translated from.

- **stale**: the English sentence changed since. A change of a number, a deadline, a right or a negation withdraws the
  old translation (**not said**): the whole answer then comes in the next language of the chain, with a word that says so.
- **translated back**: sentences on danger, violence, rejections and deadlines that a second translator, who had not seen
  the English, put back into English; what came back was compared with the English and stands beside the translation.

"""
COLUMNS = (
    "code",
    "language",
    "status",
    "sentences",
    "translated",
    "stale",
    "not said",
    "translated back",
    "review state",
)


class TranslationsError(ValueError):
    """What a translator asked for cannot be done; the message says why."""


def table() -> str:
    """The state of every language as a Markdown page."""
    rows = [_row(code, language) for code, language in languages().items() if code != "en"]
    lines = [COLUMNS, tuple("---" for _ in COLUMNS), *rows]
    return HEAD + "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def _row(code: str, language: Language) -> tuple[str, ...]:
    known = [m for m in messages.read(code) or () if m.id]
    critical = list(second_look.critical(known))
    back = f"{sum(bool(second_look.recorded(m)) for m in critical)} of {len(critical)}" if language.complete else "-"
    counts = (len(known), sum(bool(m.string) for m in known), sum(map(stale, known)), sum(map(withdrawn, known)))
    return (f"`{code}`", language.endonym, language.status, *map(str, counts), back, messages.review_state(code))


def blind(code: str) -> str:
    """Critical sentences of a language that nobody has translated back yet, without their English."""
    return "".join(f"{line}\n" for line in second_look.blind(_catalogue(code)))


def back(code: str, file: Path) -> int:
    """Record what a second translator wrote; how many sentences. TranslationsError when a line fits none."""
    catalog = _catalogue(code)
    try:
        count = second_look.record(catalog, file.read_text(encoding="utf-8").splitlines())
    except (second_look.SecondLookError, OSError, UnicodeDecodeError) as exc:
        raise TranslationsError(f"{file}: {exc}") from exc
    messages.write(code, catalog)
    return count


def reviewed(code: str, name: str, day: str) -> None:
    """Say in the catalogue who has reviewed it and when."""
    try:
        on = date.fromisoformat(day) if day else date.today()
    except ValueError as exc:
        raise TranslationsError(f"{day!r} is no day such as 2026-12-31") from exc
    if not name.strip() or any(c in name for c in '"\\\n'):
        raise TranslationsError("--by: a name or initials without quotes")
    messages.write(code, _catalogue(code), f"reviewed by {name.strip()} on {on.isoformat()}")


def _catalogue(code: str) -> Catalog:
    catalog = messages.read(code) if code in languages() and code != "en" else None
    if catalog is None:
        raise TranslationsError(f"{code!r} has no catalogue")
    return catalog


def main(verb: str, code: str, file: str, name: str, day: str, out: str) -> int:
    """Run one verb; 1 with a line on standard error when it cannot be done."""
    try:
        if verb in ("table", "blind"):
            text = table() if verb == "table" else blind(code)
            if out:
                Path(out).write_text(text, encoding="utf-8")
            else:
                print(text, end="")
        elif verb == "back":
            print(f"{back(code, Path(file))} sentences recorded")
        else:
            reviewed(code, name, day)
    except TranslationsError as exc:
        print(f"wegweiser messages {verb}: {exc}", file=sys.stderr)
        return 1
    return 0
