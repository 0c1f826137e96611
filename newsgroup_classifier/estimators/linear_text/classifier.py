"""The two steps of the pipeline: texts to the scores of classes, and scores to classes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from newsgroup_classifier.estimators.linear_text.features import learn_features
from newsgroup_classifier.estimators.linear_text.folding import Folding
from newsgroup_classifier.estimators.linear_text.members import one_hot, thread_of, vote_folds
from newsgroup_classifier.estimators.linear_text.profiles import (
    AUTO,
    CASED,
    Options,
    blocks_of,
    candidates_of,
)
from newsgroup_classifier.estimators.linear_text.voting import fit_sharpness, fit_vote
from newsgroup_classifier.hashed_text.model import HashedLinear

_MOST_WEIGHTS = 100_000_000  # of a member, to bound memory: 400 MB
_SAMPLE, _SAMPLE_CHARACTERS = 4000, 1000  # of texts on which both profiles are compared
_PRUNED_SAMPLE = 1000  # of texts whose labels are compared after pruning


@dataclass(frozen=True)
class FitReport:
    """What a fit learned.

    `features` and `values` are the numbers of n-grams and of the values of all rows before pruning,
    and `empty` that of rows without a value. `scores` (n, k) are those that each row had by models
    that were not fitted on it, and `votes` names the members with their votes. `kept` features are
    left by pruning, which changes the labels of a share of the texts; all need `needed_mb`.
    """

    features: int
    values: int
    empty: int
    votes: dict[str, int]
    scores: np.ndarray
    kept: int = 0
    changed: float = 0.0
    needed_mb: float = 0.0


class LinearText(TransformerMixin, BaseEstimator):
    """Texts to the scores of classes: a vote of linear models, folded into one small matrix.

    `case` is lower, cased (with punctuation marks and with characters across words), or auto, which
    compares both. `max_mb` limits the size of the matrix. The other parameters are those of
    Options. The temperatures of the vote fit a softmax of the scores (n, k) to held-out rows.
    """

    report_: FitReport

    def __init__(self, options: Options, case: str = AUTO, max_mb: float = 10.0) -> None:
        self.options = options
        self.case = case
        self.max_mb = max_mb

    def fit(self, texts: Sequence[str], labels: Any, groups: Sequence[str] | None = None) -> Any:
        """Fit the vote, and prune it; the folds of the vote have whole groups, if there are any."""
        texts = list(texts)  # a series of pandas would look up its own numbers
        folding = self.learn(texts, labels, groups)
        self.model_: HashedLinear = folding.pruned(self.max_mb)
        sample = np.random.default_rng(0).permutation(len(texts))[:_PRUNED_SAMPLE]
        pruned = self.model_.score([texts[number] for number in sample]).argmax(axis=1)
        self.report_ = replace(
            self.report_,
            kept=len(self.model_.scales),
            changed=float((pruned != folding.labels(sample)).mean()),
            needed_mb=folding.needed_mb,
        )
        return self

    def learn(
        self, texts: Sequence[str], labels: Any, groups: Sequence[str] | None = None
    ) -> Folding:
        """Return the vote as one matrix that is not pruned, and set `report_` and `cased_`."""
        check_classification_targets(labels)
        classes, numbers = np.unique(labels, return_inverse=True)
        folds = vote_folds(numbers, groups)
        cased = self.case == CASED
        if self.case == AUTO:
            cased = self._cased_is_better(texts, numbers, groups)
        features = learn_features(blocks_of(self.options, cased), texts)
        features = features.most_frequent(_MOST_WEIGHTS // len(classes))
        candidates = candidates_of(self.options, len(classes))
        votes, folding, scores = fit_vote(features, candidates, numbers, len(classes), folds)
        self.report_ = FitReport(
            features=sum(rows.shape[1] for rows in features.rows.values()),
            values=features.values,
            empty=features.empty,
            votes={str(candidate): count for candidate, count in votes.items()},
            scores=scores,
        )
        self.cased_ = cased
        return folding

    def _cased_is_better(
        self, texts: Sequence[str], labels: np.ndarray, groups: Sequence[str] | None
    ) -> bool:
        """Compare the profiles by one member on a sample of the texts, the same for both."""
        sample = np.random.default_rng(0).permutation(len(texts))[:_SAMPLE]
        begins = [texts[number].lstrip()[:_SAMPLE_CHARACTERS] for number in sample]
        own = np.unique(labels[sample], return_inverse=True)[1]
        sampled = groups and [groups[number] for number in sample]
        if sampled and sampled[0] and len(set(map(thread_of, sampled))) == 1:
            return False  # the other groups are too small to be in the sample
        folds = vote_folds(own, sampled)
        shares = []
        for cased in (False, True):
            features = learn_features(blocks_of(self.options, cased), begins)
            candidate = candidates_of(self.options, 2)[0]
            rows = features.mixed(candidate.mix)
            targets = one_hot(own, int(own.max()) + 1)
            scores = candidate.member.start(rows, targets).out_of_fold(folds)
            shares.append(float((scores.argmax(axis=1) == own).mean()))
        # What differs by less than its standard error is not worth the larger model.
        return shares[1] > shares[0] + np.sqrt(shares[0] * (1 - shares[0]) / len(sample))

    def fit_transform(
        self, X: Sequence[str], y: Any = None, groups: Sequence[str] | None = None
    ) -> Any:
        """Fit the vote, and return the scores of each text by models that were not fitted on it.

        As scikit-learn's TargetEncoder does, so that the next step learns how sure scores are.
        """
        return self.fit(X, y, groups).report_.scores

    def transform(self, texts: Sequence[str]) -> Any:
        """Return the scores of n texts: float64 (n, k)."""
        check_is_fitted(self, "model_")
        return self.model_.score(list(texts))

    def __getstate__(self) -> dict[str, Any]:
        """Return the state for prediction, without the report, which has a row per text."""
        state: dict[str, Any] = super().__getstate__()
        return {name: value for name, value in state.items() if name != "report_"}


class Softmax(ClassifierMixin, BaseEstimator):
    """Scores of classes (n, k) to probabilities; the columns are the sorted labels.

    It fits how sure to be to the scores, which must be those of rows that were held out.
    """

    def fit(self, X: Any, y: Any) -> "Softmax":
        """Fit the sharpness, and remember the labels."""
        rows, labels = validate_data(self, X, y)
        check_classification_targets(labels)
        self.classes_, numbers = np.unique(labels, return_inverse=True)
        if rows.shape[1] != len(self.classes_):
            raise ValueError(
                f"the rows have {rows.shape[1]} scores, and the labels {len(self.classes_)} classes"
            )
        self.sharpness_ = fit_sharpness(rows, numbers)
        return self

    def predict_proba(self, X: Any) -> Any:
        """Return the probability of each label for each row."""
        check_is_fitted(self)
        return self.sharpness_.probabilities(validate_data(self, X, reset=False))

    def predict(self, X: Any) -> Any:
        """Return the most probable label of each row."""
        best = np.argmax(self.predict_proba(X), axis=1)
        return self.classes_[best]
