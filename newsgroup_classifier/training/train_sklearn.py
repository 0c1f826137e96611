"""Train a scikit-learn recipe: the entry point of SageMaker's scikit-learn container.

On a laptop, with channels in ./data/train and ./data/test:

    python -m newsgroup_classifier.training.train_sklearn --recipe newsgroups-naive-bayes
"""

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_SOURCES = Path(__file__).resolve().parents[2]
if not __package__:
    # Run as a file, as the launchers do: the bundle's root takes the place of this file's folder.
    sys.path[0] = str(_SOURCES)

from sklearn.model_selection import StratifiedKFold, cross_val_score  # noqa: E402
from sklearn.pipeline import Pipeline  # noqa: E402

from newsgroup_classifier import artifacts  # noqa: E402
from newsgroup_classifier.datasets.channels import (  # noqa: E402
    TEST_FILE,
    TRAIN_FILE,
    Channel,
    check_channels,
    read_channel,
)
from newsgroup_classifier.errors import DataError, HyperparameterError  # noqa: E402
from newsgroup_classifier.evaluation.metrics import (  # noqa: E402
    Scores,
    classification_metrics,
)
from newsgroup_classifier.hyperparameters import Value  # noqa: E402
from newsgroup_classifier.recipes import Recipe  # noqa: E402
from newsgroup_classifier.text.cleaning import drop_stop_words, letters_only  # noqa: E402
from newsgroup_classifier.text.lexicon import LEXICON_FILE  # noqa: E402
from newsgroup_classifier.text.tokens import count_tokens, middling_words  # noqa: E402
from newsgroup_classifier.training.arguments import Arguments, parse_args  # noqa: E402
from newsgroup_classifier.training.outcome import tell_metrics, write_metrics  # noqa: E402
from newsgroup_classifier.training.program import run_program  # noqa: E402
from newsgroup_classifier.training.usage import usage  # noqa: E402
from newsgroup_classifier.training.vendored import vendored_packages  # noqa: E402


@dataclass(frozen=True)
class TrainingResult:
    """A fitted pipeline from raw text to labels, how good it is, and what it was trained on."""

    pipeline: Pipeline
    metrics: dict[str, float]
    scores: Scores
    token_counts: Mapping[str, int]


def train(
    recipe: Recipe,
    hyperparameters: Mapping[str, Value],
    train_set: Channel,
    test_set: Channel,
    lexicon: Path | None = None,
) -> TrainingResult:
    """Build and fit the recipe's pipeline on one channel and measure it on the other.

    `lexicon` is the file of the lexicon channel, for a recipe that needs one.
    """
    check_channels(train_set, test_set)
    pipeline = builder_of(recipe)(hyperparameters)
    if recipe.lexicon:
        pipeline.set_params(**{recipe.lexicon: str(lexicon)})
    validation = validation_metrics(pipeline, train_set, int(hyperparameters.get("folds", 0)))
    features = _fit_features(recipe, pipeline[:-1], train_set)
    pipeline[-1].fit(features, train_set.labels)
    test_features = pipeline[:-1].transform(test_set.texts)
    scores = Scores(
        labels=test_set.labels,
        predicted=pipeline[-1].predict(test_features),
        probabilities=pipeline[-1].predict_proba(test_features),
        label_names=train_set.label_names,
    )
    tokens = count_tokens(_cleaned(pipeline, train_set.texts))
    metrics = (
        classification_metrics(scores.labels, scores.predicted)
        | validation
        | {
            "train_rows": features.shape[0],
            "train_features": features.shape[1],
            "train_non_zeros": int((features != 0).sum()),
            "train_tokens": tokens.total(),
        }
    )
    return TrainingResult(pipeline, metrics, scores, tokens)


def validation_metrics(pipeline: Pipeline, train_set: Channel, folds: int) -> dict[str, float]:
    """Return the mean accuracy of a cross-validation on the train channel; {} for 0 folds."""
    if not folds:
        return {}
    splitter = StratifiedKFold(folds, shuffle=True, random_state=0)
    found = cross_val_score(
        pipeline, train_set.texts, train_set.labels, cv=splitter, error_score="raise"
    )
    return {"validation_accuracy": float(found.mean())}


