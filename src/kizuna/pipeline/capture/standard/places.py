"""Where people are, in SQL: telephone numbers with their country, countries, prefectures."""

from __future__ import annotations

from kizuna.pipeline.engine import quoted

DIALLED = {
    "JP": ("81", "0"), "US": ("1", "1"), "CA": ("1", "1"), "GB": ("44", "0"), "DE": ("49", "0"),
    "FR": ("33", "0"), "NL": ("31", "0"), "BE": ("32", "0"), "CH": ("41", "0"), "AT": ("43", "0"),
    "ES": ("34", ""), "IT": ("39", ""), "PT": ("351", ""), "SE": ("46", "0"), "KR": ("82", "0"),
    "CN": ("86", ""), "TW": ("886", "0"), "HK": ("852", ""), "SG": ("65", ""), "AU": ("61", "0"),
    "NZ": ("64", "0"), "IN": ("91", "0"), "TH": ("66", "0"), "VN": ("84", "0"), "BR": ("55", "0"),
}  # fmt: skip
"""Country → its code, and what stands before a number dialled inside it."""
ZONES = {"Asia/Tokyo": "JP", "Europe/London": "GB", "Europe/Berlin": "DE", "Europe/Paris": "FR"}
"""Country that a time zone speaks for, where numbers are written without one."""
COUNTRIES = {
    "JP": "日本 日本国 japan jpn jp", "US": "usa us unitedstates america アメリカ 米国",
    "GB": "uk gb gbr unitedkingdom greatbritain england イギリス 英国",
    "DE": "germany deu de ドイツ", "FR": "france fra fr フランス", "CN": "china chn cn 中国",
    "KR": "korea southkorea kor kr 韓国", "TW": "taiwan twn tw 台湾", "IT": "italy ita it イタリア",
}  # fmt: skip
PREFECTURES = (
    *("青森", "岩手", "宮城", "秋田", "山形", "福島", "茨城", "栃木", "群馬", "埼玉", "千葉"),
    *("神奈川", "新潟", "富山", "石川", "福井", "山梨", "長野", "岐阜", "静岡", "愛知", "三重"),
    *("滋賀", "兵庫", "奈良", "和歌山", "鳥取", "島根", "岡山", "広島", "山口", "徳島", "香川"),
    *("愛媛", "高知", "福岡", "佐賀", "長崎", "熊本", "大分", "宮崎", "鹿児島", "沖縄"),
)
"""Those that end in 県."""
POSTCODE = r"^\s*〒?\s*\d{3}-?\d{4}\s+|^\s*〒\s*\d{3}-?\d{4}\s*"
PREFECTURE = r"^(北海道|東京都|京都府|大阪府|.{2,3}県)"


def country(text: str) -> str:
    """SQL: two letters of a country that is known by name; otherwise the text."""
    folded = f"regexp_replace(lower({text}), '[\\s.]', '', 'g')"
    cases = " ".join(
        f"WHEN {folded} IN ({', '.join(map(quoted, words.split()))}) THEN '{code}'"
        for code, words in COUNTRIES.items()
    )
    return f"CASE {cases} WHEN length({text}) = 2 THEN upper({text}) ELSE {text} END"


def region(text: str) -> str:
    """SQL: a prefecture with its ending; otherwise the text."""
    listed = ", ".join(map(quoted, PREFECTURES))
    return (
        f"CASE WHEN {text} IN ({listed}) THEN {text} || '県' WHEN {text} = '東京' THEN '東京都' "
        f"WHEN {text} IN ('京都', '大阪') THEN {text} || '府' ELSE {text} END"
    )


def prefecture_of(address: str) -> str:
    """SQL: the prefecture that an address begins with, after its postcode; NULL without one."""
    bare = f"regexp_replace({address}, '{POSTCODE}', '')"
    return f"nullif(regexp_extract({bare}, '{PREFECTURE}', 1), '')"


def rest_of(address: str) -> str:
    """SQL: an address without postcode and prefecture."""
    bare = f"regexp_replace({address}, '{POSTCODE}', '')"
    return f"nullif(trim(regexp_replace({bare}, '{PREFECTURE}', '')), '')"


def phone(text: str, country_code: str, timezone: str) -> str:
    """SQL: a number as +81312345678; NULL where its country or length cannot be right.

    `country_code` is SQL of the row's country; without one the time zone speaks for it.
    """
    home = ZONES.get(timezone)
    where = f"coalesce({country_code}, {quoted(home) if home else 'NULL'})"
    digits = f"regexp_replace({text}, '[^0-9]', '', 'g')"
    cases = " ".join(
        f"WHEN '{name}' THEN '+{code}' || regexp_replace({digits}, '^{trunk}', '')"
        for name, (code, trunk) in DIALLED.items()
    )
    number = (
        f"CASE WHEN {text}[1] = '+' THEN '+' || regexp_replace(replace({text}, '(0)', ''), "
        f"'[^0-9]', '', 'g') WHEN starts_with({digits}, '00') THEN '+' || {digits}[3:] "
        f"WHEN {text} LIKE '%[^-0-9() .]%' THEN NULL ELSE CASE {where} {cases} END END"
    )
    return f"CASE WHEN regexp_matches({number}, '^\\+[1-9][0-9]{{7,14}}$') THEN {number} END"
