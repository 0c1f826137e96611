"""Fit the candidates on folds, let the best ones vote, and fold them into one matrix."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import joblib
import numpy as np

from newsgroup_classifier.estimators.linear_text.features import Features
from newsgroup_classifier.estimators.linear_text.folding import Folding
from newsgroup_classifier.estimators.linear_text.members import Fold
from newsgroup_classifier.estimators.linear_text.profiles import Candidate
from newsgroup_classifier.estimators.linear_text.voting import center, select_votes, sharpness_of


@dataclass(frozen=True)
class Vote:
    """The votes of the candidates that vote, the folded matrix, and out-of-fold scores (n, k)."""

    votes: Mapping[Candidate, int]
    folding: Folding
    scores: np.ndarray


def fit_vote(
    features: Features,
    candidates: Sequence[Candidate],
    labels: np.ndarray,
    classes: int,
    folds: Sequence[Fold],
) -> Vote:
    """Return the vote of the candidates that is best on rows that they were not fitted on."""
    rows = {str(each.mix): features.mixed(each.mix) for each in candidates}
    # Emojis alone have no words, for example.
    candidates = [each for each in candidates if rows[str(each.mix)].nnz]
    fits = [each.member.start(rows[str(each.mix)], labels, classes) for each in candidates]
    # numpy, scipy, and liblinear let other threads run while they compute.
    with ThreadPoolExecutor(joblib.cpu_count()) as pool:
        scores = list(pool.map(lambda each: center(each.out_of_fold(folds)), fits))
        factors = list(pool.map(lambda each: sharpness_of(each, labels), scores))
        scores = [factor * own for factor, own in zip(factors, scores, strict=True)]
        votes = select_votes(scores, labels)
        total = np.sum([votes[place] * scores[place] for place in votes], axis=0)
        sharpness = sharpness_of(total, labels)
        members = list(pool.map(lambda place: fits[place].fit(), votes))
    folding = Folding(features, classes)
    for place, member in zip(votes, members, strict=True):
        folding.add(member, candidates[place].mix, sharpness * votes[place] * factors[place])
    named = {candidates[place]: count for place, count in votes.items()}
    return Vote(named, folding, sharpness * total)
