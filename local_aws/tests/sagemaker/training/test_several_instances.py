"""Training jobs of several instances, each a process with a folder of its own."""

import json
import os
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.tests.account import Account, eventually
from local_aws.tests.sagemaker.training.clusters import (
    MULTI_WORKER,
    channel,
    finished,
    instances,
    names_in,
    start,
    tensorflow,
)
from local_aws.tests.stages import processes_of

pytestmark = pytest.mark.usefixtures("tensorflow")
LOG_GROUP = "/aws/sagemaker/TrainingJobs"
REPORT = """
import json, os, pathlib
host = os.environ["SM_CURRENT_HOST"]
model = pathlib.Path(os.environ["SM_MODEL_DIR"])
base = model.parent
report = {
    "base": str(base),
    "resources": json.loads((base / "input/config/resourceconfig.json").read_text()),
    "channels": json.loads((base / "input/config/inputdataconfig.json").read_text()),
    "inputs": sorted(str(p.relative_to(base / "input/data")) for p in base.rglob("*.csv")),
    "tf_config": json.loads(os.environ["TF_CONFIG"]),
}
pathlib.Path(os.environ["SM_OUTPUT_DATA_DIR"], host + ".json").write_text(json.dumps(report))
(model / "1").mkdir()
(model / "1" / "same.txt").write_text("the same on all")
(model / "1" / (host + ".txt")).write_text(host)
print("loss of " + host + " is=" + host[-1])
"""
WAITS = """
import os, pathlib, signal, sys, time
host = os.environ["SM_CURRENT_HOST"]
def on_term(number, frame):
    pathlib.Path(os.environ["SM_MODEL_DIR"], host + ".txt").write_text("half a model")
    sys.exit(0)
signal.signal(signal.SIGTERM, on_term)
print("waiting", flush=True)
time.sleep(600)
"""


@pytest.fixture(scope="module")
def job(account: Account) -> dict[str, Any]:
    """Run the reporting script on three instances."""
    definitions = [
        {"Name": f"loss:{number}", "Regex": f"loss of algo-{number} is=([0-9]+)"}
        for number in (1, 3)
    ]
    channels = [
        channel(account, "all", 2, "FullyReplicated"),
        channel(account, "part", 5, "ShardedByS3Key"),
        channel(account, "few", 1, "ShardedByS3Key"),
    ]
    return finished(
        account,
        REPORT,
        tensorflow(MetricDefinitions=definitions),
        instances(3),
        {"InputDataConfig": channels},
        **MULTI_WORKER,
    )


