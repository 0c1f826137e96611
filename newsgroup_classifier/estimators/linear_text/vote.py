"""Fit the candidates on folds, let the best ones vote, and fold them into one matrix."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import joblib
import numpy as np

from newsgroup_classifier.estimators.linear_text.features import Features
from newsgroup_classifier.estimators.linear_text.folding import Folding
from newsgroup_classifier.estimators.linear_text.members import Fits, Fold, one_hot
from newsgroup_classifier.estimators.linear_text.profiles import Candidate
from newsgroup_classifier.estimators.linear_text.voting import center, select_votes, sharpness_of


def fit_vote(
    features: Features,
    candidates: Sequence[Candidate],
    labels: np.ndarray,
    classes: int,
    folds: Sequence[Fold],
) -> tuple[dict[Candidate, int], Folding, np.ndarray]:
    """Return the vote of the candidates that is best on rows that they were not fitted on.

    It has the number of votes of each member, the folded matrix, and out-of-fold scores (n, k).
    """
    rows = {str(each.mix): features.mixed(each.mix) for each in candidates}
    targets = one_hot(labels, classes)
    # Emojis alone have no words, for example.
    candidates = [each for each in candidates if rows[str(each.mix)].nnz]

    def compare(candidate: Candidate) -> tuple[Fits, float, np.ndarray]:
        """Return the fits of a candidate, its sharpness, and its sharpened out-of-fold scores."""
        fits = candidate.member.start(rows[str(candidate.mix)], targets)
        scores = center(fits.out_of_fold(folds))
        sharpness = sharpness_of(scores, labels)
        return fits, sharpness, sharpness * scores

    folding = Folding(features, classes)
    # numpy and scipy let other threads run while they compute.
    with ThreadPoolExecutor(joblib.cpu_count()) as pool:
        fits, factors, scores = zip(*pool.map(compare, candidates), strict=True)
        votes = select_votes(scores, labels)
        total: Any = sum(count * scores[place] for place, count in votes.items())
        sharpness = sharpness_of(total, labels)
        members = pool.map(lambda place: fits[place].fit(), votes)
        for (place, count), member in zip(votes.items(), members, strict=True):
            folding.add(member, candidates[place].mix, sharpness * count * factors[place])
    return {candidates[place]: count for place, count in votes.items()}, folding, sharpness * total
