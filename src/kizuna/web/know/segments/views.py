"""Segments: the list, one of them, the form, why somebody is in or out, the RFM map, stages."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kizuna.pipeline.rules.catalogue import known_facts
from kizuna.pipeline.rules.contradictions import contradiction
from kizuna.pipeline.rules.errors import RuleError
from kizuna.pipeline.rules.reading import read
from kizuna.pipeline.rules.terms import Rule
from kizuna.web.accounts.models import Role
from kizuna.web.accounts.permissions import person_of, requires
from kizuna.web.know.customers.exports import csv_lines
from kizuna.web.know.publications.queries import published
from kizuna.web.know.segments import queries, services, tables, wording
from kizuna.web.know.segments import stages as own_stages
from kizuna.web.know.segments.forms import (
    Asked,
    NameForm,
    TextForm,
    known_values,
    row_forms,
    shown_of,
)
from kizuna.web.know.segments.models import Segment


@requires(Role.VIEWER)
def listed(request: HttpRequest) -> HttpResponse:
    """List the segments: how many customers, what they are worth, who came and went."""
    found, state = list(queries.segments()), published()
    shown: dict[str, Any] = {"segments": found, "state": state, "last": queries.last_rebuild()}
    shown |= {"table": tables.segments(found, state), "tabs": tables.tabs("list")}
    shown["may_change"] = person_of(request).may(Role.MEMBER)
    return render(request, "segments/list.html", shown)


@requires(Role.VIEWER)
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a segment: its rule in words, who is in it, and who came and went."""
    found, state = _kept(pk), published()
    rule = queries.rule_of(found) if found.live else None
    page = queries.members(pk, _page_number(request))
    shown: dict[str, Any] = {"one": found, "page": page, "state": state}
    shown["said"] = wording.sentence(rule.part) if rule else ""
    shown["impossible"] = wording.impossible(t) if rule and (t := contradiction(rule.part)) else ""
    shown |= {"members": tables.members(page, state, found), "stats": tables.stats(found, state)}
    shown["moves"] = tables.moves(queries.moves(pk))
    shown["may_watch"] = person_of(request).may(Role.MANAGER)
    shown["may_change"] = person_of(request).may(Role.MEMBER)
    shown["name"] = NameForm(initial={"name": _("%(name)s, fixed") % {"name": found.name}})
    return render(request, "segments/one.html", shown)


@requires(Role.VIEWER)
def why(request: HttpRequest, pk: int) -> HttpResponse:
    """Say why one customer is in a segment or not, condition by condition."""
    found, state, customer = _kept(pk), published(), request.GET.get("id", "").strip()
    verdict = queries.verdict(found, customer) if customer else None
    table = wording.verdict(verdict, state.currency) if verdict and state else None
    shown = {"one": found, "customer": customer, "verdict": verdict, "table": table}
    return render(request, "segments/why.html", shown)


@requires(Role.MEMBER)
def add(request: HttpRequest) -> HttpResponse:
    """Make a segment."""
    return _form(request, None)


@requires(Role.MEMBER)
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a segment; the rule that it has stays live until another one can be used."""
    return _form(request, _kept(pk))


@requires(Role.MEMBER)
@require_POST
def freeze(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep who is in a segment now under another name."""
    kept, name = _kept(pk), NameForm(request.POST)
    if not name.is_valid():
        messages.error(request, _("Give the fixed segment a name."))
        return redirect("segments:one", pk=kept.pk)
    try:
        made = services.freeze(
            actor=person_of(request), pk=pk, name=name.cleaned_data["name"], request=request
        )
    except services.NameTakenError:
        messages.error(request, _("Another segment has this name; choose another one."))
        return redirect("segments:one", pk=kept.pk)
    messages.success(request, _("The customers of now are kept in this segment."))
    return redirect("segments:one", pk=made.pk)


@requires(Role.MEMBER)
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a segment go."""
    try:
        services.remove(actor=person_of(request), pk=pk, request=request)
    except services.WatchedError:
        messages.error(request, _("An alert rule watches this segment: change that rule first."))
        return redirect("segments:one", pk=pk)
    messages.success(request, _("The segment is removed."))
    return redirect("segments:list")


@requires(Role.MEMBER)
@require_POST
def export(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Give the customers of a segment as CSV, and record that they left."""
    found, state = _kept(pk), published()
    services.export(actor=person_of(request), pk=pk, request=request)
    rows = tables.export(queries.everyone_in(found.pk), state)
    return StreamingHttpResponse(
        csv_lines(rows, language=get_language() or "en"),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="segment-{pk}.csv"'},
    )


@requires(Role.VIEWER)
def who(request: HttpRequest) -> HttpResponse:
    """Show the customers of a rule that is not kept: where the numbers of the maps lead."""
    try:
        rule = read(request.GET.get("rule", ""), known_facts())
    except RuleError as error:
        raise Http404 from error
    page, state = queries.matching(rule, _page_number(request)), published()
    shown: dict[str, Any] = {"rule": rule, "page": page, "said": wording.sentence(rule.part)}
    shown["table"] = tables.matching(page, state)
    shown["may_change"] = person_of(request).may(Role.MEMBER)
    return render(request, "segments/who.html", shown)


