"""Themes that the dictionary lacks, proposed from comments that no theme explains.

NMF on TF-IDF. On comments whose themes were known its agreement was poor (adjusted Rand 0.3 to
0.4), so it only ever proposes: a person names a theme and takes its words over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

LEAST, MOST, WORDS, FEATURES = 30, 5, 6, 2_000
"""Comments before anything is proposed; proposals at most; words of each; words looked at."""
MIN_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class Proposal:
    """Words that go together, how many comments they explain, and the place of the best ones."""

    words: tuple[str, ...]
    comments: int
    examples: tuple[int, ...]


def proposals(texts: Sequence[Sequence[str]], seed: int) -> list[Proposal]:
    """Propose themes for texts given as their words; none where there are too few."""
    if len(texts) < LEAST or len({word for text in texts for word in text}) < MOST:
        return []
    from sklearn.decomposition import NMF
    from sklearn.feature_extraction.text import TfidfVectorizer

    weigh = TfidfVectorizer(analyzer=lambda words: words, min_df=3, max_features=FEATURES)
    try:
        matrix = weigh.fit_transform(texts)
    except ValueError:  # no word stands in three comments
        return []
    many = min(MOST, matrix.shape[1], len(texts) // 10)
    model = NMF(n_components=many, init="nndsvda", random_state=seed, max_iter=400)
    shares = model.fit_transform(matrix)
    return _read(shares, model.components_, weigh.get_feature_names_out())


def _read(shares: np.ndarray, parts: np.ndarray, words: np.ndarray) -> list[Proposal]:
    strongest = np.where(shares.max(axis=1) > 0, shares.argmax(axis=1), -1)
    found = []
    for number, part in enumerate(parts):
        mine = np.flatnonzero(strongest == number)
        if len(mine) < MIN_SHARE * len(shares):
            continue
        best = mine[np.argsort(-shares[mine, number], kind="stable")][:3]
        top = [str(words[i]) for i in np.argsort(-part, kind="stable")[:WORDS] if part[i] > 0]
        found.append(Proposal(tuple(top), len(mine), tuple(map(int, best))))
    return sorted(found, key=lambda proposal: -proposal.comments)
