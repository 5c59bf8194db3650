"""Settings from the environment: every fault at once, nothing unknown, no secret shown."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from bot.settings import ROOT, Settings, SettingsError

TOKEN = "123456:abcdefghijklmnopqrstuvwxyz012345678"
SECRET = "a-secret-of-enough-letters"


def read(**values: str) -> Settings:
    return Settings.from_env({f"WEGWEISER_{key}": value for key, value in values.items()})


def test_everything_is_optional() -> None:
    settings = Settings.from_env({"PATH": "/bin", "WEGWEISE_PORT": "no"})
    assert (settings.port, settings.host) == (5005, "127.0.0.1")
    assert settings.model == ROOT / "models" / "wegweiser.tar.gz"
    assert not settings.model.is_relative_to(settings.data_dir)
    assert settings.origin == {}


def test_values_are_typed() -> None:
    settings = read(
        PORT=" 8080 ", HOST="0.0.0.0", DATA_DIR="~/w", MODEL="m.tar.gz", LOG_LEVEL="debug", RETENTION_HOURS="48",
        PUBLIC_URL="https://w.de/", ALLOWED_ORIGINS="https://a.de, https://b.de/ ,", TELEGRAM_TOKEN=TOKEN, SECRET=SECRET,
    )  # fmt: skip
    assert (settings.port, settings.host, settings.retention_hours, settings.log_level) == (
        8080,
        "0.0.0.0",
        48,
        "DEBUG",
    )
    assert settings.data_dir == Path.home() / "w"
    assert settings.public_url == "https://w.de"
    assert settings.allowed_origins == ("https://a.de", "https://b.de")
    assert settings.origin["port"] == "environment"
    assert "public_url" in settings.origin and "telegram_api" not in settings.origin


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PORT", "http", "must be a whole number, not 'http'"),
        ("PORT", "70000", "must be a port between 0 and 65535, not '70000'"),
        ("PORT", "-1", "must be a whole number"),
        ("PORT", "", "must be a whole number"),
        ("REDIS_URL", "127.0.0.1:6379", "must be an address such as redis://"),
        ("DATABASE_URL", "mysql://x/y", "must be an address such as postgresql://"),
        ("ACTIONS_URL", "127.0.0.1:5055", r"must be an http\(s\) address"),
        ("MODEL_KEY", "abc", "must be a public key"),
        ("RETENTION_HOURS", "0", "must be at least 1"),
        ("RETENTION_HOURS", "1.5", "must be a whole number"),
        ("LOG_LEVEL", "loud", "must be DEBUG, INFO, WARNING or ERROR"),
        ("PUBLIC_URL", "w.de", r"must be an http\(s\) address"),
        ("TELEGRAM_API", "ftp://x", r"must be an http\(s\) address"),
        ("ALLOWED_ORIGINS", "https://a.de,b", r"must be an http\(s\) address, not 'b'"),
        (
            "ALLOWED_ORIGINS",
            "https://a.de/page",
            "must be the beginning of a website's address .*, not 'https://a.de/page'",
        ),
        ("ALLOWED_ORIGINS", "https://*.de", "must be the beginning"),
        ("PER_ADDRESS", "-1", "must be a whole number"),
        ("MAX_WAITING", "0", "must be at least 1"),
        ("MAX_CONNECTIONS", "many", "must be a whole number"),
        ("TRUSTED_PROXIES", "127.0.0.1, proxy", "must be an address or a network such as 10.0.0.0/8, not 'proxy'"),
        ("TRUSTED_PROXIES", "10.0.0.1/8", "must be an address or a network"),
        ("SECRET", "short", "must have at least 16 characters"),
        ("TELEGRAM_TOKEN", "hello", "does not look like a token of BotFather"),
        ("PROT", "1", "no such setting .*WEGWEISER_PORT"),
        ("ORIGIN", "x", "no such setting"),
        ("NONSENSE", "x", "no such setting .`wegweiser doctor` lists all."),
        ("LOG_FORMAT", "xml", "must be text or json"),
        ("METRICS", "127.0.0.1", "must be"),
        ("METRICS", "127.0.0.1:0", "must be host:port"),
        ("METRICS", ":9105", "must be host:port"),
        ("METRICS", "127.0.0.1:5005", "needs a port of its own"),
    ],
)
def test_a_wrong_value_is_named(name: str, value: str, said: str) -> None:
    with pytest.raises(SettingsError, match=f"^WEGWEISER_{name}: {said}"):
        read(**{name: value})


def test_all_faults_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        read(PORT="x", LOG_LEVEL="loud", SECRET="short", TYPO="1", HOST="ok")
    lines = str(caught.value).splitlines()
    assert [line.partition(":")[0] for line in lines] == [
        "WEGWEISER_PORT", "WEGWEISER_LOG_LEVEL", "WEGWEISER_SECRET", "WEGWEISER_TYPO",
    ]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), [("SECRET", "hunter2"), ("TELEGRAM_TOKEN", "12:hunter2")])
def test_a_wrong_secret_is_not_repeated(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read(**{name: value})
    assert "hunter2" not in str(caught.value)


def test_secrets_are_not_in_the_repr() -> None:
    shown = repr(read(SECRET=SECRET, TELEGRAM_TOKEN=TOKEN))
    assert SECRET not in shown and TOKEN not in shown


def test_a_given_secret_is_the_key() -> None:
    assert read(SECRET=SECRET).secret_bytes() == SECRET.encode()


def test_a_made_secret_stays_and_only_the_owner_reads_it(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "var")
    first = settings.secret_bytes()
    file = tmp_path / "var" / "secret"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(first) == 64
    assert settings.secret_bytes() == Settings(data_dir=tmp_path / "var").secret_bytes() == first
    assert Settings(data_dir=tmp_path / "other").secret_bytes() != first


def test_a_made_secret_is_private_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        Settings(data_dir=tmp_path).secret_bytes()
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600


def test_an_empty_secret_file_is_no_secret(tmp_path: Path) -> None:
    """A full disk leaves one behind; an empty key would make every pseudonym guessable."""
    (tmp_path / "secret").write_text("")
    assert len(Settings(data_dir=tmp_path).secret_bytes()) == 64


def test_limits_of_age_are_in_order() -> None:
    assert (read(OLD_MONTHS="6").old_months, read(VERY_OLD_MONTHS="24").very_old_months) == (6, 24)
    for wrong in ({"OLD_MONTHS": "0"}, {"OLD_MONTHS": "49"}, {"VERY_OLD_MONTHS": "6"}):
        with pytest.raises(SettingsError, match="OLD_MONTHS"):
            read(**wrong)


def test_a_journey_planner_takes_a_destination() -> None:
    assert read(TRANSIT_URL="").transit_url == ""
    assert read(TRANSIT_URL="https://planner.example/?to={destination}").transit_url.endswith("{destination}")
    for wrong in ("https://planner.example/", "javascript:{destination}"):
        with pytest.raises(SettingsError, match="TRANSIT_URL"):
            read(TRANSIT_URL=wrong)


def test_limits_by_network_address() -> None:
    assert (Settings().per_address, Settings().trusted_proxies) == (300, ())
    settings = read(PER_ADDRESS="0", TRUSTED_PROXIES="127.0.0.1, 10.0.0.0/8,::1 ,")
    assert settings.per_address == 0
    assert settings.trusted_proxies == ("127.0.0.1/32", "10.0.0.0/8", "::1/128")


def test_processes_that_share_need_the_same_secret() -> None:
    with pytest.raises(SettingsError, match="REDIS_URL: needs WEGWEISER_SECRET"):
        read(REDIS_URL="redis://127.0.0.1/0")
    with pytest.raises(SettingsError, match="DATABASE_URL: needs WEGWEISER_SECRET"):
        read(DATABASE_URL="postgresql://w@127.0.0.1/w", LEARN="on")
    assert read(REDIS_URL="redis://127.0.0.1/0", SECRET=SECRET).redis_url


@pytest.mark.parametrize("more", [{"CALLBACKS": "on"}])
def test_a_person_can_be_reached_from_one_process_only(more: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="talking with a person needs one process"):
        read(REDIS_URL="redis://127.0.0.1/0", SECRET=SECRET, **more)
    assert read(**more).callbacks


def test_settings_that_do_not_go_together_are_all_named() -> None:
    with pytest.raises(SettingsError) as caught:
        read(
            OLD_MONTHS="60", ZAMMAD_URL="https://z.example", REDIS_URL="redis://127.0.0.1/0", STAFF_HEADER="X-User",
            METRICS="127.0.0.1:5005", LOG_LEVEL="loud",
        )  # fmt: skip
    names = [line.partition(":")[0].removeprefix("WEGWEISER_") for line in str(caught.value).splitlines()]
    assert names == ["LOG_LEVEL", "OLD_MONTHS", "ZAMMAD_URL", "REDIS_URL", "REDIS_URL", "STAFF_HEADER", "METRICS"]
    assert caught.value.wrong == {"log_level"}
    assert caught.value.settings is not None and caught.value.settings.old_months == 60


def test_a_value_that_cannot_be_read_is_no_missing_one() -> None:
    """One fault a mistake: who has set a secret that is too short is not told that there is none."""
    with pytest.raises(SettingsError) as caught:
        read(REDIS_URL="redis://127.0.0.1/0", SECRET="short", STAFF_HEADER="X-User", TRUSTED_PROXIES="x", PORT="y")
    assert len(str(caught.value).splitlines()) == 3
