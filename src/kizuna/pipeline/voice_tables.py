"""Tables of what customers say: comments, their themes, what moves the score, gaps in service."""

from __future__ import annotations

from dataclasses import replace

from kizuna.pipeline.contracts import Column, Table, optional

_CUSTOMER = Column("customer_id", "VARCHAR", "", "the customer, as named by the source")
_COMMENT = Column(
    "comment_id", "VARCHAR", "", "'answer:' or 'contact:' and the id of the row that it stands in"
)
_SAID = Column("said_on", "DATE", "day", "day on which it was said (UTC)")
_THEME = Column("theme", "VARCHAR", "", "key of the theme; 'other' where it is about none")
_MOOD = Column("mood", "VARCHAR", "", "good, bad, wish (wants better) or neutral")
_COMMENTS = Column("comments", "BIGINT", "rows", "comments about it over the last 365 days")
_COMPLAINTS = Column(
    "complaints", "BIGINT", "rows", "of these, in a bad mood or wishing for better"
)
_ALL = Column("all_comments", "BIGINT", "rows", "comments about anything")

_DICTIONARY = (
    Column("theme", "VARCHAR", "", "key of the theme"),
    Column("label_en", "VARCHAR", "", "its name in English"),
    Column("label_ja", "VARCHAR", "", "its name in Japanese"),
    Column("words", "VARCHAR", "", "words that speak of it, in both languages, between |"),
)

_BROUGHT = (
    Table(
        "own_voice_themes",
        ("theme",),
        "The dictionary as people of the company changed it. Written by the application.",
        _DICTIONARY,
    ),
    Table(
        "voice_themes",
        ("theme",),
        "The dictionary of themes: the company's own, or else the packaged one.",
        _DICTIONARY,
    ),
    Table(
        "comment_labels",
        ("customer_id", "comment_id", "theme"),
        "What people confirmed: whether a comment is about a theme. Written by the application.",
        (
            *(_CUSTOMER, _COMMENT, _THEME),
            Column("holds", "BOOLEAN", "", "whether it is about the theme"),
        ),
    ),
    Table(
        "service_gaps",
        ("gap_id",),
        "Gaps in service that are on the register. Written by the application.",
        (
            Column("gap_id", "VARCHAR", "", "number of the gap"),
            _THEME,
            Column("improved_on", "DATE", "day", "day on which the improvement went live", True),
        ),
    ),
)

_SAYINGS = (
    Table(
        "comments",
        ("customer_id", "comment_id"),
        "Each text of a customer: written beside an answer, or in a contact with the service.",
        (
            *(_CUSTOMER, _COMMENT, _SAID),
            Column("source", "VARCHAR", "", "'answer' or 'contact'"),
            Column("channel", "VARCHAR", "", "the survey, or the channel of the contact", True),
            Column("text", "VARCHAR", "", "what was said"),
            Column("nps", "DOUBLE", "0 to 10, high = good", "likelihood to recommend", True),
            Column(
                "csat",
                "DOUBLE",
                "0 to 100, high = good",
                "satisfaction; of a contact its case's",
                True,
            ),
            Column("recent", "BOOLEAN", "", "said in the last 365 days"),
        ),
    ),
    Table(
        "voice_model",
        ("theme",),
        "How each theme is found: by its words, or by a learner that was better on labelled ones.",
        (
            _THEME,
            Column("labelled", "BIGINT", "rows", "comments confirmed, one way or the other"),
            Column("confirmed", "BIGINT", "rows", "of these, comments about the theme"),
            Column("needed", "BIGINT", "rows", "confirmed comments still missing for a learner"),
            *optional(
                Column("words_precision", "DOUBLE", "share", "of those found by words, right"),
                Column("words_recall", "DOUBLE", "share", "of those about it, found by words"),
                Column("learned_precision", "DOUBLE", "share", "the same of the learner, unseen"),
                Column("learned_recall", "DOUBLE", "share", "the same of the learner, unseen"),
            ),
            Column("method", "VARCHAR", "", "'words' or 'learned'"),
            Column("parameters", "VARCHAR", "JSON", "the learner, where it is used", True),
        ),
    ),
    Table(
        "comment_themes",
        ("customer_id", "comment_id", "theme"),
        "What each comment is about, and in which mood.",
        (
            *(_CUSTOMER, _COMMENT, _THEME, _MOOD, _SAID),
            Column("found_by", "VARCHAR", "", "'words', 'learned' or 'person'"),
            Column("recent", "BOOLEAN", "", "said in the last 365 days"),
        ),
    ),
    Table(
        "comment_values",
        ("customer_id",),
        "What those are worth who said anything.",
        (
            _CUSTOMER,
            Column("value", "DOUBLE", "minor", "value to come; empty where there is none", True),
            Column("mrr", "BIGINT", "minor", "recurring revenue a month; empty without one", True),
        ),
    ),
)

