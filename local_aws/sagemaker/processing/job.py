"""Run a processing job from its record to its outputs.

Each machine downloads the inputs, runs the command of the request, and uploads the outputs: those
of the mode Continuous while it runs, all others if all machines have succeeded.
"""

import shutil
from contextlib import closing

from local_aws.records import Record, now
from local_aws.sagemaker.errors import JobFailure, failure_reason_of
from local_aws.sagemaker.jobs.cluster import form_cluster
from local_aws.sagemaker.jobs.run import Run
from local_aws.sagemaker.processing.host import Host
from local_aws.sagemaker.region import Region

_MESSAGE_CHARACTERS = 1024


def run_processing_job(region: Region, name: str) -> None:
    """Run a recorded job until it is Completed, Failed, or Stopped; never raise."""
    try:
        with closing(_Job(region, name)) as job:
            status, fields = job.run()
    except Exception as error:
        reason = failure_reason_of(error, f"The processing job {name}")
        status, fields = "Failed", {"FailureReason": reason}
    region.end_job("Processing", name, status, **fields)  # a new job may use its folder from now on


class _Job:
    def __init__(self, region: Region, name: str) -> None:
        self._region, self._name = region, name
        self._record: Record = region.processing_jobs.get(name)
        self._folder = region.folder("processing-jobs", name)
        self._cluster = form_cluster(self._record["ProcessingResources"]["ClusterConfig"])
        self._hosts = [
            Host(region, self._record, self._cluster, host) for host in self._cluster.hosts
        ]

    def run(self) -> tuple[str, Record]:
        """Run the job to its end; return its status and fields; raise JobFailure if it cannot."""
        for host in self._hosts:
            host.download()
        if self._region.is_stopping("Processing", self._name):
            return "Stopped", {}
        self._region.processing_jobs.update(self._name, ProcessingStartTime=now())
        run = Run(self._region, "Processing", self._name, self._hosts)
        try:
            for host in self._hosts:
                host.start()
            run.begin()
            ending = run.watch(self._record["StoppingCondition"]["MaxRuntimeInSeconds"])
        finally:
            run.end()  # no process may remain
        return self._finish(ending, bool(run.failed()))

    def _finish(self, ending: str, has_failed: bool) -> tuple[str, Record]:
        """Upload the outputs of a job that succeeded; return its status and fields."""
        messages = [message for host in self._hosts if (message := host.message())]
        fields: Record = {"ExitMessage": "".join(messages)[:_MESSAGE_CHARACTERS] or None}
        status = "Stopped" if ending else "Completed"
        if has_failed and not ending:
            status = "Failed"
            fields["FailureReason"] = "AlgorithmError: See job logs for more information"
        if status == "Completed":
            try:
                for host in self._hosts:
                    host.upload()
            except JobFailure as failure:
                status, fields["FailureReason"] = "Failed", str(failure)
        return status, fields

    def close(self) -> None:
        """Delete the job's folder and release its ports."""
        self._cluster.release()
        shutil.rmtree(self._folder, ignore_errors=True)
