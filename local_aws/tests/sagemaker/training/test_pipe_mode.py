"""Channels in Pipe mode: named pipes, an epoch each, which local S3 feeds while the job runs."""

import gzip
import hashlib
import io
import os
import threading

import pytest
from botocore.exceptions import ClientError

from local_aws.sagemaker.training.pipes import ChannelPipes
from local_aws.tests.account import IMAGE, eventually, unique
from local_aws.tests.sagemaker.training import v3_launcher
from local_aws.tests.stages import processes_of

READS_EPOCHS = """
import json, os, pathlib, sys
folder = pathlib.Path(os.environ["SM_INPUT_DIR"], "data")
for epoch in range(3):
    print("epoch", epoch, (folder / f"train_{epoch}").read_bytes(), flush=True)
"""
TELLS_MODES = """
import json, os, pathlib
folder = pathlib.Path(os.environ["SM_INPUT_DIR"])
config = json.loads((folder / "config" / "inputdataconfig.json").read_text())
print({name: channel["TrainingInputMode"] for name, channel in sorted(config.items())})
print((folder / "data" / "test" / "b.txt").read_text())
print((folder / "data" / "train").exists())
print((folder / "data" / "train_0").read_text(), flush=True)
"""
CLOSES_EARLY = """
import os, pathlib
folder = pathlib.Path(os.environ["SM_INPUT_DIR"], "data")
for epoch in range(4):
    with open(folder / f"train_{epoch}", "rb", buffering=0) as pipe:
        print("epoch", epoch, pipe.read(3), flush=True)
"""
NEVER_READS_ON = """
import os, pathlib, time
with open(pathlib.Path(os.environ["SM_INPUT_DIR"], "data", "train_0"), "rb") as pipe:
    print("reading", len(pipe.read(10)), flush=True)
    time.sleep(300)
"""
HASHES = """
import hashlib, os, pathlib
pipe = pathlib.Path(os.environ["SM_INPUT_DIR"], "data", "train_0").open("rb")
print("digest", hashlib.file_digest(pipe, "sha256").hexdigest(), flush=True)
"""
PIPE = {"TrainingImage": IMAGE, "TrainingInputMode": "Pipe"}


def channel(account, objects, name="train", **changes):
    """Upload the objects of a channel; return the channel."""
    prefix = unique("channel")
    for key, body in objects.items():
        account.upload(f"{prefix}/{key}", body)
    described = v3_launcher.channel(name, f"s3://{account.bucket}/{prefix}/")
    del described["InputMode"]
    return described | changes


def start(account, script, *channels, **changes):
    given = {"AlgorithmSpecification": PIPE, "InputDataConfig": list(channels)} | changes
    return account.start_job(script, **given)


def run(account, script, *channels, **changes):
    """Run a script to its good end; return what it logged."""
    name = start(account, script, *channels, **changes)
    job = account.finished_job(name)
    assert job["TrainingJobStatus"] == "Completed", job["FailureReason"]
    return said(account.job_log(name))


def said(log):
    """Return what a script said: the launcher has the last word of a log."""
    return log[:-1]


@pytest.mark.observes("train-pipe")
def test_pipe_channel_gives_its_objects_in_the_order_of_their_keys_in_every_epoch(account):
    objects = {"b.txt": "two", "a.txt": "one ", "c/d.txt": " three", "empty.txt": ""}
    lines = run(account, READS_EPOCHS, channel(account, objects))
    assert lines[-3:] == [f"epoch {epoch} b'one two three'" for epoch in range(3)]


@pytest.mark.observes("train-pipe-modes")
def test_pipe_and_file_channels_of_one_job_are_each_given_in_their_own_mode(account):
    files = channel(account, {"b.txt": "a file"}, "test", InputMode="File")
    lines = run(account, TELLS_MODES, channel(account, {"a.txt": "a pipe"}), files)
    assert lines[-4:] == ["{'test': 'File', 'train': 'Pipe'}", "a file", "False", "a pipe"]


def test_pipe_channel_of_a_file_job_needs_only_its_own_input_mode(account):
    piped = channel(account, {"a.txt": "alone"}, InputMode="Pipe", RecordWrapperType="None")
    algorithm = {"TrainingImage": IMAGE, "TrainingInputMode": "File"}
    lines = run(account, READS_EPOCHS, piped, AlgorithmSpecification=algorithm)
    assert lines[-1] == "epoch 2 b'alone'"


@pytest.mark.observes("train-pipe-compression")
def test_pipe_channel_of_gzip_objects_is_unpacked_object_by_object(account):
    objects = {"a.gz": gzip.compress(b"one ") + gzip.compress(b"two "), "b.gz": gzip.compress(b"3")}
    lines = run(account, READS_EPOCHS, channel(account, objects, CompressionType="Gzip"))
    assert lines[-1] == "epoch 2 b'one two 3'"


@pytest.mark.observes("train-pipe")
def test_pipe_whose_reader_closes_early_begins_the_next_epoch_anew(account):
    lines = run(account, CLOSES_EARLY, channel(account, {"a.txt": b"abc" * 1_000_000}))
    assert lines[-4:] == [f"epoch {epoch} b'abc'" for epoch in range(4)]


