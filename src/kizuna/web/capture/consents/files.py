"""Files of consents: read whatever way a spreadsheet wrote them, row by row; and written."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from kizuna.web.capture.consents.models import Basis, Consent
from kizuna.web.capture.consents.queries import as_record
from kizuna.web.capture.consents.services.recording import Said

LARGEST = 5_000_000
MOST_ROWS = 20_000
NAMES = {
    "customer_id": ("customer_id", "customer", "顧客id", "顧客番号", "会員番号"),
    "purpose": ("purpose", "目的", "利用目的"),
    "channel": ("channel", "チャネル", "手段"),
    "topic": ("topic", "トピック", "話題"),
    "status": ("status", "状態", "同意状況"),
    "basis": ("basis", "根拠"),
    "decided_at": ("decided_at", "date", "日時", "同意日時", "同意日"),
    "wording_version": ("wording_version", "文面の版"),
    "note": ("note", "備考", "取得元"),
}
WORDS = {
    "同意": "granted",
    "許可": "granted",
    "拒否": "denied",
    "撤回": "withdrawn",
    "yes": "granted",
    "no": "denied",
    "メール": "email",
    "電話": "phone",
    "郵送": "post",
}
WANTED = ("customer_id", "purpose", "channel", "status", "decided_at")


class UnreadableError(Exception):
    """Raised for a file that is none of consents; names the columns that are missing."""

    def __init__(self, missing: Iterable[str] = ()) -> None:
        super().__init__()
        self.missing = list(missing)


@dataclass(frozen=True, slots=True)
class Read:
    """The rows of a file, each a word or nothing where its moment or version cannot be read."""

    rows: list[Said]
    lines: list[int]
    unreadable: list[tuple[int, str]]
    digest: str


def read(content: bytes, name: str) -> Read:
    """Read a file of consents.

    Raises
    ------
    UnreadableError
        When it is too long, in no encoding we know, or lacks a column.

    """
    digest = hashlib.sha256(content).hexdigest()
    rows: list[Said] = []
    lines: list[int] = []
    unreadable: list[tuple[int, str]] = []
    for line, row in _rows(_text(content)):
        if len(lines) + len(unreadable) >= MOST_ROWS:
            raise UnreadableError
        said = _said(row, {"file": name[:200], "sha256": digest, "line": line})
        if isinstance(said, str):
            unreadable.append((line, said))
        else:
            rows.append(said)
            lines.append(line)
    return Read(rows, lines, unreadable, digest)


def as_csv(words: Iterable[Consent]) -> Iterator[str]:
    """Write words with their proofs, a line each; cells that a spreadsheet would run are quoted."""
    yield "\ufeff"
    names: list[str] = []
    for word in words:
        record = as_record(word)
        record["proof"] = json.dumps(record["proof"], ensure_ascii=False, sort_keys=True)
        if not names:
            names = list(record)
            yield _line(names)
        yield _line([_safe(record[name]) for name in names])


def as_json(words: Iterable[Consent]) -> Iterator[str]:
    """Write words with their proofs as one list."""
    yield "["
    for number, word in enumerate(words):
        yield ",\n" if number else "\n"
        yield json.dumps(as_record(word), ensure_ascii=False)
    yield "\n]\n"


def _text(content: bytes) -> str:
    for encoding in ("utf-8-sig", "cp932"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableError


def _rows(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    head = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter="\t" if "\t" in head else ",")
    try:
        columns = _columns(next(reader, []))
        for row in reader:
            if any(cell.strip() for cell in row):
                cells = {n: row[at].strip() for n, at in columns.items() if at < len(row)}
                yield reader.line_num, cells
    except csv.Error as error:
        raise UnreadableError from error


def _columns(heads: list[str]) -> dict[str, int]:
    plain = [head.strip().lower() for head in heads]
    found = {
        name: plain.index(alias)
        for name, aliases in NAMES.items()
        for alias in [next((a for a in aliases if a in plain), "")]
        if alias
    }
    if missing := [name for name in WANTED if name not in found]:
        raise UnreadableError(missing)
    return found


def _said(row: dict[str, str], proof: dict[str, Any]) -> Said | str:
    moment = _moment(row.get("decided_at", ""))
    if moment is None:
        return "moment"
    version = row.get("wording_version", "")
    if version and not (version.isascii() and version.isdigit() and len(version) < 9):
        return "wording"
    note = {"note": row["note"][:500]} if row.get("note") else {}
    return Said(
        customer_id=row.get("customer_id", ""),
        purpose=row.get("purpose", ""),
        channel=_word(row.get("channel", "")),
        topic=row.get("topic", ""),
        status=_word(row.get("status", "")),
        basis=row.get("basis", "") or Basis.CONSENT,
        decided_at=moment,
        wording_version=int(version) if version else None,
        proof=proof | note,
    )


def _word(text: str) -> str:
    return WORDS.get(text.lower(), text.lower())


def _moment(text: str) -> datetime | None:
    """Read a moment; a day alone is its first moment, and without a zone it is the reader's."""
    plain = text.replace("/", "-")
    try:
        found: datetime | date | None = parse_datetime(plain) or parse_date(plain)
    except ValueError:
        return None
    if found is None:
        return None
    moment = found if isinstance(found, datetime) else datetime.combine(found, time.min)
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)


def _safe(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value[:1] in tuple("=+-@\t\r") else value


def _line(values: list[Any]) -> str:
    held = io.StringIO()
    csv.writer(held).writerow(values)
    return held.getvalue()
