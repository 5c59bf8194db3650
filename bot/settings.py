"""Settings from the environment (prefix WEGWEISER_), read once; every fault is reported at the same time."""

from __future__ import annotations

import ipaddress
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PREFIX = "WEGWEISER_"


class SettingsError(ValueError):
    """One or more settings are wrong; the message lists them all, one a line."""


@dataclass(frozen=True)
class Settings:
    """All settings, each optional. Secrets are never printed."""

    port: int = 5005
    host: str = "127.0.0.1"
    data_dir: Path = ROOT / "var"
    model: Path = ROOT / "models" / "wegweiser.tar.gz"
    log_level: str = "INFO"
    public_url: str = ""
    allowed_origins: tuple[str, ...] = ()
    per_address: int = 300
    trusted_proxies: tuple[str, ...] = ()
    secret: str = field(default="", repr=False)
    telegram_token: str = field(default="", repr=False)
    telegram_api: str = "https://api.telegram.org"
    telegram_name: str = ""
    telegram_per_second: int = 30
    speech_model: Path | None = None
    read_aloud: bool = False
    retention_hours: int = 24
    old_months: int = 12
    very_old_months: int = 48
    transit_url: str = "https://www.google.com/maps/dir/?api=1&destination={destination}&travelmode=transit"
    integreat_url: str = ""
    hsds_urls: tuple[str, ...] = ()
    course_search_url: str = ""
    course_search_key: str = field(default="", repr=False)
    staff_password: str = field(default="", repr=False)
    staff_header: str = ""
    goals: Path | None = None
    legal_dir: Path | None = None
    learn: bool = False
    callbacks: bool = False
    handover_name: str = ""
    handover_hours: str = ""
    redis_url: str = field(default="", repr=False)
    database_url: str = field(default="", repr=False)
    actions_url: str = ""
    model_key: str = ""
    reading_process: str = "auto"
    zammad_url: str = ""
    zammad_token: str = field(default="", repr=False)
    zammad_group: str = ""
    zammad_customer: str = ""
    zammad_webhook_secret: str = field(default="", repr=False)
    origin: dict[str, str] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Settings:
        """Read the environment; SettingsError lists every wrong or unknown setting."""
        env = os.environ if env is None else env
        values: dict[str, object] = {}
        origin: dict[str, str] = {}
        faults: list[str] = []
        known = {f"{PREFIX}{f.name.upper()}": f.name for f in fields(cls) if f.name != "origin"}
        for key, raw in env.items():
            if not key.startswith(PREFIX):
                continue
            name = known.get(key)
            if name is None:
                faults.append(f"{key}: no such setting (known: {', '.join(sorted(known))})")
                continue
            try:
                values[name] = _PARSERS.get(name, str)(raw.strip())
                origin[name] = "environment"
            except ValueError as exc:
                faults.append(f"{key}: {exc}")
        if faults:
            raise SettingsError("\n".join(faults))
        settings = cls(**values, origin=origin)  # type: ignore[arg-type]
        if settings.old_months > settings.very_old_months:
            raise SettingsError(f"{PREFIX}OLD_MONTHS: must not be more than {PREFIX}VERY_OLD_MONTHS")
        if settings.zammad_url:
            needed = ("zammad_token", "zammad_group", "zammad_customer", "zammad_webhook_secret", "handover_name")
            missing = [f"{PREFIX}{name.upper()}" for name in needed if not getattr(settings, name)]
            if missing:
                raise SettingsError(f"{PREFIX}ZAMMAD_URL: needs {', '.join(missing)}, too")
        if settings.redis_url and not settings.secret:
            raise SettingsError(f"{PREFIX}REDIS_URL: needs {PREFIX}SECRET, the same one in every process")
        if settings.database_url and settings.learn and not settings.secret:
            raise SettingsError(f"{PREFIX}DATABASE_URL: needs {PREFIX}SECRET, too, with {PREFIX}LEARN")
        if settings.redis_url and (settings.callbacks or settings.zammad_url):
            # Their files belong to one process (bot/handover/desk.py).
            raise SettingsError(f"{PREFIX}REDIS_URL: talking with a person needs one process that serves alone")
        if settings.staff_header and not settings.trusted_proxies:
            raise SettingsError(
                f"{PREFIX}STAFF_HEADER: is believed only from {PREFIX}TRUSTED_PROXIES, which is not set"
            )
        return settings

    def secret_bytes(self) -> bytes:
        """The key for pseudonyms and tokens; made once and kept in DATA_DIR when none is set."""
        if self.secret:
            return self.secret.encode()
        path = self.data_dir / "secret"
        if not path.exists() or not path.read_text().strip():
            self.data_dir.mkdir(parents=True, exist_ok=True)
            path.unlink(missing_ok=True)  # empty: a full disk left it; an empty key would protect nobody
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_hex(32))
        return path.read_text().strip().encode()