def builder_of(recipe: Recipe) -> Callable[[Mapping[str, Value]], Any]:
    """Return what builds the recipe's pipeline; raise HyperparameterError if another image does."""
    if recipe.build is None:
        raise HyperparameterError(
            f"recipe {recipe.name} trains with {recipe.framework}, and this is the scikit-learn "
            "program. Start its own: newsgroup_classifier/training/train_tensorflow.py."
        )
    return recipe.build


def _cleaned(pipeline: Pipeline, texts: list[str]) -> list[str]:
    """Return the texts as the recipe cleans them, or as words without stop words."""
    if "clean" in pipeline.named_steps:
        cleaned: list[str] = pipeline.named_steps["clean"].transform(texts)
        return cleaned
    return [drop_stop_words(letters_only(text)) for text in texts]


def _fit_features(recipe: Recipe, transformers: Pipeline, train_set: Channel) -> Any:
    try:
        return transformers.fit_transform(train_set.texts, train_set.labels)
    except ValueError as error:
        if "empty vocabulary" not in str(error):
            raise
        where = f" after the first {recipe.least_lines - 1} lines of a text"
        raise DataError(
            "the train channel has no word to learn from"
            f"{where if recipe.least_lines > 1 else ' that occurs often enough'}."
        ) from error


def save(result: TrainingResult, arguments: Arguments) -> None:
    """Write the artifact to the model folder and metrics.json to the output data folder."""
    about: dict[str, Any] = {
        "recipe": arguments.recipe.name,
        "label_names": result.scores.label_names,
        "hyperparameters": dict(arguments.hyperparameters),
        "metrics": result.metrics,
    }
    objects = split_pipeline(result.pipeline, arguments.recipe.first_steps)
    if arguments.recipe.export is not None:
        told = {name: about[name] for name in ("recipe", "label_names")}
        told["versions"] = artifacts.running_versions()
        objects[artifacts.LAMBDA_MODEL] = arguments.recipe.export(result.pipeline, told)
    served = artifacts.Served(vendored_packages(arguments.recipe))
    artifacts.save_artifact(arguments.paths.model, objects, about, _SOURCES, served)
    write_metrics(result.metrics, arguments.paths)


def split_pipeline(pipeline: Pipeline, first_steps: int) -> dict[str, Any]:
    """Return what each container loads: the first steps of the pipeline, and the rest."""
    rest = pipeline[first_steps:]
    return {
        artifacts.PREPROCESS: pipeline[:first_steps],
        artifacts.MODEL: rest if len(rest) > 1 else rest[0],
    }


def _work(argv: list[str], environ: Mapping[str, str]) -> None:
    arguments = parse_args(argv, environ)
    paths = arguments.paths
    train_set = read_channel(paths.train / TRAIN_FILE)
    test_set = read_channel(paths.test / TEST_FILE)
    print(f"training {arguments.recipe.name} on {len(train_set.texts)} texts", flush=True)
    lexicon = paths.lexicon / LEXICON_FILE
    result = train(arguments.recipe, arguments.hyperparameters, train_set, test_set, lexicon)
    tell_metrics(result.metrics)
    save(result, arguments)
    draw(result, train_set, paths.output_data)


def draw(result: TrainingResult, train_set: Channel, folder: Path) -> None:
    """Draw the pictures into the output data folder, and say which."""
    # matplotlib takes half a second to import, and a failed channel needs no picture.
    from newsgroup_classifier.evaluation.pictures import draw_pictures

    words = middling_words(result.token_counts)
    for name in draw_pictures(result.scores, train_set.labels, words, folder):
        print(f"picture {name}", flush=True)


def main(argv: list[str] | None = None) -> int:
    """Train as the command line says; return the exit code."""
    given = sys.argv[1:] if argv is None else argv
    if told := usage("train_sklearn", "scikit-learn", given, os.environ):
        print(told)
        return 0
    return run_program(lambda: _work(given, os.environ), os.environ)


if __name__ == "__main__":
    sys.exit(main())
