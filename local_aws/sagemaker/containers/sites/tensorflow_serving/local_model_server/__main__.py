"""Start the model server: `python -m local_model_server --rest_api_port=8501 ...`."""

import logging
import os
import sys
from importlib import metadata
from typing import Any

from local_model_server.settings import (
    ModelServerError,
    Settings,
    find_fault,
    read_settings,
    version_folders,
)

log = logging.getLogger("tensorflow_model_server")
_REASON_LENGTH = 200  # characters


def main(arguments: list[str]) -> int:
    """Load the models and serve until the process is stopped."""
    logging.basicConfig(format="%(name)s: %(message)s", level=logging.INFO)
    try:
        settings = read_settings(arguments)
        server = _server(settings)
    except ModelServerError as error:
        print(f"ModelServerError: {error}", file=sys.stderr)
        return 1
    log.info("the gRPC port %d stays closed: the stand-in supports only REST", settings.grpc_port)
    log.info("Exporting HTTP/REST API at: localhost:%d ...", settings.rest_port)
    server.serve_forever()
    return 0


def _server(settings: Settings) -> Any:
    folders = {model: version_folders(model) for model in settings.models}
    if not _is_installed("tensorflow") and not _is_installed("tensorflow-cpu"):
        raise ModelServerError(
            "TensorFlow is not installed on this computer, and the TensorFlow Serving container of "
            "the local AWS needs it. Install the extra `tensorflow` of local-aws there "
            "(uv sync --extra tensorflow), and deploy again"
        )
    for model, versions in folders.items():
        for version, folder in versions.items():
            if (reason := find_fault(folder)) is not None:
                raise _unavailable(model.name, version, reason)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")  # the images have no GPU support
    # Loading a SavedModel does not need Keras, whose import takes as long as TensorFlow's.
    sys.modules["keras"] = None  # type: ignore[assignment]
    # Imported here because TensorFlow takes seconds to import.
    from local_model_server.rest import RestApi, RestServer
    from local_model_server.savedmodels import SavedModel, StandInRefusal
    from local_model_server.servables import Servable, Servables

    servables = []
    for model, versions in folders.items():
        for version, folder in versions.items():
            try:
                loaded = SavedModel(folder, settings.intra_op, settings.inter_op)
            except StandInRefusal as error:
                raise _not_loaded(model.name, version, str(error)) from error
            except Exception as error:  # TensorFlow raises many types for a corrupt file
                raise _unavailable(model.name, version, str(error)) from error
            servables.append(Servable(model.name, version, loaded, settings.batching))
            log.info(
                "Successfully loaded servable version {name: %s version: %d}", model.name, version
            )
    return RestServer(settings.rest_port, RestApi(Servables(servables)), settings.rest_threads)


def _is_installed(project: str) -> bool:
    """Return whether a package is completely installed: uv and pip write INSTALLER last."""
    try:
        return bool(metadata.distribution(project).read_text("INSTALLER"))
    except metadata.PackageNotFoundError:
        return False


def _not_loaded(name: str, version: int, reason: str) -> ModelServerError:
    short = " ".join(reason.split())[:_REASON_LENGTH]
    return ModelServerError(
        f"The stand-in of the local AWS cannot load version {version} of the model {name}, which "
        f"TensorFlow Serving may be able to load: {short}. If tensorflow_model_server is on the "
        "path, it serves instead of the stand-in"
    )


def _unavailable(name: str, version: int, reason: str) -> ModelServerError:
    short = " ".join(reason.split())[:_REASON_LENGTH]
    return ModelServerError(
        "Failed to start server. Error: Unknown: 1 servable(s) did not become available: "
        f"{{{{name: {name} version: {version}}} due to error: {short}}}"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
