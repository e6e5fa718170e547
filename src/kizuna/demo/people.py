"""Who the simulated customers are: names, where they live, how they can be reached; all made up.

Written as a shop's own list would be: phone numbers in several hands, gaps, some kana half width.
Drawn apart from the orders, so that neither changes the other.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np

from kizuna.demo.behaviour import CHANNELS, People


@dataclass(frozen=True, slots=True)
class Name:
    """A part of a name: written, read, and in Latin letters."""

    kanji: str
    kana: str
    roman: str


def _names(text: str) -> tuple[Name, ...]:
    return tuple(Name(*part.split("/")) for part in text.split())


FAMILY: Final = _names(
    "佐藤/サトウ/Sato 鈴木/スズキ/Suzuki 高橋/タカハシ/Takahashi 田中/タナカ/Tanaka "
    "伊藤/イトウ/Ito 渡辺/ワタナベ/Watanabe 渡邊/ワタナベ/Watanabe 山本/ヤマモト/Yamamoto "
    "中村/ナカムラ/Nakamura 小林/コバヤシ/Kobayashi 加藤/カトウ/Kato 吉田/ヨシダ/Yoshida "
    "山田/ヤマダ/Yamada 佐々木/ササキ/Sasaki 山口/ヤマグチ/Yamaguchi 松本/マツモト/Matsumoto "
    "井上/イノウエ/Inoue 木村/キムラ/Kimura 林/ハヤシ/Hayashi 斎藤/サイトウ/Saito "
    "齋藤/サイトウ/Saito 清水/シミズ/Shimizu 山崎/ヤマザキ/Yamazaki 森/モリ/Mori "
    "池田/イケダ/Ikeda 橋本/ハシモト/Hashimoto 阿部/アベ/Abe 石川/イシカワ/Ishikawa "
    "前田/マエダ/Maeda 藤田/フジタ/Fujita 後藤/ゴトウ/Goto 岡田/オカダ/Okada "
    "長谷川/ハセガワ/Hasegawa 村上/ムラカミ/Murakami 近藤/コンドウ/Kondo 石井/イシイ/Ishii "
    "髙田/タカダ/Takada 坂本/サカモト/Sakamoto 遠藤/エンドウ/Endo 青木/アオキ/Aoki"
)
GIVEN: Final = _names(
    "陽子/ヨウコ/Yoko 裕子/ユウコ/Yuko 愛子/アイコ/Aiko 美咲/ミサキ/Misaki さくら/サクラ/Sakura "
    "結衣/ユイ/Yui 葵/アオイ/Aoi 千代/チヨ/Chiyo 真由美/マユミ/Mayumi 恵/メグミ/Megumi "
    "直子/ナオコ/Naoko 由紀/ユキ/Yuki 久美子/クミコ/Kumiko 麻衣/マイ/Mai 七海/ナナミ/Nanami "
    "花子/ハナコ/Hanako 凛/リン/Rin 明美/アケミ/Akemi 健一/ケンイチ/Kenichi 大輔/ダイスケ/Daisuke "
    "翔太/ショウタ/Shota 誠/マコト/Makoto 拓也/タクヤ/Takuya 浩二/コウジ/Koji 蓮/レン/Ren "
    "隆/タカシ/Takashi 悠真/ユウマ/Yuma 直樹/ナオキ/Naoki 学/マナブ/Manabu 亮/リョウ/Ryo"
)
ROOTS: Final = _names(
    "みどり/ミドリ/Midori 青空/アオゾラ/Aozora 山手/ヤマテ/Yamate こもれび/コモレビ/Komorebi "
    "北斗/ホクト/Hokuto 花園/ハナゾノ/Hanazono つばさ/ツバサ/Tsubasa 若葉/ワカバ/Wakaba "
    "ひかり/ヒカリ/Hikari 港/ミナト/Minato 富士見/フジミ/Fujimi 大和/ヤマト/Yamato "
    "あさひ/アサヒ/Asahi 泉/イズミ/Izumi 千鳥/チドリ/Chidori 瑞穂/ミズホ/Mizuho "
    "かえで/カエデ/Kaede 白樺/シラカバ/Shirakaba 星野/ホシノ/Hoshino"
)
TRADES: Final = _names(
    "不動産/フドウサン/Realty ホテル/ホテル/Hotels 歯科/シカ/Dental 珈琲/コーヒー/Coffee "
    "製作所/セイサクショ/Works 会館/カイカン/Hall 美容室/ビヨウシツ/Hair 設計/セッケイ/Design "
    "法律事務所/ホウリツジムショ/Law 薬局/ヤッキョク/Pharmacy 印刷/インサツ/Printing "
    "食堂/ショクドウ/Dining 保険/ホケン/Insurance"
)
"""A company's name is one of each: 247 companies have names of their own."""

