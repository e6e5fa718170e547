"""Texts with placeholders: filled in or refused with a place, and never evaluated."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kizuna.web.act.messages import markup, wording
from kizuna.web.act.messages.placeholders import LONGEST, Hole, Read, read, value_of
from kizuna.web.act.messages.services.templates import Said, Words, faults
from kizuna.web.act.messages.variables import TOLD, known_of, values_of, variables
from kizuna.web.know.customers.models import CustomerFact

KNOWN = {"customer.name", "customer.salutation", "fact.orders"}
SECRET = "s3cr3t-key"
PAYLOADS = [
    "{{7*7}}", "{{ 7*'7' }}", "{{config}}", "{{ config.items() }}", "{{ settings.SECRET_KEY }}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}", "{{ request.user.password }}",
    "{{ self._TemplateReference__context.cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ lipsum.__globals__['os'].popen('id').read() }}", "{{ cycler.__init__.__globals__ }}",
    "{{ customer.name.__class__ }}", "{{ customer.name|safe }}", "{{ customer.name | upper }}",
    "{{ customer['name'] }}", "{{ customer.name() }}", "{{ get_flashed_messages.__globals__ }}",
    "{% debug %}", "{% include 'settings.py' %}", "{% load log %}", "{% for x in y %}{% endfor %}",
    "${7*7}", "#{7*7}", "<%= 7*7 %>", "${{7*7}}", "@(7*7)", "*{7*7}", "{{=7*7}}", "[[${7*7}]]",
    "{{constructor.constructor('return 1')()}}", "{{#with \"s\" as |string|}}", "{{{7*7}}}",
    "{{ {{ customer.name }} }}", "{{ customer.name | \"{{ settings.SECRET_KEY }}\" }}", "%(x)s",
    "{0.__class__}", "{customer.__init__.__globals__}", "$customer", "%{7*7}", "{php}id(){/php}",
    "#set($x=7*7)$x", "{{ 'a'*10**9 }}", "{{ range(10**9) }}", "{{" * 200, "}}" * 200, "{{ \x00 }}",
]  # fmt: skip
"""Texts by which template engines were made to run what they were handed."""


def filled(text: str, values: dict[str, str | None]) -> tuple[str, str]:
    """Fill a text in: plain, and as HTML."""
    found = markup.compiled(text)
    links = markup.addresses(found, values)
    plain = markup.filled(found.text, values, links, lambda _n, to: to, html=False)
    return plain, markup.filled(found.html, values, links, lambda _n, to: to, html=True)


def test_a_placeholder_has_a_name_and_words_for_where_nothing_is_known() -> None:
    assert read('Dear {{ customer.name | "friend" }}!').parts == (
        "Dear ", Hole("customer.name", "friend"), "!",
    )  # fmt: skip


def test_an_unknown_name_is_refused_with_its_place_and_what_was_meant() -> None:
    [found] = read("a\nbb {{ customer.nmae }}", KNOWN).problems
    assert (found.code, found.line, found.column) == ("unknown", 2, 4)
    assert (found.shown, found.instead) == ("customer.nmae", "customer.name")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{{ customer.name", "unclosed"),
        ("{{ }}", "malformed"),
        ("{{ a b }}", "malformed"),
        ("{% if x %}", "code"),
        ("x" * (LONGEST + 1), "too_long"),
    ],
)
def test_what_is_no_placeholder_is_refused(text: str, code: str) -> None:
    assert read(text, KNOWN).problems[0].code == code


def test_braces_are_written_between_quotes() -> None:
    assert read('{{ "{{" }} x }}').parts == ("{{", " x }}")


def test_full_width_blanks_are_blanks() -> None:
    assert read("{{　customer.name　}}").holes == (Hole("customer.name"),)


def test_what_whoever_sends_gives_is_known_by_its_beginning() -> None:
    assert read("{{ value.link }}", KNOWN).problems == ()


def test_empty_is_not_known() -> None:
    assert value_of(Hole("a", "words"), {"a": "  "}) == "words"
    assert value_of(Hole("a"), {}) is None


def test_a_value_stays_on_one_line() -> None:
    assert value_of(Hole("a"), {"a": "x\r\nBcc: y\u2028z\u202e"}) == "x Bcc: y z"


def test_what_fills_a_placeholder_is_not_read_again() -> None:
    values: dict[str, str | None] = {
        "customer.name": "{{ fact.orders }} **x** [y](https://evil.example) <b>",
        "fact.orders": SECRET,
    }
    plain, html = filled("Hello {{ customer.name }}", values)
    assert SECRET not in plain + html
    assert "<strong>" not in html
    assert "href" not in html
    assert "&lt;b&gt;" in html


@pytest.mark.parametrize("payload", PAYLOADS)
def test_payloads_are_refused_or_stay_text(payload: str) -> None:
    for where in (payload, f"https://shop.example/{payload}", f"[x]({payload})"):
        plain, html = filled(where, {"settings.SECRET_KEY": None, "customer.name": payload})
        for said in (plain, html):
            assert "49" not in said.replace(payload, "")
            assert "uid=" not in said
            assert "<script" not in html
        assert read(where, KNOWN) is not None


def test_the_payloads_find_a_reader_that_evaluates() -> None:
    def evaluating(text: str) -> str:
        return str(eval(text.strip("{} "), {"__builtins__": {}}))

    assert evaluating(PAYLOADS[0]) == "49"


@given(st.text(alphabet="{}%|\" \n.ab[]()*#-/:\ue000\ue001０日　<>&'", max_size=400), st.text())
def test_no_text_is_a_crash_and_nothing_gets_out_of_its_place(text: str, value: str) -> None:
    values: dict[str, str | None] = {"a": value, "b": None, "a.b": value}
    found = read(text, {"a"})
    assert isinstance(found, Read)
    _plain, html = filled(text, values)
    tags = {"p", "h2", "ul", "li", "br", "strong", "a"}
    opened = {part.split(">")[0].split(" ")[0].strip("/") for part in html.split("<")[1:]}
    assert opened <= tags


@pytest.mark.parametrize(
    "hard",
    [
        "{{" * (LONGEST // 2), "{{ " + " " * (LONGEST - 4), "{{" + "a" * (LONGEST - 2),
        '{{ a | "' + "b" * (LONGEST - 8), "[" * LONGEST, "[a](" * (LONGEST // 4),
        "**" * (LONGEST // 2), "**a" * (LONGEST // 3), "https://" * (LONGEST // 8),
        "\n" * LONGEST, "- \n" * (LONGEST // 3), "[" + "a" * (LONGEST - 1), "{%" * (LONGEST // 2),
        "{{a}}" * (LONGEST // 5),
    ],
)  # fmt: skip
def test_no_text_takes_long(hard: str) -> None:
    took = []
    for _time in range(3):
        began = time.process_time()
        read(hard, KNOWN)
        markup.compiled.__wrapped__(hard)
        took.append(time.process_time() - began)
    assert min(took) < 0.1, took


def test_links_lead_into_the_web_and_nowhere_else() -> None:
    for bad in ("javascript:alert(1)", "data:text/html,x", "//evil.example", "file:///etc/passwd"):
        plain, html = filled("[x]({{ value.link }})", {"value.link": bad})
        assert 'href=""' in html
        assert bad not in plain


def test_words_within_an_address_are_quoted() -> None:
    _plain, html = filled("https://shop.example/?c={{ a }}", {"a": 'x&y="'})
    assert 'href="https://shop.example/?c=x%26y%3D%22"' in html


def test_a_text_becomes_plain_and_simple_html() -> None:
    plain, html = filled("# 新着\n\n**特集** [見る](https://a.example/x)\n次\n- 一\n- 二", {})
    assert plain == "# 新着\n\n特集 見る: https://a.example/x\n次\n- 一\n- 二"
    assert html == (
        "<h2>新着</h2>\n"
        '<p><strong>特集</strong> <a href="https://a.example/x">見る</a><br>\n次</p>\n'
        "<ul><li>一</li><li>二</li></ul>\n"
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    "fact", ["health", "churn_probability", "residual_clv", "rfm_segment", "nps", "persona"]
)
def test_what_a_company_thinks_of_a_customer_is_refused_in_a_text_to_her(fact: str) -> None:
    body = f"Dear customer,\nyou are {{{{ fact.{fact} }}}} to us"
    (found,) = faults(Said("News", "marketing", [Words("email", "en", body, "Hello")]))
    assert (found.part, found.problem.line, found.problem.column) == ("body", 2, 9)
    assert "not told to the customer" in wording.problem(found.problem)


@pytest.mark.django_db
def test_a_text_written_before_tells_no_more_of_what_is_kept_back() -> None:
    facts = {"acme": CustomerFact(customer_id="acme", health=12.0, orders=3)}
    known = known_of(facts, {"acme": "en"}, ["fact.health", "fact.orders"])["acme"]
    told = values_of(known, ["fact.health", "fact.orders"])
    assert (told["fact.health"], told["fact.orders"]) == (None, "3")
    assert {n for n in variables() if n.startswith("fact.")} == {f"fact.{n}" for n in TOLD}
