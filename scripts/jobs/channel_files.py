"""Write the files of a recipe's channels from its data set."""

import argparse
from pathlib import Path
from typing import Any

from newsgroup_classifier.datasets import DatasetLoader
from newsgroup_classifier.discovery import Catalogue
from newsgroup_classifier.errors import DataError, counted
from newsgroup_classifier.recipes.catalogue import Recipe
from newsgroup_classifier.text.lexicon import LEXICON_FILE
from scripts.account.command import say, table
from scripts.jobs.data_versions import CONTENT_TYPES, ENDINGS, VECTORS_FILE
from scripts.jobs.own_files import ChannelFile


def all_datasets() -> Catalogue[DatasetLoader]:
    """Return the data sets; importing them takes a second because of pandas."""
    from newsgroup_classifier.datasets.catalogue import DATASETS

    return DATASETS


def read_dataset(loader: DatasetLoader, arguments: argparse.Namespace) -> Any:
    """Return a data set, or its generated sample."""
    from newsgroup_classifier.datasets.catalogue import generate_dataset, load_dataset

    passed = passed_flags(loader, arguments)
    options = {_destination(flag): value for flag, value in passed.items()}
    if loader.reports:
        options["report"] = _report
    if arguments.generated_sample:
        return generate_dataset(loader.name, **options)
    return load_dataset(loader.name, arguments.data_dir, **options)


def passed_flags(loader: DatasetLoader, arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the values of the flags of a data set that the command line has."""
    values = {flag: getattr(arguments, _destination(flag)) for flag in loader.flags}
    return {flag: value for flag, value in values.items() if value is not None}


def _destination(flag: str) -> str:
    return flag.removeprefix("--").replace("-", "_")


def _report(heading: str, rows: list[tuple[str, str]]) -> None:
    say(f"{heading}:\n" + table([(f"  {name}", value) for name, value in rows]))


def write_files(
    recipe: Recipe, dataset: Any, arguments: argparse.Namespace, folder: Path
) -> dict[str, ChannelFile]:
    """Write the file of each channel into a folder."""
    from newsgroup_classifier.channels.images import write_image_channel
    from newsgroup_classifier.channels.texts import write_channel

    files: dict[str, ChannelFile] = {}
    if recipe.lexicon:
        path = folder / LEXICON_FILE
        path.write_bytes(_lexicon(arguments))
        files["lexicon"] = (path, dataset.source, "application/gzip")
    images = recipe.inputs == "images"
    train, test = (len(part.images if images else part) for part in (dataset.train, dataset.test))
    labels = set(dataset.train.labels if images else dataset.train["label"])
    size = f"{train:,} train and {counted(test, f'test {recipe.inputs[:-1]}')}"
    if len(labels) < 2 or not test:
        raise DataError(
            f"the data set {recipe.dataset} ({dataset.source}) has {size} in "
            f"{counted(len(labels), 'class', 'classes')}; expected 2 or more classes, and "
            f"{recipe.inputs} to train and to test with"
        )
    say(f"Data: {dataset.source}, {size}.")
    for name in ("train", "test"):
        path = folder / f"{name}{ENDINGS[recipe.inputs]}"
        (write_image_channel if images else write_channel)(getattr(dataset, name), path)
        files[name] = (path, dataset.source, CONTENT_TYPES[recipe.inputs])
    return files


def _lexicon(arguments: argparse.Namespace) -> bytes:
    from newsgroup_classifier.datasets.sources.wordnet import load_lexicon
    from newsgroup_classifier.datasets.spooky import generate_lexicon
    from newsgroup_classifier.text.lexicon import write_lexicon

    sample = arguments.generated_sample
    return write_lexicon(generate_lexicon() if sample else load_lexicon(arguments.data_dir))


def write_vectors(name: str, folder: Path) -> ChannelFile:
    """Write the word vectors of a spaCy pipeline into a folder."""
    from newsgroup_classifier.datasets.sources.spacy_vectors import load_vectors
    from newsgroup_classifier.text import word_vectors

    vectors = load_vectors(name)
    rows, dimensions = vectors.vectors.shape
    say(
        f"Word vectors of {name}: {len(vectors.words):,} words, {rows:,} vectors of {dimensions} "
        "dimensions."
    )
    path = folder / VECTORS_FILE
    path.write_bytes(word_vectors.write_vectors(vectors))
    return path, f"spaCy pipeline {name}", "application/x-npz"
