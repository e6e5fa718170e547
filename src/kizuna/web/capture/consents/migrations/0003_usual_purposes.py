"""Purposes that most companies have, so that customers can choose from the first day."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import migrations

MAIL, ALL = ["email"], ["email", "sms", "phone", "line", "post"]
PURPOSES = (
    ("orders", "transactional", ALL, 10, "Orders and account", "ご注文・お手続きに関するご連絡"),
    ("service", "relationship", MAIL, 20, "Service and renewal", "サービス・契約更新のご案内"),
    ("news", "promotional", MAIL, 30, "News and offers", "お知らせ・キャンペーン情報"),
)


def make(apps: Any, editor: Any) -> None:
    """Make them."""
    rows = apps.get_model("consents", "Purpose")._default_manager.using(editor.connection.alias)
    for code, kind, channels, order, english, japanese in PURPOSES:
        said = {"kind": kind, "channels": channels, "order": order}
        said |= {"name_en": english, "name_ja": japanese}
        rows.get_or_create(code=code, defaults=said)


class Migration(migrations.Migration):
    """After the tables."""

    dependencies: ClassVar = [("consents", "0002_words")]
    operations: ClassVar = [migrations.RunPython(make, migrations.RunPython.noop)]