_TOLD = (
    Table(
        "themes",
        ("theme",),
        "Themes of the last 365 days: how often, in which mood, what they do to the score, and "
        "what those are worth who complain.",
        (
            *(_THEME, _COMMENTS, _ALL),
            Column(
                "share", "DOUBLE", "share", "comments ÷ all comments; a comment may be of several"
            ),
            Column("customers", "BIGINT", "customers", "who spoke of it"),
            Column("good", "BIGINT", "rows", "comments in a good mood"),
            _COMPLAINTS,
            Column("complaints_90d", "BIGINT", "rows", "complaints of the last 90 days"),
            Column("complaints_before", "BIGINT", "rows", "complaints of the 90 days before"),
            Column("score", "VARCHAR", "", "'nps' or 'csat': the score that more answers have"),
            *optional(
                Column("delta", "DOUBLE", "points", "mean score with the theme less without"),
                Column("delta_low", "DOUBLE", "points", "low end of the 90 % interval"),
                Column("delta_high", "DOUBLE", "points", "high end of the 90 % interval"),
            ),
            Column("scored_with", "BIGINT", "rows", "scores with the theme"),
            Column("scored_without", "BIGINT", "rows", "scores without it"),
            Column("customers_affected", "BIGINT", "customers", "who complained of it"),
            Column("value_affected", "DOUBLE", "minor", "value to come of those who complained"),
            Column("mrr_affected", "BIGINT", "minor", "recurring revenue of those who complained"),
        ),
    ),
    Table(
        "theme_days",
        ("theme", "said_on"),
        "Complaints by theme and day, beside all comments of that day.",
        (_THEME, _SAID, replace(_COMMENTS, meaning="comments about it"), _COMPLAINTS, _ALL),
    ),
    Table(
        "theme_proposals",
        ("place",),
        "Themes proposed for comments that none explains, the largest first; a person decides.",
        (
            Column("place", "BIGINT", "", "1 is the largest"),
            Column("words", "VARCHAR", "", "words that go together, between |"),
            replace(_COMMENTS, meaning="comments that it explains best"),
            Column("examples", "VARCHAR", "", "ids of comments that show it best, between |"),
        ),
    ),
    Table(
        "gap_effects",
        ("gap_id",),
        "Complaints before and after an improvement: a share of all comments, equally long.",
        (
            Column("gap_id", "VARCHAR", "", "number of the gap"),
            _THEME,
            Column("days", "BIGINT", "days", "days compared on either side, 90 at most"),
            Column("before", "BIGINT", "rows", "complaints before"),
            Column("before_of", "BIGINT", "rows", "all comments before"),
            Column("after", "BIGINT", "rows", "complaints since"),
            Column("after_of", "BIGINT", "rows", "all comments since"),
            *optional(
                Column("change", "DOUBLE", "share points", "share since less share before"),
                Column("change_low", "DOUBLE", "share points", "low end of the 90 % interval"),
                Column("change_high", "DOUBLE", "share points", "high end of the 90 % interval"),
            ),
        ),
    ),
)

VOICE_TABLES = (*_BROUGHT, *_SAYINGS, *_TOLD)
