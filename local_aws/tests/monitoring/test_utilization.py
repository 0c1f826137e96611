"""What instances of jobs and endpoints use: their CPUs, their memory, and their disk."""

import os
import signal
import subprocess
import sys
import time

import pytest
from moto.cloudwatch.models import cloudwatch_backends

from local_aws.monitoring.metrics import RECORDER
from local_aws.monitoring.utilization import Usage, sample_all
from local_aws.settings import ACCOUNT_ID
from local_aws.tests.account import eventually, unique
from local_aws.tests.sagemaker.processing.processings import Processings
from local_aws.tests.sagemaker.transforming.transforms import Transforms

SERVE = """
import time

def model_fn(folder):
    return None

def input_fn(body, content_type):
    return body

def predict_fn(body, model):
    time.sleep(3)
    return body

def output_fn(prediction, accept):
    return prediction
"""
BUSY = "import time\nend = time.time() + {}\nwhile time.time() < end: pass\n"
JOB = ("CPUUtilization", "DiskUtilization", "MemoryUtilization")
INSTANCE = ("CPUUtilization", "MemoryUtilization")


def published(account, namespace, **dimensions):
    """Return the maxima of the metrics with some dimensions, once there are any."""
    wanted = [{"Name": name, "Value": value} for name, value in dimensions.items()]
    client = account.aws.client("cloudwatch")
    now = time.time()

    def find():
        listed = client.list_metrics(Namespace=namespace, Dimensions=wanted)["Metrics"]
        return {
            item["MetricName"]: max(
                point["Maximum"]
                for point in client.get_metric_statistics(
                    Namespace=namespace,
                    MetricName=item["MetricName"],
                    Dimensions=item["Dimensions"],
                    StartTime=now - 3600,
                    EndTime=now + 3600,
                    Period=7200,
                    Statistics=["Maximum"],
                    Unit="Percent",
                )["Datapoints"]
            )
            for item in listed
            if len(item["Dimensions"]) == len(wanted)
        }

    return dict(eventually(find))


def sampled(*pids):
    """Sample some processes twice, the second time a moment later; return all values by metric."""
    region, namespace = "ap-south-1", unique("space")
    moment = time.time() - 120  # of both samples, which are then in one minute
    usage = Usage(region, namespace, (("Host", "a"),), lambda: pids, lambda: 12.5)
    for _ in range(2):
        time.sleep(0.3)
        sample_all(moment)
    usage.end()
    sample_all(moment)
    RECORDER.flush(time.time())
    data = [
        datum
        for datum in cloudwatch_backends[ACCOUNT_ID][region].metric_data
        if datum.namespace == namespace
    ]
    return {datum.name: datum for datum in data}


def test_time_that_a_process_used_before_it_was_tracked_does_not_count():
    with subprocess.Popen([sys.executable, "-c", BUSY.format(60)]) as process:
        try:
            time.sleep(2)
            values = sampled(process.pid)
        finally:
            process.kill()
    assert 0 < values["CPUUtilization"].max <= 120  # of one CPU, with the ticks of its clock


def test_process_tree_is_measured_until_it_is_no_longer_tracked():
    busy, idle = BUSY.format(60), "import time; time.sleep(60)"
    shell = f"{sys.executable} -c '{busy}' & {sys.executable} -c '{idle}'; :"
    with subprocess.Popen(["sh", "-c", shell], start_new_session=True) as process:
        try:
            tree = sampled(process.pid)
        finally:
            os.killpg(process.pid, signal.SIGKILL)
    assert sorted(tree) == sorted(JOB)
    assert {datum.unit for datum in tree.values()} == {"Percent"}
    assert tree["CPUUtilization"].max > 5  # of a core, which other programs may use as well
    assert 0 < tree["MemoryUtilization"].max < 100
    assert tree["DiskUtilization"].max == 12.5
    assert {datum.sample_count for datum in tree.values()} == {2}
    assert sampled(process.pid) == {}


@pytest.mark.slow
@pytest.mark.observes("metrics-job")
def test_processing_job_publishes_what_it_uses(quick_account):
    jobs = Processings(quick_account)
    job = jobs.run(BUSY.format(2))["ProcessingJobName"]
    found = published(quick_account, "/aws/sagemaker/ProcessingJobs", Host=f"{job}/algo-1")
    assert sorted(found) == sorted(JOB)
    assert min(found.values()) > 0


@pytest.mark.slow
@pytest.mark.observes("metrics-instance")
def test_endpoint_publishes_what_its_instances_use(quick_account):
    name = quick_account.deploy(quick_account.packed_container(SERVE))
    names = {"EndpointName": name, "VariantName": "AllTraffic"}
    found = published(quick_account, "/aws/sagemaker/Endpoints", **names)
    assert sorted(found) == sorted(INSTANCE)
    quick_account.delete_endpoint(name)


@pytest.mark.slow
@pytest.mark.observes("metrics-job")
def test_each_machine_of_a_training_job_publishes_what_it_uses(quick_account):
    cluster = {"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 5}
    job = quick_account.run_job(BUSY.format(3), ResourceConfig=cluster)["TrainingJobName"]
    for host in ("algo-1", "algo-2"):
        found = published(quick_account, "/aws/sagemaker/TrainingJobs", Host=f"{job}/{host}")
        assert sorted(found) == sorted(JOB)
        assert found["CPUUtilization"] > 5


@pytest.mark.slow
@pytest.mark.observes("metrics-job")
def test_transform_job_publishes_what_its_containers_use(quick_account):
    transforms = Transforms(quick_account)
    model = transforms.model(SERVE)
    job = transforms.run({"a.txt": b"one\n"}, ModelName=model)["TransformJobName"]
    listed = quick_account.aws.client("cloudwatch").list_metrics(
        Namespace="/aws/sagemaker/TransformJobs"
    )["Metrics"]
    hosts = {item["Dimensions"][0]["Value"] for item in listed}
    (host,) = (host for host in hosts if host.startswith(f"{job}/i-"))
    found = published(quick_account, "/aws/sagemaker/TransformJobs", Host=host)
    assert sorted(found) == sorted(INSTANCE)
