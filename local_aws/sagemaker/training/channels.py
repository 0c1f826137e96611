"""What an instance gets of the channels of its job: all of their objects, or a share of them.

In File mode they are files of a folder; in Pipe mode they come one after another through pipes.
"""

from pathlib import Path
from typing import Any

from local_aws import cloud
from local_aws.errors import JobFailure, ValidationError, not_reproduced
from local_aws.records import Record
from local_aws.sagemaker.training.pipes import ChannelPipes

_SHARDED = "ShardedByS3Key"
_FILE, _PIPE = "File", "Pipe"


def input_mode(channel: Record, algorithm: Record) -> str:
    """Return how the instances get a channel: its own mode, or that of the job."""
    return str(channel.get("InputMode") or algorithm.get("TrainingInputMode") or _FILE)


def check_channel(channel: Record, algorithm: Record) -> None:
    """Raise ValidationError for a channel that no instance of a laptop can be given."""
    name, mode = channel["ChannelName"], input_mode(channel, algorithm)
    if mode not in (_FILE, _PIPE):
        raise not_reproduced(
            f"the input mode {mode} (channel {name}; a laptop mounts no bucket, use File or Pipe)"
        )
    if not channel["DataSource"].get("S3DataSource"):
        raise ValidationError(f"The channel {name} has no S3DataSource.")
    compression = channel.get("CompressionType", "None")
    if mode == _FILE and compression != "None":
        raise ValidationError(
            f"The channel {name} has the CompressionType {compression}, which is for the input "
            "mode Pipe only. In File mode leave it unset."
        )


def distribution(channel: Record) -> str:
    """Return how the objects of a channel are spread over the instances."""
    source = channel["DataSource"]["S3DataSource"]
    return str(source.get("S3DataDistributionType", "FullyReplicated"))


def give_channel(
    s3: Any, channel: Record, mode: str, folder: Path, share: tuple[int, int]
) -> ChannelPipes | None:
    """Fill the folder of a channel on instance `share[0]` of `share[1]`, or return its pipes.

    Of a sharded channel each instance gets every so manieth object, so one may get none; that a
    channel has no objects at all ends the job.
    """
    uri = channel["DataSource"]["S3DataSource"]["S3Uri"]
    part = share if distribution(channel) == _SHARDED else (0, 1)
    if mode == _PIPE:
        keys = cloud.list_keys(s3, uri)
        pipes = ChannelPipes(s3, channel, folder, keys[part[0] :: part[1]])
        found = len(keys)
    else:
        pipes, found = None, cloud.download_prefix(s3, uri, folder, part)
    if not found:
        raise JobFailure(
            "ClientError: Data download failed:No S3 objects found under S3 URL "
            f'"{uri}" given in input data source. Please ensure that the bucket exists in '
            "the selected region and that objects exist under that S3 prefix."
        )
    return pipes


def describe_channel(channel: Record, mode: str) -> dict[str, str]:
    """Return what inputdataconfig.json says of a channel."""
    described = {
        "TrainingInputMode": mode,
        "S3DistributionType": distribution(channel),
        "RecordWrapperType": channel.get("RecordWrapperType", "None"),
    }
    if "ContentType" in channel:
        described["ContentType"] = channel["ContentType"]
    return described
