"""The official questions: their words in both languages, their scales, and what low means.

Who changes a word has a survey of her own ('custom'), for its answers are compared with nobody's.
Net Promoter Score is a mark of Bain & Company, NICE Satmetrix and Fred Reichheld.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from kizuna.web.act.surveys.models import Kind


@dataclass(frozen=True, slots=True)
class Official:
    """A question with `{subject}` where the company or its product is named."""

    en: str
    ja: str
    low: int
    high: int
    ends_en: tuple[str, str]
    ends_ja: tuple[str, str]
    low_at: int
    """An answer up to here is a low one, unless the survey says otherwise."""

    def words(self, language: str, subject: str) -> str:
        """Write the question of a subject."""
        text = self.ja if language == "ja" else self.en
        return text.replace("{subject}", subject)

    def ends(self, language: str) -> tuple[str, str]:
        """Write what the ends of the scale mean."""
        return self.ends_ja if language == "ja" else self.ends_en


OFFICIAL: Mapping[str, Official] = {
    Kind.NPS: Official(
        "How likely is it that you would recommend {subject} to a friend or colleague?",
        "{subject}を友人や同僚に薦める可能性はどのくらいありますか。",
        0,
        10,
        ("Not at all likely", "Extremely likely"),
        ("まったく薦めない", "強く薦める"),
        6,
    ),
    Kind.CSAT: Official(
        "How satisfied were you with {subject}?",
        "{subject}にどの程度満足されましたか。",
        1,
        5,
        ("Very dissatisfied", "Very satisfied"),
        ("とても不満", "とても満足"),
        2,
    ),
    Kind.CES: Official(
        "{subject} made it easy for me to handle my issue.",
        "{subject}のおかげで簡単に問題を解決できた。",
        1,
        7,
        ("Strongly disagree", "Strongly agree"),
        ("まったくそう思わない", "とてもそう思う"),
        3,
    ),
}

REASON_EN = "What is the main reason for your answer?"
REASON_JA = "そのようにお答えになった主な理由をお聞かせください。"

ABOUT = {
    Kind.NPS: _("Would they recommend us? 0 to 10; promoters (9, 10) less detractors (0 to 6)."),
    Kind.CSAT: _("Were they satisfied? 1 to 5; the share of 4 and 5."),
    Kind.CES: _("Was it easy? 1 to 7 (CES 2.0); the mean, high is easy."),
    Kind.CUSTOM: _("Questions of your own; each answer is counted, nothing is compared."),
}
