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
from scipy.sparse import csr_matrix, load_npz, save_npz

from benchmarks.measure import ratio, row
from inference_pipeline.feature_rows import encode_features, read_features
from newsgroup_classifier.datasets.newsgroups import load_newsgroups
from newsgroup_classifier.recipes.newsgroups import NAIVE_BAYES

Format = tuple[Callable[[Any], bytes], Callable[[bytes], Any]]


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


def to_zip(matrix: csr_matrix, compressed: bool) -> bytes:
    """Write a sparse matrix as an .npz file."""
    buffer = io.BytesIO()
    save_npz(buffer, matrix, compressed)
    return buffer.getvalue()


def from_zip(body: bytes) -> csr_matrix:
    """Read what to_zip wrote."""
    return load_npz(io.BytesIO(body))


_OURS: Format = (encode_features, read_features)
_FORMATS: dict[str, Format] = {
    "JSON": (to_json, from_json),
    "zip of arrays (.npz)": (partial(to_zip, compressed=False), from_zip),
    "compressed .npz": (partial(to_zip, compressed=True), from_zip),
}


def _round_trip(used: Format, matrix: csr_matrix) -> Any:
    write, read = used
    return read(write(matrix))


def rows() -> list[dict[str, Any]]:
    """Return a row for each other format and size of request."""
    dataset = load_newsgroups()
    features = NAIVE_BAYES.build(NAIVE_BAYES.defaults)[:-1].fit(dataset.train["data"].tolist())
    results = []
    for size in (1, 100):
        matrix = features.transform(dataset.test["data"].tolist()[:size])
        what = f"features of {size} post{'s' * (size > 1)} between stages"
        for name, other in _FORMATS.items():
            ours, theirs = (partial(_round_trip, used, matrix) for used in (_OURS, other))
            taken = ratio(ours, theirs)
            sides = f"{len(other[0](matrix)):,} bytes", f"{len(encode_features(matrix)):,} bytes"
            results.append(row(what, name, dataset.source, taken, sides))
    return results
