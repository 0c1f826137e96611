"""An instance of a transform job: its containers, its share of the files, and its logs."""

import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

from local_aws.logs import LogStream
from local_aws.monitoring.metrics import dimensions
from local_aws.processes import closing
from local_aws.sagemaker import objects
from local_aws.sagemaker.hosting.instance import (
    STARTUP_SECONDS,
    Place,
    Watch,
    build_instance,
    new_host,
)
from local_aws.sagemaker.region import Region
from local_aws.sagemaker.transforming.file import DataLog, File, Results, Source
from local_aws.sagemaker.transforming.plan import Plan
from local_aws.sagemaker.transforming.sending import Sender

LOG_GROUP = "/aws/sagemaker/TransformJobs"


class Worker:
    """An instance, and the results of its files."""

    def __init__(
        self, region: Region, job: str, specs: Sequence[dict[str, Any]], count: int
    ) -> None:
        self._host = f"{job}/{new_host()}"
        host = f"{self._host}-{int(time.time())}"
        folder = region.folder("transform-jobs", *host.split("/"))
        place = Place(folder, LOG_GROUP, host, count)
        self.instance = build_instance(region, specs, place)
        stream = LogStream(region.name, LOG_GROUP, f"{host}/data-log")
        self.results = Results(region.client("s3"), folder, DataLog(stream))
        self._region = region.name

    def watch(self, plan: Plan, stopping: threading.Event) -> None:
        """Keep the containers healthy from now on; a call may take as long as the plan allows."""
        for container in self.instance.containers:
            Watch(container, STARTUP_SECONDS, stopping, plan.seconds).start()

    def transform(self, sources: Sequence[Source], plan: Plan, stopping: threading.Event) -> None:
        """Send the files and upload the responses; a file that fails does not affect the others."""
        self.results.log.write(plan.summary())
        with ExitStack() as stack:
            names = dimensions(Host=self._host)
            stack.callback(self.instance.measure(self._region, LOG_GROUP, names).end)
            sender = Sender(self.instance, plan, stopping)
            stack.callback(sender.close)
            for number, source in enumerate(sources):
                if stopping.is_set() or closing():
                    return
                file = File(self.results, source, plan, number)
                stack.callback(file.close)
                file.send(sender)
            sender.drain()

    def delete_outputs(self) -> None:
        """Delete the outputs: a job that is stopped leaves none."""
        for uri in self.results.written:
            objects.delete_object(self.results.s3, uri)
