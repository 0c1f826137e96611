"""Run a training job that reads its channels batch by batch and never holds all texts.

The first pass collects labels and tokens, and learns features; each other pass fits the classifier.
The test channel is checked in the first pass, and scored at the end.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, vstack

from newsgroup_classifier.channels.batches import Batch
from newsgroup_classifier.channels.texts import TEST_FILE, TRAIN_FILE
from newsgroup_classifier.evaluation.metrics import Scores, metrics_of_pairs
from newsgroup_classifier.evaluation.quality import accuracy_warnings, text_warnings
from newsgroup_classifier.evaluation.report.evidence import Evidence
from newsgroup_classifier.training.arguments import Arguments
from newsgroup_classifier.training.output import log_line, log_metrics
from newsgroup_classifier.training.reporting import describe
from newsgroup_classifier.training.scikit_learn.fitting import TrainingResult, builder_of
from newsgroup_classifier.training.scikit_learn.saving import save
from newsgroup_classifier.training.scikit_learn.servable import check_pipeline
from newsgroup_classifier.training.streaming.passes import ChannelPasses, FirstPass, transform

_SAMPLED = 20_000  # rows that the plots show
# Values per block. Channels may be sorted by label, which hurts classifiers that learn by gradient
# descent and shuffle each block. All of 20 Newsgroups is one block.
_BLOCK_VALUES = 2**22
Rows = tuple[csr_matrix, list[int]]


def run_stream(arguments: Arguments, sources: Path) -> None:
    """Train with the arguments; `sources` is the folder of the project's packages."""
    log_line(f"training {arguments.recipe.name} on a stream of texts")
    pipeline = builder_of(arguments.recipe)(arguments.hyperparameters)
    check_pipeline(arguments.recipe, pipeline, sources)
    result, labels = train_stream(arguments)
    log_metrics(result.metrics)
    save(result, arguments, sources, search={})
    # The job does not keep the texts, so the report has none.
    evidence = Evidence(result.scores, labels, no_sizes="the job reads a stream")
    describe(evidence, arguments, result.token_counts)


def train_stream(arguments: Arguments) -> tuple[TrainingResult, Counter[int]]:
    """Build the recipe's pipeline, and fit it in several passes over the channels.

    Return the result, and the number of train texts per label.
    """
    values, paths = arguments.hyperparameters, arguments.paths
    train_set = ChannelPasses(paths.train, TRAIN_FILE, "train" in paths.piped)
    test_set = ChannelPasses(paths.test, TEST_FILE, "test" in paths.piped)
    pipeline = builder_of(arguments.recipe)(values)
    first = FirstPass(pipeline, int(values["max_features"]))
    first.read(train_set, test_set)
    first.finish(arguments.recipe.least_lines)
    values_seen = 0
    for _ in range(int(values.get("max_iter", 1))):
        batches = train_set.batches()
        rows = ((transform(pipeline[:-1], batch.texts), batch.labels) for batch in batches)
        values_seen = teach(pipeline[-1], rows, len(train_set.names.by_number))
    metrics, scores = evaluate(pipeline, test_set.batches(), train_set.names.by_number)
    metrics |= {
        "train_rows": train_set.rows,
        "train_features": int(pipeline[-1].n_features_in_),
        "train_non_zeros": values_seen,
        "train_tokens": first.token_count,
    }
    warnings = [
        *text_warnings(first.empty, first.blank, train_set.rows, arguments.recipe.least_lines),
        *accuracy_warnings(metrics["accuracy"], first.test_labels, arguments.recipe.inputs),
    ]
    result = TrainingResult(pipeline, metrics, scores, first.words, warnings=warnings)
    return result, first.labels


def blocks(rows: Iterable[Rows], values: int) -> Iterator[Rows]:
    """Join batches of features and labels into blocks of about this many values and rows."""
    features: list[csr_matrix] = []
    labels: list[int] = []
    size = 0
    for batch, numbers in rows:
        features.append(batch)
        labels += numbers
        size += batch.nnz + len(numbers)  # an empty row takes memory, too
        if size >= values:
            yield vstack(features, format="csr"), labels
            features, labels, size = [], [], 0
    if features:
        yield vstack(features, format="csr"), labels


def teach(classifier: Any, rows: Iterable[Rows], classes: int) -> int:
    """Fit a classifier on all rows once; return the number of their non-zero values."""
    values = 0
    for features, labels in blocks(rows, _BLOCK_VALUES):
        classifier.partial_fit(features, labels, classes=np.arange(classes))
        values += int(features.count_nonzero())
    return values


def evaluate(
    pipeline: Any, batches: Iterable[Batch], label_names: tuple[str, ...], sampled: int = _SAMPLED
) -> tuple[dict[str, float], Scores]:
    """Return the metrics of all rows, and the scores of up to `sampled` random rows.

    Each row gets a random number, and the sample has the rows with the smallest ones.
    """
    classes, seen = len(label_names), 0
    confusion = np.zeros((classes, classes), dtype=np.int64)
    random, limit = np.random.default_rng(0), 1.0
    # The random numbers, numbers, labels, predicted labels, and probabilities of the sample.
    sample = [np.zeros(0), *(np.zeros(0, np.int64) for _ in range(3)), np.zeros((0, classes))]
    for batch in batches:
        features = transform(pipeline[:-1], batch.texts)
        predicted = pipeline[-1].predict(features)
        np.add.at(confusion, (batch.labels, predicted), 1)
        drawn = random.random(len(batch.texts))
        rows = np.flatnonzero(drawn < limit)
        if len(rows):
            labels = np.asarray(batch.labels)[rows]
            probabilities = pipeline[-1].predict_proba(features[rows])
            more = (drawn[rows], seen + rows, labels, predicted[rows], probabilities)
            sample = [np.concatenate(both) for both in zip(sample, more, strict=True)]
        if len(sample[0]) > sampled:
            smallest = np.sort(np.argpartition(sample[0], sampled)[:sampled])
            sample = [values[smallest] for values in sample]
            limit = float(sample[0].max())
        seen += len(batch.texts)
    _, numbers, labels, predicted, probabilities = sample
    scores = Scores(
        labels=labels.tolist(),
        predicted=predicted.tolist(),
        probabilities=probabilities,
        label_names=label_names,
        rows=numbers.tolist() if seen > sampled else (),
        all_pairs=confusion,
    )
    return metrics_of_pairs(confusion), scores
