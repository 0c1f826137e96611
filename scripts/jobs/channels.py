"""The channels of a data set in the bucket: their keys, and how a job reads them.

The key of a channel contains the hash of its content, so no upload overwrites another one.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from newsgroup_classifier.artifacts import sha256_of
from newsgroup_classifier.datasets import GENERATED
from newsgroup_classifier.recipes.catalogue import Recipe
from newsgroup_classifier.text.lexicon import LEXICON_FILE
from scripts.account.naming import DEFAULT_STACK, channel_prefix, name_in_stack

VECTORS_FILE = "vectors.npz"  # repeats text.word_vectors, which would import scikit-learn
REPORT = "report.json"
# By the inputs of a recipe.
ENDINGS = {"texts": ".csv", "images": ".npz"}
CONTENT_TYPES = {"texts": "text/csv", "images": "application/x-npz"}
TOGETHER = ("train", "test")  # have one hash, that of the version of the data
_UNKNOWN = "HASH"  # in the keys of channels that are not uploaded
_DIGITS = 32  # of a hash in a key
Keys = Mapping[str, str]  # by the name of the channel


def data_prefix(recipe: Recipe, stack: str = DEFAULT_STACK) -> str:
    """Return the prefix of a recipe's data, which it shares with other recipes for them."""
    return channel_prefix(name_in_stack(stack, recipe.data_scope))


def channel_keys(
    recipe: Recipe, vectors: bool, stack: str = DEFAULT_STACK, hashes: Keys | None = None
) -> dict[str, str]:
    """Return the key of each channel of a recipe; one without a hash has the word HASH in it."""
    ending = ENDINGS[recipe.inputs]
    files = {name: f"{name}{ending}" for name in TOGETHER}
    if recipe.lexicon:
        files["lexicon"] = LEXICON_FILE
    if vectors:
        files["vectors"] = VECTORS_FILE
    prefix, hashes = data_prefix(recipe, stack), hashes or {}
    return {
        name: f"{prefix}{hashes.get(name, _UNKNOWN)}/{name}/{file}" for name, file in files.items()
    }


def hashes_of(files: Mapping[str, Path]) -> dict[str, str]:
    """Return the hash in the key of each file: that of train and test together, or its own."""
    digests = {name: sha256_of(path) for name, path in files.items()}
    both = "\n".join(f"{name} {digests[name]}" for name in TOGETHER)
    digests |= dict.fromkeys(TOGETHER, hashlib.sha256(both.encode()).hexdigest())
    return {name: digest[:_DIGITS] for name, digest in digests.items()}


def version_of(keys: Keys) -> str:
    """Return the hash of the version of the data that channels belong to."""
    return keys["train"].split("/")[-3]


def report_key(keys: Keys) -> str:
    """Return the key of the report on the version of the data that channels belong to."""
    return f"{keys['train'].rsplit('/', 2)[0]}/{REPORT}"


def channel_uris(bucket: str, keys: Keys) -> dict[str, str]:
    """Return the S3 prefix that each channel is read from."""
    return {name: f"s3://{bucket}/{key.rpartition('/')[0]}/" for name, key in keys.items()}


def mark_of(source: str) -> str:
    """Return the suffix of every figure from this source: empty for real data."""
    return f" ({source})" if source == GENERATED else ""
