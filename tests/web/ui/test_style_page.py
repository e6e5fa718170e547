"""The style page shows every component, to owners."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from kizuna.web.accounts.models import Person
from kizuna.web.ui.icons import ICONS

pytestmark = pytest.mark.django_db


def test_an_owner_sees_every_component(client_of: Any, aiko: Person) -> None:
    text = client_of(aiko).get("/ui/").content.decode()
    for part in ("stat big", "explain", "aria-sort", "pages", "tabs", "progress", "empty", "badge"):
        assert f'class="{part}' in text or part in text, part
    assert text.count('class="icon"') > len(ICONS)


def test_only_an_owner_may_look(client_of: Any, aiko: Person, ben: Person) -> None:
    assert client_of(ben).get("/ui/").status_code == 403
    assert Client().get("/ui/").status_code == 302


def test_the_title_of_a_page_is_its_heading(client_of: Any, aiko: Person) -> None:
    text = client_of(aiko).get("/ui/").content.decode()
    assert "<title>Components · Kizuna</title>" in text
    assert "<h1>Components</h1>" in text


def test_a_japanese_reader_reads_japanese(client_of: Any, aiko: Person) -> None:
    aiko.language = "ja"
    aiko.save()
    text = client_of(aiko).get("/ui/").content.decode()
    assert '<html lang="ja">' in text
    assert "<h1>画面部品</h1>" in text
    assert "¥25,156,972〜¥38,650,831" in text


def test_a_field_that_is_wrong_says_so_to_every_reader(client_of: Any, aiko: Person) -> None:
    text = client_of(aiko).get("/ui/").content.decode()
    assert 'aria-invalid="true"' in text
    assert 'id="id_name_error"' in text
    assert 'aria-describedby="id_name_helptext id_name_error"' in text


def test_plotly_is_compressed_and_kept_for_ever(db: None) -> None:
    given = Client().get(f"/static/{settings.PLOTLY_FILE}", headers={"accept-encoding": "gzip"})
    assert given["Content-Encoding"] == "gzip"
    assert "immutable" in given["Cache-Control"]
    assert int(given["Content-Length"]) < 2_000_000
    given.close()
