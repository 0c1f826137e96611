"""Provide an instance with the channels of its job, or with its share of their objects.

In File mode, the objects are files in a folder; in Pipe mode, they arrive through named pipes.
"""

from pathlib import Path
from typing import Any

from local_aws.errors import ValidationError, not_reproduced
from local_aws.records import Record
from local_aws.sagemaker import objects
from local_aws.sagemaker.errors import JobFailure
from local_aws.sagemaker.training.pipes import ChannelPipes

_FILE, _PIPE = "File", "Pipe"


def input_mode(channel: Record, algorithm: Record) -> str:
    """Return the input mode of a channel: its own, or else the job's."""
    return str(channel.get("InputMode") or algorithm.get("TrainingInputMode") or _FILE)


def check_channel(channel: Record, algorithm: Record) -> None:
    """Raise ValidationError for a channel that the local AWS cannot provide."""
    name, mode = channel["ChannelName"], input_mode(channel, algorithm)
    if mode not in (_FILE, _PIPE):
        raise not_reproduced(
            f"the input mode {mode} (channel {name}; a bucket cannot be mounted, use File or Pipe)"
        )
    if not channel["DataSource"].get("S3DataSource"):
        raise ValidationError(f"The channel {name} has no S3DataSource.")
    compression = channel.get("CompressionType", "None")
    if mode == _FILE and compression != "None":
        raise ValidationError(
            f"The channel {name} has the CompressionType {compression}, which is for the input "
            "mode Pipe only. Leave it unset in File mode."
        )


def distribution(channel: Record) -> str:
    """Return how the objects of a channel are distributed over the instances."""
    source = channel["DataSource"]["S3DataSource"]
    return str(source.get("S3DataDistributionType", "FullyReplicated"))


def provide_channel(
    s3: Any, channel: Record, mode: str, folder: Path, share: tuple[int, int]
) -> ChannelPipes | None:
    """Fill the folder of a channel on instance `share[0]` of `share[1]`, or return its pipes.

    Instance i of n gets every nth object of a sharded channel, which may be none. Raises JobFailure
    if the channel has no objects at all.
    """
    uri = channel["DataSource"]["S3DataSource"]["S3Uri"]
    part = share if distribution(channel) == "ShardedByS3Key" else (0, 1)
    if mode == _PIPE:
        keys = objects.list_keys(s3, uri)
        pipes = ChannelPipes(s3, channel, folder, keys[part[0] :: part[1]])
        count = len(keys)
    else:
        pipes, count = None, objects.download_prefix(s3, uri, folder, part)
    if not count:
        raise JobFailure(f"ClientError: Data download failed:{objects.no_objects(uri)}")
    return pipes


def describe_channel(channel: Record, mode: str) -> dict[str, str]:
    """Return the entry of a channel in inputdataconfig.json."""
    config = {
        "TrainingInputMode": mode,
        "S3DistributionType": distribution(channel),
        "RecordWrapperType": channel.get("RecordWrapperType", "None"),
    }
    if "ContentType" in channel:
        config["ContentType"] = channel["ContentType"]
    return config
