"""`wegweiser doctor`: every setting with value and origin, and what an installation lacks."""

from __future__ import annotations

from dataclasses import fields

from bot.quality.freshness import model_is_current
from bot.settings import PREFIX, Settings

SECRET = (
    *("secret", "telegram_token", "course_search_key", "redis_url", "database_url"),
    *("staff_password", "zammad_token", "zammad_webhook_secret"),
)


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
    faults = _legal(settings)
    faults = _staff(settings) or faults
    if not settings.model.exists():
        print(f"FAULT no model at {settings.model}: run `make train`")
        return 1
    if not model_is_current(settings.model):
        print("NOTE the model is older than its data: run `make train`")
    return 1 if faults else 0


def _legal(settings: Settings) -> bool:
    """Say what imprint and privacy notice lack; True when the assistant could not start with them."""
    from bot.legal import LegalError, load

    try:
        operator = load(settings.legal_dir)
    except LegalError as exc:
        print("\n".join(f"FAULT {line}" for line in str(exc).splitlines()))
        return True
    if operator is None:
        print(
            f"NOTE imprint and privacy notice name no operator: set {PREFIX}LEGAL_DIR to a folder with operator.yml "
            "(sample: deploy/legal/operator.example.yml)"
        )
    elif operator.blanks:
        print(f"NOTE the legal pages have blanks; operator.yml lacks {', '.join(operator.blanks)}")
    return False


def _staff(settings: Settings) -> bool:
    """Say what the staff pages lack; True when the assistant could not start with them."""
    from bot.channels.web.staff.password import PasswordError, check_hash

    if not settings.staff_password and not settings.staff_header:
        print(f"NOTE the staff pages are off: set {PREFIX}STAFF_PASSWORD to what `wegweiser staff hash` prints")
        return False
    if settings.staff_password and not settings.public_url.startswith("https://"):
        print(f"NOTE passwords of staff travel unprotected unless {PREFIX}PUBLIC_URL is https")
    if not settings.public_url:
        print(f"NOTE posters and links need {PREFIX}PUBLIC_URL")
    if settings.telegram_token and not settings.telegram_name:
        print(f"NOTE posters and links to Telegram need {PREFIX}TELEGRAM_NAME")
    try:
        if settings.staff_password:
            check_hash(settings.staff_password)
    except PasswordError as exc:
        print(f"FAULT {PREFIX}STAFF_PASSWORD: {exc}")
        return True
    return False
