"""Upload the train and test channels of a recipe's data set to the bucket.

    python -m scripts.upload_data --recipe newsgroups-naive-bayes
    python -m scripts.upload_data --recipe subreddits-neighbors --vectors en_core_web_md

The data set comes from --data-dir or DATASETS_DIR, from the cache, or from its publisher.
"""

import argparse
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.recipes.catalogue import Recipe, find_recipe
from newsgroup_classifier.text.lexicon import LEXICON_FILE
from scripts.account import command
from scripts.account.aws import Aws, Call, connect, dry_run
from scripts.account.command import Result, say
from scripts.account.stacks import foundation
from scripts.jobs.channels import CONTENT_TYPES, ENDINGS, VECTORS_FILE, channel_keys, channel_uris
from scripts.jobs.output import add_plots_argument, make_folder

_POSTS = "subreddits"  # the data set whose posts are wrangled
_File = tuple[Path, str, str]  # with the source of its content, and its content type


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    command.add_recipe_argument(parser)
    parser.add_argument(
        "--data-dir", type=Path, help="folder with the published files (DATASETS_DIR)"
    )
    parser.add_argument(
        "--generated-sample",
        action="store_true",
        help="upload a small generated corpus, whose metrics do not reflect real data",
    )
    group = parser.add_argument_group("recipes of posts (subreddits-...)")
    group.add_argument(
        "--vectors",
        metavar="NAME",
        help="also upload the word vectors of a spaCy pipeline, by name or folder (make spacy), "
        "for train --set embedding=vectors",
    )
    group.add_argument(
        "--min-characters", type=int, metavar="N", help="minimum length of a post (100)"
    )
    group.add_argument(
        "--posts-per-class", type=int, metavar="N", help="minimum number of posts in a class (100)"
    )
    add_plots_argument(group, "folder for plots of the posts before and after wrangling")
    command.add_common_arguments(parser)


def run(arguments: argparse.Namespace) -> Result:
    """Write the channels and upload them; return their addresses and the source of the data."""
    recipe = find_recipe(arguments.recipe)
    _check_arguments(recipe, arguments)
    aws = connect(arguments)
    bucket = foundation(aws, arguments.stack).bucket
    keys = channel_keys(recipe, bool(arguments.vectors))
    if arguments.dry_run:
        return dry_run(
            [Call("s3", "upload_file", {"Bucket": bucket, "Key": key}) for key in keys.values()]
        )
    if arguments.plots:
        make_folder(arguments.plots)
    dataset = _load(recipe, arguments)
    with tempfile.TemporaryDirectory(prefix="channels-") as folder:
        files = _write_files(recipe, dataset, arguments, Path(folder))
        for channel, key in keys.items():
            _upload(aws, files[channel], bucket, key)
    result: Result = {"channels": channel_uris(bucket, keys), "data": dataset.source}
    if recipe.dataset == _POSTS:
        result["wrangling"] = dataset.wrangling.as_dict()
    if arguments.plots:
        result["plots"] = result["pictures"] = _draw_posts(dataset, arguments.plots)
    return result


def _check_arguments(recipe: Recipe, arguments: argparse.Namespace) -> None:
    """Raise DeploymentError for a flag that the data set of the recipe does not use."""
    if arguments.generated_sample and arguments.data_dir:
        raise DeploymentError("--generated-sample does not read --data-dir; pass one of them")
    if arguments.vectors and recipe.vectors is None:
        raise DeploymentError(
            f"recipe {recipe.name} does not read word vectors; --vectors is for recipes of the "
            f"data set {_POSTS} that have an embedding"
        )
    flags = {
        "--min-characters": arguments.min_characters,
        "--posts-per-class": arguments.posts_per_class,
        "--plots": arguments.plots,
    }
    for flag, value in flags.items():
        if value is not None and recipe.dataset != _POSTS:
            raise DeploymentError(
                f"{flag} is for recipes of the data set {_POSTS}; {recipe.name} uses "
                f"{recipe.dataset}"
            )


def _load(recipe: Recipe, arguments: argparse.Namespace) -> Any:
    """Return the data set of a recipe."""
    # pandas and scikit-learn are imported here so that --help and --dry-run are fast.
    from newsgroup_classifier.datasets.catalogue import generate_dataset, load_dataset

    if recipe.dataset == _POSTS:
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
    say("Posts read, dropped and kept:\n" + command.table(rows))


def _write_files(
    recipe: Recipe, dataset: Any, arguments: argparse.Namespace, folder: Path
) -> dict[str, _File]:
    """Write the file of each channel into a folder."""
    from newsgroup_classifier.channels.images import write_image_channel
    from newsgroup_classifier.channels.texts import write_channel

    files: dict[str, _File] = {}
    if recipe.lexicon:
        path = folder / LEXICON_FILE
        path.write_bytes(_lexicon(arguments))
        files["lexicon"] = (path, dataset.source, "application/gzip")
    images = recipe.inputs == "images"
    train, test = (len(part.images if images else part) for part in (dataset.train, dataset.test))
    say(f"Data: {dataset.source}, {train} train and {test} test {recipe.inputs}.")
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

    table = load_vectors(name)
    rows, dimensions = table.vectors.shape
    say(
        f"Word vectors of {name}: {len(table.words):,} words, {rows:,} vectors of {dimensions} "
        "dimensions."
    )
    return write_vectors(table)


def _draw_posts(dataset: Any, folder: Path) -> list[str]:
    """Plot the posts of each class into a folder; return the file names."""
    from newsgroup_classifier.evaluation.post_plots import save_post_plots

    names = save_post_plots(dataset.wrangling, folder)
    say(f"Plots (in {folder}): {', '.join(names)}")
    return names


def _upload(aws: Aws, file: _File, bucket: str, key: str) -> None:
    """Upload the file of a channel, with a progress bar."""
    from tqdm import tqdm

    path, source, content_type = file
    size = path.stat().st_size
    metadata: dict[str, Any] = {"Metadata": {"source": source}, "ContentType": content_type}
    style: dict[str, Any] = {"unit": "B", "unit_scale": True, "leave": False, "disable": None}
    with tqdm(total=size, desc=path.name, **style) as bar:
        aws.client("s3").upload_file(
            str(path), bucket, key, ExtraArgs=metadata, Callback=bar.update
        )
    say(f"Uploaded s3://{bucket}/{key} ({size / 1e6:.1f} MB).")


if __name__ == "__main__":
    sys.exit(command.main(__doc__, add_arguments, run))
