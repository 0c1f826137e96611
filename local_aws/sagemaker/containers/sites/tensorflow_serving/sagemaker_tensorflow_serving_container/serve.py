"""The container's `serve` command: `python -m sagemaker_tensorflow_serving_container.serve`.

It starts the model servers, waits for their models, and then starts the HTTP server in front of
them. A process that exits is restarted.
"""

import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import urllib3

from sagemaker_tensorflow_serving_container.settings import (
    BATCHING_FILE,
    CONFIG_FILE,
    Settings,
    batching_config,
    command,
    find_models,
    model_config,
)

log = logging.getLogger("serve")
_PACKAGE = "sagemaker_tensorflow_serving_container"
_PAUSE = 0.05  # seconds between checks
_GUNICORN_SECONDS = 30


class StartError(Exception):
    """A process did not start; its own error message is in the log."""


class Services:
    """The processes of the container."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._ports = settings.ports()
        self._servers: list[subprocess.Popen[bytes]] = []
        self._gunicorn: subprocess.Popen[bytes] | None = None
        self._default_model = settings.default_model
        self._stopping = False

    def run(self) -> None:
        """Start all processes, and restart those that exit until the container is stopped."""
        signal.signal(signal.SIGTERM, self._stop)
        self._write_files()
        self._servers = [self._start_server(index) for index in range(len(self._ports))]
        for index in range(len(self._ports)):
            self._wait_for_model(index)
        if self._settings.has_python_service:
            self._install_requirements()
        self._gunicorn = self._start_gunicorn()
        _wait(self._gunicorn, "gunicorn", self._is_listening, _GUNICORN_SECONDS)
        self._watch(self._gunicorn)

    def _write_files(self) -> None:
        folder = self._settings.work_dir
        folder.mkdir(parents=True, exist_ok=True)
        models = find_models(self._settings.model_dir)
        if not models:
            raise ValueError("no SavedModel bundles found!")
        if not self._default_model:
            self._default_model = models[0].name
            log.info("using default model name: %s", self._default_model)
        config = model_config(models)
        log.info("tensorflow serving model config:\n%s", config)
        (folder / CONFIG_FILE).write_text(config, encoding="utf-8")
        if self._settings.enable_batching:
            batching = batching_config()
            log.info("batching config:\n%s", batching)
            (folder / BATCHING_FILE).write_text(batching, encoding="utf-8")

    def _start_server(self, index: int) -> "subprocess.Popen[bytes]":
        arguments = command(self._settings, self._ports[index])
        log.info("tensorflow serving command: %s", " ".join(arguments))
        env = dict(os.environ)
        # The real model server is not a Python program, so the import check does not apply to it.
        env.pop("LOCAL_AWS_IMAGE_FILE", None)
        return subprocess.Popen(arguments, env=env)

    def _wait_for_model(self, index: int) -> None:
        port = self._ports[index][1]
        _wait(
            self._servers[index],
            "tensorflow_model_server",
            lambda: _is_available(port, self._default_model),
            self._settings.wait_seconds,
        )

    def _start_gunicorn(self) -> "subprocess.Popen[bytes]":
        module = "python_service" if self._settings.has_python_service else "proxy"
        env = {**os.environ, "TFS_DEFAULT_MODEL_NAME": self._default_model}
        return subprocess.Popen([sys.executable, "-m", f"{_PACKAGE}.{module}"], env=env)

    def _install_requirements(self) -> None:
        requirements = self._settings.requirements
        if not requirements.exists():
            return
        if self._settings.lib_dir.exists():
            log.warning(
                "loading modules in '%s', ignoring requirements.txt", self._settings.lib_dir
            )
            return
        log.info("installing packages from requirements.txt...")
        command = [sys.executable, "-m", "pip", "install", "-r", str(requirements)]
        pip = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True)
        output = pip.stdout.strip()
        log.info("%s", output)
        if pip.returncode != 0:
            last_line = (output.splitlines() or ["pip printed nothing"])[-1]
            raise StartError(f"failed to install required packages. ({last_line})")

    def _is_listening(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self._settings.port), 1).close()
        except OSError:
            return False
        return True

    def _watch(self, gunicorn: "subprocess.Popen[bytes]") -> None:
        while not self._stopping:
            time.sleep(_PAUSE)
            if gunicorn.poll() is not None and not self._stopping:
                status = gunicorn.returncode
                log.warning("unexpected gunicorn exit (status: %d). restarting.", status)
                gunicorn = self._gunicorn = self._start_gunicorn()
            for index, server in enumerate(self._servers):
                if server.poll() is not None and not self._stopping:
                    log.warning(
                        "unexpected tensorflow serving exit (status: %d). restarting.",
                        server.returncode,
                    )
                    self._servers[index] = self._start_server(index)
        gunicorn.wait()

    def _stop(self, *_: Any) -> None:
        self._stopping = True
        self.end()

    def end(self) -> None:
        """Send SIGTERM to every process."""
        for process in (self._gunicorn, *self._servers):
            if process is not None and process.poll() is None:
                process.terminate()


def _wait(
    process: "subprocess.Popen[bytes]", name: str, is_ready: Callable[[], bool], seconds: float
) -> None:
    """Wait until a process is ready; raise StartError if it ends or takes too long."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        code = process.poll()
        if code is not None:
            raise StartError(f"{name} ended with exit code {code}")
        if is_ready():
            return
        time.sleep(_PAUSE)
    raise StartError(f"{name} was not ready within {seconds} seconds")


def _is_available(port: int, model: str) -> bool:
    address = f"http://127.0.0.1:{port}/v1/models/{model}"
    try:
        response = urllib3.request("GET", address, retries=False, timeout=1.0)
    except urllib3.exceptions.HTTPError:  # it is not listening yet
        return False
    if response.status != 200:
        raise StartError(f"the model server does not serve {model}: {response.data.decode()}")
    states = response.json()["model_version_status"]
    return all(item["state"] == "AVAILABLE" for item in states)


def main() -> int:
    """Run the container; return 1 if it could not start."""
    logging.basicConfig(
        format="%(process)d %(asctime)s %(levelname)-8s %(message)s", level=logging.INFO
    )
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    services = Services(Settings())
    try:
        services.run()
    except StartError as error:
        log.error("%s", error)
        services.end()
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