PLACES: Final = (
    ("東京都", "世田谷区", "Tokyo", "Setagaya", 9),
    ("東京都", "千代田区", "Tokyo", "Chiyoda", 5),
    ("神奈川県", "横浜市", "Kanagawa", "Yokohama", 7),
    ("大阪府", "大阪市", "Osaka", "Osaka", 6),
    ("愛知県", "名古屋市", "Aichi", "Nagoya", 5),
    ("埼玉県", "さいたま市", "Saitama", "Saitama", 4),
    ("千葉県", "船橋市", "Chiba", "Funabashi", 4),
    ("兵庫県", "神戸市", "Hyogo", "Kobe", 4),
    ("福岡県", "福岡市", "Fukuoka", "Fukuoka", 4),
    ("北海道", "札幌市", "Hokkaido", "Sapporo", 4),
    ("京都府", "京都市", "Kyoto", "Kyoto", 3),
    ("広島県", "広島市", "Hiroshima", "Hiroshima", 2),
    ("宮城県", "仙台市", "Miyagi", "Sendai", 2),
    ("沖縄県", "那覇市", "Okinawa", "Naha", 1),
)
"""Region and city in both scripts, and how many live there."""

BRANCHES: Final = (
    Name("", "", ""),
    Name(" 大阪支店", " オオサカシテン", ", Osaka"),
    Name(" 福岡支店", " フクオカシテン", ", Fukuoka"),
)
GROUP: Final = (0, 1, 2, 0, 0, 0, 0, 0)
"""Of eight companies one has two branches, which follow it; five have none."""

COMPANIES: Final = ("company", "法人")
FIRMS_SHARE, NO_MAIL, NO_PHONE, NO_KANA = 0.06, 0.08, 0.2, 0.1
OWNER_EMAIL: Final = "aiko@hana.example"
COLLEAGUE_EMAIL: Final = "jin@hana.example"
OWNERS: Final = (OWNER_EMAIL, COLLEAGUE_EMAIL, OWNER_EMAIL, COLLEAGUE_EMAIL, "")
"""Who looks after the companies among the customers: the owner of the demo, and a colleague."""
TEAM: Final = {
    OWNER_EMAIL: {"en": "Aiko Aoki", "ja": "青木 愛子"},
    COLLEAGUE_EMAIL: {"en": "Jin Ueda", "ja": "上田 仁"},
}


def customer_id(number: int) -> str:
    """Name of customer `number`, from 0."""
    return f"C{number + 1:06d}"


