"""The data folder of the demo: recognised, begun anew where half made, never another's."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kizuna.pipeline.errors import InputError
from kizuna.web.demo.home import Company, DemoHome
from web_installations import settings_of

COMPANY = Company(customers=300, seed=1, lang="ja")


@pytest.fixture
def home(tmp_path: Path) -> DemoHome:
    return DemoHome.of(tmp_path)


def test_a_company_is_there_once_it_is_whole(home: DemoHome) -> None:
    assert home.company() is None
    home.begin(COMPANY)
    assert home.company() is None
    home.finish(COMPANY)
    assert home.company() == Company(customers=300, seed=1, lang="ja", complete=True)


def test_one_half_made_is_begun_anew(home: DemoHome) -> None:
    home.begin(COMPANY)
    (home.folder / "db.sqlite3").write_text("half")
    home.begin(COMPANY)
    assert not (home.folder / "db.sqlite3").exists()


def test_what_is_no_demo_is_left_alone(home: DemoHome) -> None:
    home.folder.mkdir()
    (home.folder / "db.sqlite3").write_text("customers of a real company")
    with pytest.raises(InputError, match="no demo"):
        home.begin(COMPANY)
    assert (home.folder / "db.sqlite3").read_text() == "customers of a real company"


def test_two_at_once_are_refused(home: DemoHome) -> None:
    with home.alone(), pytest.raises(InputError, match="runs already"), home.alone():
        pass


def test_it_sees_no_setting_of_another_installation(
    home: DemoHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        for name in ("DATABASE_URL", "KIZUNA_HOME", "KIZUNA_TLS", "KIZUNA_TIMEZONE"):
            patch.setenv(name, "another")
        home.enter()
        told = {k: v for k, v in os.environ.items() if k.startswith(("KIZUNA_", "DATABASE_URL"))}
    assert told == {"KIZUNA_HOME": str(home.folder), "KIZUNA_TIMEZONE": "Asia/Tokyo"}


def test_its_cookies_are_its_own(home: DemoHome) -> None:
    assert settings_of(home.out / "another", "DEMO") == {"DEMO": False}
    home.begin(COMPANY)
    found = settings_of(home.folder, "DEMO", "SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME")
    assert found == {
        "DEMO": True,
        "SESSION_COOKIE_NAME": "demo-session",
        "CSRF_COOKIE_NAME": "demo-csrf",
    }
