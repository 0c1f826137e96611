"""Training jobs with several instances, each of which is a process with its own folder."""

import os
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.tests.account import Account, eventually
from local_aws.tests.sagemaker.training import clusters
from local_aws.tests.sagemaker.training.clusters import finished, instances, start, tensorflow
from local_aws.tests.sagemaker.training.reports import read_outputs
from local_aws.tests.stages import processes_of

pytestmark = pytest.mark.usefixtures("tensorflow")
LOG_GROUP = "/aws/sagemaker/TrainingJobs"
HOSTS = ["algo-1", "algo-2", "algo-3"]
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
(model / "1" / "same.txt").write_text("the same on all instances")
(model / "1" / (host + ".txt")).write_text(host)
print("loss of " + host + " is=" + host[-1])
"""
WAIT_FOR_STOP = """
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
        clusters.channel(account, "all", 2, "FullyReplicated"),
        clusters.channel(account, "part", 5, "ShardedByS3Key"),
        clusters.channel(account, "few", 1, "ShardedByS3Key"),
    ]
    return finished(
        account,
        REPORT,
        tensorflow(MetricDefinitions=definitions),
        instances(3),
        {"InputDataConfig": channels},
        **clusters.MULTI_WORKER,
    )


@pytest.fixture(scope="module")
def reports(account: Account, job: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the report of every instance by host."""
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    outputs = read_outputs(account, job)
    return {name.removesuffix(".json"): report for name, report in outputs.items()}


@pytest.mark.observes("instances-hosts")
def test_resource_config_has_the_name_of_the_host_and_of_all_hosts(reports):
    assert sorted(reports) == HOSTS
    group = {"instance_group_name": "homogeneousCluster", "instance_type": "ml.c5.xlarge"}
    for host, report in reports.items():
        resources = report["resources"]
        assert (resources["current_host"], resources["hosts"]) == (host, HOSTS)
        assert resources["instance_groups"] == [group | {"hosts": HOSTS}]
    assert len({report["base"] for report in reports.values()}) == 3


def test_ports_of_workers_are_below_those_of_outgoing_connections(reports):
    first_outgoing = 32768  # on Linux; higher on other systems
    workers = reports["algo-1"]["tf_config"]["cluster"]["worker"]
    assert all(int(address.rpartition(":")[2]) < first_outgoing for address in workers)


@pytest.mark.observes("instances-replicated")
def test_replicated_channel_is_complete_on_every_instance(reports):
    for report in reports.values():
        assert {"all/0.csv", "all/1.csv"} <= set(report["inputs"])
        assert report["channels"]["all"]["S3DistributionType"] == "FullyReplicated"


@pytest.mark.observes("instances-sharded")
def test_sharded_channel_is_distributed_over_the_instances(reports):
    parts = [
        [name for name in report["inputs"] if name.startswith("part/")]
        for report in reports.values()
    ]
    assert sorted(name for part in parts for name in part) == [f"part/{n}.csv" for n in range(5)]
    assert sorted(map(len, parts)) == [1, 2, 2]
    few = ["few/0.csv" in report["inputs"] for report in reports.values()]
    assert sorted(few) == [False, False, True]


@pytest.mark.observes("tf-train-tf-config", "tf-train-tf-config-addresses")
def test_tf_config_has_the_task_of_the_host_and_the_same_addresses_on_all_hosts(reports):
    configs = [reports[host]["tf_config"] for host in HOSTS]
    assert [config["task"] for config in configs] == [
        {"index": index, "type": "worker"} for index in range(3)
    ]
    (workers,) = {tuple(config["cluster"]["worker"]) for config in configs}
    assert len(set(workers)) == 3
    assert all(worker.startswith("127.0.0.1:") for worker in workers)
    assert {config["environment"] for config in configs} == {"cloud"}


@pytest.mark.observes("instances-logs")
def test_each_instance_has_its_own_log_stream(account, job):
    name = job["TrainingJobName"]
    for host in HOSTS:
        lines = account.log(LOG_GROUP, f"{name}/{host}-")
        assert f"loss of {host} is={host[-1]}" in lines


@pytest.mark.observes("instances-metrics")
def test_metrics_are_read_from_the_output_of_all_instances(job):
    metrics = {metric["MetricName"]: metric["Value"] for metric in job["FinalMetricDataList"]}
    assert metrics == {"loss:1": 1.0, "loss:3": 3.0}


@pytest.mark.observes("instances-one-archive")
def test_files_of_all_instances_are_in_one_archive(account, job):
    files = ["1/algo-1.txt", "1/algo-2.txt", "1/algo-3.txt", "1/same.txt"]
    assert account.outputs(job) == ["1", *files]


@pytest.mark.slow
@pytest.mark.observes("instances-clashing-names")
def test_instances_that_write_different_files_with_one_name_fail_the_job(account):
    script = """
import os, pathlib
path = pathlib.Path(os.environ["SM_MODEL_DIR"], "model.txt")
path.write_text("model of " + os.environ["SM_CURRENT_HOST"])
"""
    job = finished(account, script, tensorflow(), instances(2))
    assert job["TrainingJobStatus"] == "Failed"
    assert "algo-1 and algo-2 both wrote 'model.txt' into /opt/ml/model" in job["FailureReason"]
    assert "ModelArtifacts" not in job


@pytest.mark.parametrize("count", [{"InstanceCount": 0}, {}], ids=["zero", "missing"])
def test_job_without_instances_is_refused(account, count):
    resources = {"InstanceType": "ml.c5.xlarge", "VolumeSizeInGB": 5} | count
    with pytest.raises(ClientError, match="InstanceCount is missing or 0"):
        account.start_job("", ResourceConfig=resources)


KILLED = "os.kill(os.getpid(), signal.SIGKILL)"
LAUNCHER_KILLED = "os.kill(os.getppid(), signal.SIGKILL)"


@pytest.mark.slow
@pytest.mark.observes("instances-one-fails", "instances-failed-host")
@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        pytest.param("raise KeyError('no such column')", "no such column", marks=pytest.mark.slow),
        pytest.param(KILLED, "ExitCode -9", marks=pytest.mark.slow),
        (LAUNCHER_KILLED, "the process was killed by signal 9"),
    ],
    ids=["raises", "is killed", "launcher is killed"],
)
def test_failed_instance_is_named_in_the_reason_and_the_others_are_stopped(
    account, statement, reason
):
    script = f"""
import os, signal, time
if os.environ["SM_CURRENT_HOST"] == "algo-2":
    {statement}
time.sleep(600)
"""
    job = finished(account, script, tensorflow(), instances(2))
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Failed", "Failed")
    assert job["FailureReason"].startswith("AlgorithmError: algo-2: ")
    assert reason in job["FailureReason"]
    assert "algo-1" not in job["FailureReason"]
    assert processes_of(job["TrainingJobName"]) == []


@pytest.mark.slow
@pytest.mark.observes("instances-failed-host")
def test_instances_that_fail_with_a_killed_one_are_named_after_it(account):
    script = f"""
import os, signal, time
if os.environ["SM_CURRENT_HOST"] == "algo-2":
    time.sleep(0.2)
    {LAUNCHER_KILLED}
raise ConnectionError("algo-2 is gone")
"""
    reason = finished(account, script, tensorflow(), instances(2))["FailureReason"]
    assert reason.index("algo-2: the process was killed") < reason.index("algo-1: ")


@pytest.mark.slow
@pytest.mark.observes("instances-stop")
def test_stop_reaches_all_instances(account):
    name = start(account, WAIT_FOR_STOP, tensorflow(), instances(2))
    for host in HOSTS[:2]:
        eventually(lambda host=host: "waiting" in account.log(LOG_GROUP, f"{name}/{host}-"))
    account.sagemaker.stop_training_job(TrainingJobName=name)
    job = account.finished_job(name)
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "Stopped")
    assert account.outputs(job) == ["algo-1.txt", "algo-2.txt"]


@pytest.mark.slow
@pytest.mark.observes("instances-stop")
def test_maximum_runtime_stops_all_instances(account):
    condition = {"StoppingCondition": {"MaxRuntimeInSeconds": 8}}
    job = finished(account, WAIT_FOR_STOP, tensorflow(), instances(2), condition)
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "MaxRuntimeExceeded")
    assert account.outputs(job) == ["algo-1.txt", "algo-2.txt"]
    assert processes_of(job["TrainingJobName"]) == []


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="cannot allocate a large file")
@pytest.mark.observes("instances-volumes")
def test_each_instance_has_its_own_volume(account):
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
