"""Upload the train and test channels of a recipe's data set to the bucket.

    python -m scripts.upload_data --recipe newsgroups-naive-bayes
    python -m scripts.upload_data --recipe subreddits-linear --plots plots

The data set comes from --data-dir or DATASETS_DIR, from the cache, or from its publisher.
"""

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.recipes.catalogue import Recipe, find_recipe
from scripts.account import command
from scripts.account.aws import Aws, Call, connect, dry_run
from scripts.account.command import Result, say
from scripts.account.stacks import foundation
from scripts.jobs.channel_files import POSTS, ChannelFile, read_dataset, write_files
from scripts.jobs.channels import channel_keys, channel_uris
from scripts.jobs.output import add_plots_argument, make_folder


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
        "--min-characters",
        type=command.whole_number(0),
        metavar="N",
        help="minimum length of a post (100)",
    )
    group.add_argument(
        "--posts-per-class",
        type=command.whole_number(1),
        metavar="N",
        help="posts to draw per class; smaller classes are dropped (100; 50 of a generated sample)",
    )
    add_plots_argument(group, "folder for plots of the posts before and after wrangling")
    command.add_common_arguments(parser)


def run(arguments: argparse.Namespace) -> Result:
    """Write the channels and upload them; return their addresses and the source of the data."""
    recipe = find_recipe(arguments.recipe)
    _check_arguments(recipe, arguments)
    aws = connect(arguments)
    bucket = foundation(aws, arguments.stack).bucket
    keys = channel_keys(recipe, bool(arguments.vectors), arguments.stack)
    if arguments.dry_run:
        objects = [{"Bucket": bucket, "Key": key} for key in keys.values()]
        return dry_run([Call("s3", "upload_file", each) for each in objects])
    if arguments.plots:
        make_folder(arguments.plots)
    dataset = read_dataset(recipe, arguments)
    with tempfile.TemporaryDirectory(prefix="channels-") as folder:
        files = write_files(recipe, dataset, arguments, Path(folder))
        for channel, key in keys.items():
            _upload(aws, files[channel], bucket, key)
    result: Result = {"channels": channel_uris(bucket, keys), "data": dataset.source}
    if recipe.dataset == POSTS:
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
            f"data set {POSTS} that have an embedding"
        )
    flags = {
        "--min-characters": arguments.min_characters,
        "--posts-per-class": arguments.posts_per_class,
        "--plots": arguments.plots,
    }
    for flag, value in flags.items():
        if value is not None and recipe.dataset != POSTS:
            raise DeploymentError(
                f"{flag} is for recipes of the data set {POSTS}; {recipe.name} uses "
                f"{recipe.dataset}"
            )


def _draw_posts(dataset: Any, folder: Path) -> list[str]:
    """Plot the posts of each class into a folder; return the file names."""
    from newsgroup_classifier.evaluation.post_plots import save_post_plots

    names = save_post_plots(dataset.wrangling, folder)
    say(f"Plots (in {folder}): {', '.join(names)}")
    return names


def _upload(aws: Aws, file: ChannelFile, bucket: str, key: str) -> None:
    """Upload the file of a channel, with a progress bar."""
    from tqdm import tqdm

    path, source, content_type = file
    size = path.stat().st_size
    metadata: dict[str, Any] = {"Metadata": {"source": source}, "ContentType": content_type}
    style: dict[str, Any] = {"unit": "B", "unit_scale": True, "leave": False, "disable": None}
    with tqdm(total=size, desc=path.name, **style) as bar:
        options: dict[str, Any] = {"ExtraArgs": metadata, "Callback": bar.update}
        aws.client("s3").upload_file(str(path), bucket, key, **options)
    say(f"Uploaded s3://{bucket}/{key} ({size / 1e6:.1f} MB).")


if __name__ == "__main__":
    sys.exit(command.main(__doc__, add_arguments, run))
