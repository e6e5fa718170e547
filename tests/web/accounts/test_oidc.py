"""The company's identity provider: a real one on this machine names people; some are let in."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from web_installations import environment, install

pytestmark = pytest.mark.slow

VISIT = """
import json, sys, urllib.parse as u
from kizuna.web.serve import prepare; prepare()
from django.test import Client
from kizuna.web.accounts.models import AuditEntry, Person, Role
from kizuna.web.accounts.models import SecondFactor
aiko = Person.objects.create(email="aiko@example.com", name="A", role=Role.OWNER, password="!")
if sys.argv[1] == "careful":
    SecondFactor.objects.create(person=aiko, secret="x", last_step=0)
browser = Client(HTTP_HOST="localhost")
page = browser.get("/sign-in/").text
away = browser.get("/sign-in/with/company/?next=/profile/")
asked = dict(u.parse_qsl(u.urlparse(away["Location"]).query))
state = "forged" if sys.argv[1] == "forged" else asked["state"]
back = browser.get("/sign-in/with/company/back/", {"code": "abc", "state": state})
print(json.dumps({
    "offered": "Sign in with Our Login" in page,
    "asked": asked,
    "status": back.status_code,
    "to": back.get("Location", ""),
    "in": browser.get("/profile/").status_code,
    "people": Person.objects.count(),
    "last": AuditEntry.objects.order_by("-number").values_list("action", flat=True).first(),
}))
"""


class Provider(BaseHTTPRequestHandler):
    """An identity provider that names `claims`."""

    claims: ClassVar[dict[str, Any]] = {}

    def do_GET(self) -> None:
        if self.path.startswith("/.well-known/"):
            here = f"http://{self.headers['Host']}"
            names = ("authorization", "token", "userinfo")
            self.say({"issuer": here} | {f"{n}_endpoint": f"{here}/{n}" for n in names})
        else:
            self.say(self.claims)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.say({"access_token": "token", "token_type": "Bearer"})

    def say(self, answer: dict[str, Any]) -> None:
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    provider = HTTPServer(("127.0.0.1", 0), Provider)
    thread = threading.Thread(target=provider.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{provider.server_port}"
    provider.shutdown()
    thread.join()
    provider.server_close()


def visit(server: str, home: Path, claims: dict[str, Any], how: str = "honest") -> dict[str, Any]:
    Provider.claims = {"sub": "1"} | claims
    env = environment(
        install(home),
        KIZUNA_OIDC_SERVER=server,
        KIZUNA_OIDC_CLIENT="kizuna",
        KIZUNA_OIDC_SECRET="s",
        KIZUNA_OIDC_NAME="Our Login",
    )
    command = [sys.executable, "-c", VISIT, how]
    run = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    found: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return found


def test_whom_the_provider_names_is_let_in(server: str, tmp_path: Path) -> None:
    seen = visit(server, tmp_path, {"email": "Aiko@Example.com", "email_verified": True})
    assert seen["offered"]
    assert seen["asked"]["code_challenge_method"] == "S256"
    assert (seen["status"], seen["to"], seen["in"]) == (302, "/profile/", 200)
    assert seen["last"] == "accounts.signed_in"


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "aiko@example.com", "email_verified": False},
        {"email": "aiko@example.com"},
        {"email": "aiko@example.com", "email_verified": "false"},
        {"email": "stranger@example.com", "email_verified": True},
        {},
    ],
)
def test_nobody_else_is_let_in_or_made(server: str, tmp_path: Path, claims: dict[str, Any]) -> None:
    seen = visit(server, tmp_path, claims)
    assert (seen["status"], seen["in"], seen["people"]) == (403, 302, 1)


def test_an_answer_that_was_not_asked_for_opens_nothing(server: str, tmp_path: Path) -> None:
    named = {"email": "aiko@example.com", "email_verified": True}
    seen = visit(server, tmp_path, named, "forged")
    assert (seen["status"], seen["in"]) == (403, 302)


def test_a_second_factor_is_asked_for_here_too(server: str, tmp_path: Path) -> None:
    named = {"email": "aiko@example.com", "email_verified": True}
    seen = visit(server, tmp_path, named, "careful")
    assert (seen["to"], seen["in"]) == ("/sign-in/code/?next=%2Fprofile%2F", 302)