def test_pipe_that_nobody_opens_does_not_keep_the_job_from_its_end(account):
    lines = run(account, "print('not interested')", channel(account, {"a.txt": b"abc"}))
    assert lines[-1] == "not interested"


def test_pipe_whose_reader_is_stopped_leaves_nothing_behind(account):
    name = start(account, NEVER_READS_ON, channel(account, {"a.txt": b"x" * 1_000_000}))
    eventually(lambda: "reading 10" in account.job_log(name))
    account.sagemaker.stop_training_job(TrainingJobName=name)
    assert account.finished_job(name)["TrainingJobStatus"] == "Stopped"
    assert processes_of(name) == []


def test_pipe_channel_that_is_sharded_gives_each_instance_its_own_objects(account):
    objects = {f"{letter}.txt": letter for letter in "abcde"}
    piped = channel(account, objects)
    piped["DataSource"]["S3DataSource"]["S3DataDistributionType"] = "ShardedByS3Key"
    resources = {"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 5}
    name = start(account, READS_EPOCHS, piped, ResourceConfig=resources)
    assert account.finished_job(name)["TrainingJobStatus"] == "Completed"
    group = "/aws/sagemaker/TrainingJobs"
    logs = [said(account.log(group, f"{name}/algo-{number}-"))[-1] for number in (1, 2)]
    assert logs == ["epoch 2 b'ace'", "epoch 2 b'bd'"]


def test_pipe_channel_without_objects_fails_the_job_before_it_trains(account):
    name = start(account, READS_EPOCHS, channel(account, {}))
    job = account.finished_job(name)
    assert "No S3 objects found under S3 URL" in job["FailureReason"]
    assert "TrainingStartTime" not in job


def test_pipe_channel_that_is_no_gzip_fails_the_job_instead_of_ending_early(account):
    name = start(account, READS_EPOCHS, channel(account, {"a": b"plain"}, CompressionType="Gzip"))
    job = account.finished_job(name)
    assert job["FailureReason"].startswith("ClientError: Data download failed: Not a gzipped file")
    assert not any(line.startswith("epoch") for line in account.job_log(name))


def test_pipe_hands_megabytes_on_unchanged(account):
    body = os.urandom(3_000_000)
    lines = run(account, HASHES, channel(account, {"a": body[:1_234_567], "b": body[1_234_567:]}))
    assert lines[-1] == f"digest {hashlib.sha256(body).hexdigest()}"


def test_pipe_reaches_a_job_that_sdk_v3_launches(account):
    request = v3_launcher.job_request(account, {"train.py": READS_EPOCHS}, {})
    request["InputDataConfig"].append(channel(account, {"a.txt": "v3"}, InputMode="Pipe"))
    account.sagemaker.create_training_job(**request)
    job = account.finished_job(request["TrainingJobName"])
    assert job["TrainingJobStatus"] == "Completed", job["FailureReason"]
    assert "epoch 2 b'v3'" in account.job_log(request["TrainingJobName"])


@pytest.mark.observes("not-fast-file", "train-pipe-compression")
@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"InputMode": "FastFile"}, r"input mode FastFile \(channel train; .* use File or Pipe\)"),
        ({"RecordWrapperType": "RecordIO"}, "RecordIO as the InputDataConfig.RecordWrapperType"),
        ({"InputMode": "File", "CompressionType": "Gzip"}, "for the input mode Pipe only"),
    ],
)
def test_channel_in_a_form_that_no_job_here_is_given_is_refused_by_name(account, changes, told):
    with pytest.raises(ClientError, match=told):
        start(account, READS_EPOCHS, channel(account, {"a": "b"}, **changes))


class BrokenObject(io.RawIOBase):
    """An object that breaks off behind its first bytes, with an error of some kind."""

    def __init__(self, error):
        self.error = error

    def read(self, size=-1):
        if self.tell_once():
            return b"half"
        raise self.error

    def tell_once(self):
        first, self.told = not getattr(self, "told", False), True
        return first


class FailingS3:
    """A client of a whole object, a, and of one that breaks off."""

    def __init__(self, error):
        self.error = error

    def get_object(self, Bucket, Key):
        return {"Body": io.BytesIO(b"whole ") if Key == "a" else BrokenObject(self.error)}


@pytest.mark.parametrize("error", [OSError("connection lost"), RuntimeError("connection lost")])
def test_pipe_whose_object_breaks_off_never_ends_for_its_reader(tmp_path, error):
    described = {"DataSource": {"S3DataSource": {"S3Uri": "s3://bucket/prefix"}}}
    pipes = ChannelPipes(FailingS3(error), described, tmp_path / "data" / "train", ["a", "b"])
    pipes.start()
    with (tmp_path / "data" / "train_0").open("rb", buffering=0) as pipe:
        assert pipe.read(6) + pipe.read(4) == b"whole half"
        assert "connection lost" in str(eventually(lambda: pipes.failure))
        os.set_blocking(pipe.fileno(), False)
        assert pipe.read(1) is None  # nothing yet, and no end: that would be b""
        pipes.close()
        assert pipe.read(1) == b""
    assert [thread.name for thread in threading.enumerate() if "pipe-" in thread.name] == []
