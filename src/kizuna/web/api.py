"""The programming interface: every app's part under one address, its description, and its page."""

from __future__ import annotations

from functools import cache
from http import HTTPStatus
from typing import Any, Final

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from ninja import NinjaAPI, Router, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.operation import Operation, PathView

from kizuna.web.accounts.models import Role, Scope
from kizuna.web.accounts.permissions import public, requires
from kizuna.web.act.messages.api import router as act_messages
from kizuna.web.capture.consents.api import router as consents
from kizuna.web.capture.imports.api import router as imports
from kizuna.web.capture.interactions.api import router as interactions
from kizuna.web.interface import once
from kizuna.web.interface.gate import WRITES, gate
from kizuna.web.interface.keys import Key, bearer
from kizuna.web.interface.problems import PROBLEM_JSON, problem
from kizuna.web.interface.shapes import Problem
from kizuna.web.jobs.api import router as jobs
from kizuna.web.know.board.api import router as board
from kizuna.web.know.customers.api import router as customers
from kizuna.web.know.health.api import router as health
from kizuna.web.know.publications.api import router as publications
from kizuna.web.know.scenarios.api import router as scenarios

ROOT: Final = "/api/v1/"
ABOUT: Final = """Customers, their value with its interval, and how data is brought in.

Send a key as `Authorization: Bearer kizuna_…`. Money is in units of the currency, moments are UTC,
intervals are 90 %. Words follow `Accept-Language` (en, ja)."""
ALWAYS: Final = (401, 403, 405, 422, 429, 503)
OF_WRITES: Final = (400, 409, 413, 415)

me = Router(tags=["key"])


class WhoAmI(Schema):
    """Whose key it is, and what it may do."""

    person: str
    key: str
    scopes: list[str]


@me.get(
    "/whoami",
    auth=Key(Scope.READ),
    response=WhoAmI,
    summary=gettext_noop("Tell whose key this is"),
)
def whoami(request: HttpRequest) -> dict[str, Any]:
    """Tell a program whose key it brought, and what the key may do."""
    key = bearer(request)
    assert key is not None  # the key has opened this
    return {"person": key.person.name, "key": key.name, "scopes": key.scopes}


class Interface(NinjaAPI):
    """Describes what every operation has in common, beside what each says itself."""

    def get_openapi_schema(self, **_said: Any) -> Any:
        """Write OpenAPI 3.1 with scopes, problems and the header that makes a write once."""
        found = super().get_openapi_schema(path_prefix=ROOT)
        found["components"]["schemas"]["Problem"] = Problem.model_json_schema()
        operations = dict(self._named())
        for methods in found["paths"].values():
            for method, said in methods.items():
                _describe(method.upper(), said, operations[said["operationId"]])
        return found

    def views(self) -> list[tuple[str, PathView]]:
        """Give each path with its operations."""
        return [
            (path.lstrip("/"), view)
            for router in self._get_bound_routers()
            for path, view in router.path_operations.items()
        ]

    def _named(self) -> list[tuple[str, Operation]]:
        found = [op for _path, view in self.views() for op in view.operations]
        return [(self.get_openapi_operation_id(op), op) for op in found]

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """Name an operation by its function."""
        return str(operation.view_func.__name__)


def _describe(method: str, said: dict[str, Any], operation: Operation) -> None:
    scopes = [c.scope.value for c in operation.auth_callbacks if isinstance(c, Key)]
    said["security"] = [{"Key": scopes}]
    statuses = {*ALWAYS, *(OF_WRITES if method in WRITES else ())}
    statuses |= {404} if "{" in operation.path or method == "GET" else set()
    shape = {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for status in sorted(statuses):
        about = HTTPStatus(status).phrase
        said["responses"].setdefault(status, {"description": about, "content": shape})
    if method in WRITES:
        said["parameters"] = [*said["parameters"], IDEMPOTENCY]


IDEMPOTENCY: Final = {
    "in": "header",
    "name": once.HEADER,
    "required": False,
    "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
    "description": "names this write: sent again with the same body, it is answered as at first",
}

api = Interface(
    title="Kizuna", version="1", description=ABOUT, docs_url=None, openapi_url=None,
    urls_namespace="api-1",
)  # fmt: skip
for router in (
    me,
    customers,
    board,
    health,
    publications,
    scenarios,
    imports,
    consents,
    interactions,
    jobs,
    act_messages,
):
    api.add_router("", router)


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    errors = [{"at": list(e["loc"]), "message": e["msg"]} for e in error.errors]
    return problem(422, _("The request is not as described."), errors=errors)


@api.exception_handler(HttpError)
def _refused(request: HttpRequest, error: HttpError) -> HttpResponse:
    return problem(error.status_code, str(error))


@api.exception_handler(AuthenticationError)
def _unknown(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    said = _("No key was sent, or it is not valid.")
    return problem(401, said, headers={"WWW-Authenticate": "Bearer"})


@api.exception_handler(PermissionDenied)
def _forbidden(request: HttpRequest, error: PermissionDenied) -> HttpResponse:
    return problem(403, _("Whoever holds this key may not do this."))


@api.exception_handler(Http404)
def _nothing(request: HttpRequest, error: Http404) -> HttpResponse:
    return problem(404, str(error))


@api.exception_handler(ObjectDoesNotExist)
def _gone(request: HttpRequest, error: ObjectDoesNotExist) -> HttpResponse:
    return problem(404)


@api.exception_handler(Exception)
def _raised(request: HttpRequest, error: Exception) -> HttpResponse:
    # the gate writes it as a problem, after whatever was begun is taken back
    raise error


@cache
def described() -> dict[str, Any]:
    """Give the description of the interface."""
    found: dict[str, Any] = api.get_openapi_schema()
    return found


@public
def openapi(request: HttpRequest) -> JsonResponse:
    """Give the description for programs; it holds no data."""
    return JsonResponse(described())


@requires(Role.VIEWER)
def docs(request: HttpRequest) -> HttpResponse:
    """Show the interface to people, without any script."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for address, methods in described()["paths"].items():
        for method, said in methods.items():
            shown = {"method": method.upper(), "path": address, **said}
            shown["scope"] = said["security"][0]["Key"][0]
            groups.setdefault(said["tags"][0], []).append(shown)
    host = request.build_absolute_uri(ROOT)
    return render(request, "interface/docs.html", {"groups": groups, "host": host})


def _nowhere(request: HttpRequest, rest: str = "") -> HttpResponse:
    raise Http404


def _patterns() -> list[URLPattern]:
    """Put the gate before every path, and before those that lead nowhere."""
    patterns = [
        path(_route(route), gate(view.get_view(), view.operations), name=route)
        for route, view in api.views()
    ]
    nowhere = gate(_nowhere, [])
    return [*patterns, path("", nowhere), path("<path:rest>", nowhere)]


def _route(route: str) -> str:
    return route.replace("{", "<").replace("}", ">")


urlpatterns = [
    path("openapi.json", openapi, name="api_description"),
    path("docs", docs, name="api_docs"),
    *_patterns(),
]
