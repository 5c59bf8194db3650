"""`wegweiser doctor`: every setting with value and origin, what an installation lacks, and what to do about it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields

from bot.operations import inspection
from bot.operations.inspection import FAULT, NOTE, OK, Finding
from bot.settings import PREFIX, Settings

# Where the version stands that a program reads; these modules import Rasa.
_SCHEMAS = (
    *("bot.memory.tracker_store", "bot.handover.desk", "bot.handover.callbacks", "bot.channels.telegram.journal"),
    *("bot.memory.counters", "bot.memory.review_tables"),
)
_LEVELS = {FAULT: 0, NOTE: 1, OK: 2}


def main(settings: Settings, faults: Sequence[str] = (), as_json: bool = False) -> int:
    """Print settings and findings; 1 when there is a fault. `faults`: settings that are wrong, already in words."""
    found = [*(Finding(FAULT, line) for line in faults), *inspect(settings)]
    found.sort(key=lambda finding: _LEVELS[finding.level])
    broken = any(finding.level == FAULT for finding in found)
    rows = list(_settings(settings))
    if as_json:
        shown = {
            "ok": not broken,
            "settings": {name: {"value": value, "origin": origin} for name, value, origin in rows},
            "findings": [asdict(finding) for finding in found],
        }
        print(json.dumps(shown, ensure_ascii=False, indent=1))
    else:
        for name, value, origin in rows:
            print(f"{name} = {value}  [{origin}]")
        print("\n".join(str(finding) for finding in found))
    return 1 if broken else 0


def inspect(settings: Settings) -> list[Finding]:
    """Everything that can be found out about an installation."""
    from bot.quality.reach import reach

    return [
        *inspection.inspect(settings, schemas()),
        *_model(settings),
        *_legal(settings),
        *_goals(settings),
        *_staff(settings),
        *reach(settings),
    ]


def schemas() -> dict[str, int]:
    """The version of each store's file that this program reads."""
    from importlib import import_module

    from bot import rasa_compat

    rasa_compat.install()
    found = [getattr(import_module(name), "SCHEMA", None) for name in _SCHEMAS]
    return {schema.name: schema.version for schema in found if schema is not None}


def _settings(settings: Settings) -> Iterator[tuple[str, str, str]]:
    """Name, value to show and origin of each; a secret is a field that is not in the repr."""
    for field in fields(Settings):
        if field.name == "origin":
            continue
        value = getattr(settings, field.name)
        if not field.repr:
            value = "(set)" if value else "(not set)"
        elif isinstance(value, tuple):
            value = ",".join(value)
        shown = re.sub(r"//[^/@\s]*@", "//…@", str(value))
        yield f"{PREFIX}{field.name.upper()}", shown, settings.origin.get(field.name, "default")


def _model(settings: Settings) -> Iterator[Finding]:
    """Present, allowed, current, and its encoder prepared."""
    from bot.quality.freshness import model_is_current
    from bot.release import encoder
    from bot.release.checking import verified
    from bot.release.manifest import ReleaseError

    if not settings.model.exists():
        yield Finding(FAULT, f"no model at {settings.model}", "run `make train`")
        return
    try:
        checked = verified(settings)
        signed = checked.manifest is not None and bool(settings.model_key)
        yield Finding(OK, f"the model may be loaded (SHA-256 {checked.sha256[:12]}…{', signed' if signed else ''})")
        if checked.manifest is None and not model_is_current(settings.model):
            yield Finding(NOTE, "the model is older than its data", "run `make train`")
    except ReleaseError as exc:
        yield Finding(FAULT, str(exc))
    except Exception as exc:  # an archive can be broken in many ways
        yield Finding(
            FAULT, f"the model at {settings.model} cannot be read ({exc.__class__.__name__})", "run `make train`"
        )
    if not (encoder.FOLDER / encoder.expected_name()).exists():
        yield Finding(
            NOTE, "the sentence encoder is not prepared", "it is at the first start, which takes a minute longer"
        )


def _legal(settings: Settings) -> Iterator[Finding]:
    """What imprint and privacy notice lack."""
    from bot.legal import LegalError, load

    try:
        operator = load(settings.legal_dir)
    except LegalError as exc:
        yield from (Finding(FAULT, line) for line in str(exc).splitlines())
        return
    if operator is None:
        do = f"set {PREFIX}LEGAL_DIR to a folder with operator.yml (sample: deploy/legal/operator.example.yml)"
        yield Finding(NOTE, "imprint and privacy notice name no operator", do)
    elif operator.blanks:
        yield Finding(NOTE, f"the legal pages have blanks; operator.yml lacks {', '.join(operator.blanks)}")


def _goals(settings: Settings) -> Iterator[Finding]:
    """Whether the goals of the report can be read."""
    from bot.staff.report.goals import GoalsError, load_goals

    try:
        load_goals(settings.goals)
    except GoalsError as exc:
        yield from (Finding(FAULT, f"{PREFIX}GOALS: {line}") for line in str(exc).splitlines())


def _staff(settings: Settings) -> Iterator[Finding]:
    """What the staff pages lack."""
    from bot.channels.web.staff.password import PasswordError, check_hash

    if not settings.staff_password and not settings.staff_header:
        do = f"set {PREFIX}STAFF_PASSWORD to what `wegweiser staff hash` prints"
        yield Finding(NOTE, "the staff pages are off", do)
        return
    if settings.staff_password and not settings.public_url.startswith("https://"):
        yield Finding(NOTE, f"passwords of staff travel unprotected unless {PREFIX}PUBLIC_URL is https")
    if not settings.public_url:
        yield Finding(NOTE, f"posters and links need {PREFIX}PUBLIC_URL")
    if settings.telegram_token and not settings.telegram_name:
        yield Finding(NOTE, f"posters and links to Telegram need {PREFIX}TELEGRAM_NAME")
    try:
        if settings.staff_password:
            check_hash(settings.staff_password)
    except PasswordError as exc:
        yield Finding(FAULT, f"{PREFIX}STAFF_PASSWORD: {exc}")
