"""Themes learned from what people confirmed: TF-IDF and a logistic regression for each theme.

A learner is its parameters: words, their weights and an intercept a theme, so that predicting
needs no scikit-learn. It is fitted once enough was confirmed, and used for a theme only where it
beat the dictionary on comments that it had not seen (cross-validation over the same labels).
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from kizuna.clv.data import FloatArray
from kizuna.experience.voice.tokens import Reader, tokens

NEEDED = 20
"""Comments confirmed to be about a theme, and as many confirmed not to be, before it is learned."""
FOLDS, WORDS, C = 5, 3_000, 8.0


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How often a way of finding a theme was right on labelled comments.

    precision : of those found, the share that was about it; recall : of those about it, found.
    Empty where nothing was found, or nothing was about it.
    """

    precision: float | None
    recall: float | None

    @property
    def f1(self) -> float:
        """Harmonic mean of both; 0 where either is empty."""
        if not self.precision or not self.recall:
            return 0.0
        return 2 * self.precision * self.recall / (self.precision + self.recall)


@dataclass(frozen=True, slots=True)
class ThemeLearner:
    """One theme, learned: `weights` of the words by their TF-IDF, and `intercept` (log-odds)."""

    reader: Reader
    intercept: float
    weights: Mapping[str, float]
    idf: Mapping[str, float]

    @classmethod
    def fit(cls, texts: Sequence[Sequence[str]], about: NDArray[np.bool_], reader: Reader) -> Self:
        """Fit to texts, given as their tokens, and whether each is about the theme."""
        from sklearn.linear_model import LogisticRegression

        idf = _idf(texts)
        words = sorted(idf)
        model = LogisticRegression(C=C, class_weight="balanced", max_iter=500)
        model.fit(_matrix(texts, words, idf), about)
        weights = dict(zip(words, map(float, model.coef_[0]), strict=True))
        return cls(reader, float(model.intercept_[0]), weights, idf)

    def probability(self, text: str) -> float:
        """Probability that a text is about the theme."""
        return self.probability_of(tokens(text, self.reader))

    def probability_of(self, words: Sequence[str]) -> float:
        """Do the same for a text given as its tokens."""
        vector = _vector(words, self.idf)
        score = self.intercept + sum(self.weights[word] * value for word, value in vector.items())
        return 1.0 / (1.0 + math.exp(-max(min(score, 30.0), -30.0)))

    def to_json(self) -> str:
        """Write the parameters."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read them back."""
        values: dict[str, Any] = json.loads(text)
        return cls(**values)


def accuracy(found: NDArray[np.bool_], about: NDArray[np.bool_]) -> Accuracy:
    """Hold what was found against what was confirmed."""
    right = float((found & about).sum())
    return Accuracy(
        right / found.sum() if found.any() else None, right / about.sum() if about.any() else None
    )


def cross_validated(
    texts: Sequence[Sequence[str]], about: NDArray[np.bool_], reader: Reader
) -> Accuracy:
    """Predict each text by a learner that has not seen it, nor any text of the same words."""
    fold = _folds(texts, about)
    found = np.zeros(len(texts), dtype=np.bool_)
    for number in range(FOLDS):
        train, test = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        if len({bool(about[i]) for i in train}) < 2:
            continue
        learner = ThemeLearner.fit([texts[i] for i in train.tolist()], about[train], reader)
        found[test] = [learner.probability_of(texts[i]) >= 0.5 for i in test.tolist()]
    return accuracy(found, about)


def enough(about: NDArray[np.bool_]) -> bool:
    """Tell whether a theme has cases enough of both kinds to be learned."""
    return min(int(about.sum()), int((~about).sum())) >= NEEDED


def _folds(texts: Sequence[Sequence[str]], about: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Deal out the texts by turns, those with and those without the theme apart."""
    seen: dict[tuple[str, ...], int] = {}
    turns = [0, 0]
    for words, is_about in zip(texts, about, strict=True):
        key = tuple(words)
        if key not in seen:
            seen[key] = turns[int(is_about)] % FOLDS
            turns[int(is_about)] += 1
    return np.array([seen[tuple(words)] for words in texts])


def _idf(texts: Sequence[Sequence[str]]) -> dict[str, float]:
    found = Counter(word for words in texts for word in set(words))
    kept = sorted(found, key=lambda word: (-found[word], word))[:WORDS]
    return {word: math.log((1 + len(texts)) / (1 + found[word])) + 1.0 for word in kept}


def _vector(words: Sequence[str], idf: Mapping[str, float]) -> dict[str, float]:
    counts = Counter(word for word in words if word in idf)
    raw = {word: (1 + math.log(n)) * idf[word] for word, n in counts.items()}
    length = math.sqrt(sum(value * value for value in raw.values()))
    return {word: value / length for word, value in raw.items()} if length else {}


def _matrix(
    texts: Sequence[Sequence[str]], words: Sequence[str], idf: Mapping[str, float]
) -> FloatArray:
    place = {word: at for at, word in enumerate(words)}
    matrix = np.zeros((len(texts), len(words)))
    for row, text in enumerate(texts):
        for word, value in _vector(text, idf).items():
            matrix[row, place[word]] = value
    return matrix
