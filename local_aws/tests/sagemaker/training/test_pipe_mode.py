"""Channels in Pipe mode: one named pipe per epoch, fed from the local S3 while the job runs."""

import gzip
import hashlib
import io
import os
import threading

import pytest
from botocore.exceptions import ClientError

from local_aws.sagemaker.training.channels import ChannelPipes
from local_aws.tests.account import IMAGE, eventually, unique
from local_aws.tests.sagemaker.training import v3_launcher
from local_aws.tests.stages import processes_of

READ_EPOCHS = """
import json, os, pathlib, sys
folder = pathlib.Path(os.environ["SM_INPUT_DIR"], "data")
for epoch in range(3):
    print("epoch", epoch, (folder / f"train_{epoch}").read_bytes(), flush=True)
"""
PRINT_MODES = """
import json, os, pathlib
folder = pathlib.Path(os.environ["SM_INPUT_DIR"])
config = json.loads((folder / "config" / "inputdataconfig.json").read_text())
print({name: channel["TrainingInputMode"] for name, channel in sorted(config.items())})
print((folder / "data" / "test" / "b.txt").read_text())
print((folder / "data" / "train").exists())
print((folder / "data" / "train_0").read_text(), flush=True)
"""
CLOSE_EARLY = """
import os, pathlib
folder = pathlib.Path(os.environ["SM_INPUT_DIR"], "data")
for epoch in range(4):
    with open(folder / f"train_{epoch}", "rb", buffering=0) as pipe:
        print("epoch", epoch, pipe.read(3), flush=True)
"""
STOP_READING = """
import os, pathlib, time
with open(pathlib.Path(os.environ["SM_INPUT_DIR"], "data", "train_0"), "rb") as pipe:
    print("reading", len(pipe.read(10)), flush=True)
    time.sleep(300)
"""
PRINT_HASH = """
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
    config = v3_launcher.channel(name, f"s3://{account.bucket}/{prefix}/")
    del config["InputMode"]
    return config | changes


def members(*channels, **changes):
    return {"AlgorithmSpecification": PIPE, "InputDataConfig": list(channels)} | changes


def run(account, script, *channels, **changes):
    """Run a job until it completes; return the output of the script.

    The launcher's last line and the warning that there is no model are removed.
    """
    job = account.run_job(script, **members(*channels, **changes))
    return account.job_log(job["TrainingJobName"])[:-2]


@pytest.mark.slow
@pytest.mark.observes("train-pipe")
def test_pipe_has_the_objects_in_the_order_of_their_keys_in_every_epoch(account):
    objects = {"b.txt": "two", "a.txt": "one ", "c/d.txt": " three", "empty.txt": ""}
    lines = run(account, READ_EPOCHS, channel(account, objects))
    assert lines[-3:] == [f"epoch {epoch} b'one two three'" for epoch in range(3)]


@pytest.mark.slow
@pytest.mark.observes("train-pipe-modes")
def test_job_can_have_pipe_and_file_channels(account):
    files = channel(account, {"b.txt": "a file"}, "test", InputMode="File")
    lines = run(account, PRINT_MODES, channel(account, {"a.txt": "a pipe"}), files)
    assert lines[-4:] == ["{'test': 'File', 'train': 'Pipe'}", "a file", "False", "a pipe"]


def test_pipe_channel_of_a_file_job_needs_only_its_own_input_mode(account):
    piped = channel(account, {"a.txt": "alone"}, InputMode="Pipe", RecordWrapperType="None")
    algorithm = {"TrainingImage": IMAGE, "TrainingInputMode": "File"}
    lines = run(account, READ_EPOCHS, piped, AlgorithmSpecification=algorithm)
    assert lines[-1] == "epoch 2 b'alone'"


@pytest.mark.slow
@pytest.mark.observes("train-pipe-compression")
def test_pipe_channel_of_gzip_objects_is_decompressed(account):
    objects = {"a.gz": gzip.compress(b"one ") + gzip.compress(b"two "), "b.gz": gzip.compress(b"3")}
    lines = run(account, READ_EPOCHS, channel(account, objects, CompressionType="Gzip"))
    assert lines[-1] == "epoch 2 b'one two 3'"


@pytest.mark.slow
@pytest.mark.observes("train-pipe")
def test_pipe_whose_reader_closes_early_is_followed_by_a_complete_epoch(account):
    lines = run(account, CLOSE_EARLY, channel(account, {"a.txt": b"abc" * 1_000_000}))
    assert lines[-4:] == [f"epoch {epoch} b'abc'" for epoch in range(4)]


@pytest.mark.slow
def test_pipe_that_is_never_opened_does_not_block_the_end_of_the_job(account):
    lines = run(account, "print('not interested')", channel(account, {"a.txt": b"abc"}))
    assert lines[-1] == "not interested"


@pytest.mark.slow
def test_pipe_whose_reader_is_stopped_leaves_no_process(account):
    name = account.start_job(STOP_READING, **members(channel(account, {"a.txt": b"x" * 1_000_000})))
    eventually(lambda: "reading 10" in account.job_log(name))
    account.sagemaker.stop_training_job(TrainingJobName=name)
    assert account.finished_job(name)["TrainingJobStatus"] == "Stopped"
    assert processes_of(name) == []


@pytest.mark.slow
def test_sharded_pipe_channel_has_different_objects_on_each_instance(account):
    objects = {f"{letter}.txt": letter for letter in "abcde"}
    piped = channel(account, objects)
    piped["DataSource"]["S3DataSource"]["S3DataDistributionType"] = "ShardedByS3Key"
    resources = {"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 5}
    job = account.run_job(READ_EPOCHS, **members(piped, ResourceConfig=resources))
    group, prefix = "/aws/sagemaker/TrainingJobs", f"{job['TrainingJobName']}/algo"
    logs = [account.log(group, f"{prefix}-{number}-") for number in (1, 2)]
    last = [[line for line in log if line.startswith("epoch")][-1] for log in logs]
    assert last == ["epoch 2 b'ace'", "epoch 2 b'bd'"]


@pytest.mark.slow
def test_pipe_channel_that_is_not_gzip_fails_the_job_instead_of_ending_early(account):
    plain = channel(account, {"a": b"plain"}, CompressionType="Gzip")
    job = account.run_job(READ_EPOCHS, "Failed", **members(plain))
    assert job["FailureReason"].startswith("ClientError: Data download failed: Not a gzipped file")
    assert not any(line.startswith("epoch") for line in account.job_log(job["TrainingJobName"]))


def test_pipe_passes_megabytes_unchanged(account):
    body = os.urandom(3_000_000)
    lines = run(
        account, PRINT_HASH, channel(account, {"a": body[:1_234_567], "b": body[1_234_567:]})
    )
    assert lines[-1] == f"digest {hashlib.sha256(body).hexdigest()}"


@pytest.mark.slow
def test_pipe_is_available_to_a_job_of_sdk_v3(account):
    request = v3_launcher.job_request(account, {"train.py": READ_EPOCHS}, {})
    request["InputDataConfig"].append(channel(account, {"a.txt": "v3"}, InputMode="Pipe"))
    account.sagemaker.create_training_job(**request)
    job = account.finished_job(request["TrainingJobName"])
    assert job["TrainingJobStatus"] == "Completed", job["FailureReason"]
    assert "epoch 2 b'v3'" in account.job_log(request["TrainingJobName"])


@pytest.mark.observes("not-fast-file", "train-pipe-compression")
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"InputMode": "FastFile"}, r"input mode FastFile \(channel train; .* use File or Pipe\)"),
        ({"RecordWrapperType": "RecordIO"}, "RecordIO as the InputDataConfig.RecordWrapperType"),
        ({"InputMode": "File", "CompressionType": "Gzip"}, "for the input mode Pipe only"),
    ],
)
def test_unsupported_form_of_a_channel_is_refused_by_name(account, changes, message):
    with pytest.raises(ClientError, match=message):
        account.start_job("", **members(channel(account, {"a": "b"}, **changes)))


class BrokenObject(io.RawIOBase):
    """An object whose stream fails after its first bytes."""

    def __init__(self, error):
        self.chunks, self.error = iter([b"half"]), error

    def read(self, size=-1):
        for chunk in self.chunks:
            return chunk
        raise self.error


class FailingS3:
    """A client with the complete object `a`; all others fail."""

    def __init__(self, error):
        self.error = error

    def get_object(self, Bucket, Key):
        return {"Body": io.BytesIO(b"whole ") if Key == "a" else BrokenObject(self.error)}


@pytest.mark.parametrize("error", [OSError("connection lost"), RuntimeError("connection lost")])
def test_pipe_whose_object_fails_stays_open_until_the_job_ends(tmp_path, error):
    config = {"DataSource": {"S3DataSource": {"S3Uri": "s3://bucket/prefix"}}}
    pipes = ChannelPipes(FailingS3(error), config, tmp_path / "data" / "train", ["a", "b"])
    pipes.start()
    with (tmp_path / "data" / "train_0").open("rb", buffering=0) as pipe:
        assert pipe.read(6) + pipe.read(4) == b"whole half"
        assert "connection lost" in str(eventually(lambda: pipes.failure))
        os.set_blocking(pipe.fileno(), False)
        assert pipe.read(1) is None  # no data; the end would be b""
        pipes.close()
        assert pipe.read(1) == b""
    assert [thread.name for thread in threading.enumerate() if "pipe-" in thread.name] == []
