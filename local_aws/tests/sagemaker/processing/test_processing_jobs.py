"""Processing jobs run a program on inputs from S3, and store what it leaves."""

import json
from pathlib import Path

import pytest

from local_aws.sagemaker.containers.environment import PATH
from local_aws.testing import running_local_aws
from local_aws.tests.account import Account, eventually, unique
from local_aws.tests.sagemaker.processing.processings import Processings

# As in AWS's notebooks about preprocessing: literal paths, flags, and several outputs.
PREPROCESS = """
import argparse, json, os
import pandas as pd
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--train-test-split-ratio", type=float, default=0.3)
    args, _ = parser.parse_known_args()
    df = pd.read_csv(os.path.join("/opt/ml/processing/input", "census.csv"))
    train, test = train_test_split(df, test_size=args.train_test_split_ratio, random_state=0)
    scaler = StandardScaler().fit(train[["age"]])
    print("Train data shape after preprocessing: {}".format(train.shape))
    for name, part in (("train", train), ("test", test)):
        features = pd.DataFrame(scaler.transform(part[["age"]]))
        features.to_csv(f"/opt/ml/processing/{name}/{name}_features.csv", header=False, index=False)
"""
CENSUS = "age,income\n" + "".join(f"{age},{age % 2}\n" for age in range(20, 60))
REPORT = """
import json, os, pathlib, sys
config = pathlib.Path("/opt/ml/config")
print("report=" + json.dumps({
    "argv": sys.argv[1:],
    "variables": dict(os.environ),
    "job": json.loads((config / "processingjobconfig.json").read_text()),
    "resources": json.loads((config / "resourceconfig.json").read_text()),
}))
"""
LEAVE = """
import pathlib, sys
out = pathlib.Path("/opt/ml/processing/out")
(out / "deep").mkdir()
(out / "deep" / "a.txt").write_text("a")
(out / "link.txt").symlink_to(out / "deep" / "a.txt")
message = pathlib.Path("/opt/ml/output/message")
message.parent.mkdir(parents=True, exist_ok=True)
message.write_bytes({message!r})
sys.exit({code})
"""
CONTINUOUS = """
import pathlib, time
(pathlib.Path("/opt/ml/processing/out") / "early.txt").write_text("early")
print("waiting", flush=True)
time.sleep(600)
"""
SHARE = """
import json, os, pathlib
names = sorted(os.listdir("/opt/ml/processing/parts"))
host = json.loads(pathlib.Path("/opt/ml/config/resourceconfig.json").read_text())["current_host"]
pathlib.Path(f"/opt/ml/processing/out/{host}.txt").write_text(" ".join(names))
"""


FILL = """
import os, pathlib
for number in range(5000):
    pathlib.Path(f"{number}.txt").touch()
print("base=" + os.environ["SAGEMAKER_BASE_DIR"])
"""


@pytest.fixture(scope="module")
def processings(account) -> Processings:
    return Processings(account)


@pytest.mark.slow
@pytest.mark.observes("processing-example")
def test_program_of_an_example_splits_data_into_two_outputs(account, processings):
    data = account.upload(f"{unique('data')}/census.csv", CENSUS)
    outputs = [processings.output("train"), processings.output("test")]
    job = processings.run(
        PREPROCESS,
        [processings.input("input", data)],
        outputs,
        AppSpecification={
            **processings.request("")["AppSpecification"],
            "ContainerArguments": ["--train-test-split-ratio", "0.25"],
        },
    )
    train, test = (processings.stored(output) for output in outputs)
    assert len(train["train_features.csv"].splitlines()) == 30
    assert len(test["test_features.csv"].splitlines()) == 10
    log = processings.log(job["ProcessingJobName"])
    assert "Train data shape after preprocessing: (30, 2)" in log
    assert job["ProcessingStartTime"] <= job["ProcessingEndTime"]
    assert "FailureReason" not in job and "ExitMessage" not in job


