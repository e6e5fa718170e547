"""Mood of a clause by rules: words of praise and complaint, negation, and the wish for better.

Japanese negates behind the word (良くない), English before it (not good). A wish (改善を希望,
please improve) is a complaint put politely: it counts as one, under a name of its own. Where
nothing speaks for either side the mood is neutral, which is most questions. How often the rules
are right stands in docs/voice.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

type Mood = Literal["good", "bad", "wish", "neutral"]

MOODS: tuple[Mood, ...] = ("good", "bad", "wish", "neutral")

GOOD_JA = (
    "ありがとう 嬉し うれし 素敵 素晴らし すばらし きれい 綺麗 良い 良かっ 良く よかっ 満足 助かり "
    "助かっ 助かる 便利 丁寧 親切 早く届 すぐ届 早かっ 速かっ 迅速 安心 気に入 おすすめ お勧め "
    "美しい 美味し おいし 最高 完璧 スムーズ 感謝 喜ば 喜ん わかりやす 分かりやす 使いやす 見やす "
    "楽し 好き 大好き 的確 快適 お得 手頃 問題なく"
)
BAD_JA = (
    "遅い 遅れ 遅か 悪い 悪く 悪か 不満 不便 残念 最悪 がっかり 困っ 困る 困り ひどい ひどか "
    "酷い 壊れ 破損 萎れ しおれ 枯れ 傷ん 汚れ 間違 違う商品 違って 二重 不具合 エラー バグ 落ちる "
    "止まる 高い 高すぎ 高か 値上 わかりにく 分かりにく わかりづら 使いにく 使いづら 見にく 難し "
    "面倒 不親切 冷たい 失礼 待たさ 待たされ たらい回し 何度も 繰り返し 届かな 届きませ "
    "届いていな 届いてな つながらな つながりませ 繋がら 開けな できな できませ 返事がな 返信がな "
    "返事が来 連絡がな 連絡が来 不安 苦情 解約 辞め やめたい もう使わ もう買わ 足りな 欠品 品切れ "
    "少な 改悪 イライラ ストレス 手間"
)
WISH_JA = (
    "改善 ほしい 欲しい ほしかっ 欲しかっ 希望 をお願い 検討 要望 いただきたい 頂きたい "
    "もう少し もっと あれば あると してください して下さい しては"
)
GOOD_EN = (
    "thank thanks lovely great good nice excellent perfect beautiful happy glad pleased satisfied "
    "love loved helpful friendly kind polite quick quickly fast easy convenient smooth smoothly "
    "recommend wonderful amazing best clear reliable affordable fresh enjoy enjoyed intuitive "
    "delighted"
)
BAD_EN = (
    "late slow bad poor terrible awful worst disappointed disappointing broken damaged wilted dead "
    "dirty wrong twice error errors bug bugs crash crashes crashed fail fails failed failing "
    "expensive overpriced confusing difficult hard annoying frustrating frustrated rude unhelpful "
    "unclear missing lost again waited waiting cancel cancelled complaint problem problems issue "
    "issues refund never unreliable useless delayed delay buggy nobody outdated complicated "
    "unacceptable"
)
WISH_EN = (
    r"please|should|would like|wish|hope|could you|it would be|improve|improved|improvement|"
    r"need to be|needs to be|needs? better|want(?:ed)? more"
)
NO_JA = re.compile(r"^[^、,]{0,5}?(?:な(?:い|か|く(?!な))|ません|ず[にん、]?|ぬ(?=$))")
"""Negation behind a Japanese word, within its own phrase."""
NO_EN = re.compile(
    r"(?:\b(?:not|no|never|without|hardly|isn't|wasn't|aren't|weren't|don't|doesn't|didn't|can't|"
    r"cannot|couldn't|won't|nothing|neither|nor)\b)(?:\s+\w+){0,2}\s*$"
)
"""Negation at most three words before an English word."""
NO_MATTER_JA = re.compile(
    r"(?:遅れ|不具合|エラー|問題|不満|間違い|手間)(?:も|は|が)?(?:な[くい]|ありま)"
)
UNMET_EN = re.compile(
    r"\b(?:not|hasn't|haven't|didn't|doesn't|don't|can't|cannot|couldn't|won't|isn't|never)\b"
    r"(?:\s+\w+){0,3}\s+(?:arrived?|come|came|work(?:s|ing)?|open|answer(?:ed)?|repl(?:y|ied)|"
    r"received?|load|respond(?:ed)?|deliver(?:ed)?|connect|log|sign|help(?:ed)?)\b"
    r"|\bno (?:reply|answer|response|one)\b"
)
"""What ought to have happened and did not."""


def mood_of(clause: str) -> Mood:
    """Tell the mood of one clause that is normalised."""
    good = bad = 0
    for found in GOOD.finditer(clause):
        good, bad = _counted(good, bad, negated(clause, found))
    for found in BAD.finditer(clause):
        bad, good = _counted(bad, good, negated(clause, found))
    bad += len(UNMET_EN.findall(clause))
    freed = len(NO_MATTER_JA.findall(clause))
    good, bad = good + freed, max(bad - freed, 0)
    if WISH.search(clause) and good <= bad:
        return "wish"
    if bad and bad >= good:
        return "bad"
    return "good" if good else "neutral"


def mood_of_all(moods: Iterable[Mood]) -> Mood:
    """Give the mood of several clauses: complaint before wish before praise; nothing is hidden."""
    found = set(moods)
    order: tuple[Mood, ...] = ("bad", "wish", "good")
    return next((mood for mood in order if mood in found), "neutral")


def negated(clause: str, found: re.Match[str]) -> bool:
    """Tell whether the word found is turned into its opposite."""
    if found[0].isascii():
        return NO_EN.search(clause[: found.start()]) is not None
    return found[0][-1] not in "なせ来" and NO_JA.search(clause[found.end() :]) is not None


def _counted(own: int, other: int, turned: bool) -> tuple[int, int]:
    return (own, other + 1) if turned else (own + 1, other)


def _pattern(japanese: str, english: str) -> re.Pattern[str]:
    """Match Japanese anywhere, English as whole words; the longest first."""
    words = "|".join(sorted(map(re.escape, japanese.split()), key=len, reverse=True))
    return re.compile(rf"{words}|\b(?:{'|'.join(english.split())})\b")


GOOD, BAD = _pattern(GOOD_JA, GOOD_EN), _pattern(BAD_JA, BAD_EN)
WISH = re.compile(rf"{'|'.join(WISH_JA.split())}|\b(?:{WISH_EN})\b")
