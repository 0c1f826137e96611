"""Transform jobs with real containers: order, distribution, errors, retries, and stops."""

import gzip
import json

import pytest
from botocore.exceptions import ClientError

from local_aws.tests.account import eventually, refusal
from local_aws.tests.sagemaker.transforming.transforms import ECHO_WITH_PARAMETERS
from local_aws.tests.stages import processes_of

MANIFEST = {"S3DataType": "ManifestFile", "S3Uri": "s3://b/manifest"}
LINES = b"".join(b"line %d\n" % number for number in range(200))


@pytest.mark.slow
@pytest.mark.observes("batch-order")
def test_outputs_have_the_order_of_the_records_with_concurrent_calls_and_instances(transforms):
    files = {f"part-{number}.txt": LINES.replace(b"line", b"%d:" % number) for number in range(5)}
    files["deep/er.txt"] = b"one\ntwo"
    files |= {f"{name}.txt": name.encode() + b"\n" for name in ("a?", "b#1", "b#2", "+%41 ä")}
    job = transforms.run(
        files,
        BatchStrategy="SingleRecord",
        MaxConcurrentTransforms=4,
        resources={"InstanceCount": 2},
        Environment={"SAGEMAKER_MODEL_SERVER_WORKERS": "1"},
    )
    assert job["TransformJobStatus"] == "Completed", job.get("FailureReason")
    outputs = transforms.outputs(job)
    assert outputs.pop("deep/er.txt.out") == b"one\ntwo\n"
    assert outputs == {
        f"{name}.out": content for name, content in files.items() if name != "deep/er.txt"
    }
    assert job["CreationTime"] <= job["TransformStartTime"] <= job["TransformEndTime"]


@pytest.mark.slow
@pytest.mark.observes("batch-shares")
def test_files_are_distributed_over_the_instances_by_key(transforms):
    files = {f"part-{number}.txt": b"x" * (number + 1) for number in range(4)}
    job = transforms.run(files, resources={"InstanceCount": 2})
    assert job["TransformJobStatus"] == "Completed", job.get("FailureReason")
    assert transforms.shares(job) == [
        ["part-0.txt: 1 records in 1 requests", "part-2.txt: 1 records in 1 requests"],
        ["part-1.txt: 1 records in 1 requests", "part-3.txt: 1 records in 1 requests"],
    ]
    summary = "MaxConcurrentTransforms=1, MaxPayloadInMB=6, BatchStrategy=MULTI_RECORD"
    assert transforms.data_log(job) == [summary, summary]


@pytest.mark.slow
@pytest.mark.observes("batch-strategy")
def test_batch_has_as_many_records_as_fit_into_the_payload(transforms):
    line = b"y" * 99_999 + b"\n"
    job = transforms.run({"a.txt": line * 25}, MaxPayloadInMB=1)
    assert transforms.outputs(job) == {"a.txt.out": line * 25}
    lines = transforms.container_log(job)
    sizes = [int(text.split()[1]) for text in lines if text.startswith("got")]
    assert sizes == [1_000_000, 1_000_000, 500_000]


@pytest.mark.slow
@pytest.mark.observes("batch-variables")
def test_containers_have_the_variables_of_the_job(transforms):
    job = transforms.run(
        {"a.txt": b"who"},
        MaxConcurrentTransforms=2,
        MaxPayloadInMB=3,
        BatchStrategy="SingleRecord",
        target={"Accept": "application/json"},
        Environment={"GREETING": "hello", "SAGEMAKER_MODEL_SERVER_WORKERS": "1"},
    )
    seen = json.loads(transforms.outputs(job)["a.txt.out"])
    assert seen["LOCAL_AWS_CPUS"] == "1"  # the tests' local AWS has --instance-cpus 1
    assert seen["SAGEMAKER_BATCH"] == "true"
    assert seen["SAGEMAKER_MAX_PAYLOAD_IN_MB"] == "3"
    assert seen["SAGEMAKER_BATCH_STRATEGY"] == "SINGLE_RECORD"
    assert seen["SAGEMAKER_MAX_CONCURRENT_TRANSFORMS"] == "2"
    assert (seen["content_type"], seen["accept"]) == ("text/plain", "application/json")
    job = transforms.run({"a.txt": b"who"})
    seen = json.loads(transforms.outputs(job)["a.txt.out"])
    assert {name for name in seen if "BATCH" in name or "MAX" in name} == {"SAGEMAKER_BATCH"}


