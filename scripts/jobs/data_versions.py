"""The channels of a data set in the bucket, and its versions, of which current.json names one.

The key of a channel contains the hash of its content, so no upload overwrites another one.
"""

import argparse
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from newsgroup_classifier.artifacts import sha256_of
from newsgroup_classifier.datasets import GENERATED
from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.recipes.catalogue import Recipe
from newsgroup_classifier.text.lexicon import LEXICON_FILE
from scripts.account.aws import Aws, Call
from scripts.account.command import say
from scripts.account.naming import DEFAULT_STACK, channel_prefix, name_in_stack
from scripts.account.stacks import foundation, recipe_flags

VECTORS_FILE = "vectors.npz"  # repeats text.word_vectors, which would import scikit-learn
REPORT = "report.json"
# By the inputs of a recipe.
ENDINGS = {"texts": ".csv", "images": ".npz"}
CONTENT_TYPES = {"texts": "text/csv", "images": "application/x-npz"}
TOGETHER = ("train", "test")  # have one hash, that of the version of the data
_UNKNOWN = "HASH"  # in the keys of channels that are not uploaded
_DIGITS = 32  # of a hash in a key
Keys = Mapping[str, str]  # by the name of the channel
_CURRENT = "current.json"
# The errors of a conditional write after another one, during it, or after a deletion.
_OVERTAKEN = ("(PreconditionFailed)", "(ConditionalRequestConflict)", "(NoSuchKey)")
# The hyperparameters that follow from the report on own data, and why, by member and value.
_OVERRIDES = {
    ("title", True): ("title", "first-line", "titles"),
    ("grouped", True): ("grouped", "yes", "groups"),
    ("grouped", False): ("grouped", "no", "no groups"),
}


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


