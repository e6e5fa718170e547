"""Guess which column is the customer, the date, the amount, …: by name, English or Japanese.

Names are tried from the most to the least telling. What a person names always wins. What cannot be
told is an error that lists the columns and the option that mends it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from kizuna.pipeline.capture import presets
from kizuna.pipeline.errors import InputError

SYNONYMS: dict[str, str] = {
    "customer": """
        customerid customerkey customercode customerno customernumber custid customeruniqueid
        clientid clientcode memberid membercode memberno userid buyerid shopperid accountid
        contactid cardid cardno loyaltyid partyid customer client member user buyer shopper
        account customeremail email emailaddress mail mailaddress
        顧客id 顧客番号 顧客コード 顧客no 会員id 会員番号 会員コード 会員no お客様id お客様番号
        お客様コード お客様no 得意先コード 得意先番号 取引先コード 購入者id 購入者番号 注文者id
        ユーザーid ユーザid 利用者id 利用者番号 カード番号 顧客 会員 お客様 得意先 取引先 購入者
        ユーザー メールアドレス メール""",
    "date": """
        orderedat orderdate orderdatetime ordertime orderedon orderpurchasetimestamp purchasedate
        purchasedat purchasedon purchasetime invoicedate transactiondate transactiontime
        transactiondatetime saledate salesdate dateofpurchase datetime timestamp date createdat
        paidat paymentdate processedat createddate day time
        注文日時 注文日 ご注文日 購入日時 購入日 購買日時 購買日 受注日時 受注日 売上日時 売上日
        売上日付 取引日時 取引日 販売日時 販売日 決済日時 決済日 入金日 利用日時 利用日 ご利用日
        来店日 請求日 伝票日付 計上日 年月日 日時 日付""",
    "amount": """
        orderamount ordertotal ordervalue totalamount totalprice totalvalue grandtotal
        amount amounttotal total netamount grossamount netsales sales salesamount revenue
        dollarvalue paymentvalue transactionamount transactionvalue purchaseamount invoiceamount
        monetary monetaryvalue spend turnover value sum subtotal linetotal extendedprice
        税込金額 税込合計 税込合計金額 合計金額税込 お支払い合計 お支払合計 支払合計 注文金額
        ご注文金額 注文合計 受注金額 購入金額 ご購入金額 購買金額 売上金額 合計金額 総合計 合計 総額
        請求金額 支払金額 お支払い金額 決済金額 取引金額 利用金額 ご利用金額 販売金額 金額 売上
        税抜金額 小計""",
    "order": """
        orderid orderno ordernumber ordercode orderkey invoiceno invoiceid invoicenumber invoice
        transactionid transactionno transactionnumber receiptid receiptno saleid salesid
        purchaseid basketid documentno order
        注文番号 注文id 注文コード 注文no ご注文番号 受注番号 受注id 受注コード 受注no 取引番号
        取引id 伝票番号 伝票no レシート番号 購入番号 購入id 売上番号 請求書番号""",
    "currency": "currency currencycode isocurrency 通貨 通貨コード 通貨単位",
    "quantity": """
        quantity qty units orderquantity itemquantity 数量 個数 点数 購入数量 注文数量 受注数量""",
    "price": "unitprice priceperunit itemprice price 単価 販売単価 商品単価 税込単価 価格 税抜単価",
}
REQUIRED = ("customer", "date", "amount")
STATUS = frozenset(
    {"status", "orderstatus", "financialstatus", "paymentstatus", "state", "ステータス"}
    | {"注文ステータス", "受注ステータス", "注文状況", "対応状況", "受注状態", "注文状態", "状態"}
)
KEY_ENDS = ("id", "no", "number", "code", "key", "番号", "コード")


@dataclass(frozen=True, slots=True)
class Guess:
    """Which column plays which part.

    Attributes
    ----------
    columns : part (customer, date, amount, order, currency, quantity, price) → column.
    others : part → columns that might have been meant instead.
    status : a column that looks like the state of the order, by which no row is left out.

    """

    columns: dict[str, str]
    others: dict[str, tuple[str, ...]]
    status: str | None = None


def guess(
    columns: Sequence[str],
    given: Mapping[str, str | None],
    samples: Mapping[str, Sequence[str | None]],
    one_to_one: Callable[[Sequence[str]], bool],
) -> Guess:
    """Say which column plays which part.

    Parameters
    ----------
    columns : names of the columns, in order.
    given : part → column, as named by the person; None: guess, '': there is none.
    samples : column → first values as text.
    one_to_one : tells whether columns name the same customers, each in its way.

    Raises
    ------
    InputError
        When a column named is not there, or a part that is needed has no column.

    """
    guessed = attempt(columns, given, samples, one_to_one)
    check(guessed, columns)
    return guessed


def attempt(
    columns: Sequence[str],
    given: Mapping[str, str | None],
    samples: Mapping[str, Sequence[str | None]],
    one_to_one: Callable[[Sequence[str]], bool],
) -> Guess:
    """Guess as far as can be told: a part that is needed may have no column."""
    given = {**presets.parts_of(columns, presets.ORDERS), **given}
    said = {part: named(part, name, columns) for part, name in given.items() if name}
    found, others = dict(said), dict[str, tuple[str, ...]]()
    for part in SYNONYMS:
        if part not in found and given.get(part) != "":
            ranked = _by_name(part, columns, set(found.values()))
            found |= {part: ranked[0]} if ranked else {}
            others |= {part: tuple(ranked[1:])} if ranked[1:] else {}
    _fill(found, others, columns, samples, one_to_one)
    _settle_amount(found, others, said)
    status = next((c for c in columns if normal(c) in STATUS), None)
    return Guess(found, others, status)


def normal(name: str) -> str:
    """Fold width and case, drop spaces and signs: Customer_ID and ＣＵＳＴＯＭＥＲ ＩＤ are one."""
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", name).lower())


def named(part: str, name: str, columns: Sequence[str]) -> str:
    """Find a column by its name, whatever its width and case; raise `InputError` without one."""
    if name in columns:
        return name
    alike = [column for column in columns if normal(column) == normal(name)]
    if len(alike) == 1:
        return alike[0]
    raise InputError(f"there is no column {name!r} for --{part}; {_listed(columns)}")


def _by_name(part: str, columns: Sequence[str], taken: set[str]) -> list[str]:
    """Columns whose name, or whose name without what is in brackets, is a synonym; best first."""
    rank = {name: place for place, name in enumerate(SYNONYMS[part].split())}
    ranked = []
    for column in columns:
        bare = normal(re.sub(r"[(（\[].*?[)）\]]", "", column))
        place = rank.get(normal(column), rank.get(bare))
        if place is not None and column not in taken:
            ranked.append((place, column))
    return [column for _, column in sorted(ranked, key=lambda pair: pair[0])]


def _fill(
    found: dict[str, str],
    others: dict[str, tuple[str, ...]],
    columns: Sequence[str],
    samples: Mapping[str, Sequence[str | None]],
    one_to_one: Callable[[Sequence[str]], bool],
) -> None:
    """Where names tell nothing: the only column of dates; keys that name the same customers."""
    free = [column for column in columns if column not in found.values()]
    dated = [column for column in free if _all_match(samples.get(column, ()), DAY)]
    if "date" not in found and len(dated) == 1:
        found["date"] = dated[0]
    keys = [c for c in free if normal(c).endswith(KEY_ENDS) and _repeats(samples.get(c, ()))]
    if "customer" not in found and keys and (len(keys) == 1 or one_to_one(keys)):
        found["customer"] = keys[0]
        others |= {"customer": tuple(keys[1:])} if keys[1:] else {}


DAY = re.compile(r"\d{4}[-/年]\d{1,2}[-/月]\d{1,2}.*|\d{1,2}[./]\d{1,2}[./]\d{4}.*")


def _all_match(values: Sequence[str | None], pattern: re.Pattern[str]) -> bool:
    seen = [value for value in values if value]
    return bool(seen) and all(pattern.fullmatch(value) for value in seen)


def _repeats(values: Sequence[str | None]) -> bool:
    """Tell a customer's key from a key of rows: somebody comes back."""
    seen = [value for value in values if value]
    return len(set(seen)) < len(seen)


def _settle_amount(
    found: dict[str, str], others: dict[str, tuple[str, ...]], named: dict[str, str]
) -> None:
    """Use quantity × price only where there is no amount; a price alone is an amount."""
    if "amount" not in found and "price" in found and "quantity" not in found:
        found["amount"] = found.pop("price")
    if "amount" in found:
        for part in ("quantity", "price"):
            if part not in named:
                found.pop(part, None)
                others.pop(part, None)


def check(guessed: Guess, columns: Sequence[str]) -> None:
    """Raise `InputError` where a part that is needed has no column."""
    found = guessed.columns
    for part in REQUIRED:
        if part not in found and not (part == "amount" and {"quantity", "price"} <= found.keys()):
            raise InputError(
                f"no column looks like the {part}: name it with --{part}; {_listed(columns)}"
            )


def _listed(columns: Sequence[str]) -> str:
    return f"the columns are {', '.join(columns)}"
