"""Write the files of a recipe's channels from its data set."""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

from newsgroup_classifier.errors import DataError, counted
from newsgroup_classifier.recipes.catalogue import Recipe
from newsgroup_classifier.text.lexicon import LEXICON_FILE
from scripts.account.command import say, table
from scripts.jobs.channels import CONTENT_TYPES, ENDINGS, VECTORS_FILE

POSTS = "subreddits"  # the data set whose posts are wrangled
ChannelFile = tuple[Path, str, str]  # with the source of its content, and its content type


def read_dataset(recipe: Recipe, arguments: argparse.Namespace) -> Any:
    """Return the data set of a recipe."""
    # pandas and scikit-learn are imported here so that --help and --dry-run are fast.
    from newsgroup_classifier.datasets.catalogue import generate_dataset, load_dataset

    if recipe.dataset == POSTS:
        return load_posts(arguments)
    if arguments.generated_sample:
        return generate_dataset(recipe.dataset)
    return load_dataset(recipe.dataset, arguments.data_dir)


def load_posts(arguments: argparse.Namespace) -> Any:
    """Return the posts that pass the thresholds, and print how many were dropped and why."""
    from newsgroup_classifier.datasets.post_wrangling import TUTORIAL_THRESHOLDS
    from newsgroup_classifier.datasets.subreddits import (
        SAMPLE_THRESHOLDS,
        generate_subreddits,
        load_subreddits,
    )

    flags = {"characters": arguments.min_characters, "posts": arguments.posts_per_class}
    changes = {name: value for name, value in flags.items() if value is not None}
    if arguments.generated_sample:
        dataset = generate_subreddits(replace(SAMPLE_THRESHOLDS, **changes))
        _report(dataset.wrangling)
        return dataset
    thresholds = replace(TUTORIAL_THRESHOLDS, **changes) if changes else None
    return load_subreddits(arguments.data_dir, thresholds, _report)


def _report(wrangling: Any) -> None:
    rows = [(f"  {description}", count) for description, count in wrangling.rows()]
    say("Posts read, dropped and kept:\n" + table(rows))


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
    found = f"{train:,} train and {counted(test, f'test {recipe.inputs[:-1]}')}"
    if len(labels) < 2 or not test:
        raise DataError(
            f"the data set {recipe.dataset} ({dataset.source}) has {found} in "
            f"{counted(len(labels), 'class', 'classes')}; expected 2 or more classes, and "
            f"{recipe.inputs} to train and to test with"
        )
    say(f"Data: {dataset.source}, {found}.")
    for name in ("train", "test"):
        path = folder / f"{name}{ENDINGS[recipe.inputs]}"
        (write_image_channel if images else write_channel)(getattr(dataset, name), path)
        files[name] = (path, dataset.source, CONTENT_TYPES[recipe.inputs])
    if arguments.vectors:
        path = folder / VECTORS_FILE
        path.write_bytes(_vectors(arguments.vectors))
        files["vectors"] = (path, f"spaCy pipeline {arguments.vectors}", "application/x-npz")
    return files


def _lexicon(arguments: argparse.Namespace) -> bytes:
    from newsgroup_classifier.datasets.sources.wordnet import load_lexicon
    from newsgroup_classifier.datasets.spooky import generate_lexicon
    from newsgroup_classifier.text.lexicon import write_lexicon

    sample = arguments.generated_sample
    return write_lexicon(generate_lexicon() if sample else load_lexicon(arguments.data_dir))


def _vectors(name: str) -> bytes:
    """Return the file with the word vectors of a spaCy pipeline."""
    from newsgroup_classifier.datasets.sources.spacy_vectors import load_vectors
    from newsgroup_classifier.text.word_vectors import write_vectors

    vectors = load_vectors(name)
    rows, dimensions = vectors.vectors.shape
    say(
        f"Word vectors of {name}: {len(vectors.words):,} words, {rows:,} vectors of {dimensions} "
        "dimensions."
    )
    return write_vectors(vectors)
