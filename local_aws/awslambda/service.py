"""The functions of one region: their records and their calls."""

import shutil
import threading
import uuid
from pathlib import Path

from local_aws.awslambda.calls import Call, EventQueue, Outcome, check_payload
from local_aws.awslambda.code import Code
from local_aws.awslambda.concurrency import Concurrency
from local_aws.awslambda.errors import FunctionNotFound, ResourceConflict, TooManyRequests
from local_aws.awslambda.execution.workers import Pool, PoolClosed, Worker, WorkerFactory
from local_aws.awslambda.names import LATEST, Place
from local_aws.awslambda.records import Configuration, Function, Version
from local_aws.monitoring.metrics import Value, dimensions, record
from local_aws.permissions.conditions import is_fulfilled
from local_aws.processes import pause
from local_aws.settings import FunctionSettings, Settings

_CHECKS_PER_IDLE_TIME = 4  # for idle execution environments
_MAX_PAUSE = 5.0


class Functions:
    """Lambda in one region."""

    def __init__(self, region: str, settings: Settings, limits: FunctionSettings) -> None:
        self.region, self.settings, self._limits = region, settings, limits
        self.place = Place(settings.account_id, region)
        self.lock = threading.RLock()
        self.table: dict[str, Function] = {}
        self.concurrency = Concurrency(limits.concurrency)
        self.events = EventQueue(self.call, limits.retry_seconds)
        self._folder = settings.state_dir / region / "functions"
        self.workers = WorkerFactory(region, settings, self._folder)
        self._reaper: threading.Thread | None = None

    def invoke(self, name: str, qualifier: str | None, payload: bytes) -> tuple[bytes, str | None]:
        """Call a function; return its response, and its error or None."""
        outcome = self.call(Call(name, qualifier, payload))
        return outcome.payload, outcome.function_error

    def call(self, call: Call) -> Outcome:
        """Call a function and return its response.

        Raise FunctionNotFound, ResourceConflict while the function is pending, or TooManyRequests
        beyond its concurrency.
        """
        check_payload(call.payload)
        name, qualifier = self.place.read(call.name, call.qualifier)
        self.ready_version(name, qualifier)  # a missing function is not counted
        try:
            return self._call(call, name, qualifier)
        except TooManyRequests:
            self._record(name, qualifier, [("Throttles", 1.0, "Count")])
            raise

    def _call(self, call: Call, name: str, qualifier: str | None) -> Outcome:
        with self.concurrency.call(name) as calls:
            with self.lock:
                routed = self.get(name).routed(qualifier)
            version, worker = self._take(name, routed)
            try:
                arn = self.place.arn(name, qualifier)
                result, tail = worker.run(call.payload or b"{}", call.request_id, arn)
            finally:
                version.pool.give_back(worker)
        number = version.configuration["Version"]
        values = [
            ("Invocations", 1.0, "Count"),
            ("Errors", float(result.is_error), "Count"),
            ("Throttles", 0.0, "Count"),
            ("Duration", result.duration_seconds * 1000, "Milliseconds"),
            ("ConcurrentExecutions", float(calls), "Count"),
        ]
        self._record(name, qualifier, values, number)
        error = "Unhandled" if result.is_error else None
        return Outcome(result.payload, error, number, tail)

    def _record(
        self, function: str, qualifier: str | None, values: list[Value], version: str = ""
    ) -> None:
        """Record values of the function and of what was called; only an alias names the version."""
        name = dimensions(FunctionName=function)
        resource = f"{function}:{qualifier}" if qualifier else function
        sets = [name, (*name, ("Resource", resource))]
        if version and qualifier not in (None, version):
            sets.append((*sets[1], ("ExecutedVersion", version)))
        record(self.region, "AWS/Lambda", sets, values)

    def permits(self, name: str, service: str, source_arn: str) -> bool:
        """Return whether a service may call a function (a name or an ARN) on behalf of an ARN.

        Only the policy of exactly what is called counts: a function's policy does not cover its
        aliases.
        """
        function_name, qualifier = self.place.read(name)
        with self.lock:
            policies = self.get(function_name).policies
            statements = list(policies.get(None if qualifier == LATEST else qualifier, []))
        values = {"aws:sourcearn": source_arn, "aws:sourceaccount": self.place.account}
        return any(
            statement["Principal"] in ("*", {"Service": service})
            and statement["Action"] in ("lambda:InvokeFunction", "lambda:*")
            and is_fulfilled(statement, values)
            for statement in statements
        )

    def _take(self, name: str, qualifier: str | None) -> tuple[Version, Worker]:
        while True:
            version = self.ready_version(name, qualifier)
            try:
                return version, version.pool.take()
            except PoolClosed:  # the version was replaced between the two lines
                continue

    def get(self, name: str) -> Function:
        """Return a function; raise FunctionNotFound if it does not exist."""
        with self.lock:
            if name not in self.table:
                raise FunctionNotFound(f"Function not found: {self.place.arn(name)}")
            return self.table[name]

    def find(self, name_or_arn: str) -> Function:
        """Return a function by its name or ARN; a qualifier is ignored."""
        return self.get(self.place.read(name_or_arn)[0])

    def version(self, name: str, qualifier: str | None) -> Version:
        """Return the version of a qualifier (a version, an alias, or None)."""
        with self.lock:
            function = self.get(name)
            alias = function.aliases.get(qualifier) if qualifier else None
            number = alias["FunctionVersion"] if alias else qualifier
            if number in (None, LATEST):
                return function.latest
            if number not in function.versions:
                raise FunctionNotFound(f"Function not found: {self.place.arn(name, qualifier)}")
            return function.versions[number]

    def ready_version(self, name: str, qualifier: str | None) -> Version:
        """Return a version that can be called; raise ResourceConflict if it is not Active."""
        with self.lock:
            version = self.version(name, qualifier)
            state = version.configuration["State"]
        if state != "Active":
            raise ResourceConflict(
                "The operation cannot be performed at this time. The function is currently in the "
                f"following state: {state}"
            )
        return version

    def all_versions(self) -> list[Version]:
        """Return the versions of all functions."""
        with self.lock:
            return [
                version for function in self.table.values() for version in function.all_versions()
            ]

    def code_folder(self) -> Path:
        """Return a folder for a new zip, which does not exist yet."""
        return self._folder / "code" / uuid.uuid4().hex

    def new_version(self, configuration: Configuration, code: Code) -> Version:
        """Return a version that can be called once its code is unpacked."""

        def make() -> Worker:
            self._watch_idle()
            return self.workers.make(configuration, code)

        return Version(configuration, code, Pool(make))

    def retire(self, versions: list[Version]) -> None:
        """End the environments of versions in the background, and remove unused code."""
        if versions:
            threading.Thread(target=self._retire, args=(versions,), daemon=True).start()

    def _retire(self, versions: list[Version]) -> None:
        for version in versions:
            version.pool.close()
        used = {version.code for version in self.all_versions()}
        for version in versions:
            if version.code not in used:
                shutil.rmtree(version.code.archive.parent, ignore_errors=True)

    def stop(self) -> None:
        """End the environments of all functions, whose processes have ended."""
        for version in self.all_versions():
            version.pool.close()

    def _watch_idle(self) -> None:
        with self.lock:
            if self._reaper is None:
                self._reaper = threading.Thread(target=self._end_idle, daemon=True)
                self._reaper.start()

    def _end_idle(self) -> None:
        seconds = self._limits.idle_seconds
        while not pause(min(_MAX_PAUSE, seconds / _CHECKS_PER_IDLE_TIME)):
            for version in self.all_versions():
                version.pool.end_idle(seconds)
