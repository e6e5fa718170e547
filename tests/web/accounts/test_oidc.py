"""The company's identity provider: a real one on this machine names people; some are let in."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest

from web_installations import environment, install

pytestmark = pytest.mark.slow

VISITS = """
import json, sys, urllib.parse as u
from kizuna.web.serve import prepare; prepare()
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from kizuna.web.accounts.models import AuditEntry, Person, Role
from kizuna.web.accounts.models import SecondFactor
def visit(name, how):
    aiko = Person.objects.create(email="aiko@example.com", name="A", role=Role.OWNER, password="!")
    if how == "careful":
        SecondFactor.objects.create(person=aiko, secret="x", last_step=0)
    cache.clear()
    browser = Client(HTTP_HOST="localhost")
    page = browser.get("/sign-in/").text
    away = browser.get("/sign-in/with/company/?next=/profile/")
    asked = dict(u.parse_qsl(u.urlparse(away["Location"]).query))
    state = "forged" if how == "forged" else asked["state"]
    back = browser.get("/sign-in/with/company/back/", {"code": name, "state": state})
    return {
        "offered": "Sign in with Our Login" in page,
        "asked": asked,
        "status": back.status_code,
        "to": back.get("Location", ""),
        "in": browser.get("/profile/").status_code,
        "people": Person.objects.count(),
        "said": list(AuditEntry.objects.order_by("number").values_list("action", flat=True)),
    }
def forgotten(name, how):
    with transaction.atomic():
        met = visit(name, how)
        transaction.set_rollback(True)
        return met
print(json.dumps({name: forgotten(name, how) for name, how in json.loads(sys.argv[1]).items()}))
"""
AIKO = {"email": "aiko@example.com", "email_verified": True}
NOBODY: dict[str, dict[str, Any]] = {
    "unverified": AIKO | {"email_verified": False},
    "not said": {"email": "aiko@example.com"},
    "in words": AIKO | {"email_verified": "false"},
    "stranger": AIKO | {"email": "stranger@example.com"},
    "nameless": {},
}
CLAIMS = NOBODY | {
    "named": {"email": "Aiko@Example.com", "email_verified": True},
    "forged": AIKO,
    "careful": AIKO,
}
"""Whom the provider names, by the code that the browser comes back with."""


class Provider(BaseHTTPRequestHandler):
    """An identity provider that names whom the code stands for."""

    def do_GET(self) -> None:
        if self.path.startswith("/.well-known/"):
            here = f"http://{self.headers['Host']}"
            names = ("authorization", "token", "userinfo")
            self.say({"issuer": here} | {f"{n}_endpoint": f"{here}/{n}" for n in names})
        else:
            self.say({"sub": "1"} | CLAIMS[self.headers["Authorization"].removeprefix("Bearer ")])

    def do_POST(self) -> None:
        sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.say({"access_token": sent["code"][0], "token_type": "Bearer"})

    def say(self, answer: dict[str, Any]) -> None:
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    provider = HTTPServer(("127.0.0.1", 0), Provider)
    thread = threading.Thread(target=provider.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{provider.server_port}"
    provider.shutdown()
    thread.join()
    provider.server_close()


@pytest.fixture(scope="module")
def seen(server: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What every visitor met, each in a browser of their own and before the same one person."""
    env = environment(
        install(tmp_path_factory.mktemp("home")),
        KIZUNA_OIDC_SERVER=server,
        KIZUNA_OIDC_CLIENT="kizuna",
        KIZUNA_OIDC_SECRET="s",
        KIZUNA_OIDC_NAME="Our Login",
    )
    how = {name: name if name in ("forged", "careful") else "honest" for name in CLAIMS}
    command = [sys.executable, "-c", VISITS, json.dumps(how)]
    run = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    found: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return found


def test_whom_the_provider_names_is_let_in(seen: dict[str, Any]) -> None:
    named = seen["named"]
    assert named["offered"]
    assert named["asked"]["code_challenge_method"] == "S256"
    assert (named["status"], named["to"], named["in"]) == (302, "/profile/", 200)
    assert named["said"][-1] == "accounts.signed_in"


@pytest.mark.parametrize("name", NOBODY)
def test_nobody_else_is_let_in_or_made(seen: dict[str, Any], name: str) -> None:
    met = seen[name]
    assert (met["status"], met["in"], met["people"]) == (403, 302, 1)
    assert "accounts.signed_in" not in met["said"]


def test_an_answer_that_was_not_asked_for_opens_nothing(seen: dict[str, Any]) -> None:
    assert (seen["forged"]["status"], seen["forged"]["in"]) == (403, 302)


def test_a_second_factor_is_asked_for_here_too(seen: dict[str, Any]) -> None:
    careful = seen["careful"]
    assert (careful["to"], careful["in"]) == ("/sign-in/code/?next=%2Fprofile%2F", 302)
