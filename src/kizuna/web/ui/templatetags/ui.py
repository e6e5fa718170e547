"""Icons, and numbers, money, shares and days as the reader's language writes them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from typing import Any

from django import template
from django.core.paginator import Page
from django.http import QueryDict
from django.template.loader import render_to_string
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.utils import timezone
from django.utils.html import format_html, json_script
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext

from kizuna.charts.style import CONFIG, DARK
from kizuna.pipeline.parameters import minor_units
from kizuna.report.language import UNKNOWN, Language
from kizuna.web.ui.icons import ICONS

register = template.Library()
MOODS = ("good", "info", "caution", "serious", "unknown")


@cache
def _language(code: str, currency: str) -> Language:
    return Language(code, currency or None)


def writer(currency: str = "") -> Language:
    """Give what writes numbers in the language of this request, with amounts in a currency."""
    return _language("ja" if (get_language() or "en").startswith("ja") else "en", currency)


@register.simple_tag
def icon(name: str) -> SafeString:
    """Draw an icon, hidden from readers of the text: a word stands beside it."""
    return format_html(
        '<svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">'
        '<path d="{}"/></svg>',
        ICONS[name],
    )


@register.filter
def translated(text: str) -> str:
    """Say a text of the code in the reader's language; `translate` stumbles over a % in it."""
    return gettext(text) if text else ""


@register.filter
def mood_icon(mood: str) -> str:
    """Name the icon of a mood; what is not known has one of its own."""
    return mood if mood in MOODS else "unknown"


@register.filter
def notice_mood(mood: str) -> str:
    """Give the mood of a notice: one of ours, or what Django calls the level of a message."""
    levels = {"success": "good", "warning": "caution", "error": "serious"}
    found = levels.get(mood, mood)
    return found if found in MOODS else "info"


@register.filter
def mood_word(mood: str) -> str:
    """Say a mood in a word, for those who do not see its colour."""
    words = {
        "success": gettext("Done:"),
        "good": gettext("Good:"),
        "info": gettext("Note:"),
        "caution": gettext("Take care:"),
        "serious": gettext("Problem:"),
    }
    return words.get(mood) or words.get(notice_mood(mood), gettext("Unknown:"))


@register.filter
def mood_name(mood: str) -> str:
    """Name a mood, for a badge that has nothing more special to say."""
    names = {
        "good": gettext("Good"),
        "info": gettext("For your information"),
        "caution": gettext("Take care"),
        "serious": gettext("Serious"),
    }
    return names.get(mood, gettext("Not yet known"))


@register.filter
def number(value: float | None, digits: int = 0) -> str:
    """Write a number: `{{ n|number }}`, `{{ rate|number:1 }}`."""
    return writer().number(value, digits)


@register.filter
def percent(share: float | None, digits: int = 0) -> str:
    """Write a share of 1 as a percentage."""
    return writer().percent(share, digits)


@register.filter
def share(value: float | None) -> str:
    """Write a share that somebody set with the decimals it was set with: 10%, 0.5%."""
    if value is None:
        return UNKNOWN
    hundredths = round(value * 10_000)
    return writer().percent(value, next(d for d in (0, 1, 2) if not hundredths % 10 ** (2 - d)))


@register.filter
def money(amount: float | None, currency: str = "") -> str:
    """Write an amount in the major unit: `{{ equity|money:currency }}`."""
    return writer(currency).money(amount)


@register.filter
def minor_money(amount: float | None, currency: str = "") -> str:
    """Write an amount in the minor unit, as the tables keep it: yen, cents."""
    if amount is None:
        return UNKNOWN
    return writer(currency).money(amount / minor_units(currency or "XXX"))


@register.filter
def day(value: date | datetime | None) -> str:
    """Write a day; that of a moment is cut in the reader's time zone."""
    if value is None:
        return UNKNOWN
    local = timezone.localtime(value) if isinstance(value, datetime) else value
    return writer().day(local)


@register.filter
def moment(value: datetime | None) -> str:
    """Write a day and the time of day, in the reader's time zone."""
    if value is None:
        return UNKNOWN
    local = timezone.localtime(value)
    return f"{writer().day(local)} {local:%H:%M}"


@register.filter
def interval(bounds: Sequence[float] | None, currency: str | None = None) -> str:
    """Write an interval: of numbers, or of amounts in the major unit of a currency."""
    if bounds is None or any(bound is None for bound in bounds):
        return gettext("not yet known")
    language = writer(currency or "")
    low, high = bounds
    largest = max(abs(low), abs(high))
    if currency is None:
        digits = 0 if largest >= 100 else 1
        written = [language.number(low, digits), language.number(high, digits)]
    else:
        written = [language.money(low, like=largest), language.money(high, like=largest)]
    return gettext("%(low)s to %(high)s") % {"low": written[0], "high": written[1]}


@register.filter
def share_of_bar(share: float | None) -> str:
    """Write a share as the value of a progress element, which knows no language."""
    return f"{min(max(share or 0.0, 0.0), 1.0):.4f}"


@register.simple_tag(takes_context=True)
def again(context: template.Context, name: str) -> SafeString:
    """Write a block of the page a second time: its title is its heading too."""
    block = context.render_context[BLOCK_CONTEXT_KEY].get_block(name)
    return mark_safe(block.nodelist.render(context).strip() if block else "")


@register.simple_block_tag
def card(content: str, title: str = "", kind: str = "") -> SafeString:
    """Put what is between `{% card title=… %}` and `{% endcard %}` on a card."""
    given = {"title": title, "kind": kind, "content": mark_safe(content)}
    return render_to_string("ui/components/card.html", given)


@register.simple_tag
def chart_data(figure: dict[str, Any], place: str) -> SafeString:
    """Write what the script draws: the figure, its dark colours and how it behaves."""
    return json_script({"figure": figure, "dark": DARK, "config": CONFIG}, f"{place}-data")


@register.simple_tag(takes_context=True)
def page_url(context: template.Context, page: int, name: str = "page") -> str:
    """Give the address of another page of the same list."""
    return _with(context, name, str(page))


@register.simple_tag(takes_context=True)
def sort_url(context: template.Context, key: str, sort: str = "") -> str:
    """Give the address that sorts by `key`, the other way round when it is sorted so already."""
    return _with(context, "sort", f"-{key}" if sort == key else key)


@register.filter
def sorted_as(key: str, sort: str) -> str:
    """Say how a column is sorted, as `aria-sort` wants it."""
    return {key: "ascending", f"-{key}": "descending"}.get(sort, "none") if key else "none"


@register.filter
def near(page: Page[Any]) -> list[int]:
    """Give the pages around this one, the first and the last; 0 stands for a gap."""
    return [
        int(n) if isinstance(n, int) else 0
        for n in page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    ]


def _with(context: template.Context, name: str, value: str) -> str:
    request = context.get("request")
    query = request.GET.copy() if request else QueryDict(mutable=True)
    if name != "page":
        query.pop("page", None)
    query[name] = value
    return f"?{query.urlencode()}"
