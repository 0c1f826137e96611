"""Run one transform job from its record to its end.

The objects under the prefix are shared out among the instances by key. Each instance has the
model's containers for itself. A file with a fault has no output; the others do, and the job fails.
"""

import logging
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from typing import Any

from local_aws import cloud
from local_aws.errors import JobFailure, ServiceError
from local_aws.processes import closing as shutting_down
from local_aws.records import Record, now
from local_aws.region import Region
from local_aws.sagemaker.hosting.container import Container
from local_aws.sagemaker.hosting.instance import STARTUP_SECONDS, bring_up, last_error
from local_aws.sagemaker.hosting.instance_types import cpu_count
from local_aws.sagemaker.hosting.specs import containers_of, expand_packages
from local_aws.sagemaker.transforming.instance import ALGORITHM, Source, Worker
from local_aws.sagemaker.transforming.plan import Plan, read_plan, with_parameters_of

log = logging.getLogger(__name__)
_REASON_LENGTH = 1024  # characters that the API shows


class TransformJob:
    """A job that runs in a thread of its own; `stop` may be called from others."""

    def __init__(self, region: Region, record: Record) -> None:
        self._region, self._record = region, record
        self._name: str = record["TransformJobName"]
        # Now: the model may be deleted while the job runs.
        model = region.models.get(record["ModelName"])
        self._specs = expand_packages(region, containers_of(model))
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._workers: list[Worker] = []

    def stop(self) -> None:
        """End the job: no call begins any more, and those that wait for an answer are cut off."""
        with self._lock:
            self._stopping.set()
            workers = list(self._workers)
        threading.Thread(target=_stop_containers, args=(workers,), daemon=True).start()

    def run(self) -> None:
        """Carry the job to Completed, Failed or Stopped; never raises."""
        try:
            with closing(self):
                self._transform()
            self._finish("Completed")
        except (JobFailure, ServiceError) as failure:
            self._finish("Failed", FailureReason=str(failure)[:_REASON_LENGTH])
        except Exception:
            if not shutting_down():
                log.exception("transform job %s", self._name)
            self._finish("Failed", FailureReason="InternalServerError: see the local AWS's log")

    def _transform(self) -> None:
        sources = self._sources()
        plan = read_plan(self._record)
        count = self._record["TransformResources"]["InstanceCount"]
        specs = [self._spec(spec, plan) for spec in self._specs]
        with self._lock:
            if self._stopping.is_set():
                return
            instance_type = self._record["TransformResources"]["InstanceType"]
            size = cpu_count(instance_type, self._region.settings.instance_cpus)
            for _ in range(count):
                self._workers.append(Worker(self._region, self._name, specs, size))
        self._start_containers(plan)
        if self._stopping.is_set():
            return
        first = self._workers[0].instance.containers[0]
        plan = with_parameters_of(plan, self._record, first)
        self._region.transform_jobs.update(self._name, TransformStartTime=now())
        with ThreadPoolExecutor(count) as pool:
            futures = [
                pool.submit(worker.transform, sources[number::count], plan, self._stopping)
                for number, worker in enumerate(self._workers)
            ]
        for future in futures:
            future.result()
        if self._stopping.is_set():
            for worker in self._workers:
                worker.take_back()
            return
        faults = [fault for worker in self._workers for fault in worker.faults]
        if faults:
            kind = ALGORITHM if ALGORITHM in faults else faults[0]
            raise JobFailure(f"{kind}: See job logs for more information")

    def _sources(self) -> list[Source]:
        """Return the objects of the input with the addresses of their outputs."""
        uri = self._record["TransformInput"]["DataSource"]["S3DataSource"]["S3Uri"]
        bucket, prefix = cloud.split_uri(uri)
        root = self._record["TransformOutput"]["S3OutputPath"].rstrip("/")
        keys = cloud.list_keys(self._region.client("s3"), uri)
        if not keys:
            raise JobFailure(
                f'ClientError: No S3 objects found under S3 URL "{uri}" given in input data '
                "source. Please ensure that the bucket exists in the selected region and that "
                "objects exist under that S3 prefix."
            )
        return [
            Source(bucket, key, f"{root}/{cloud.relative_key(key, prefix)}.out") for key in keys
        ]

    def _spec(self, spec: dict[str, Any], plan: Plan) -> dict[str, Any]:
        """Return a container with the variables of the job, which go before the model's own."""
        declared = {**spec.get("Environment", {}), **self._record.get("Environment", {})}
        return {**spec, "Environment": {**declared, **plan.variables()}}

    def _start_containers(self, plan: Plan) -> None:
        """Start all containers and wait; raise JobFailure with the last line of one that is ill."""
        containers = _containers(self._workers)
        with ThreadPoolExecutor(max_workers=8) as pool:
            healthy = list(pool.map(lambda one: bring_up(one, STARTUP_SECONDS), containers))
        for container, well in zip(containers, healthy, strict=True):
            if not well and not self._stopping.is_set():
                raise JobFailure(
                    "AlgorithmError: Model container failed to respond to ping; see the job logs. "
                    f"(The log of {container.logs.stream} ends: "
                    f"{last_error(container.logs.last_lines)})"
                )
        for worker in self._workers:
            worker.watch(plan, self._stopping)

    def close(self) -> None:
        """Stop what still runs, and take the job's folder away."""
        self._stopping.set()  # the watches, too
        with ExitStack() as ends:
            ends.callback(shutil.rmtree, self._folder, ignore_errors=True)
            for worker in self._workers:
                ends.callback(worker.close)
            ends.callback(_stop_containers, self._workers)

    @property
    def _folder(self) -> Any:
        return self._region.folder("transform-jobs", self._name)

    def _finish(self, status: str, **fields: Any) -> None:
        """Record how the job ended; one that was asked to stop is Stopped, however far it came."""
        region = self._region
        with region.lock:
            region.transforms.pop(self._name, None)
            if region.transform_jobs.get(self._name)["TransformJobStatus"] == "Stopping":
                status, fields = "Stopped", {}
            region.transform_jobs.update(
                self._name, TransformJobStatus=status, TransformEndTime=now(), **fields
            )


def _containers(workers: list[Worker]) -> list[Container]:
    return [container for worker in workers for container in worker.instance.containers]


def _stop_containers(workers: list[Worker]) -> None:
    with ThreadPoolExecutor(max_workers=8) as pool:
        list(pool.map(Container.stop, _containers(workers)))
