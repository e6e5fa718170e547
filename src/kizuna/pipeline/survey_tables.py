"""Tables of surveys: who was asked in which wave, what came back, and the scores of it."""

from __future__ import annotations

from kizuna.pipeline.contracts import Column, Table, optional

_SURVEY = Column("survey_no", "BIGINT", "", "number of the survey")
_WAVE = Column("wave_no", "INTEGER", "", "number of the wave within the survey, from 1")
_ASK = Column("ask_no", "BIGINT", "", "number of the asking of one customer in one wave")
_KIND = Column("kind", "VARCHAR", "", "nps, csat, ces or custom")
_CUSTOMER = Column("customer_id", "VARCHAR", "", "the customer, as named by the source")
_QUESTION = Column("question_no", "INTEGER", "", "place of the question, from 1")
_CUT = Column("cut", "VARCHAR", "", "'all', 'segment' (by RFM) or 'value' (fifths of value)")
_PART = Column("part", "VARCHAR", "", "the part: '' of all; '1' is the most valuable fifth")
_ASKED = Column("asked", "BIGINT", "customers", "customers to whom it was sent")
_ANSWERED = Column("answered", "BIGINT", "customers", "of these, those who answered")
_GRAIN = ("survey_no", "wave_no", "cut", "part")

_GIVEN = (
    Table(
        "survey_asks",
        ("ask_no",),
        "Whom a survey was sent to, wave by wave. Written by the application.",
        (
            *(_ASK, _SURVEY, _WAVE, _CUSTOMER, _KIND),
            Column("asked_on", "DATE", "day", "day on which it was sent, organisation's zone"),
            Column("response_id", "VARCHAR", "", "id that the answer has in `responses`"),
        ),
    ),
    Table(
        "survey_replies",
        ("ask_no", "question_no"),
        "Answers to questions with a scale or choices. Written by the application.",
        (
            *(_ASK, _QUESTION, _SURVEY, _WAVE, _CUSTOMER),
            Column("reply", "VARCHAR", "", "the number or the choice, as text"),
        ),
    ),
)

_MADE = (
    Table(
        "survey_counts",
        _GRAIN,
        "Who was asked and who answered, in each wave: of all, by segment and by value.",
        (
            *(_SURVEY, _WAVE, _CUT, _PART, _KIND),
            Column("first_on", "DATE", "day", "day on which the first was asked"),
            *(_ASKED, _ANSWERED),
            Column("scored", "BIGINT", "customers", "of these, those who gave a number"),
            Column("low", "BIGINT", "customers", "NPS: 0 to 6. CSAT: 1 and 2. CES: 1 to 3"),
            Column("top", "BIGINT", "customers", "NPS: 9 and 10. CSAT: 4 and 5. CES: 5 to 7"),
            Column("total", "DOUBLE", "", "sum of the numbers given"),
            Column("squares", "DOUBLE", "", "sum of their squares"),
        ),
    ),
    Table(
        "survey_scores",
        _GRAIN,
        "The score of each wave with its 90 % interval, and the share of those who answered.",
        (
            *(_SURVEY, _WAVE, _CUT, _PART, _KIND),
            Column("first_on", "DATE", "day", "day on which the first was asked"),
            *(_ASKED, _ANSWERED),
            *optional(
                Column("rate", "DOUBLE", "percent", "answered ÷ asked"),
                Column("rate_low", "DOUBLE", "percent", "low end of its 90 % interval (Wilson)"),
                Column("rate_high", "DOUBLE", "percent", "high end of the interval"),
                Column(
                    "score",
                    "DOUBLE",
                    "points",
                    "NPS: −100 to 100. CSAT: percent of 4 and 5. CES, custom: mean",
                ),
                Column("score_low", "DOUBLE", "points", "low end of its 90 % interval"),
                Column("score_high", "DOUBLE", "points", "high end of the interval"),
                Column("change", "DOUBLE", "points", "score less that of the wave before"),
                Column("change_low", "DOUBLE", "points", "low end of its 90 % interval"),
                Column("change_high", "DOUBLE", "points", "high end of the interval"),
                Column("agree", "DOUBLE", "percent", "CES: share of 5 to 7"),
            ),
        ),
    ),
    Table(
        "survey_choices",
        ("survey_no", "wave_no", "question_no", "reply"),
        "How often each answer was given to a question with a scale or choices.",
        (
            *(_SURVEY, _WAVE, _QUESTION),
            Column("reply", "VARCHAR", "", "the number or the choice, as text"),
            Column("replies", "BIGINT", "customers", "customers who gave it"),
            Column("of_replies", "BIGINT", "customers", "customers who answered the question"),
            Column("share", "DOUBLE", "share", "of those who answered the question"),
            Column("share_low", "DOUBLE", "share", "low end of its 90 % interval (Wilson)"),
            Column("share_high", "DOUBLE", "share", "high end of the interval"),
        ),
    ),
)

SURVEY_TABLES = (*_GIVEN, *_MADE)
