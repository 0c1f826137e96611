"""The request body that invoke sends: a text, a file, or an example from the test data."""

import argparse
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from inference_pipeline.bodies import OPTION_NAMES
from inference_pipeline.content_types import CSV, JSON, JSON_LINES, NPY, PNG, TEXT, media_type
from inference_pipeline.png import check_png
from inference_pipeline.texts import read_request
from newsgroup_classifier.errors import DeploymentError, RequestError
from newsgroup_classifier.recipes.catalogue import Recipe
from newsgroup_classifier.text.request_bodies import decode_body, plain_bytes
from scripts.account.aws import Aws
from scripts.account.command import path, say, whole_number
from scripts.account.naming import PIPELINE
from scripts.jobs.data_versions import DataVersions
from scripts.jobs.examples import Row, read_rows

_TEXT_FILES = {".txt": TEXT, ".csv": CSV, ".json": JSON, ".jsonl": JSON_LINES}
_IMAGE_FILES = {".png": PNG, ".jpg": PNG, ".jpeg": PNG, ".npy": NPY, ".json": JSON}


def add_body_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that select the request body."""
    source = parser.add_mutually_exclusive_group()
    source.add_argument("text", nargs="?", help="text, or - for standard input")
    source.add_argument(
        "--file", type=path, help="file of texts or images (.txt .csv .json .jsonl .png .jpg .npy)"
    )
    parser.add_argument(
        "--content-type",
        metavar="TYPE",
        help="content type of the input, such as text/csv for standard input (default: by the "
        "extension of --file, or else text/plain)",
    )


def add_option_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that request more than predictions."""
    count: dict[str, Any] = {"type": whole_number(1), "metavar": "N"}
    parser.add_argument("--top", help="also return the N most likely labels of each text", **count)
    parser.add_argument("--neighbors", help="also return the N nearest training posts", **count)
    parser.add_argument(
        "--explain", help="also return the N words that matter most for the label", **count
    )


def read_body(recipe: Recipe, arguments: argparse.Namespace) -> tuple[bytes, str] | None:
    """Return the body and content type of the text or file, or None without either."""
    if arguments.file is not None:
        content_type = arguments.content_type or _type_of(recipe, arguments.file)
        content = _content(recipe, arguments.file)
        return _resized(recipe, content, content_type, str(arguments.file)), content_type
    if arguments.text is None:
        return None
    if recipe.inputs == "images" and not arguments.content_type:
        raise RequestError(
            f"recipe {recipe.name} reads images; expected --file with {_alternatives(_IMAGE_FILES)}"
            ", or - for standard input with a --content-type"
        )
    text = sys.stdin.buffer.read() if arguments.text == "-" else os.fsencode(arguments.text)
    if recipe.inputs == "images" and not text:
        raise RequestError(f"standard input is empty; expected images as {arguments.content_type}")
    content_type = arguments.content_type or TEXT
    return _resized(recipe, text, content_type, "standard input"), content_type


def _resized(recipe: Recipe, content: bytes, content_type: str, name: str) -> bytes:
    """Return a body; an image that is not as in training becomes a PNG that is."""
    if recipe.inputs != "images" or media_type(content_type) != PNG:
        return content
    from newsgroup_classifier.channels.images import SIDE
    from newsgroup_classifier.datasets.files import images

    try:
        check_png(content, SIDE)
        fits = True
    except RequestError:
        fits = False
    how = f"as a gray image of {SIDE} x {SIDE} pixels"
    if recipe.data_name:
        if fits:
            return content
        pixels = images.gray_pixels(content, name)
    else:
        pixels = images.drawn_pixels(content, name, images.ink_size(recipe.dataset))
        if fits and (pixels == images.gray_pixels(content, name)).all():
            return content
        how += ", with its ink light on black and in the middle, as in the data set"
    say(f"{name} is sent {how}.")
    return images.write_png(pixels)


def _content(recipe: Recipe, file: Path) -> bytes:
    types = f"a file of {recipe.inputs} with {_alternatives(file_types(recipe))}"
    try:
        content = file.read_bytes()
        empty = not plain_bytes(content).strip()
        if recipe.inputs == "texts":
            decode_body(content)
            if b"\0" in content:
                raise RequestError(f"the body is not text: byte {content.index(0)} is NUL")
    except OSError as error:
        reason = error.strerror
        raise RequestError(f"{file} cannot be read ({reason}); expected {types}") from error
    except RequestError as error:
        reason = str(error).replace("the body", str(file), 1).rstrip(".")
        raise RequestError(f"{reason}. Pass {types}.") from error
    if empty:
        raise RequestError(f"{file} is empty; expected {types}")
    return content


def file_types(recipe: Recipe) -> Mapping[str, str]:
    """Return the content types of a recipe's inputs by file extension."""
    return _IMAGE_FILES if recipe.inputs == "images" else _TEXT_FILES


def _type_of(recipe: Recipe, file: Path) -> str:
    extension, types = file.suffix.lower(), file_types(recipe)
    if extension in types:
        return types[extension]
    if extension or recipe.inputs == "images":
        raise RequestError(
            f"{file} is not a file for recipe {recipe.name}, which reads {recipe.inputs}; expected "
            f"{_alternatives(types)}, or a --content-type"
        )
    return TEXT


def _alternatives(types: Mapping[str, str]) -> str:
    *others, last = types
    return f"{', '.join(others)} or {last}"


def add_options(
    recipe: Recipe, arguments: argparse.Namespace, body: bytes, content_type: str
) -> tuple[bytes, str]:
    """Return the body and content type with the options; raise DeploymentError if unsupported."""
    counts = {name: getattr(arguments, name) for name in OPTION_NAMES}
    options = {name: count for name, count in counts.items() if count is not None}
    if not options:
        return body, content_type
    if "explain" in options and recipe.inputs == "images":
        raise DeploymentError(
            f"--explain works with texts only, and recipe {recipe.name} reads images"
        )
    others = options.keys() - {"explain"}
    if others and (recipe.framework != "scikit-learn" or arguments.target != PIPELINE):
        flags = " and ".join(f"--{name}" for name in options if name in others)
        raise DeploymentError(
            f"{flags}: only endpoints of scikit-learn recipes (--target {PIPELINE}) support "
            f"that; this is {recipe.name} with --target {arguments.target}"
        )
    if "neighbors" in options and not recipe.keeps_texts:
        raise DeploymentError(
            f"recipe {recipe.name} does not store posts, which --neighbors needs; "
            "subreddits-neighbors does"
        )
    request = {"instances": read_request(body, content_type).texts} | options
    return json.dumps(request).encode(), JSON


def example_body(aws: Aws, recipe: Recipe, stack: str) -> tuple[bytes, str]:
    """Return the body and content type of an example, and print its label."""
    example = first_example(aws, recipe, stack)
    say(f"No input, so invoking with an example from the test data: {example.label}.")
    return example.body, NPY if recipe.inputs == "images" else TEXT


def first_example(aws: Aws, recipe: Recipe, stack: str) -> Row:
    """Read the first row of a recipe's test channel from S3."""
    data = DataVersions(aws, recipe, stack)
    key = data.find(vectors=False)["test"]
    try:
        return next(read_rows(aws, recipe, data.bucket, key))
    except aws.client("s3").exceptions.NoSuchKey as error:
        raise DeploymentError(
            f"there is no test data under {data.uri}, so there is no example to send. Pass a text "
            f"or --file, or upload the data with: {data.upload_command}"
        ) from error
