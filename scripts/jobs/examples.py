"""Rows of the test channel in S3 as requests: the first one, or the one that a model knows best."""

import csv
import io
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from inference_pipeline.content_types import NPY
from newsgroup_classifier.recipes.catalogue import Recipe
from scripts.account.aws import Aws
from scripts.account.lineage import Example, texts_body

_LONGEST_FIELD = 2**24  # characters; csv's own limit of 131,072 is shorter than some texts
_CHUNK = 2**20  # bytes; iter_lines copies what it has of a line for each chunk
_ROWS = 1000  # of the test channel, of which one becomes the example of a package
_LONGEST_EXAMPLE = 100_000  # bytes


@dataclass(frozen=True)
class Row:
    """A row of a test channel: its input as a request, its subject, and its label."""

    body: bytes
    subject: str
    label: str


def read_rows(aws: Aws, recipe: Recipe, bucket: str, key: str) -> Iterator[Row]:
    """Yield the rows of a test channel, texts as they are and images as NPY."""
    body = aws.client("s3").get_object(Bucket=bucket, Key=key)["Body"]
    return _images(body) if recipe.inputs == "images" else _texts(body)


def _texts(stream: Any) -> Iterator[Row]:
    csv.field_size_limit(_LONGEST_FIELD)
    with closing(stream) as body:  # no more than what is needed is read
        lines = body.iter_lines(_CHUNK, keepends=True)
        for row in csv.DictReader(line.decode() for line in lines):
            yield Row(row["data"].encode(), row["data_subject"], row["label_names"])


def _images(stream: Any) -> Iterator[Row]:
    # Imported here so that the other commands, and texts, do without numpy.
    import numpy as np

    from newsgroup_classifier.channels.images import TEST_FILE, read_image_channel

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / TEST_FILE
        path.write_bytes(stream.read())
        channel = read_image_channel(path)
    for number, image in enumerate(channel.images):
        body = io.BytesIO()
        np.save(body, image)
        label = channel.label_names[channel.labels[number]]
        yield Row(body.getvalue(), f"image {number}", label)


def best_example(
    aws: Aws, recipe: Recipe, bucket: str, key: str, predictions: Mapping[int, tuple[str, float]]
) -> Example | None:
    """Return the row of a test channel whose prediction is the surest, with the predicted label.

    `predictions` are the right ones, label and probability by row from 1.
    """
    sure = sorted(predictions, key=lambda number: (-predictions[number][1], number))
    best: dict[int, Example] = {}
    for number, row in enumerate(islice(read_rows(aws, recipe, bucket, key), _ROWS), start=1):
        if number in predictions and len(row.body) <= _LONGEST_EXAMPLE and row.body.strip():
            body, kind = row.body, NPY
            if recipe.inputs == "texts":
                body, kind = texts_body([row.body.decode()]), "application/json"
            best[number] = Example(body, kind, predictions[number][0], number)
    return next((best[number] for number in sure if number in best), None)