class DataVersions:
    """The versions of the data of a recipe: its built-in data set, or own data of a name."""

    def __init__(self, aws: Aws, recipe: Recipe, stack: str, bucket: str | None = None) -> None:
        self._aws, self._recipe, self._stack = aws, recipe, stack
        self.bucket = bucket or foundation(aws, stack).bucket
        self._prefix = data_prefix(recipe, stack)

    @property
    def uri(self) -> str:
        """The address of all versions."""
        return f"s3://{self.bucket}/{self._prefix}"

    @property
    def upload_command(self) -> str:
        """The command that uploads the data."""
        file = " --file PATH" if self._recipe.data_name else ""
        flags = recipe_flags(self._aws, self._recipe, self._stack)
        return f"python -m scripts.upload_data {flags}{file}"

    @property
    def current_call(self) -> Call:
        """The call that makes an uploaded version current, without its body."""
        parameters = {"Bucket": self.bucket, "Key": f"{self._prefix}{_CURRENT}"}
        return Call("s3", "put_object", parameters)

    def current(self) -> dict[str, str]:
        """Return the keys of the current channels, none before the first upload."""
        return self._current()[0]

    def _current(self) -> tuple[dict[str, str], dict[str, str]]:
        """Return the current keys, and the condition of S3 that they still are when it writes."""
        response = self._get(f"{self._prefix}{_CURRENT}")
        if response is None:
            return {}, {"IfNoneMatch": "*"}
        return dict(json.load(response["Body"])["channels"]), {"IfMatch": response["ETag"]}

    def make_current(self, keys: Keys, replace: bool) -> None:
        """Make uploaded channels current; those of other kinds, such as a lexicon, stay current."""
        call, written = self.current_call, None
        while written is None:
            current, condition = self._current()
            if not replace:
                self.check_replacement(keys, current)
            body = json.dumps({"channels": current | dict(keys)}, indent=1).encode()
            parameters = call.parameters | condition | {"Body": body}
            written = self._aws.make(Call(call.service, call.operation, parameters), *_OVERTAKEN)
        if current.get("train", keys["train"]) != keys["train"]:
            earlier = version_of(current)
            remedy = f"To train on it, pass --data {earlier}."
            say(f"Version {earlier} is no longer the current one. {remedy}")

    def check_replacement(self, keys: Keys, current: Keys | None = None) -> None:
        """Raise DeploymentError if own data of the name are current and differ from channels."""
        current = self.current() if current is None else current
        if self._recipe.data_name and current and current["train"] != keys["train"]:
            raise DeploymentError(
                f"the name {self._recipe.data_name} is in use for other data, version "
                f"{version_of(current)} under {self.uri}. Choose another --name, or pass "
                "--replace, which makes the new data current and keeps the earlier version"
            )

    def find(self, vectors: bool, version: str | None = None) -> dict[str, str]:
        """Return the keys of the recipe's channels, with HASH in those that are not uploaded.

        Raise DeploymentError if the version is unknown, or the recipe reads data of another kind.
        """
        current, ending = self.current(), ENDINGS[self._recipe.inputs]
        if not current.get("train", ending).endswith(ending):
            raise DeploymentError(
                f"recipe {self._recipe.name} reads {self._recipe.inputs}, expected in files "
                f"*{ending}; found s3://{self.bucket}/{current['train']}. Choose another recipe, "
                "or another --name"
            )
        planned = channel_keys(self._recipe, vectors, self._stack)
        keys = {name: current.get(name, key) for name, key in planned.items()}
        if version is not None:
            hashes = dict.fromkeys(TOGETHER, version)
            version_keys = channel_keys(self._recipe, vectors, self._stack, hashes)
            keys |= {name: version_keys[name] for name in TOGETHER}
            versions = self._versions(ending)
            if version not in versions:
                raise DeploymentError(
                    f"--data {version!r} is not a version of the data under {self.uri}; expected "
                    f"one of: {', '.join(versions) or 'none yet'}"
                )
        return keys

    def _versions(self, ending: str) -> list[str]:
        """Return the versions whose train channel has an ending, the newest first."""
        query = {"Bucket": self.bucket, "Prefix": self._prefix}
        times = {
            item["Key"].removeprefix(self._prefix).split("/")[0]: item["LastModified"]
            for item in self._aws.pages("s3", "list_objects_v2", "Contents", **query)
            if item["Key"].endswith(f"/train/train{ending}")
        }
        return sorted(times, key=lambda version: times[version], reverse=True)

    def source(self, keys: Keys) -> str:
        """Return the source of the data; raise DeploymentError if a channel is missing."""
        heads = {name: self.head(key) for name, key in keys.items()}
        for name, head in heads.items():
            if head is None:
                vectors = " --vectors NAME" if name == "vectors" else ""
                raise DeploymentError(
                    f"the {name} channel is missing under {self.uri}. Upload the data with: "
                    f"{self.upload_command}{vectors}"
                )
        sources = [head["Metadata"].get("source", "unknown source") for head in heads.values()]
        return GENERATED if GENERATED in sources else str(sources[0])

    def is_generated(self, keys: Keys) -> bool:
        """Return whether a channel that is uploaded is a generated sample."""
        heads = filter(None, map(self.head, keys.values()))
        return any(head["Metadata"].get("source") == GENERATED for head in heads)

    def head(self, key: str) -> Any:
        """Return the description of an object, or None if it does not exist."""
        query = {"Bucket": self.bucket, "Key": key}
        return self._aws.make(Call("s3", "head_object", query), "(404)")

    def has(self, key: str, path: Path) -> bool:
        """Return whether an object has the content of a file."""
        if not key.endswith(f"/{REPORT}"):  # has the hash of the content in its key
            return self.head(key) is not None
        response = self._get(key)
        return response is not None and response["Body"].read() == path.read_bytes()

    def report(self, keys: Keys) -> dict[str, Any]:
        """Return the report on the version of own data that channels belong to, or {}."""
        response = self._get(report_key(keys))
        return dict(json.load(response["Body"])) if response else {}

    def _get(self, key: str) -> Any:
        query = {"Bucket": self.bucket, "Key": key}
        return self._aws.make(Call("s3", "get_object", query), "NoSuchKey")


def add_overrides(aws: Aws, recipe: Recipe, arguments: argparse.Namespace) -> bool:
    """Add what the report on own data says to the overrides of --set; return whether it did."""
    if not recipe.data_name:
        return False
    data = DataVersions(aws, recipe, arguments.stack)
    report = data.report(data.find(vectors=False, version=arguments.data))
    words = [*arguments.overrides, *getattr(arguments, "ranges", [])]
    taken = {word.partition("=")[0] for word in words}
    taken |= set(recipe.presets.get(getattr(arguments, "preset", None) or "", {}))
    additions = {
        f"{name}={value}": reason
        for (member, holds), (name, value, reason) in _OVERRIDES.items()
        if report.get(member) is holds and name not in taken
        if recipe.defaults.get(name, value) != value
    }
    if additions:
        reasons, overrides = " and ".join(additions.values()), " and ".join(additions)
        say(f"The data has {reasons}, so this sets {overrides}.")
        arguments.overrides = [*arguments.overrides, *additions]
    return bool(additions)
