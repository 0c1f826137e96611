"""A training job of scikit-learn: read, search, fit, measure, and save what serves."""

from dataclasses import replace
from pathlib import Path

from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import Pipeline

from newsgroup_classifier.datasets.channels import TEST_FILE, TRAIN_FILE, Channel, read_channel
from newsgroup_classifier.stream_parameters import READING, STREAM
from newsgroup_classifier.text.lexicon import LEXICON_FILE
from newsgroup_classifier.training.arguments import Arguments
from newsgroup_classifier.training.outcome import tell_metrics
from newsgroup_classifier.training.sklearn_fitting import builder_of, train
from newsgroup_classifier.training.sklearn_saving import draw, save
from newsgroup_classifier.training.streaming.job import run_stream


def run_job(arguments: Arguments, sources: Path) -> None:
    """Train as the arguments say; `sources` is the folder that holds the project's packages."""
    if arguments.hyperparameters.get(READING) == STREAM:
        run_stream(arguments, sources)
        return
    recipe, paths = arguments.recipe, arguments.paths
    train_set = read_channel(paths.train / TRAIN_FILE)
    test_set = read_channel(paths.test / TEST_FILE)
    print(f"training {recipe.name} on {len(train_set.texts)} texts", flush=True)
    lexicon = paths.lexicon / LEXICON_FILE
    values = arguments.hyperparameters
    pipeline = builder_of(recipe, lexicon)(values)
    validation = validation_metrics(pipeline, train_set, int(values.get("folds", 0)))
    result = train(recipe, values, train_set, test_set, lexicon)
    result = replace(result, metrics=result.metrics | validation)
    tell_metrics(result.metrics)
    save(result, arguments, sources)
    draw(result, train_set, paths.output_data)


def validation_metrics(pipeline: Pipeline, train_set: Channel, folds: int) -> dict[str, float]:
    """Return the mean accuracy of a cross-validation on the train channel; {} for 0 folds."""
    if not folds:
        return {}
    splitter = StratifiedKFold(folds, shuffle=True, random_state=0)
    found = cross_val_score(
        pipeline, train_set.texts, train_set.labels, cv=splitter, error_score="raise"
    )
    return {"validation_accuracy": float(found.mean())}
