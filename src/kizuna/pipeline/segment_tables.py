"""Tables of segments and of stages: who is where, and who came and went."""

from __future__ import annotations

from kizuna.pipeline.contracts import Column, Table, optional

_CUSTOMER = Column("customer_id", "VARCHAR", "", "the customer, as named by the source")
_SEGMENT = Column("segment_id", "BIGINT", "", "the segment, as the application numbers it")

SEGMENT_TABLES = (
    Table(
        "own_stages",
        ("stage",),
        "Stages as people of the company set them; written by the application.",
        (
            Column("stage", "VARCHAR", "", "key of the stage"),
            Column("place", "BIGINT", "", "in which order stages are asked; the first counts"),
            Column("label_en", "VARCHAR", "", "name of the stage in English"),
            Column("label_ja", "VARCHAR", "", "name of the stage in Japanese"),
            Column("entry", "VARCHAR", "", "rule by which a customer enters"),
            *optional(
                Column("exit", "VARCHAR", "", "rule by which she leaves"),
                Column("days", "VARCHAR", "", "what tells how long she has been there"),
                Column("expected_days", "BIGINT", "days", "days that it should last"),
            ),
        ),
    ),
    Table(
        "lifecycle_stages",
        ("customer_id",),
        "The stage of the relationship: the first whose entry rule holds and whose exit rule does "
        "not. Who is in none has no row.",
        (
            _CUSTOMER,
            Column("lifecycle_stage", "VARCHAR", "", "key of the stage"),
            Column("stage_days", "DOUBLE", "days", "days in the stage, by its own measure", True),
            Column("stage_expected_days", "BIGINT", "days", "days that it should last", True),
            Column("stage_stuck", "BOOLEAN", "", "whether it has lasted longer", True),
        ),
    ),
    Table(
        "segment_members",
        ("segment_id", "customer_id"),
        "Who was in which segment when it was last written whole, and since when; "
        "`segment_changes` is laid over it.",
        (_SEGMENT, _CUSTOMER, Column("since_at", "TIMESTAMP", "UTC", "when the customer entered")),
    ),
    Table(
        "segment_changes",
        ("segment_id", "customer_id", "moved_at"),
        "What changed in a segment since it was written whole: a customer's last row counts.",
        (
            *(_SEGMENT, _CUSTOMER),
            Column("since_at", "TIMESTAMP", "UTC", "when the customer entered"),
            Column("moved_at", "TIMESTAMP", "UTC", "when the rebuild found it"),
            Column("is_in", "BOOLEAN", "", "whether the customer is in since then"),
        ),
    ),
    Table(
        "segment_moves",
        ("segment_id", "customer_id", "moved_at"),
        "Who entered and who left a segment; the first members of a segment entered nowhere.",
        (
            *(_SEGMENT, _CUSTOMER),
            Column("kind", "VARCHAR", "", "'entered' or 'left'"),
            Column("moved_at", "TIMESTAMP", "UTC", "when the rebuild found it"),
        ),
    ),
)
