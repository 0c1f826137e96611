"""Show what a scikit-learn training job learned: the plots, and the report."""

import time
from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from sklearn.base import clone

from newsgroup_classifier.channels.texts import Channel
from newsgroup_classifier.estimators.explaining import explain_texts
from newsgroup_classifier.evaluation.report.evidence import WORDS, Evidence
from newsgroup_classifier.evaluation.report.words import count_words
from newsgroup_classifier.explanations.explanation import Explanation
from newsgroup_classifier.recipe import ScikitLearnRecipe
from newsgroup_classifier.recommender import match_classes
from newsgroup_classifier.shared_hyperparameters import NO, NO_TEXTS
from newsgroup_classifier.text.tokens import cloud_words
from newsgroup_classifier.training.arguments import Arguments
from newsgroup_classifier.training.output import WORD_CLOUD, write_plots
from newsgroup_classifier.training.reporting import write_report
from newsgroup_classifier.training.scikit_learn.fitting import TrainingResult

_SAMPLED = 5000  # train texts whose words are counted
_SHARES = (0.1, 0.25, 0.5)  # of the train texts, for the learning curve
_CURVE_TIME = 0.03  # the part of the time so far that the learning curve may take


def describe(
    result: TrainingResult, train_set: Channel, test_set: Channel, arguments: Arguments
) -> None:
    """Write the plots and the report into the output data folder."""
    folder, reads = arguments.paths.output_data, arguments.report != NO_TEXTS
    words = cloud_words(result.token_counts) if reads else {}
    labels = Counter(train_set.labels)
    plots = write_plots(result.scores, labels, words, folder)
    if arguments.report == NO:
        return
    channels = {"train": train_set.texts, "test": test_set.texts}
    evidence = Evidence(
        scores=result.scores,
        train_labels=labels,
        texts=test_set.texts if reads else (),
        lengths={name: list(map(len, texts)) for name, texts in channels.items()},
        words=_words(result, train_set) if reads else (),
        sizes=learning_curve(result, train_set.labels),
        suspects=result.suspects or (),
        explain=partial(_explain, result, arguments),
        cloud=(folder / WORD_CLOUD).read_bytes() if WORD_CLOUD in plots else b"",
    )
    write_report(evidence, arguments)


def _explain(
    result: TrainingResult, arguments: Arguments, texts: Sequence[str], labels: Sequence[int]
) -> list[Explanation]:
    """Return the words that led to labels of texts."""
    first_steps = ScikitLearnRecipe.of(arguments.recipe).first_steps
    columns = match_classes(result.pipeline[-1], result.scores.label_names).columns
    labeled = [columns[label] for label in labels]
    return explain_texts(result.pipeline, texts, labeled, WORDS, first_steps)


def _words(result: TrainingResult, train_set: Channel) -> list[Counter[str]]:
    """Return how many of a sample of the train texts have a word, by label."""
    numbers = np.random.default_rng(0).permutation(len(train_set.texts))[:_SAMPLED].tolist()
    texts: Any = [train_set.texts[number] for number in numbers]
    if "clean" in result.pipeline.named_steps:
        texts = result.pipeline.named_steps["clean"].transform(texts)
    labels = [train_set.labels[number] for number in numbers]
    return count_words(texts, labels, len(train_set.label_names))


def learning_curve(result: TrainingResult, labels: Sequence[int]) -> dict[int, float]:
    """Return the accuracy of the last step by the number of train texts that it is fitted on.

    The features are always those of all texts. There is no curve if the first step has a vote of
    its own, if a share lacks a class, or if the fits would take more than 3 % of the time so far.
    """
    fit = result.last_fit
    if fit is None or fit.seconds * sum(_SHARES) > _CURVE_TIME * time.process_time():
        return {}
    true, numbers = np.asarray(result.scores.labels), np.asarray(labels)
    order = np.random.default_rng(0).permutation(len(numbers))
    accuracies = {}
    for share in _SHARES:
        rows = np.sort(order[: int(share * len(numbers))])
        if len(np.unique(numbers[rows])) < len(result.scores.label_names):
            return {}
        estimator = clone(result.pipeline[-1]).fit(fit.train[rows], numbers[rows])
        predicted = fit.labels_of(estimator.predict(fit.test))
        accuracies[len(rows)] = float(np.mean(np.equal(predicted, true)))
    return accuracies | {len(numbers): float(result.metrics["accuracy"])}
