"""The state of all services as one pickle, and the services as a pickle describes them."""

import logging
import pickle
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol, cast

from moto.backends import get_backend
from moto.core.base_backend import BackendDict

from local_aws.errors import ServiceError
from local_aws.lifetime.data_folder import DataFolder, DataFolderRefused
from local_aws.lifetime.pickling import pickled
from local_aws.monitoring.metrics import RECORDER

log = logging.getLogger(__name__)
_ATTEMPTS = 20  # a request that is still being answered may change what is read
_PAUSE_SECONDS = 0.1
_DAY = 86_400.0
# The attributes of moto's services that are not state.
_SETTINGS = ("_id", "backend", "service_name", "_use_boto3_regions", "_additional_regions")


class Keeper(Protocol):
    """A service that can describe what it keeps about a region."""

    def saved(self, region: Any) -> Any:
        """Return the records of a region, without what runs."""

    def restore(self, region: Any, saved: Any) -> None:
        """Store the records of a region, and start what they say."""


# Our services with their regions, both by name.
Services = Mapping[str, tuple[Keeper, Mapping[str, Any]]]


def store(services: Services, folder: DataFolder) -> Exception | None:
    """Store the state of all services in a folder; return the error if that fails."""
    try:
        folder.write(save(services))
    except (DataFolderRefused, ServiceError) as error:
        return error
    return None


def save(services: Services) -> bytes:
    """Return the state of moto and of all regions of our services, by the names of the services."""
    RECORDER.flush(time.time() + _DAY)
    own = {
        name: {place: service.saved(region) for place, region in places.items()}
        for name, (service, places) in services.items()
    }
    return _stable(lambda: pickled({"moto": _save_moto(), "own": own}))


def restore(state: bytes, services: Services, find: Callable[[str, str], Any]) -> None:
    """Restore the state of moto, and of the regions that `find` returns by service and name."""
    loaded = pickle.loads(state)  # noqa: S301 - no other user can have written it
    for name, content in loaded["moto"].items():
        _restore_moto(name, pickle.loads(content))  # noqa: S301
    for service, places in loaded["own"].items():
        for place, saved in places.items():
            services[service][0].restore(find(service, place), saved)


def _stable(read: Callable[[], bytes]) -> bytes:
    """Return what a function reads once nothing changes meanwhile."""
    for _ in range(_ATTEMPTS):
        try:
            return read()
        except RuntimeError as error:
            log.debug("the state changed while it was read: %s", error)
            time.sleep(_PAUSE_SECONDS)
    raise ServiceError("The state of the local AWS does not stop changing, so it is not stored.")


def _save_moto() -> dict[str, bytes]:
    """Return the state of each of moto's services; warn about one that could not be restored."""
    state: dict[str, bytes] = {}
    services: list[Any] = list(BackendDict._instances)  # type: ignore[misc]
    for service in services:
        own = {name: value for name, value in vars(service).items() if name not in _SETTINGS}
        try:
            content = pickled((own, list(service.iter_backends())))
            pickle.loads(content)  # noqa: S301 - our own
        except RuntimeError:  # it has changed meanwhile
            raise
        except Exception as error:
            log.warning("the resources of %s are not kept: %s", service.service_name, error)
        else:
            state[service.service_name] = content
    return state


def _restore_moto(name: str, saved: tuple[dict[str, Any], list[tuple[str, str, Any]]]) -> None:
    service = cast("Any", get_backend)(name)
    own, backends = saved
    vars(service).update(own)
    for account, region, backend in backends:
        service[account][region] = backend
