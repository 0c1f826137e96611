"""The flags of upload_data for recipes of posts: word vectors, thresholds, and pictures."""

import argparse
from pathlib import Path
from typing import Any

from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.recipes.catalogue import Recipe
from scripts.account import command
from scripts.account.command import say
from scripts.jobs.output import make_folder

_DATASET = "subreddits"


def add_post_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags; none is given unless a person does."""
    group = parser.add_argument_group("recipes of posts (subreddits-...)")
    group.add_argument(
        "--vectors",
        metavar="NAME",
        help="upload the word vectors of a spaCy pipeline, too, by name or folder (make spacy); "
        "train --set embedding=vectors reads them",
    )
    group.add_argument(
        "--min-characters", type=int, metavar="N", help="characters of a post, at least (100)"
    )
    group.add_argument(
        "--posts-per-class", type=int, metavar="N", help="posts that a class has to have (100)"
    )
    group.add_argument(
        "--pictures", type=Path, metavar="DIR", help="draw the posts before and after wrangling"
    )


def check_post_arguments(recipe: Recipe, arguments: argparse.Namespace) -> None:
    """Raise DeploymentError for a flag that the recipe's data set has no use for."""
    if arguments.vectors and recipe.vectors is None:
        raise DeploymentError(
            f"recipe {recipe.name} reads no word vectors; --vectors is for those of the data set "
            f"{_DATASET} that have an embedding"
        )
    given = {
        "--min-characters": arguments.min_characters,
        "--posts-per-class": arguments.posts_per_class,
        "--pictures": arguments.pictures,
    }
    for flag, value in given.items():
        if value is not None and recipe.dataset != _DATASET:
            raise DeploymentError(
                f"{flag} is for recipes of the data set {_DATASET}; {recipe.name} is of "
                f"{recipe.dataset}"
            )


def load_posts(arguments: argparse.Namespace) -> Any:
    """Return the data set of posts by the thresholds that are given, and tell what was dropped."""
    # pandas loads only now, so that --help and --dry-run are quick.
    from newsgroup_classifier.datasets.post_wrangling import TUTORIAL_THRESHOLDS, Thresholds
    from newsgroup_classifier.datasets.subreddits import (
        SAMPLE_THRESHOLDS,
        generate_subreddits,
        load_subreddits,
    )

    usual = SAMPLE_THRESHOLDS if arguments.generated_sample else TUTORIAL_THRESHOLDS
    characters, posts = arguments.min_characters, arguments.posts_per_class
    thresholds = Thresholds(
        usual.characters if characters is None else characters,
        usual.posts if posts is None else posts,
    )
    if arguments.generated_sample:
        dataset = generate_subreddits(thresholds)
        _tell(dataset.wrangling)
        return dataset
    asked = None if characters is None and posts is None else thresholds
    return load_subreddits(arguments.data_dir, asked, _tell)


def _tell(wrangling: Any) -> None:
    rows = [(f"  {what}", count) for what, count in wrangling.rows()]
    say("Posts that were read, dropped and kept:\n" + command.table(rows))


def is_of_posts(recipe: Recipe) -> bool:
    """Tell whether a recipe's data set is one of posts."""
    return recipe.dataset == _DATASET


def draw_posts(dataset: Any, folder: Path | None) -> list[str]:
    """Draw the posts of each class into a folder if one is given; return the file names."""
    if folder is None:
        return []
    from newsgroup_classifier.evaluation.post_plots import save_post_plots

    make_folder(folder)
    names = save_post_plots(dataset.wrangling, folder)
    say(f"Pictures (in {folder}): {', '.join(names)}")
    return names