@pytest.mark.slow
@pytest.mark.observes("batch-precedence")
def test_execution_parameters_are_used_unless_the_job_sets_options(transforms):
    model = transforms.model(ECHO_WITH_PARAMETERS)
    job = transforms.run({"a.txt": b"1\n2\n"}, ModelName=model)
    assert transforms.data_log(job) == [
        "MaxConcurrentTransforms=3, MaxPayloadInMB=2, BatchStrategy=SINGLE_RECORD"
    ]
    options = {"MaxConcurrentTransforms": 1, "MaxPayloadInMB": 5, "BatchStrategy": "MultiRecord"}
    job = transforms.run({"a.txt": b"1\n2\n"}, ModelName=model, **options)
    assert transforms.data_log(job) == [
        "MaxConcurrentTransforms=1, MaxPayloadInMB=5, BatchStrategy=MULTI_RECORD"
    ]


@pytest.mark.slow
@pytest.mark.observes("batch-failed-file", "batch-data-log")
def test_file_with_a_refused_record_is_the_only_one_without_an_output(transforms):
    files = {"a.txt": b"1\n", "b.txt": b"1\nrefuse\n3\n", "c.txt": b"3\n"}
    job = transforms.run(files, BatchStrategy="SingleRecord")
    assert job["TransformJobStatus"] == "Failed"
    assert job["FailureReason"] == "ClientError: See job logs for more information"
    assert transforms.outputs(job) == {"a.txt.out": b"1\n", "c.txt.out": b"3\n"}
    source = job["TransformInput"]["DataSource"]["S3DataSource"]["S3Uri"].removeprefix("s3://")
    assert transforms.data_log(job)[1:] == [
        f"{source}b.txt: ClientError: 400",
        f"{source}b.txt: ",
        f"{source}b.txt: Message:",
        f"{source}b.txt: asked to refuse",
    ]


@pytest.mark.slow
@pytest.mark.observes("batch-retries")
def test_failing_call_is_retried_as_often_as_the_job_allows(transforms):
    client = {"InvocationsMaxRetries": 2, "InvocationsTimeoutInSeconds": 60}
    job = transforms.run({"a.txt": b"fail\n"}, ModelClientConfig=client)
    assert job["FailureReason"] == "AlgorithmError: See job logs for more information"
    assert transforms.data_log(job)[1].endswith("Bad HTTP status received from algorithm: 500")
    assert transforms.container_log(job).count("got 5 bytes") == 3


@pytest.mark.slow
@pytest.mark.observes("batch-retries")
def test_call_that_exceeds_its_timeout_fails(transforms):
    client = {"InvocationsMaxRetries": 0, "InvocationsTimeoutInSeconds": 1}
    job = transforms.run({"a.txt": b"sleep\n"}, ModelClientConfig=client)
    assert job["FailureReason"] == "AlgorithmError: See job logs for more information"
    assert transforms.data_log(job)[1].endswith("a.txt: Unable to get response from algorithm")


@pytest.mark.slow
def test_container_that_is_killed_is_restarted_and_no_record_is_lost(transforms):
    files = {"a.txt": b"1\n2\ndie\n4\n"}
    job = transforms.run(files, BatchStrategy="SingleRecord", MaxConcurrentTransforms=2)
    assert job["TransformJobStatus"] == "Completed", transforms.data_log(job)
    assert transforms.outputs(job) == {"a.txt.out": files["a.txt"]}


@pytest.mark.slow
@pytest.mark.observes("batch-payload")
def test_record_larger_than_the_payload_fails_its_file_only(transforms):
    files = {"a.txt": b"1\n" + b"x" * 2**20 + b"\n", "b.txt": b"2\n"}
    job = transforms.run(files, MaxPayloadInMB=1)
    assert job["FailureReason"] == "ClientError: See job logs for more information"
    assert transforms.data_log(job)[1].endswith("a.txt: Too much data for max payload size")
    assert transforms.outputs(job) == {"b.txt.out": b"2\n"}


@pytest.mark.slow
@pytest.mark.observes("batch-gzip")
def test_gzip_input_is_decompressed_and_damaged_files_fail(transforms):
    whole = gzip.compress(LINES)
    damaged = whole[:20] + bytes([whole[20] ^ 255]) + whole[21:]
    files = {
        "a.txt.gz": whole,
        "b.txt.gz": b"not gzip",
        "c.txt.gz": whole[:-9],
        "d.txt.gz": damaged,
    }
    job = transforms.run(files, source={"CompressionType": "Gzip"})
    assert transforms.outputs(job) == {"a.txt.gz.out": LINES}
    assert job["FailureReason"] == "ClientError: See job logs for more information"
    log = transforms.data_log(job)[1:]
    assert [line.rpartition(": ")[2] for line in log] == ["BadGzipFile", "EOFError", "error"]


