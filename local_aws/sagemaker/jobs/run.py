"""The processes of a job on all of its machines; the first one that fails ends the job."""

import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack

from local_aws.processes import ChildProcess
from local_aws.sagemaker.jobs.machine import Machine
from local_aws.sagemaker.region import Region

MAX_RUNTIME = 86400  # default in seconds
STOP_GRACE = 120.0  # seconds between SIGTERM and SIGKILL, as on AWS
STOPPED, TIMED_OUT = "Stopped", "MaxRuntimeExceeded"
_LOOK_SECONDS = 0.1  # in which several machines are checked
_GATHER_SECONDS = 1.0  # in which other machines may fail because the first one did


class Run:
    """A job that runs, which the operations that stop jobs reach by its ARN."""

    def __init__(self, region: Region, kind: str, name: str, machines: Sequence[Machine]) -> None:
        self._region, self._job, self._machines = region, (kind, name), machines
        self._arn: str = region.jobs[kind].get(name)[f"{kind}JobArn"]

    def begin(self) -> None:
        """Make the job stoppable, whose machines have all started."""
        with self._region.lock:
            processes = [machine.process for machine in self._machines if machine.process]
            self._region.job_processes[self._arn] = processes
            stopping = self._region.is_stopping(*self._job)
        if stopping:
            stop_together(processes, STOP_GRACE)

    def watch(self, seconds: float) -> str:
        """Wait for the end or for some seconds; return how the job was stopped, or ""."""
        deadline = time.monotonic() + seconds
        while self._running():
            if time.monotonic() >= deadline:
                stop_together(_processes(self._machines), STOP_GRACE)
                return TIMED_OUT
            self._wait(deadline)
            if self.failed() and not self._region.is_stopping(*self._job):
                break
        return STOPPED if self._region.is_stopping(*self._job) else ""

    def gather_failed(self) -> list[Machine]:
        """Return the failed machines, including those that fail right after the first one."""
        end = time.monotonic() + _GATHER_SECONDS
        while self._running() and time.monotonic() < end:
            self._wait(end)
        return self.failed()

    def failed(self) -> list[Machine]:
        """Return the machines whose processes ended with an error."""
        return [machine for machine in self._machines if machine.code]

    def end(self) -> None:
        """Kill what remains, and close all machines, even if closing one raises an error."""
        stop_together(_processes(self._machines), 0)
        with self._region.lock:
            self._region.job_processes.pop(self._arn, None)
        with ExitStack() as stack:
            for machine in self._machines:
                stack.callback(machine.close)

    def _running(self) -> list[Machine]:
        return [machine for machine in self._machines if machine.code is None]

    def _wait(self, deadline: float) -> None:
        """Wait briefly for each running machine, or longer if the job has only one."""
        several = len(self._machines) > 1
        running = self._running()
        for machine in running:
            pause = _LOOK_SECONDS / len(running) if several else machine.volume.pause
            machine.wait(max(0.0, min(pause, deadline - time.monotonic())))


def stop_in_background(region: Region, arn: str) -> None:
    """Ask the processes of a job to end; the thread of the job waits for them."""
    for process in region.job_processes.get(arn, []):
        threading.Thread(target=process.stop, args=(STOP_GRACE,), daemon=True).start()


def stop_together(processes: Sequence[ChildProcess], grace: float) -> None:
    """Ask all processes to end at the same time; kill those that remain after `grace` seconds."""
    threads = [threading.Thread(target=process.stop, args=(grace,)) for process in processes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _processes(machines: Sequence[Machine]) -> list[ChildProcess]:
    return [machine.process for machine in machines if machine.process]