def customer_rows(
    people: People, start: date, lang: str, rng: np.random.Generator
) -> Iterator[Mapping[str, str]]:
    """Give each customer's row of the shop's list, in the order of their numbers."""
    n = len(people.first)
    chance = rng.uniform(size=(n, 4))
    family, given = rng.integers(0, len(FAMILY), n), rng.integers(0, len(GIVEN), n)
    shares = np.array([float(place[-1]) for place in PLACES])
    place = rng.choice(len(PLACES), n, p=shares / shares.sum())
    firms = np.flatnonzero(chance[:, 3] < FIRMS_SHARE).tolist()
    place_of = {number: at for at, number in enumerate(firms)}
    for i in range(n):
        who = (
            _firm(firms, place_of[i], lang) if i in place_of else _person(family[i], given[i], lang)
        )
        region, city = PLACES[place[i]][:2] if lang == "ja" else PLACES[place[i]][2:4]
        yield {
            "customer_id": customer_id(i),
            "name": who["name"],
            "name_kana": _kana(who["kana"], chance[i, 2]),
            "kind": who["kind"],
            "email": "" if chance[i, 0] < NO_MAIL else f"{who['mail']}{i + 1}@example.com",
            "phone": "" if chance[i, 1] < NO_PHONE else _phone(i),
            "region": region,
            "city": city,
            "channel": channel_name(int(people.channel[i]), lang),
            "acquired_on": f"{start + timedelta(days=int(people.first[i])):%Y/%m/%d}",
            "parent_id": who["parent"],
            "owner_email": who["owner"],
        }


def _person(family: int, given: int, lang: str) -> dict[str, str]:
    last, first = FAMILY[family], GIVEN[given]
    ja = lang == "ja"
    return {
        "name": f"{last.kanji} {first.kanji}" if ja else f"{first.roman} {last.roman}",
        "kana": f"{last.kana} {first.kana}" if ja else "",
        "kind": "個人" if ja else "person",
        "mail": f"{first.roman}.{last.roman}".lower(),
        "parent": "",
        "owner": "",
    }


def _firm(firms: list[int], at: int, lang: str) -> dict[str, str]:
    """Give a company, or a branch of the one before it."""
    branch = GROUP[at % len(GROUP)]
    main, ja = at - branch, lang == "ja"
    root, trade = ROOTS[main % len(ROOTS)], TRADES[main % len(TRADES)]
    kanji, kana, roman = (root.kanji + trade.kanji, root.kana + trade.kana, root.roman)
    where = BRANCHES[branch]
    return {
        "name": f"株式会社{kanji}{where.kanji}"
        if ja
        else f"{roman} {trade.roman} Co., Ltd.{where.roman}",
        "kana": f"{kana}{where.kana}" if ja else "",
        "kind": "法人" if ja else "company",
        "mail": f"office.{roman}-{trade.roman}".lower(),
        "parent": customer_id(firms[main]) if branch else "",
        "owner": OWNERS[main % len(OWNERS)],
    }


def _kana(kana: str, chance: float) -> str:
    if chance < NO_KANA:
        return ""
    return half_width(kana) if chance > 1 - NO_KANA else kana


def half_width(kana: str) -> str:
    """Write kana at half their width, as old systems export them."""
    marks = {"\u3099": "ﾞ", "\u309a": "ﾟ"}
    parts = unicodedata.normalize("NFD", kana)
    return "".join(marks.get(part) or HALF.get(part, part) for part in parts)


HALF: Final = {unicodedata.normalize("NFKC", chr(c)): chr(c) for c in range(0xFF66, 0xFF9E)}


def _phone(i: int) -> str:
    """Give a number that nobody has, written by one of four hands."""
    start, end = f"0{(9, 8, 7)[i // 10_000 % 3]}0", f"{i % 10_000:04d}"
    plain = f"{start}-0000-{end}"
    hands = (
        plain,
        plain.replace("-", ""),
        plain.translate(WIDE),
        f"+81 {start[1:]}-0000-{end}",
    )
    return hands[(i * 7) % 11 % len(hands)]


WIDE: Final = {ord(c): chr(ord(c) + 0xFEE0) for c in "0123456789-"}


def channel_name(number: int, lang: str) -> str:
    """Name of a channel in a language."""
    return CHANNELS[number].name_ja if lang == "ja" else CHANNELS[number].name
