"""Put the train and test channels of a recipe's data set into the bucket.

    python -m scripts.upload_data --recipe newsgroups-naive-bayes
    python -m scripts.upload_data --recipe subreddits-neighbors --vectors en_core_web_md

The data set is taken from --data-dir or DATASETS_DIR, from the cache, or from its publisher.
"""

import argparse
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from newsgroup_classifier.datasets import GENERATED
from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.hyperparameters import Value
from newsgroup_classifier.recipes.catalogue import Recipe, find_recipe
from newsgroup_classifier.text.lexicon import LEXICON_FILE, Lexicon, write_lexicon
from scripts.account import command
from scripts.account.aws import Aws, Call, connect, dry_run
from scripts.account.command import Result, say
from scripts.account.naming import channel_prefix
from scripts.account.stacks import foundation, stack_flag
from scripts.jobs.output import make_folder
from scripts.jobs.post_flags import (
    add_post_arguments,
    check_post_arguments,
    draw_posts,
    is_of_posts,
    load_posts,
)

# As newsgroup_classifier.text.word_vectors names it, which imports scikit-learn.
_VECTORS_FILE = "vectors.npz"


@dataclass(frozen=True)
class _Form:
    """How the channels of a recipe's inputs are written: the file's ending and content type."""

    ending: str
    content_type: str