@pytest.mark.observes("processing-configuration")
def test_program_gets_arguments_variables_and_configuration(processings):
    request = processings.request(REPORT, Environment={"STAGE": "test"})
    request["AppSpecification"]["ContainerArguments"] = ["--path", "/opt/ml/processing/x", "a b"]
    processings.client.create_processing_job(**request)
    job = processings.finished(request["ProcessingJobName"])
    log = processings.log(request["ProcessingJobName"])
    assert job["ProcessingJobStatus"] == "Completed", log
    (line,) = [line for line in log if line.startswith("report=")]
    report = json.loads(line.removeprefix("report="))
    assert report["argv"] == ["--path", "/opt/ml/processing/x", "a b"]
    assert report["variables"]["STAGE"] == "test"
    assert report["resources"]["hosts"] == ["algo-1"]
    assert report["job"]["ProcessingJobArn"] == job["ProcessingJobArn"]
    for member in ("ProcessingInputs", "ProcessingOutputConfig", "AppSpecification"):
        assert report["job"][member] == request[member]


@pytest.mark.observes("processing-outputs", "processing-message")
def test_completed_job_stores_its_outputs_without_links_and_its_message(processings):
    output = processings.output("out")
    program = LEAVE.format(message=("abc" + "größer" * 1000).encode(), code=0)
    job = processings.run(program, (), [output])
    assert processings.stored(output) == {"deep/a.txt": "a"}
    assert job["ExitMessage"] == "abc" + "größer" * 127 + "grö"  # the first byte of ß is left out


@pytest.mark.observes("processing-failures", "processing-message")
def test_failed_job_has_a_reason_and_its_message_but_no_outputs(processings):
    output = processings.output("out")
    job = processings.run(LEAVE.format(message=b"no data", code=3), (), [output], status="Failed")
    assert job["FailureReason"] == "AlgorithmError: See job logs for more information"
    assert job["ExitMessage"] == "no data"
    assert processings.stored(output) == {}


@pytest.mark.observes("processing-message")
def test_message_that_is_not_text_fails_the_job(processings):
    job = processings.run(
        LEAVE.format(message=b"\xff\xfe", code=0), (), [processings.output("out")], status="Failed"
    )
    assert job["FailureReason"].startswith("ClientError: ")


@pytest.mark.observes("processing-failures")
def test_job_without_its_input_or_program_fails_with_the_reason(account, processings):
    missing = f"s3://{account.bucket}/{unique('none')}"
    job = processings.run(REPORT, [processings.input("data", missing)], status="Failed")
    assert f'No S3 objects found under S3 URL "{missing}"' in job["FailureReason"]
    request = processings.request(REPORT)
    request["AppSpecification"]["ContainerEntrypoint"] = ["no-such-program"]
    processings.client.create_processing_job(**request)
    job = processings.finished(request["ProcessingJobName"])
    assert job["ProcessingJobStatus"] == "Failed"
    assert any("no-such-program" in line for line in processings.log(job["ProcessingJobName"]))


@pytest.mark.slow
@pytest.mark.observes("processing-continuous", "processing-stop")
def test_continuous_output_is_stored_while_the_job_runs_which_can_be_stopped(processings):
    output, late = processings.output("out", "Continuous"), processings.output("late")
    name = processings.start(CONTINUOUS, (), [output, late])
    assert eventually(lambda: processings.stored(output)) == {"early.txt": "early"}
    assert processings.describe(name)["ProcessingJobStatus"] == "InProgress"
    processings.client.stop_processing_job(ProcessingJobName=name)
    job = processings.finished(name)
    assert job["ProcessingJobStatus"] == "Stopped"
    assert "FailureReason" not in job
    listed = processings.client.list_processing_jobs(NameContains=name, StatusEquals="Stopped")
    assert [each["ProcessingJobName"] for each in listed["ProcessingJobSummaries"]] == [name]
    processings.client.delete_processing_job(ProcessingJobName=name)
    assert not processings.client.list_processing_jobs(NameContains=name)["ProcessingJobSummaries"]


