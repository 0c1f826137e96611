"""Fit a recipe's pipeline on the train channel, and evaluate it on the test channel."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sklearn.pipeline import Pipeline

from newsgroup_classifier import artifacts
from newsgroup_classifier.channels.texts import Channel, check_channels
from newsgroup_classifier.estimators.linear_text.classifier import FitReport
from newsgroup_classifier.evaluation.metrics import Scores, classification_metrics
from newsgroup_classifier.evaluation.quality import (
    Suspect,
    accuracy_warnings,
    blank_texts,
    empty_rows,
    find_suspects,
    pruning_warnings,
    text_warnings,
)
from newsgroup_classifier.hyperparameters import Hyperparameters
from newsgroup_classifier.recipe import Recipe, ScikitLearnRecipe
from newsgroup_classifier.recommender import match_classes, write_posts
from newsgroup_classifier.text.cleaning import (
    count_tokens,
    drop_stop_words,
    letters_of_any_alphabet,
)
from newsgroup_classifier.training.scikit_learn.fit_errors import fit_errors
from newsgroup_classifier.training.scikit_learn.servable import (
    check_fitted,
    mark_fitted,
    servable_features,
)
from newsgroup_classifier.training.search.folds import (
    Groups,
    group_parameters,
    groups_of,
    own_groups,
)

CLEAN = "clean"  # the first step of pipelines that clean texts
Build = Callable[[Hyperparameters], Pipeline]


@dataclass(frozen=True)
class Files:
    """The files of additional channels, for recipes that read them."""

    lexicon: Path | None = None
    vectors: Path | None = None


@dataclass(frozen=True)
class LastFit:
    """The features that the last step was fitted on and tested with.

    `labels_of` returns the label numbers of predicted classes.
    """

    train: Any
    test: Any
    labels_of: Callable[[Any], list[int]]


@dataclass(frozen=True)
class TrainingResult:
    """A fitted pipeline from raw texts to labels, with its metrics, scores, and token counts.

    `files` are additional files for the artifact, by name; `warnings` say why the model may be
    useless. `suspects` are the rows of the train channel whose labels are probably wrong, if the
    pipeline can tell. `last_fit` is None if the last step learns nothing, or needs groups.
    `cleaned` are the train texts after the cleaning step, or none if the pipeline has no such step.
    """

    pipeline: Pipeline
    metrics: dict[str, float]
    scores: Scores
    token_counts: Mapping[str, int]
    files: Mapping[str, bytes] = field(default_factory=dict)
    warnings: Sequence[str] = ()
    suspects: Sequence[Suspect] | None = None
    last_fit: LastFit | None = None
    cleaned: Sequence[str] = ()


def train(
    recipe: Recipe,
    hyperparameters: Hyperparameters,
    train_set: Channel,
    test_set: Channel,
    files: Files = Files(),
) -> TrainingResult:
    """Build a recipe's pipeline, fit it on the train channel, and evaluate it on the test channel.

    `files` are the files of additional channels, for recipes that read them.
    """
    check_channels(train_set, test_set)
    pipeline = builder_of(recipe, files)(hyperparameters)
    groups = groups_of(train_set.subjects, hyperparameters)
    features, sizes, empty, cleaned = _fit_features(recipe, pipeline, train_set, groups)
    grouped = own_groups(pipeline[-1], groups)
    with _errors_of(recipe, pipeline, -1):
        pipeline[-1].fit(features, train_set.labels, **grouped)
    check_fitted(pipeline[-1])
    classes = match_classes(pipeline[-1], train_set.label_names)
    test_features = _test_features(recipe, pipeline, test_set)
    with _errors_of(recipe, pipeline, -1):
        scores = Scores(
            labels=test_set.labels,
            predicted=classes.labels(pipeline[-1].predict(test_features)),
            probabilities=classes.in_label_order(pipeline[-1].predict_proba(test_features)),
            label_names=train_set.label_names,
        )
    tokens = count_tokens(cleaned or clean_for_counting(pipeline, train_set.texts))
    metrics = classification_metrics(scores.labels, scores.predicted) | {
        "train_rows": len(train_set.texts),
        **sizes,
        "train_tokens": tokens.total(),
    }
    posts = {}
    if recipe.keeps_texts:
        posts[artifacts.POSTS] = write_posts(train_set.texts, train_set.labels)
    blank = blank_texts(train_set.texts)
    warnings = [
        *text_warnings(empty, blank, len(train_set.texts), recipe.least_lines),
        *accuracy_warnings(metrics["accuracy"], Counter(test_set.labels), recipe.inputs),
    ]
    suspects = last_fit = None
    if not grouped:
        last_fit = LastFit(features, test_features, classes.labels)
    if (report := _report_of(pipeline)) is not None:
        # The features are scores of rows that were held out.
        held_out = classes.in_label_order(pipeline[-1].predict_proba(features))
        suspects = find_suspects(train_set.labels, held_out, train_set.label_names)
        last_fit = None
        size = (pipeline[0].max_mb, report.needed_mb)
        warnings += pruning_warnings(report.kept, report.features, report.changed, *size)
    return TrainingResult(
        pipeline, metrics, scores, tokens, posts, warnings, suspects, last_fit, cleaned
    )


def _fit_features(
    recipe: Recipe, pipeline: Pipeline, train_set: Channel, groups: Groups
) -> tuple[Any, dict[str, float], int, Sequence[str]]:
    """Fit all steps but the last; return their output, and what is known about it.

    These are the numbers of features and of the values of all rows, as metrics, the number of texts
    without a feature, and the cleaned texts. The features of a text are the first matrix: later
    steps may turn an empty row into another one.
    """
    rows: Any = train_set.texts
    sizes: dict[str, float]
    empty, cleaned = None, list[str]()
    for index in range(len(pipeline) - 1):
        step = pipeline[index : index + 1]
        with _errors_of(recipe, pipeline, index):
            parameters = group_parameters(step.steps, groups)
            rows = step.fit_transform(rows, train_set.labels, **parameters)
        mark_fitted(pipeline[index])
        if index == 0 and pipeline.steps[0][0] == CLEAN:
            cleaned = list(rows)
        if empty is None:
            empty = empty_rows(rows)
    if (report := _report_of(pipeline)) is not None:
        sizes = {"train_features": report.features, "train_non_zeros": report.values}
        return rows, sizes, report.empty, cleaned
    matrix = servable_features(recipe, rows)
    sizes = {"train_features": matrix.shape[1], "train_non_zeros": int((matrix != 0).sum())}
    return matrix, sizes, empty or 0, cleaned


def _test_features(recipe: Recipe, pipeline: Pipeline, test_set: Channel) -> Any:
    rows: Any = test_set.texts
    for index in range(len(pipeline) - 1):
        with _errors_of(recipe, pipeline, index):
            rows = pipeline[index : index + 1].transform(rows)
    return servable_features(recipe, rows)


def _errors_of(recipe: Recipe, pipeline: Pipeline, index: int) -> AbstractContextManager[None]:
    return fit_errors(recipe, f"step {pipeline.steps[index][0]}")


def _report_of(pipeline: Pipeline) -> FitReport | None:
    """Return the report of a first step that counts n-grams and scores the rows by folds itself."""
    report = getattr(pipeline[0], "report_", None)
    return report if isinstance(report, FitReport) else None


def builder_of(recipe: Recipe, files: Files = Files()) -> Build:
    """Return the builder of a recipe's pipeline; raise HyperparameterError if it has none."""
    build = ScikitLearnRecipe.of(recipe).build

    def build_with_files(hyperparameters: Hyperparameters) -> Pipeline:
        pipeline: Pipeline = build(hyperparameters)
        if recipe.lexicon:
            pipeline.set_params(**{recipe.lexicon: str(files.lexicon)})
        if recipe.vectors and recipe.reads_vectors(hyperparameters):
            pipeline.set_params(**{recipe.vectors: str(files.vectors)})
        return pipeline

    return build_with_files


def clean_for_counting(pipeline: Pipeline, texts: list[str]) -> list[str]:
    """Return texts after the pipeline's cleaning step, or without stop words if it has none."""
    if pipeline.steps[0][0] == CLEAN:
        cleaned: list[str] = pipeline[0].transform(texts)
        return cleaned
    return [drop_stop_words(letters_of_any_alphabet(text)) for text in texts]