@pytest.fixture(scope="module")
def reports(account: Account, job: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Read what every instance reported, by its host."""
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    uri = job["ModelArtifacts"]["S3ModelArtifacts"].replace("model.tar", "output.tar")
    with account.download(uri) as tar:
        found = {}
        for name in tar.getnames():
            member = tar.extractfile(name)
            assert member is not None
            found[name.removesuffix(".json")] = json.load(member)
    return found


@pytest.mark.observes("instances-hosts")
def test_instances_are_told_their_own_names_and_all_others(reports):
    assert sorted(reports) == ["algo-1", "algo-2", "algo-3"]
    for host, report in reports.items():
        resources = report["resources"]
        assert resources["current_host"] == host
        assert resources["hosts"] == ["algo-1", "algo-2", "algo-3"]
        assert resources["instance_groups"] == [
            {
                "instance_group_name": "homogeneousCluster",
                "instance_type": "ml.c5.xlarge",
                "hosts": ["algo-1", "algo-2", "algo-3"],
            }
        ]
    assert len({report["base"] for report in reports.values()}) == 3


def test_instances_meet_at_ports_that_no_outgoing_connection_can_have_taken(reports):
    first_outgoing = 32768  # on Linux; other systems begin higher
    workers = reports["algo-1"]["tf_config"]["cluster"]["worker"]
    assert all(int(address.rpartition(":")[2]) < first_outgoing for address in workers)


@pytest.mark.observes("instances-replicated")
def test_replicated_channel_is_whole_on_every_instance(reports):
    for report in reports.values():
        assert {"all/0.csv", "all/1.csv"} <= set(report["inputs"])
        assert report["channels"]["all"]["S3DistributionType"] == "FullyReplicated"


@pytest.mark.observes("instances-sharded")
def test_sharded_channel_is_spread_over_the_instances(reports):
    parts = [
        [name for name in report["inputs"] if name.startswith("part/")]
        for report in reports.values()
    ]
    assert sorted(name for part in parts for name in part) == [f"part/{n}.csv" for n in range(5)]
    assert sorted(map(len, parts)) == [1, 2, 2]
    held = [
        any(name.startswith("few/") for name in report["inputs"]) for report in reports.values()
    ]
    assert sorted(held) == [False, False, True]


@pytest.mark.observes("tf-train-tf-config", "tf-train-tf-config-addresses")
def test_instances_are_told_where_tensorflows_workers_meet(reports):
    configs = [reports[host]["tf_config"] for host in ("algo-1", "algo-2", "algo-3")]
    assert [config["task"] for config in configs] == [
        {"index": index, "type": "worker"} for index in range(3)
    ]
    addresses = {tuple(config["cluster"]["worker"]) for config in configs}
    assert len(addresses) == 1  # all are told the same
    (workers,) = addresses
    assert len(set(workers)) == 3
    assert all(worker.startswith("127.0.0.1:") for worker in workers)
    assert {config["environment"] for config in configs} == {"cloud"}


@pytest.mark.observes("instances-logs")
def test_instances_have_a_log_stream_each(account, job):
    name = job["TrainingJobName"]
    for host in ("algo-1", "algo-2", "algo-3"):
        lines = account.log(LOG_GROUP, f"{name}/{host}-")
        assert f"loss of {host} is={host[-1]}" in lines


@pytest.mark.observes("instances-metrics")
def test_metrics_are_read_in_the_output_of_all_instances(job):
    found = {metric["MetricName"]: metric["Value"] for metric in job["FinalMetricDataList"]}
    assert found == {"loss:1": 1.0, "loss:3": 3.0}


@pytest.mark.observes("instances-one-archive")
def test_files_of_all_instances_make_one_archive(account, job):
    assert names_in(account, job) == [
        *("1", "1/algo-1.txt", "1/algo-2.txt", "1/algo-3.txt", "1/same.txt"),
    ]


@pytest.mark.observes("instances-clashing-names")
def test_instances_that_write_one_file_differently_fail_naming_both(account):
    script = """
import os, pathlib
path = pathlib.Path(os.environ["SM_MODEL_DIR"], "model.txt")
path.write_text("model of " + os.environ["SM_CURRENT_HOST"])
"""
    job = finished(account, script, tensorflow(), instances(2))
    assert job["TrainingJobStatus"] == "Failed"
    assert "algo-1 and algo-2 both wrote 'model.txt' into /opt/ml/model" in job["FailureReason"]
    assert "ModelArtifacts" not in job


@pytest.mark.parametrize("count", [{"InstanceCount": 0}, {}], ids=["none", "not said"])
def test_job_of_no_instance_is_refused(account, count):
    resources = {"InstanceType": "ml.c5.xlarge", "VolumeSizeInGB": 5} | count
    request = account.job_request({"train.py": ""}, ResourceConfig=resources)
    with pytest.raises(ClientError, match="InstanceCount is missing or 0"):
        account.sagemaker.create_training_job(**request)


KILLED = "os.kill(os.getpid(), signal.SIGKILL)"
LAUNCHER_KILLED = "os.kill(os.getppid(), signal.SIGKILL)"


@pytest.mark.observes("instances-one-fails", "instances-failed-host")
@pytest.mark.parametrize(
    ("end", "said"),
    [
        pytest.param("raise KeyError('no such column')", "no such column", marks=pytest.mark.slow),
        pytest.param(KILLED, "ExitCode -9", marks=pytest.mark.slow),
        (LAUNCHER_KILLED, "the process was killed by signal 9"),
    ],
    ids=["raises", "is killed", "launcher is killed"],
)
def test_instance_that_fails_ends_the_job_with_its_name_and_stops_the_others(account, end, said):
    script = f"""
import os, signal, time
if os.environ["SM_CURRENT_HOST"] == "algo-2":
    {end}
time.sleep(600)
"""
    job = finished(account, script, tensorflow(), instances(2))
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Failed", "Failed")
    assert job["FailureReason"].startswith("AlgorithmError: algo-2: ")
    assert said in job["FailureReason"]
    assert "algo-1" not in job["FailureReason"]
    assert processes_of(job["TrainingJobName"]) == []


@pytest.mark.slow
@pytest.mark.observes("instances-failed-host")
def test_instances_that_fall_with_a_killed_one_are_named_after_it(account):
    script = f"""
import os, signal, time
if os.environ["SM_CURRENT_HOST"] == "algo-2":
    time.sleep(0.2)
    {LAUNCHER_KILLED}
raise ConnectionError("algo-2 is gone")
"""
    reason = finished(account, script, tensorflow(), instances(2))["FailureReason"]
    assert reason.index("algo-2: the process was killed") < reason.index("algo-1: ")


@pytest.mark.observes("instances-stop")
def test_stop_reaches_all_instances(account):
    name = start(account, WAITS, tensorflow(), instances(2))

    def waiting() -> bool:
        hosts = ("algo-1", "algo-2")
        return all("waiting" in account.log(LOG_GROUP, f"{name}/{host}-") for host in hosts)

    eventually(waiting)
    account.sagemaker.stop_training_job(TrainingJobName=name)
    job = account.finished_job(name)
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "Stopped")
    assert names_in(account, job) == ["algo-1.txt", "algo-2.txt"]


@pytest.mark.slow
@pytest.mark.observes("instances-stop")
def test_longest_runtime_ends_all_instances(account):
    condition = {"StoppingCondition": {"MaxRuntimeInSeconds": 8}}
    job = finished(account, WAITS, tensorflow(), instances(2), condition)
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "MaxRuntimeExceeded")
    assert names_in(account, job) == ["algo-1.txt", "algo-2.txt"]
    assert processes_of(job["TrainingJobName"]) == []


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="no gigabyte can be had at once")
@pytest.mark.observes("instances-volumes")
def test_instances_have_a_volume_each(account):
    script = """
import os, pathlib, time
path = pathlib.Path(os.environ["SM_OUTPUT_DIR"], "large.bin")
with path.open("wb") as file:
    os.posix_fallocate(file.fileno(), 0, 700_000_000)
time.sleep(1.5)
path.unlink()
"""
    job = finished(account, script, tensorflow(), instances(2, VolumeSizeInGB=1))
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