def test_folder_of_a_job_is_gone_when_it_has_ended_because_its_name_may_be_used_again(processings):
    name = processings.start(FILL)
    while processings.describe(name)["ProcessingJobStatus"] == "InProgress":
        continue
    (line,) = [line for line in processings.log(name) if line.startswith("base=")]
    assert not Path(line.removeprefix("base=")).parents[1].exists()


@pytest.mark.observes("processing-time")
def test_job_may_run_for_a_day_by_default(processings):
    request = processings.request("print()")
    del request["StoppingCondition"]
    processings.client.create_processing_job(**request)
    job = processings.finished(request["ProcessingJobName"])
    assert job["StoppingCondition"] == {"MaxRuntimeInSeconds": 86400}


def test_job_is_stopped_when_its_time_is_over(processings):
    stopping = {"MaxRuntimeInSeconds": 1}
    job = processings.run(
        CONTINUOUS, (), [processings.output("out")], status="Stopped", StoppingCondition=stopping
    )
    assert job["ProcessingJobStatus"] == "Stopped"


@pytest.mark.slow
@pytest.mark.observes("processing-sharded")
def test_sharded_input_is_distributed_over_the_instances(account, processings):
    prefix = unique("parts")
    for number in range(4):
        account.upload(f"{prefix}/part-{number}.csv", str(number))
    uri = f"s3://{account.bucket}/{prefix}/"
    parts = processings.input("parts", uri, S3DataDistributionType="ShardedByS3Key")
    output = processings.output("out")
    processings.run(SHARE, [parts], [output], 2)
    assert processings.stored(output) == {
        "algo-1.txt": "part-0.csv part-2.csv",
        "algo-2.txt": "part-1.csv part-3.csv",
    }


@pytest.mark.observes("processing-framework")
def test_shell_script_unpacks_a_bundle_and_runs_its_program(account, processings):
    """As FrameworkProcessor of the SDK does."""
    script = f"cd {PATH}/processing/input/code/\ntar -xzf sourcedir.tar.gz\npython main.py $@\n"
    bundle = account.upload_bundle({"main.py": "import sys; print('bundled', sys.argv[1:])"})
    start = account.upload(f"{unique('entry')}/runproc.sh", f"set -e\n{script}")
    request = processings.request("")
    request["ProcessingInputs"] = [
        processings.input("code", bundle, f"{PATH}/processing/input/code"),
        processings.input("entrypoint", start, f"{PATH}/processing/input/entrypoint"),
    ]
    request["AppSpecification"] |= {
        "ContainerEntrypoint": ["/bin/bash", f"{PATH}/processing/input/entrypoint/runproc.sh"],
        "ContainerArguments": ["--depth", "3"],
    }
    processings.client.create_processing_job(**request)
    job = processings.finished(request["ProcessingJobName"])
    log = processings.log(request["ProcessingJobName"])
    assert job["ProcessingJobStatus"] == "Completed", log
    assert "bundled ['--depth', '3']" in log


@pytest.mark.slow
@pytest.mark.observes("processing-opt-ml")
def test_without_namespaces_arguments_name_the_folder_and_a_literal_path_fails_with_its_line():
    with running_local_aws("--no-namespaces") as aws:
        processings = Processings(Account(aws))
        output = processings.output("out")
        request = processings.request("import sys; open(sys.argv[1], 'w').write('x')", (), [output])
        request["AppSpecification"]["ContainerArguments"] = ["/opt/ml/processing/out/a.txt"]
        processings.client.create_processing_job(**request)
        job = processings.finished(request["ProcessingJobName"])
        assert job["ProcessingJobStatus"] == "Completed", job
        assert processings.stored(output) == {"a.txt": "x"}
        literal = "open('/opt/ml/processing/out/a.txt', 'w').write('x')"
        job = processings.run(literal, (), [output], status="Failed")
        assert "program.py" in job["FailureReason"] and "line 1" in job["FailureReason"]
