"""Settings: safe where nothing is said, and what the environment says where something is."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import InvalidToken
from django.conf import settings
from django.test import Client

from kizuna.web.accounts.models import Person
from kizuna.web.accounts.secrecy import hide, reveal
from kizuna.web.accounts.services import audit
from kizuna.web.accounts.trail import verify
from kizuna.web.home import data_folder, listed, secret_key
from web_installations import environment, settings_of, start

TELL_KEY = "from kizuna.web.home import *; print(secret_key(data_folder({!r})))"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def policy(client: Client) -> dict[str, set[str]]:
    """Give the content security policy, directive by directive."""
    header = client.get("/health/live").headers["Content-Security-Policy"]
    words = (directive.split() for directive in header.split(";"))
    return {name: set(sources) for name, *sources in words}


def test_an_installation_that_says_nothing_is_closed_to_other_hosts(tmp_path: Path) -> None:
    found = settings_of(tmp_path, "ALLOWED_HOSTS", "DEBUG", "CSRF_TRUSTED_ORIGINS")
    assert found["ALLOWED_HOSTS"] == ["localhost", "127.0.0.1", "[::1]"]
    assert (found["DEBUG"], found["CSRF_TRUSTED_ORIGINS"]) == (False, [])


def test_an_installation_that_says_nothing_keeps_its_records_in_its_data_folder(
    tmp_path: Path,
) -> None:
    database = settings_of(tmp_path, "DATABASES")["DATABASES"]["default"]
    assert database["NAME"] == str(tmp_path / "db.sqlite3")
    assert database["OPTIONS"]["transaction_mode"] == "IMMEDIATE"


def test_the_environment_names_another_database(tmp_path: Path) -> None:
    url = "postgresql://kizuna:secret@db.example/records"
    database = settings_of(tmp_path, "DATABASES", DATABASE_URL=url)["DATABASES"]["default"]
    assert (database["HOST"], database["NAME"]) == ("db.example", "records")
    assert database["CONN_HEALTH_CHECKS"]


@pytest.mark.parametrize("url", ["", "postgresql://kizuna:secret@db.example/records"])
def test_no_request_takes_the_write_lock_by_being_a_request(tmp_path: Path, url: str) -> None:
    databases = settings_of(tmp_path, "DATABASES", DATABASE_URL=url)["DATABASES"]
    assert not databases["default"].get("ATOMIC_REQUESTS")


def test_the_environment_names_hosts_origins_key_and_zone(tmp_path: Path) -> None:
    found = settings_of(
        tmp_path,
        *("ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "SECRET_KEY", "TIME_ZONE"),
        KIZUNA_HOSTS="kizuna.example, 10.0.0.2,",
        KIZUNA_ORIGINS="https://kizuna.example",
        KIZUNA_SECRET_KEY="from the vault",
        KIZUNA_TIMEZONE="Asia/Tokyo",
    )
    assert found == {
        "ALLOWED_HOSTS": ["kizuna.example", "10.0.0.2"],
        "CSRF_TRUSTED_ORIGINS": ["https://kizuna.example"],
        "SECRET_KEY": "from the vault",
        "TIME_ZONE": "Asia/Tokyo",
    }
    assert not (tmp_path / "secret-key").exists()


@pytest.mark.parametrize(
    ("tls", "secure", "hsts", "cookie"),
    [("", False, 0, None), ("1", True, 31_536_000, "__Host-session")],
)
def test_behind_tls_cookies_are_secure_and_browsers_stay(
    tmp_path: Path, tls: str, secure: bool, hsts: int, cookie: str | None
) -> None:
    names = ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT")
    more = ("SECURE_HSTS_SECONDS", "SESSION_COOKIE_NAME")
    found: dict[str, Any] = settings_of(tmp_path, *names, *more, KIZUNA_TLS=tls)
    assert [found[name] for name in names] == [secure] * 3
    assert (found["SECURE_HSTS_SECONDS"], found["SESSION_COOKIE_NAME"]) == (hsts, cookie)


def test_the_data_folder_and_the_key_are_for_their_owner_alone(tmp_path: Path) -> None:
    folder = data_folder(str(tmp_path / "kizuna"))
    key = secret_key(folder)
    assert (mode(folder), mode(folder / "secret-key")) == (0o700, 0o600)
    assert len(key) > 60


def test_the_key_stays_the_same(tmp_path: Path) -> None:
    assert secret_key(tmp_path) == secret_key(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["secret-key"]


def test_starts_at_the_same_time_agree_on_the_key(tmp_path: Path) -> None:
    tell, env = TELL_KEY.format(str(tmp_path)), environment(tmp_path)
    starts = [start("-c", tell, env=env) for _ in range(6)]
    keys = {process.communicate(timeout=60)[0].strip() for process in starts}
    assert keys == {secret_key(tmp_path)}


def test_lists_are_read_with_or_without_blanks() -> None:
    assert listed(" a, b,,") == ["a", "b"]


def test_the_policy_allows_this_host_alone_and_no_inline_script(client: Client) -> None:
    found = policy(client)
    assert found["default-src"] == found["frame-ancestors"] == found["base-uri"] == {"'none'"}
    assert found["script-src"] == found["style-src"] == found["connect-src"] == {"'self'"}
    assert found["form-action"] == {"'self'"}


def test_the_policy_lets_no_script_be_written_into_a_page(client: Client) -> None:
    scripts = [sources for name, sources in policy(client).items() if name != "style-src-attr"]
    assert not set().union(*scripts) & {"'unsafe-inline'", "'unsafe-eval'", "*", "https:"}


def test_pages_are_neither_framed_nor_guessed_at(client: Client) -> None:
    headers = client.get("/health/live").headers
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_browsers_are_told_to_stay_with_tls_when_they_came_by_it(
    client: Client, settings: Any
) -> None:
    settings.SECURE_HSTS_SECONDS = 31_536_000
    assert (
        "max-age=31536000"
        in Client().get("/health/live", secure=True).headers["Strict-Transport-Security"]
    )
    assert "Strict-Transport-Security" not in Client().get("/health/live").headers


def test_an_unknown_host_is_refused(client: Client) -> None:
    assert client.get("/health/live", headers={"host": "evil.example"}).status_code == 400


def test_session_cookies_are_out_of_reach_of_scripts_and_of_other_sites() -> None:
    assert settings.SESSION_COOKIE_HTTPONLY
    assert settings.CSRF_COOKIE_HTTPONLY
    assert settings.SESSION_COOKIE_SAMESITE == settings.CSRF_COOKIE_SAMESITE == "Lax"


def test_what_a_former_key_signed_is_read_while_it_is_named(
    tmp_path: Path, settings: Any, aiko: Person
) -> None:
    found = settings_of(
        tmp_path,
        *("SECRET_KEY", "SECRET_KEY_FALLBACKS"),
        KIZUNA_SECRET_KEY="new",
        KIZUNA_SECRET_KEY_FALLBACKS="old, older",
    )
    assert found == {"SECRET_KEY": "new", "SECRET_KEY_FALLBACKS": ["old", "older"]}
    settings.SECRET_KEY = "older"
    sealed, entry = hide("a secret"), audit(actor=aiko, action="a.b", target="x")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new", ["old", "older"]
    assert reveal(sealed) == "a secret"
    assert verify().holds, entry
    settings.SECRET_KEY_FALLBACKS = ["old"]
    assert not verify().holds
    with pytest.raises(InvalidToken):
        reveal(sealed)
