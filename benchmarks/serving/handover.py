"""Compare formats between the two stages: header and arrays (ours), zips of arrays, and JSON.

Each format writes and reads the features of real posts. Bytes count too, because SageMaker passes
at most 5 MB from container to container.
"""

import io
import json
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from benchmarks.measure import figures, ratio
from inference_pipeline.sparse_rows import decode_rows, encode_rows
from newsgroup_classifier.datasets.newsgroups import generate_newsgroups, load_newsgroups
from newsgroup_classifier.errors import DataUnavailable
from newsgroup_classifier.recipes.newsgroups_naive_bayes import NAIVE_BAYES

Row = dict[str, Any]


def to_json(matrix: csr_matrix) -> bytes:
    """Write a sparse matrix as JSON."""
    content = {
        "shape": matrix.shape,
        "indptr": matrix.indptr.tolist(),
        "indices": matrix.indices.tolist(),
        "data": matrix.data.tolist(),
    }
    return json.dumps(content).encode()


def from_json(body: bytes) -> csr_matrix:
    """Read what to_json wrote."""
    content = json.loads(body)
    arrays = (content["data"], content["indices"], content["indptr"])
    return csr_matrix(tuple(np.array(array) for array in arrays), shape=content["shape"])


def to_zip(matrix: csr_matrix, save: Callable[..., None] = np.savez) -> bytes:
    """Write a sparse matrix as an .npz file."""
    buffer = io.BytesIO()
    save(
        buffer,
        shape=np.array(matrix.shape),
        indptr=matrix.indptr,
        indices=matrix.indices,
        data=matrix.data,
    )
    return buffer.getvalue()


def from_zip(body: bytes) -> csr_matrix:
    """Read what to_zip wrote."""
    with np.load(io.BytesIO(body), allow_pickle=False) as arrays:
        content = (arrays["data"], arrays["indices"], arrays["indptr"])
        return csr_matrix(content, shape=tuple(arrays["shape"]))


def _round_trip(
    write: Callable[[Any], bytes], read: Callable[[bytes], Any], matrix: csr_matrix
) -> Any:
    return read(write(matrix))


def rows() -> list[Row]:
    """Return a row for each other format and size of request."""
    try:
        dataset = load_newsgroups()
    except DataUnavailable:
        dataset = generate_newsgroups()
    features = NAIVE_BAYES.build(NAIVE_BAYES.defaults)[:-1]
    features.fit(dataset.train["data"].tolist())
    posts = dataset.test["data"].tolist()
    formats: dict[str, tuple[Callable[[Any], bytes], Callable[[bytes], Any]]] = {
        "JSON": (to_json, from_json),
        "zip of arrays (.npz)": (to_zip, from_zip),
        "compressed .npz": (lambda matrix: to_zip(matrix, np.savez_compressed), from_zip),
    }
    results = []
    for size in (1, 100):
        matrix = features.transform(posts[:size])
        ours = len(encode_rows(matrix))
        for name, (write, read) in formats.items():
            taken = ratio(
                partial(_round_trip, encode_rows, decode_rows, matrix),
                partial(_round_trip, write, read, matrix),
            )
            results.append(
                {
                    "measurement": f"features of {size} post{'s' * (size > 1)} between stages",
                    "compared with": name,
                    "data": dataset.source,
                    **figures(taken),
                    "baseline": f"{len(write(matrix)):,} bytes",
                    "this project": f"{ours:,} bytes",
                }
            )
    return results
