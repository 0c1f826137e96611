"""The processes of a job on all of its machines; the first one that fails ends the job."""

import shutil
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Generic, TypeVar

from local_aws.processes import ChildProcess
from local_aws.records import Record
from local_aws.sagemaker.jobs.machine import Cluster, Machine
from local_aws.sagemaker.region import Region

MAX_RUNTIME = 86400  # default in seconds
STOP_GRACE = 120.0  # seconds between SIGTERM and SIGKILL, as on AWS
STOPPED, TIMED_OUT = "Stopped", "MaxRuntimeExceeded"
_LOOK_SECONDS = 0.1  # in which several machines are checked
_GATHER_SECONDS = 1.0  # in which other machines may fail because the first one did
_Machine = TypeVar("_Machine", bound=Machine)


class Job(Generic[_Machine]):
    """A recorded job that runs, which the operations that stop jobs reach by its ARN."""

    def __init__(
        self, region: Region, kind: str, name: str, machine: type[_Machine], config: Record
    ) -> None:
        """Create the machines that the ResourceConfig `config` describes."""
        self._region, self._kind, self._name = region, kind, name
        self._record: Record = region.jobs[kind].get(name)
        self._folder = region.folder(f"{kind.lower()}-jobs", name)
        self._cluster = Cluster(config)
        self._machines = [
            machine(region, kind, self._record, self._cluster, host) for host in self._cluster.hosts
        ]

    @property
    def _arn(self) -> str:
        return str(self._record[f"{self._kind}JobArn"])

    @property
    def _is_stopping(self) -> bool:
        return self._region.is_stopping(self._kind, self._name)

    def run_processes(self, on_line: Callable[[str], None]) -> tuple[str, list[_Machine]]:
        """Run the process of every machine; return how the job was stopped, or "", and who failed.

        Those that fail right after the first one are among the failed machines.
        """
        try:
            for machine in self._machines:
                machine.start(on_line)
            self._begin()
            ending = self._watch(self._record["StoppingCondition"]["MaxRuntimeInSeconds"])
            end = time.monotonic() + _GATHER_SECONDS
            while not ending and self._failed() and self._running() and time.monotonic() < end:
                self._wait(end)
        finally:
            self._end()  # no process may remain
        return ending, [] if ending else self._failed()

    def _begin(self) -> None:
        """Make the job stoppable, whose machines have all started."""
        with self._region.lock:
            processes = _processes(self._machines)
            self._region.job_processes[self._arn] = processes
            stopping = self._is_stopping
        if stopping:
            stop_together(processes, STOP_GRACE)

    def _watch(self, seconds: float) -> str:
        """Wait for the end or for some seconds; return how the job was stopped, or ""."""
        deadline = time.monotonic() + seconds
        while self._running():
            if time.monotonic() >= deadline:
                stop_together(_processes(self._machines), STOP_GRACE)
                return TIMED_OUT
            self._wait(deadline)
            if self._failed() and not self._is_stopping:
                break
        return STOPPED if self._is_stopping else ""

    def _failed(self) -> list[_Machine]:
        """Return the machines whose processes ended with an error."""
        return [machine for machine in self._machines if machine.code]

    def _end(self) -> None:
        """Kill what remains, and close all machines, even if closing one raises an error."""
        stop_together(_processes(self._machines), 0)
        with self._region.lock:
            self._region.job_processes.pop(self._arn, None)
        with ExitStack() as stack:
            for machine in self._machines:
                stack.callback(machine.close)

    def close(self) -> None:
        """Delete the job's folder and release its ports."""
        self._cluster.release()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _running(self) -> list[_Machine]:
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
