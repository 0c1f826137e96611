"""The state of all services in a data folder: a pickle of our own, and one of each of moto's."""

import logging
import os
import pickle
import time
from collections.abc import Callable
from typing import IO, Any, cast

from moto.backends import get_backend
from moto.core.base_backend import BackendDict

from local_aws.lifetime.data_folder import DataFolder, DataFolderRefused
from local_aws.monitoring.metrics import RECORDER

log = logging.getLogger(__name__)
_ATTEMPTS = 20  # a request that is still being answered may change what is read
_PAUSE_SECONDS = 0.1
_DAY = 86_400.0
# The attributes of moto's services that are not state.
_SETTINGS = ("_id", "backend", "service_name", "_use_boto3_regions", "_additional_regions")


def store(folder: DataFolder, own: Callable[[], Any]) -> DataFolderRefused | None:
    """Store the state of moto, and of our services as `own` returns it; return why that failed."""
    RECORDER.flush(time.time() + _DAY)
    for _ in range(_ATTEMPTS):
        try:
            folder.write(lambda file: _write(own(), file))
        except DataFolderRefused as error:
            return error
        except pickle.PicklingError as error:  # of our own services; moto's are left out one by one
            return DataFolderRefused(
                f"the state could not be stored: {error} The state of the previous run is "
                "still there."
            )
        except RuntimeError as error:
            log.debug("the state changed while it was read: %s", error)
            time.sleep(_PAUSE_SECONDS)
        else:
            return None
    return DataFolderRefused(
        "the state does not stop changing, so it could not be stored. The state of the previous "
        "run is still there."
    )


def load(folder: DataFolder) -> Any:
    """Restore the state of moto; return that of our services, or None in a new folder."""
    return folder.read(_read)


def _write(own: Any, file: IO[bytes]) -> None:
    """Write the state, without those of moto's services that could not be restored."""
    from local_aws.lifetime.pickling import dump  # its imports take time that a start should not

    dump(own, file)
    services: list[Any] = list(BackendDict._instances)  # type: ignore[misc]
    for service in services:
        start = file.seek(0, os.SEEK_END)
        fields = {name: value for name, value in vars(service).items() if name not in _SETTINGS}
        try:
            dump((service.service_name, fields, list(service.iter_backends())), file)
            file.seek(start)
            pickle.load(file)  # noqa: S301 - our own
        except (MemoryError, OSError, RuntimeError):  # the last one: it has changed meanwhile
            raise
        except Exception as error:
            log.warning("the resources of %s are not kept: %s", service.service_name, error)
            file.truncate(start)
    file.seek(0, os.SEEK_END)
    dump(None, file)


def _read(file: IO[bytes]) -> Any:
    own = pickle.load(file)  # noqa: S301 - no other user can have written it
    while (record := pickle.load(file)) is not None:  # noqa: S301
        name, fields, backends = record
        service = cast("Any", get_backend)(name)
        vars(service).update(fields)
        for account, region, backend in backends:
            service[account][region] = backend
    return own
