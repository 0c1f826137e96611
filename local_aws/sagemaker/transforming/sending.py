"""Send the batches of an instance's files concurrently, with retries, and keep their order."""

import threading
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from local_aws.processes import closing
from local_aws.sagemaker.hosting.container import Call, Reply, StageError, pass_through
from local_aws.sagemaker.hosting.fleet import STARTUP_SECONDS, Instance
from local_aws.sagemaker.transforming.plan import Plan
from local_aws.sagemaker.transforming.records import Batch

_LOOK_SECONDS = 0.1  # between checks of a container that is being restarted
_AHEAD = 2  # batches in memory per concurrent call: on their way, or with their response
_Take = Callable[[Batch, "Future[Reply]"], None]


@dataclass
class _Sent:
    batch: Batch
    reply: "Future[Reply]"
    take: _Take


class Sender:
    """Calls the containers of an instance, and passes their responses on in order.

    A call that fails is retried, as often as the job allows, when its containers are healthy again;
    a request that is refused (4xx) is not retried. Python waits for the threads of a pool when it
    exits, so everything here ends immediately once the local AWS is being stopped.
    """

    def __init__(self, instance: Instance, plan: Plan, stopping: threading.Event) -> None:
        self._instance, self._plan, self._stopping = instance, plan, stopping
        self._pool = ThreadPoolExecutor(plan.concurrent)
        self._window: deque[_Sent | Callable[[], None]] = deque()

    def send(self, batches: Iterable[Batch], take: _Take) -> bool:
        """Send batches; pass each with its response to `take`, now or while others are sent.

        Return False if the job was stopped before all batches were sent.
        """
        for batch in batches:
            if self._ending:
                return False
            self._put(_Sent(batch, self._pool.submit(self._call, batch), take))
        return True

    def then(self, work: Callable[[], None]) -> None:
        """Call `work` once every earlier batch has its response."""
        self._put(work)

    def drain(self) -> None:
        """Wait for all responses, and finish all work that depends on them."""
        while self._window and not closing():
            self._settle()

    def close(self) -> None:
        """Cancel the calls that have not started, and wait for the others."""
        self._window.clear()
        self._pool.shutdown(cancel_futures=True)

    @property
    def _ending(self) -> bool:
        return self._stopping.is_set() or closing()

    def _put(self, item: _Sent | Callable[[], None]) -> None:
        self._window.append(item)
        while len(self._window) >= _AHEAD * self._plan.concurrent and not closing():
            self._settle()

    def _settle(self) -> None:
        first = self._window.popleft()
        if isinstance(first, _Sent):
            first.take(first.batch, first.reply)
        else:
            first()

    def _call(self, batch: Batch) -> Reply:
        plan = self._plan
        call = Call(batch.body, plan.content_type, plan.accept, seconds=float(plan.seconds))
        retries = plan.retries
        while True:
            try:
                return pass_through(self._instance.containers, call)
            except StageError as error:
                refused = error.answered and error.status < 500
                if refused or retries == 0 or self._ending:
                    raise
            retries -= 1
            self._wait_until_healthy()

    def _wait_until_healthy(self) -> None:
        """Wait until every container answers /ping, because one may be restarting."""
        for _ in range(int(STARTUP_SECONDS / _LOOK_SECONDS)):
            if self._ending:
                return
            if all(container.ping() == 200 for container in self._instance.containers):
                return
            self._stopping.wait(_LOOK_SECONDS)