@requires(Role.VIEWER)
def rfm(request: HttpRequest) -> HttpResponse:
    """Show customers by how lately and how often they bought."""
    state, found = published(), queries.rfm_map()
    shown: dict[str, Any] = {"state": state, "tabs": tables.tabs("rfm")}
    shown["table"] = tables.rfm(found, state) if found else None
    return render(request, "segments/rfm.html", shown)


@requires(Role.VIEWER)
def stages(request: HttpRequest) -> HttpResponse:
    """Show customers by stage, and who is stuck in one."""
    state, (found, stuck) = published(), queries.stages()
    shown: dict[str, Any] = {"state": state, "tabs": tables.tabs("stages")}
    shown |= {"rules": tables.stage_rules(), "may_set": person_of(request).may(Role.MANAGER)}
    error = own_stages.unusable(own_stages.newest())
    shown["problem"] = wording.problem(error) if error else ""
    shown["table"] = tables.stages(found, state) if found else None
    shown["in_none"] = sum(row["customers"] for row in found if row["stage"] is None)
    shown["stuck"] = tables.stuck(stuck, state) if stuck else None
    return render(request, "segments/stages.html", shown)


def _form(request: HttpRequest, kept: Segment | None) -> HttpResponse:
    asked = Asked.of(request.POST) if request.method == "POST" else None
    name = NameForm(request.POST) if asked else NameForm(initial=_initial(kept))
    shown: dict[str, Any] = {"one": kept, "name": name}
    rule, error = _read(asked, kept, request.GET.get("rule", ""))
    if asked and asked.action == "save" and rule and name.is_valid():
        answer = _saved(request, kept, name, rule)
        if isinstance(answer, HttpResponse):
            return answer
        shown["theirs"] = answer
    shown |= _written(asked, rule, error)
    if asked and asked.action != "add":
        shown["problem"] = wording.problem(error) if error else ""
        shown |= _checked(rule)
    return render(request, "segments/form.html", shown)


def _saved(
    request: HttpRequest, kept: Segment | None, name: NameForm, rule: Rule
) -> HttpResponse | Segment | None:
    """Save; give what someone else saved meanwhile, or None where the name is taken."""
    given, actor = name.cleaned_data, person_of(request)
    told = {"name": given["name"], "description": given["description"], "rule": rule.text}
    try:
        if kept is None:
            made = services.save(actor=actor, request=request, **told)
        else:
            version = given["version"] or 0
            made = services.change(
                actor=actor, pk=kept.pk, version=version, request=request, **told
            )
    except services.NameTakenError:
        name.add_error("name", _("Another segment has this name; choose another one."))
        return None
    except services.ChangedMeanwhileError as error:
        return error.now
    messages.success(request, _("The segment is saved; who is in it is found in a moment."))
    return redirect("segments:one", pk=made.pk)


def _read(
    asked: Asked | None, kept: Segment | None, given: str
) -> tuple[Rule | None, RuleError | None]:
    if asked is None and (kept or not given):
        return (queries.rule_of(kept) if kept else None), None
    try:
        if asked is None:
            return read(given, known_facts()), None
        return asked.rule(), None
    except RuleError as error:
        return None, error


def _written(asked: Asked | None, rule: Rule | None, error: RuleError | None) -> dict[str, Any]:
    """Fill the form: in rows where they can show the rule, else as text."""
    mode = asked.mode if asked else "form"
    if asked and asked.action in ("form", "text"):
        mode = asked.action
    shown = shown_of(rule)
    if shown is None or (asked and error and asked.mode == "text"):
        mode = "text"
    if mode == "text":
        text = rule.text if rule else (asked.given.get("rule", "") if asked else "")
        return {"mode": "text", "text": TextForm(initial={"rule": text}), "rowless": shown is None}
    match, rows = shown or ("all", [])
    if asked and rule is None:
        match, rows = asked.match, list(asked.rows)
    return {"mode": "form", "match": match, "rows": row_forms(rows), "values": known_values()}


def _checked(rule: Rule | None) -> dict[str, Any]:
    if rule is None:
        return {}
    state, texts = published(), contradiction(rule.part)
    shown: dict[str, Any] = {"said": wording.sentence(rule.part), "text_of": rule.text}
    shown["impossible"] = wording.impossible(texts) if texts else ""
    shown |= {"found": queries.checked(rule), "state": state}
    return shown


def _initial(kept: Segment | None) -> dict[str, Any]:
    if kept is None:
        return {}
    return {"name": kept.name, "description": kept.description, "version": kept.version}


def _kept(pk: int) -> Segment:
    found = queries.segment(pk)
    if found is None:
        raise Http404
    return found


def _page_number(request: HttpRequest) -> int:
    text = request.GET.get("page", "1")
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) < 6 else 1
