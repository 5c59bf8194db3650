"""Settings from the environment (prefix WEGWEISER_), read once; every fault is reported at the same time."""

from __future__ import annotations

import difflib
import errno
import ipaddress
import logging
import os
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from urllib.parse import urlsplit

logger = logging.getLogger(__name__)
ROOT = Path(__file__).resolve().parents[1]
# What a disk says that is full, read-only or of somebody else; anything else is a wrong setting.
UNWRITABLE = frozenset({errno.EACCES, errno.EDQUOT, errno.EIO, errno.ENOSPC, errno.EPERM, errno.EROFS})
# Secrets of data folders that cannot be written, until the process ends.
_PASSING: dict[Path, bytes] = {}
PREFIX = "WEGWEISER_"
LONGEST = 8_000  # characters of one setting


class SettingsError(ValueError):
    """One or more settings are wrong; the message lists them all, one a line.

    `settings` are those that could be read, with the default for each name in `wrong`: what else stops a start can be
    found and said at the same time.
    """

    def __init__(self, message: str, settings: Settings | None = None, wrong: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.settings, self.wrong = settings, frozenset(wrong)


@dataclass(frozen=True)
class Settings:
    """All settings, each optional. Secrets are never printed."""

    port: int = 5005
    host: str = "127.0.0.1"
    data_dir: Path = ROOT / "var"
    model: Path = ROOT / "models" / "wegweiser.tar.gz"
    log_level: str = "INFO"
    log_format: str = "text"
    metrics: str = ""
    public_url: str = ""
    allowed_origins: tuple[str, ...] = ()
    per_address: int = 300
    max_waiting: int = 500
    max_connections: int = 800
    trusted_proxies: tuple[str, ...] = ()
    secret: str = field(default="", repr=False)
    secret_old: str = field(default="", repr=False)
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
        wrong: set[str] = set()
        known = {f"{PREFIX}{f.name.upper()}": f.name for f in fields(cls) if f.name != "origin"}
        for key, raw in env.items():
            if not key.startswith(PREFIX):
                continue
            name = known.get(key)
            if name is None:
                near = difflib.get_close_matches(key, known, 1, 0.85)
                hint = f"perhaps {near[0]}" if near else "`wegweiser doctor` lists all"
                faults.append(f"{key}: no such setting ({hint})")
                continue
            try:
                values[name] = _PARSERS.get(name, str)(_sane(raw).strip())
                origin[name] = "environment"
            except ValueError as exc:
                faults.append(f"{key}: {exc}")
                wrong.add(name)
        settings = cls(**values, origin=origin)  # type: ignore[arg-type]
        faults += settings._disagreements(wrong)
        if faults:
            raise SettingsError("\n".join(faults), settings, wrong)
        return settings

    def _disagreements(self, wrong: set[str]) -> list[str]:
        """Settings that do not go together; of those in `wrong` nothing is known but that somebody set them."""

        def given(name: str) -> bool:
            return name in wrong or bool(getattr(self, name))

        faults: list[str] = []
        if self.old_months > self.very_old_months and not wrong & {"old_months", "very_old_months"}:
            faults.append(f"{PREFIX}OLD_MONTHS: must not be more than {PREFIX}VERY_OLD_MONTHS")
        if self.zammad_url:
            needed = ("zammad_token", "zammad_group", "zammad_customer", "zammad_webhook_secret", "handover_name")
            missing = [f"{PREFIX}{name.upper()}" for name in needed if not given(name)]
            if missing:
                faults.append(f"{PREFIX}ZAMMAD_URL: needs {', '.join(missing)}, too")
        if given("secret_old") and not given("secret"):
            faults.append(f"{PREFIX}SECRET_OLD: needs {PREFIX}SECRET; one in the folder: `wegweiser key rotate`")
        if self.redis_url and not given("secret"):
            faults.append(f"{PREFIX}REDIS_URL: needs {PREFIX}SECRET, the same one in every process")
        if self.database_url and self.learn and not given("secret"):
            faults.append(f"{PREFIX}DATABASE_URL: needs {PREFIX}SECRET, too, with {PREFIX}LEARN")
        if self.redis_url and (self.callbacks or self.zammad_url):
            # Their files belong to one process (bot/handover/desk.py).
            faults.append(f"{PREFIX}REDIS_URL: talking with a person needs one process that serves alone")
        if self.staff_header and not given("trusted_proxies"):
            faults.append(f"{PREFIX}STAFF_HEADER: is believed only from {PREFIX}TRUSTED_PROXIES, which is not set")
        if self.metrics and "port" not in wrong and int(self.metrics.rpartition(":")[2]) == self.port:
            faults.append(f"{PREFIX}METRICS: needs a port of its own, not the one of {PREFIX}PORT, which is public")
        return faults

    def secret_bytes(self) -> bytes:
        """The key for pseudonyms and tokens; made once and kept in DATA_DIR when none is set.

        Where the folder cannot be written it holds until the process ends. OSError when one is there and cannot be read.
        """
        if self.secret:
            return self.secret.encode()
        path = self.data_dir / "secret"
        if self.data_dir in _PASSING:
            return _PASSING[self.data_dir]
        if not path.exists() or not path.read_text().strip():
            made = secrets.token_hex(32)
            try:
                self.data_dir.mkdir(parents=True, exist_ok=True)
                path.unlink(missing_ok=True)  # empty: a full disk left it; an empty key would protect nobody
                descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with os.fdopen(descriptor, "w") as file:
                    file.write(made)
            except OSError as exc:
                if exc.errno not in UNWRITABLE:
                    raise
                # Nobody waits for a disk: open conversations cannot be gone on with after the next start.
                logger.warning("the secret cannot be kept (%s): it is lost when the process ends", exc.strerror)
                return _PASSING.setdefault(self.data_dir, made.encode())
        return path.read_text().strip().encode()


def _sane(raw: str) -> str:
    if len(raw) > LONGEST:
        raise ValueError(f"must have at most {LONGEST} characters")
    if not all(character.isprintable() or character.isspace() for character in raw):
        raise ValueError("must be text in UTF-8 without control characters")
    return raw


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


def _format(raw: str) -> str:
    if raw.lower() not in ("text", "json"):
        raise ValueError(f"must be text or json, not {raw!r}")
    return raw.lower()


def _listen(raw: str) -> str:
    host, _, port = raw.rpartition(":")
    if raw and not (re.fullmatch(r"[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]", host) and 0 < int(_whole(port)) < 65536):
        raise ValueError(f"must be host:port such as 127.0.0.1:9105, not {raw!r}")
    return raw


def _url(raw: str) -> str:
    if raw and not re.fullmatch(r"https?://[^\s/]+(/\S*)?", raw):
        raise ValueError(f"must be an http(s) address, not {raw!r}")
    try:
        parts = urlsplit(raw)
        known = not raw or (parts.hostname and parts.port != 0)
    except ValueError:
        known = False
    if not known:
        raise ValueError("must be an http(s) address with a host and, if any, a port up to 65535")
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


def _folder(raw: str) -> Path:
    try:
        return Path(raw).expanduser()
    except RuntimeError:
        raise ValueError("begins with ~ and the name of nobody on this machine") from None


def _path(raw: str) -> Path | None:
    return _folder(raw) if raw else None


def _token(raw: str) -> str:
    if raw and not re.fullmatch(r"\d{3,}:[A-Za-z0-9_-]{10,}", raw):
        raise ValueError("does not look like a token of BotFather")
    return raw


_PARSERS = {
    "port": _port,
    "data_dir": _folder,
    "model": _folder,
    "log_level": _level,
    "log_format": _format,
    "metrics": _listen,
    "public_url": _url,
    "telegram_api": _url,
    "allowed_origins": _origins,
    "per_address": _whole,
    "max_waiting": _at_least_one,
    "max_connections": _at_least_one,
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
    "secret_old": _secret,
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
