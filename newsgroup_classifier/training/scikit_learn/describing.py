"""Show what a scikit-learn training job learned: the plots, and the report."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from sklearn.base import clone

from newsgroup_classifier.channels.texts import Channel
from newsgroup_classifier.estimators.explaining import explain_texts, measure_of
from newsgroup_classifier.evaluation.report.evidence import WORDS, Evidence
from newsgroup_classifier.evaluation.report.words import count_sampled_words
from newsgroup_classifier.explanations.explanation import DECISION, Explanation
from newsgroup_classifier.recipe import ScikitLearnRecipe
from newsgroup_classifier.recommender import match_classes
from newsgroup_classifier.training.arguments import Arguments
from newsgroup_classifier.training.reporting import describe
from newsgroup_classifier.training.scikit_learn.fitting import TrainingResult

_SHARES = (0.1, 0.3)  # of the train texts, for the learning curve
_CURVE_VALUES = 2_000_000  # features of all train texts, of which a curve is fitted, at most


def describe_texts(
    result: TrainingResult, train_set: Channel, test_set: Channel, arguments: Arguments
) -> None:
    """Write the plots and the report into the output data folder."""
    columns = match_classes(result.pipeline[-1], result.scores.label_names).columns

    first_steps = ScikitLearnRecipe.of(arguments.recipe).first_steps

    def explain(texts: Sequence[str], labels: Sequence[int]) -> list[Explanation]:
        labeled = [columns[label] for label in labels]
        return explain_texts(result.pipeline, texts, labeled, WORDS, first_steps)

    cleaned = result.cleaned or train_set.texts

    def select(numbers: np.ndarray) -> tuple[Sequence[str], Sequence[int]]:
        texts = [cleaned[number] for number in numbers]
        return texts, [train_set.labels[number] for number in numbers]

    def complete(evidence: Evidence) -> Evidence:
        words = count_sampled_words(select, len(train_set.texts), len(train_set.label_names))
        sizes, reason = learning_curve(result, train_set.labels)
        return replace(evidence, words=words, sizes=sizes, no_sizes=reason)

    channels = {"train": train_set.texts, "test": test_set.texts}
    evidence = Evidence(
        scores=result.scores,
        train_labels=Counter(train_set.labels),
        texts=test_set.texts,
        lengths={name: list(map(len, texts)) for name, texts in channels.items()},
        suspects=result.suspects or (),
        explain=explain,
        is_exact=measure_of(result.pipeline, first_steps) == DECISION,
    )
    describe(evidence, arguments, result.token_counts, complete)


def learning_curve(result: TrainingResult, labels: Sequence[int]) -> tuple[dict[int, float], str]:
    """Return the accuracy of the last step by the number of train texts that it is fitted on.

    Only the last step is fitted again; the features stay those learned from all texts. If there is
    no such curve, return none and the reason.
    """
    fit = result.last_fit
    if fit is None:
        return {}, "the last step learns nothing by itself, or needs the groups of the texts"
    if result.metrics["train_non_zeros"] > _CURVE_VALUES:
        return {}, f"the features have more than {_CURVE_VALUES:,} values"
    true, numbers = np.asarray(result.scores.labels), np.asarray(labels)
    order = np.random.default_rng(0).permutation(len(numbers))
    accuracies = {}
    for share in _SHARES:
        rows = np.sort(order[: int(share * len(numbers))])
        if len(np.unique(numbers[rows])) < len(result.scores.label_names):
            return {}, f"{share:.0%} of the train texts lack a class"
        try:
            estimator = clone(result.pipeline[-1]).fit(fit.train[rows], numbers[rows])
            predicted = fit.labels_of(estimator.predict(fit.test))
        except ValueError:
            return {}, f"the last step cannot be fitted on {share:.0%} of the train texts"
        accuracies[len(rows)] = float(np.mean(np.equal(predicted, true)))
    return accuracies | {len(numbers): float(result.metrics["accuracy"])}, ""
