"""Run a training job that reads its channels batch by batch and never holds all texts.

The first pass collects labels and tokens, and learns features; each other pass fits the classifier.
The test channel is checked in the first pass, and scored at the end.
"""

from collections import Counter
from pathlib import Path

from newsgroup_classifier.channels.texts import TEST_FILE, TRAIN_FILE
from newsgroup_classifier.evaluation.quality import accuracy_warnings, text_warnings
from newsgroup_classifier.evaluation.report.evidence import Evidence
from newsgroup_classifier.training.arguments import Arguments
from newsgroup_classifier.training.output import log_line, log_metrics
from newsgroup_classifier.training.reporting import describe
from newsgroup_classifier.training.scikit_learn.fitting import TrainingResult, builder_of
from newsgroup_classifier.training.scikit_learn.saving import save
from newsgroup_classifier.training.scikit_learn.servable import check_pipeline
from newsgroup_classifier.training.streaming.channel_passes import ChannelPasses
from newsgroup_classifier.training.streaming.evaluation import evaluate
from newsgroup_classifier.training.streaming.features import transform
from newsgroup_classifier.training.streaming.first_pass import FirstPass
from newsgroup_classifier.training.streaming.teaching import teach


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
