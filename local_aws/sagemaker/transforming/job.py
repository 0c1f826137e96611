"""Run a transform job from its record to its end.

The objects under the prefix are distributed over the instances by key. Each instance has its own
containers of the model. If a file has an error, only its output is missing, and the job fails.
"""

import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

from local_aws.cloud import split_uri
from local_aws.records import Record, now
from local_aws.sagemaker import objects
from local_aws.sagemaker.errors import JobFailure, failure_reason_of
from local_aws.sagemaker.hosting.container import Container
from local_aws.sagemaker.hosting.fleet import STARTUP_SECONDS, bring_up, last_error, stop_together
from local_aws.sagemaker.hosting.specs import cpu_count, specs_of
from local_aws.sagemaker.region import Region
from local_aws.sagemaker.transforming.instance import ALGORITHM, Source, Worker
from local_aws.sagemaker.transforming.plan import (
    Plan,
    read_plan,
    variables,
    with_execution_parameters,
)


class TransformJob:
    """A job that runs in its own thread; `stop` may be called from others."""

    def __init__(self, region: Region, record: Record) -> None:
        self._region, self._record = region, record
        self._name: str = record["TransformJobName"]
        # The model may be deleted while the job runs.
        self._specs = specs_of(region, record["ModelName"])
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._workers: list[Worker] = []

    def stop(self) -> None:
        """Stop the job: no new call starts, and calls that wait for a response are aborted."""
        with self._lock:
            self._stopping.set()
            workers = list(self._workers)
        threading.Thread(target=stop_together, args=(_containers(workers),), daemon=True).start()

    def run(self) -> None:
        """Run the job until it is Completed, Failed, or Stopped; never raise."""
        try:
            with closing(self):
                self._transform()
            self._finish("Completed")
        except Exception as error:
            reason = failure_reason_of(error, f"The transform job {self._name}")
            self._finish("Failed", FailureReason=reason)

    def _transform(self) -> None:
        sources = self._sources()
        plan = read_plan(self._record)
        count = self._record["TransformResources"]["InstanceCount"]
        specs = [self._spec(spec) for spec in self._specs]
        with self._lock:
            if self._stopping.is_set():
                return
            instance_type = self._record["TransformResources"]["InstanceType"]
            size = cpu_count(instance_type, self._region.instance_cpus)
            for _ in range(count):
                self._workers.append(Worker(self._region, self._name, specs, size))
        self._start_containers(plan)
        if self._stopping.is_set():
            return
        first = self._workers[0].instance.containers[0]
        plan = with_execution_parameters(plan, self._record, first)
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
                worker.delete_outputs()
            return
        errors = [error for worker in self._workers for error in worker.errors]
        if errors:
            kind = ALGORITHM if ALGORITHM in errors else errors[0]
            raise JobFailure(f"{kind}: See job logs for more information")

    def _sources(self) -> list[Source]:
        """Return the objects of the input, with the addresses of their outputs."""
        uri = self._record["TransformInput"]["DataSource"]["S3DataSource"]["S3Uri"]
        bucket, prefix = split_uri(uri)
        root = self._record["TransformOutput"]["S3OutputPath"].rstrip("/")
        keys = objects.list_keys(self._region.client("s3"), uri)
        if not keys:
            raise JobFailure(f"ClientError: {objects.no_objects(uri)}")
        return [
            Source(bucket, key, f"{root}/{objects.relative_key(key, prefix)}.out") for key in keys
        ]

    def _spec(self, spec: dict[str, Any]) -> dict[str, Any]:
        """Return a container with the job's variables, which override the model's."""
        declared = {**spec.get("Environment", {}), **self._record.get("Environment", {})}
        return {**spec, "Environment": {**declared, **variables(self._record)}}

    def _start_containers(self, plan: Plan) -> None:
        """Start all containers and wait; raise JobFailure with the last error of one that fails."""
        containers = _containers(self._workers)
        results = bring_up(containers, [STARTUP_SECONDS] * len(containers))
        for container, healthy in zip(containers, results, strict=True):
            if not healthy and not self._stopping.is_set():
                raise JobFailure(
                    "AlgorithmError: Model container failed to respond to ping; see the job logs. "
                    f"(The log of {container.logs.stream} ends: "
                    f"{last_error(container.logs.last_lines)})"
                )
        for worker in self._workers:
            worker.watch(plan, self._stopping)

    def close(self) -> None:
        """Stop the containers, and delete the job's folder."""
        self._stopping.set()  # for the watches, too
        try:
            stop_together(_containers(self._workers))
        finally:
            folder = self._region.folder("transform-jobs", self._name)
            shutil.rmtree(folder, ignore_errors=True)

    def _finish(self, status: str, **fields: Any) -> None:
        with self._region.lock:
            self._region.transforms.pop(self._name, None)
            self._region.end_job("Transform", self._name, status, **fields)


def _containers(workers: list[Worker]) -> list[Container]:
    return [container for worker in workers for container in worker.instance.containers]
