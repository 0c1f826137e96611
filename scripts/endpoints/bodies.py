"""The body that invoke sends: a text, a file by its ending, or an example of the test data."""

import argparse
import csv
import io
import os
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inference_pipeline.content_types import CSV, JSON, JSON_LINES, NPY, PNG, TEXT
from newsgroup_classifier.errors import DeploymentError, RequestError
from newsgroup_classifier.recipes.catalogue import Recipe
from scripts.account.aws import Aws
from scripts.account.command import say
from scripts.account.naming import channel_prefix
from scripts.account.stacks import foundation, stack_flag

_TEXT_BYTES = 200_000  # enough of a test channel to hold its first text
_TEXT_FILES = {".txt": TEXT, ".csv": CSV, ".json": JSON, ".jsonl": JSON_LINES}
_IMAGE_FILES = {".png": PNG, ".npy": NPY, ".json": JSON}
# What a body is to hold at least, by its content type; of any other at least one byte.
_LEAST = {
    TEXT: "at least one word",
    CSV: "a row for each text",
    JSON: "a JSON document of one or several {inputs}",
    JSON_LINES: "a line of JSON for each text",
    PNG: "a PNG image",
    NPY: "one or several images as numpy.save writes them",
}


@dataclass(frozen=True)
class Example:
    """The first row of a test channel: the body of a request, and what is known of it."""

    body: bytes
    content_type: str
    subject: str
    label: str


def add_body_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that say what is sent."""
    source = parser.add_mutually_exclusive_group()
    source.add_argument("text", nargs="?", help="the text, or - for standard input")
    source.add_argument(
        "--file", type=Path, help="a file of one or several (.txt .csv .json .jsonl .png .npy)"
    )
    parser.add_argument("--content-type", help="content type of the body (by the file's ending)")


def given_body(recipe: Recipe, arguments: argparse.Namespace) -> tuple[bytes, str] | None:
    """Return body and content type of the text or file, or None if there is neither."""
    if arguments.file is not None:
        content_type = arguments.content_type or _type_of(recipe, arguments.file)
        return _content(recipe, arguments.file, content_type), content_type
    if arguments.text is None:
        return None
    if recipe.inputs == "images" and not arguments.content_type:
        raise RequestError(
            f"recipe {recipe.name} reads images; expected --file with {_listed(_IMAGE_FILES)}, or "
            "- for standard input with a --content-type"
        )
    text = sys.stdin.buffer.read() if arguments.text == "-" else os.fsencode(arguments.text)
    if recipe.inputs == "images" and not text:
        raise RequestError(f"standard input is empty; expected images as {arguments.content_type}")
    return text, arguments.content_type or TEXT


def _content(recipe: Recipe, file: Path, content_type: str) -> bytes:
    """Return what a file holds; raise RequestError if it cannot be read or holds nothing."""
    try:
        content = file.read_bytes()
    except OSError as error:
        endings = _listed(_IMAGE_FILES if recipe.inputs == "images" else _TEXT_FILES)
        raise RequestError(
            f"{file} cannot be read ({error.strerror}); expected a file of {recipe.inputs} with "
            f"{endings}"
        ) from error
    if not content.strip():
        least = _LEAST.get(content_type, "some content").format(inputs=recipe.inputs)
        raise RequestError(f"{file} is empty; expected {least}")
    return content


def _type_of(recipe: Recipe, file: Path) -> str:
    ending = file.suffix.lower()
    types = _IMAGE_FILES if recipe.inputs == "images" else _TEXT_FILES
    if ending in types:
        return types[ending]
    if recipe.inputs == "images" or ending in _IMAGE_FILES:
        raise RequestError(
            f"{file} is no file for recipe {recipe.name}, which reads {recipe.inputs}; expected "
            f"one with {_listed(types)}, or say what it is with --content-type"
        )
    return TEXT


def _listed(types: Mapping[str, str]) -> str:
    *most, last = types
    return f"{', '.join(most)} or {last}"


def example_body(aws: Aws, recipe: Recipe, stack: str) -> tuple[bytes, str]:
    """Return body and content type of the first row of the test channel, and say what it is."""
    example = first_example(aws, recipe, stack)
    say(f"Nothing was given, so an example of the test data is sent: {example.label}.")
    return example.body, example.content_type


def first_example(aws: Aws, recipe: Recipe, stack: str) -> Example:
    """Read the first row of a recipe's test channel from S3."""
    if recipe.inputs == "images":
        return _first_image(aws, recipe, stack)
    content = _read(aws, recipe, stack, "test.csv", Range=f"bytes=0-{_TEXT_BYTES}")
    text = content.decode("utf-8", "ignore")
    row = next(csv.DictReader(io.StringIO(text, newline="")))
    return Example(row["data"].encode(), TEXT, row["data_subject"], row["label_names"])


def _first_image(aws: Aws, recipe: Recipe, stack: str) -> Example:
    # numpy is imported here: the other scripts, and texts, do without.
    import numpy as np

    from newsgroup_classifier.channels.images import TEST_FILE, read_image_channel

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / TEST_FILE
        path.write_bytes(_read(aws, recipe, stack, TEST_FILE))
        channel = read_image_channel(path)
    body = io.BytesIO()
    np.save(body, channel.images[0])
    return Example(body.getvalue(), NPY, "image 0", channel.label_names[channel.labels[0]])


def _read(aws: Aws, recipe: Recipe, stack: str, file: str, **extra: Any) -> bytes:
    client = aws.client("s3")
    bucket = foundation(aws, stack).bucket
    key = f"{channel_prefix(recipe.dataset)}test/{file}"
    try:
        content: bytes = client.get_object(Bucket=bucket, Key=key, **extra)["Body"].read()
    except client.exceptions.NoSuchKey as error:
        raise DeploymentError(
            f"s3://{bucket}/{key} is missing, so there is no example to send. Give a text or "
            "--file, or upload the data with: "
            f"python -m scripts.upload_data --recipe {recipe.name}{stack_flag(stack)}"
        ) from error
    return content
