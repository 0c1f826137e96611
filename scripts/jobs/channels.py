"""The channels of a recipe in the bucket: their keys, and the source of their data."""

from collections.abc import Mapping

from newsgroup_classifier.datasets import GENERATED
from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.hyperparameters import Hyperparameters
from newsgroup_classifier.recipes.catalogue import Recipe
from newsgroup_classifier.text.lexicon import LEXICON_FILE
from scripts.account.aws import Aws, Call
from scripts.account.naming import DEFAULT_STACK, channel_prefix, name_in_stack
from scripts.account.stacks import recipe_flags

VECTORS_FILE = "vectors.npz"  # repeats text.word_vectors, which would import scikit-learn
# By the inputs of a recipe.
ENDINGS = {"texts": ".csv", "images": ".npz"}
CONTENT_TYPES = {"texts": "text/csv", "images": "application/x-npz"}


def channel_keys(recipe: Recipe, vectors: bool, stack: str = DEFAULT_STACK) -> dict[str, str]:
    """Return the key of each channel of a recipe, optionally with that of the word vectors."""
    prefix = channel_prefix(name_in_stack(stack, recipe.data_scope))
    ending = ENDINGS[recipe.inputs]
    keys = {name: f"{prefix}{name}/{name}{ending}" for name in ("train", "test")}
    if recipe.lexicon:
        keys["lexicon"] = f"{prefix}lexicon/{LEXICON_FILE}"
    if vectors:
        keys["vectors"] = f"{prefix}vectors/{VECTORS_FILE}"
    return keys


def channel_uris(bucket: str, keys: Mapping[str, str]) -> dict[str, str]:
    """Return the S3 prefix that each channel is read from."""
    return {name: f"s3://{bucket}/{key.rpartition('/')[0]}/" for name, key in keys.items()}


def data_source(
    aws: Aws, recipe: Recipe, bucket: str, hyperparameters: Hyperparameters, stack: str
) -> str:
    """Return the source of the uploaded data; raise DeploymentError if a channel is missing."""
    sources = []
    for key in channel_keys(recipe, recipe.reads_vectors(hyperparameters), stack).values():
        head = aws.make(Call("s3", "head_object", {"Bucket": bucket, "Key": key}), "(404)")
        if head is None:
            vectors = " --vectors NAME" if key.endswith(VECTORS_FILE) else ""
            raise DeploymentError(
                f"s3://{bucket}/{key} is missing. Upload the data with: "
                f"python -m scripts.upload_data {recipe_flags(recipe, stack)}{vectors}"
            )
        sources.append(head["Metadata"].get("source", "unknown source"))
    return GENERATED if GENERATED in sources else str(sources[0])


def mark_of(source: str) -> str:
    """Return the suffix of every figure from this source: empty for real data."""
    return f" ({source})" if source == GENERATED else ""