@pytest.mark.slow
@pytest.mark.observes("batch-stop")
def test_stopped_job_leaves_no_process_and_no_output(transforms):
    files = {"a.txt": b"1\n", "b.txt": b"1\nsleep\n"}
    request = transforms.start(files, BatchStrategy="SingleRecord")
    name = request["TransformJobName"]
    eventually(lambda: "a.txt.out" in transforms.outputs(request))
    transforms.account.sagemaker.stop_transform_job(TransformJobName=name)
    job = transforms.finished(name)
    assert job["TransformJobStatus"] == "Stopped"
    assert "FailureReason" not in job
    assert transforms.outputs(job) == {}
    assert processes_of(name) == []
    with pytest.raises(ClientError, match="the transform job is in status Stopped"):
        transforms.account.sagemaker.stop_transform_job(TransformJobName=name)


@pytest.mark.slow
def test_container_that_does_not_start_fails_the_job_with_its_error(transforms):
    model = transforms.model("import nowhere")
    job = transforms.run({"a.txt": b"1\n"}, ModelName=model)
    assert job["TransformJobStatus"] == "Failed"
    assert "failed to respond to ping" in job["FailureReason"]
    assert "No module named 'nowhere'" in job["FailureReason"]
    assert processes_of(job["TransformJobName"]) == []


@pytest.mark.observes("no-objects")
def test_job_of_a_prefix_without_objects_is_refused(transforms):
    code, message = refusal(transforms.start, files={})
    assert code == "ValidationException"
    assert message.startswith(f'No S3 objects found under S3 URL "s3://{transforms.account.bucket}')
    assert f'that the role "{transforms.account.role}" has "s3:ListBucket" permissions' in message


@pytest.mark.slow
@pytest.mark.observes("batch-streams")
def test_pipeline_passes_the_content_type_on_and_has_a_stream_per_container(transforms):
    job = transforms.run(
        {"a.txt": b"1\n2\n"}, ModelName=transforms.model(*[ECHO_WITH_PARAMETERS] * 2)
    )
    assert transforms.outputs(job) == {"a.txt.out": b"1\n2\n"}
    ends = sorted(stream.rpartition("/")[2] for stream in transforms.streams(job))
    assert ends == ["container-1", "container-2", "data-log"]


@pytest.mark.slow
def test_job_is_listed_and_its_name_cannot_be_used_again(transforms):
    request = transforms.start({"a.txt": b"1\n"})
    name = request["TransformJobName"]
    client = transforms.account.sagemaker
    with pytest.raises(ClientError, match=r"ResourceInUse.*transform-job/"):
        client.create_transform_job(**request)
    job = transforms.finished(name)
    (summary,) = client.list_transform_jobs(NameContains=name)["TransformJobSummaries"]
    assert summary["TransformJobStatus"] == "Completed"
    assert summary["TransformJobArn"] == job["TransformJobArn"]


@pytest.mark.observes("not-batch-formats")
@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("RecordIO as the TransformInput.SplitType", {"source": {"SplitType": "RecordIO"}}),
        ("TFRecord as the TransformInput.SplitType", {"source": {"SplitType": "TFRecord"}}),
        (
            "ManifestFile as the TransformInput.DataSource.S3DataSource.S3DataType",
            {"source": {"DataSource": {"S3DataSource": MANIFEST}}},
        ),
        ("DataCaptureConfig", {"DataCaptureConfig": {"DestinationS3Uri": "s3://b/c"}}),
        ("ExperimentConfig", {"ExperimentConfig": {"ExperimentName": "e"}}),
        ("a transform job on 11 instances", {"resources": {"InstanceCount": 11}}),
        (
            "addresses other than s3:// in CreateTransformJob, as in 'https://b/c'",
            {"target": {"S3OutputPath": "https://b/c"}},
        ),
    ],
)
def test_option_that_is_not_reproduced_is_refused_by_name(transforms, name, changes):
    request = transforms.request({}, **changes)
    code, message = refusal(transforms.account.sagemaker.create_transform_job, **request)
    assert code == "ValidationException"
    assert f"does not reproduce {name}" in message


def test_missing_model_is_refused(transforms):
    with pytest.raises(ClientError, match="Could not find model"):
        transforms.start({}, ModelName="missing")