_FORMS = {
    "texts": _Form(".csv", "text/csv"),
    "images": _Form(".npz", "application/x-npz"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the script's arguments."""
    command.add_recipe_argument(parser)
    parser.add_argument(
        "--data-dir", type=Path, help="folder of the published files (DATASETS_DIR)"
    )
    parser.add_argument(
        "--generated-sample",
        action="store_true",
        help="upload a small generated corpus instead; its figures say nothing of real data",
    )
    add_post_arguments(parser)
    command.add_common_arguments(parser)


def channel_uris(
    recipe: Recipe, bucket: str, values: Mapping[str, Value] = MappingProxyType({})
) -> dict[str, str]:
    """Return the address of each channel that a recipe trains from with its hyperparameters."""
    keys = _channel_keys(recipe, recipe.reads_vectors(values))
    return {name: f"s3://{bucket}/{key.rpartition('/')[0]}/" for name, key in keys.items()}


def _channel_keys(recipe: Recipe, vectors: bool) -> dict[str, str]:
    prefix = channel_prefix(recipe.dataset)
    ending = _FORMS[recipe.inputs].ending
    keys = {name: f"{prefix}{name}/{name}{ending}" for name in ("train", "test")}
    if recipe.lexicon:
        keys["lexicon"] = f"{prefix}lexicon/{LEXICON_FILE}"
    if vectors:
        keys["vectors"] = f"{prefix}vectors/{_VECTORS_FILE}"
    return keys


def run(arguments: argparse.Namespace) -> Result:
    """Write the channels and upload them; return their addresses and where the data is from."""
    recipe = find_recipe(arguments.recipe)
    if arguments.generated_sample and arguments.data_dir:
        raise DeploymentError("--generated-sample reads no --data-dir; give one of them")
    check_post_arguments(recipe, arguments)
    aws = connect(arguments)
    bucket = foundation(aws, arguments.stack).bucket
    keys = _channel_keys(recipe, bool(arguments.vectors))
    uris = {name: f"s3://{bucket}/{key.rpartition('/')[0]}/" for name, key in keys.items()}
    if arguments.dry_run:
        return dry_run(
            [Call("s3", "upload_file", {"Bucket": bucket, "Key": key}) for key in keys.values()]
        )
    if arguments.pictures:
        make_folder(arguments.pictures)
    dataset, lexicon = _load(recipe, arguments)
    vectors = _compile_vectors(arguments.vectors) if arguments.vectors else b""
    with tempfile.TemporaryDirectory(prefix="channels-") as folder:
        for path in _write_channels(recipe, dataset, Path(folder)):
            form = _FORMS[recipe.inputs]
            _upload(aws, path, bucket, keys[path.stem], (dataset.source, form.content_type))
        if lexicon is not None:
            path = Path(folder) / LEXICON_FILE
            path.write_bytes(write_lexicon(lexicon))
            _upload(aws, path, bucket, keys["lexicon"], (dataset.source, "application/gzip"))
        if vectors:
            path = Path(folder) / _VECTORS_FILE
            path.write_bytes(vectors)
            about = (f"spaCy pipeline {arguments.vectors}", "application/x-npz")
            _upload(aws, path, bucket, keys["vectors"], about)
    told = {"wrangling": dataset.wrangling.as_dict()} if is_of_posts(recipe) else {}
    pictures = draw_posts(dataset, arguments.pictures)
    more = {"pictures": pictures} if pictures else {}
    return {"channels": uris, "data": dataset.source} | told | more


def _compile_vectors(name: str) -> bytes:
    """Return the file of a spaCy pipeline's word vectors."""
    from newsgroup_classifier.datasets.sources.spacy_vectors import load_vectors
    from newsgroup_classifier.text.word_vectors import write_vectors

    table = load_vectors(name)
    rows, dimensions = table.vectors.shape
    say(
        f"Word vectors of {name}: {len(table.words):,} words, {rows:,} vectors of {dimensions} "
        "dimensions."
    )
    return write_vectors(table)


def _write_channels(recipe: Recipe, dataset: Any, folder: Path) -> list[Path]:
    """Write the train and the test channel into a folder; return their paths."""
    from newsgroup_classifier.channels.images import ImageDataset, write_image_channel
    from newsgroup_classifier.channels.texts import write_channel

    images = isinstance(dataset, ImageDataset)
    train, test = (len(part.images if images else part) for part in (dataset.train, dataset.test))
    say(f"Data: {dataset.source}, {train} train and {test} test {recipe.inputs}.")
    paths = []
    for name, part in (("train", dataset.train), ("test", dataset.test)):
        paths.append(folder / f"{name}{_FORMS[recipe.inputs].ending}")
        (write_image_channel if images else write_channel)(part, paths[-1])
    return paths


def _load(recipe: Recipe, arguments: argparse.Namespace) -> tuple[Any, Lexicon | None]:
    """Return the data set of a recipe, and the lexicon if it needs one; both real or neither."""
    # pandas and scikit-learn load only now, so that --help and --dry-run are quick.
    from newsgroup_classifier.datasets.catalogue import generate_dataset, load_dataset
    from newsgroup_classifier.datasets.sources.wordnet import load_lexicon
    from newsgroup_classifier.datasets.spooky import generate_lexicon

    if is_of_posts(recipe):
        return load_posts(arguments), None
    if arguments.generated_sample:
        return generate_dataset(recipe.dataset), generate_lexicon() if recipe.lexicon else None
    dataset = load_dataset(recipe.dataset, arguments.data_dir)
    return dataset, load_lexicon(arguments.data_dir) if recipe.lexicon else None


def _upload(aws: Aws, path: Path, bucket: str, key: str, about: tuple[str, str]) -> None:
    """Upload a file; `about` has where its content is from, and its content type."""
    from tqdm import tqdm

    size = path.stat().st_size
    metadata: dict[str, Any] = {"Metadata": {"source": about[0]}, "ContentType": about[1]}
    look: dict[str, Any] = {"unit": "B", "unit_scale": True, "leave": False, "disable": None}
    with tqdm(total=size, desc=path.name, **look) as bar:
        aws.client("s3").upload_file(
            str(path), bucket, key, ExtraArgs=metadata, Callback=bar.update
        )
    say(f"Uploaded s3://{bucket}/{key} ({size / 1e6:.1f} MB).")


def mark_of(source: str) -> str:
    """Return what is written behind every figure from this source: nothing, if it is real data."""
    return f" ({source})" if source == GENERATED else ""


def data_source(
    aws: Aws, recipe: Recipe, bucket: str, values: Mapping[str, Value], stack: str
) -> str:
    """Return where uploaded data is from; raise DeploymentError if none was uploaded."""
    keys = _channel_keys(recipe, recipe.reads_vectors(values))
    found = [_source_of(aws, recipe, (bucket, key), stack_flag(stack)) for key in keys.values()]
    return GENERATED if GENERATED in found else found[0]


def _source_of(aws: Aws, recipe: Recipe, place: tuple[str, str], more: str) -> str:
    bucket, key = place
    client = aws.client("s3")
    try:
        answer = client.head_object(Bucket=bucket, Key=key)
    except client.exceptions.ClientError as error:
        if error.response["Error"]["Code"] not in ("404", "NoSuchKey", "NotFound"):
            raise
        raise DeploymentError(
            f"s3://{bucket}/{key} is missing. Upload the data with: "
            f"python -m scripts.upload_data --recipe {recipe.name}"
            f"{' --vectors NAME' if key.endswith(_VECTORS_FILE) else ''}{more}"
        ) from error
    return str(answer["Metadata"].get("source", "unknown source"))


if __name__ == "__main__":
    sys.exit(command.main(__doc__, add_arguments, run))