def _port(raw: str) -> int:
    value = _whole(raw)
    if not 0 <= value <= 65535:
        raise ValueError(f"must be a port between 0 and 65535, not {raw!r}")
    return value


def _whole(raw: str) -> int:
    if not re.fullmatch(r"\d{1,9}", raw):
        raise ValueError(f"must be a whole number, not {raw!r}")
    return int(raw)


def _at_least_one(raw: str) -> int:
    value = _whole(raw)
    if value < 1:
        raise ValueError("must be at least 1")
    return value


def _switch(raw: str) -> bool:
    if raw.lower() not in ("on", "off", ""):
        raise ValueError(f"must be on or off, not {raw!r}")
    return raw.lower() == "on"


def _transit(raw: str) -> str:
    if raw and "{destination}" not in raw:
        raise ValueError("must hold {destination}, where the address of a place is put in")
    return _url(raw)


def _level(raw: str) -> str:
    if raw.upper() not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        raise ValueError(f"must be DEBUG, INFO, WARNING or ERROR, not {raw!r}")
    return raw.upper()


def _url(raw: str) -> str:
    if raw and not re.fullmatch(r"https?://[^\s/]+(/\S*)?", raw):
        raise ValueError(f"must be an http(s) address, not {raw!r}")
    return raw.rstrip("/")


def _reading(raw: str) -> str:
    if raw.lower() not in ("auto", "on", "off"):
        raise ValueError(f"must be auto, on or off, not {raw!r}")
    return raw.lower()


def _redis(raw: str) -> str:
    if raw and not re.fullmatch(r"(rediss?|unix)://\S+", raw):
        raise ValueError("must be an address such as redis://127.0.0.1:6379/0")
    return raw


def _database(raw: str) -> str:
    if raw and not re.fullmatch(r"postgresql(\+psycopg2)?://\S+", raw):
        raise ValueError("must be an address such as postgresql://wegweiser@127.0.0.1/wegweiser")
    return raw


def _public_key(raw: str) -> str:
    if raw and not re.fullmatch(r"[A-Za-z0-9+/]{43}=", raw):
        raise ValueError("must be a public key as `wegweiser model key` prints it")
    return raw


def _urls(raw: str) -> tuple[str, ...]:
    return tuple(_url(part.strip()) for part in raw.split(",") if part.strip())


def _origins(raw: str) -> tuple[str, ...]:
    for origin in _urls(raw):
        if not re.fullmatch(r"https?://[A-Za-z0-9.\-\[\]:]+", origin):
            raise ValueError(
                f"must be the beginning of a website's address such as https://town.example, not {origin!r}"
            )
    return _urls(raw)


def _networks(raw: str) -> tuple[str, ...]:
    found = []
    for part in filter(None, (part.strip() for part in raw.split(","))):
        try:
            found.append(str(ipaddress.ip_network(part)))
        except ValueError as exc:
            raise ValueError(f"must be an address or a network such as 10.0.0.0/8, not {part!r}") from exc
    return tuple(found)


def _secret(raw: str) -> str:
    if raw and len(raw) < 16:
        raise ValueError("must have at least 16 characters")
    return raw


def _password_hash(raw: str) -> str:
    if raw and not re.fullmatch(r"\$argon2id\$v=\d+\$m=\d+,t=\d+,p=\d+\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+", raw):
        raise ValueError("must be a hash made by `wegweiser staff hash`, never the password itself")
    return raw


def _header(raw: str) -> str:
    if raw and not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]{1,60}", raw):
        raise ValueError(f"must be the name of a header such as X-Remote-User, not {raw!r}")
    return raw.lower()


def _path(raw: str) -> Path | None:
    return Path(raw).expanduser() if raw else None


def _token(raw: str) -> str:
    if raw and not re.fullmatch(r"\d{3,}:[A-Za-z0-9_-]{10,}", raw):
        raise ValueError("does not look like a token of BotFather")
    return raw


_PARSERS = {
    "port": _port,
    "data_dir": lambda raw: Path(raw).expanduser(),
    "model": lambda raw: Path(raw).expanduser(),
    "log_level": _level,
    "public_url": _url,
    "telegram_api": _url,
    "allowed_origins": _origins,
    "per_address": _whole,
    "trusted_proxies": _networks,
    "integreat_url": _url,
    "hsds_urls": _urls,
    "course_search_url": _url,
    "redis_url": _redis,
    "database_url": _database,
    "actions_url": _url,
    "model_key": _public_key,
    "reading_process": _reading,
    "secret": _secret,
    "telegram_token": _token,
    "telegram_per_second": _at_least_one,
    "speech_model": _path,
    "staff_password": _password_hash,
    "staff_header": _header,
    "goals": _path,
    "legal_dir": _path,
    "learn": _switch,
    "callbacks": _switch,
    "zammad_url": _url,
    "zammad_webhook_secret": _secret,
    "read_aloud": _switch,
    "retention_hours": _at_least_one,
    "old_months": _at_least_one,
    "very_old_months": _at_least_one,
    "transit_url": _transit,
}
