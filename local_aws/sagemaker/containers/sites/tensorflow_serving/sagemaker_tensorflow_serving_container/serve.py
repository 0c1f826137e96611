"""The container's `serve` command: `python -m sagemaker_tensorflow_serving_container.serve`.

Starts the model servers and waits for their models, then what stands in front of them; each is
started again when it ends.
"""

import http.client
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from typing import Any

from sagemaker_tensorflow_serving_container import model_server
from sagemaker_tensorflow_serving_container.settings import Settings, read_settings

log = logging.getLogger("serve")
_PACKAGE = "sagemaker_tensorflow_serving_container"
_PAUSE = 0.05  # seconds between looks at what starts
_FRONT_SECONDS = 30


class StartError(Exception):
    """Something did not start; its own last words are in the log."""


class Services:
    """The processes of the container."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._ports = settings.ports()
        self._servers: list[subprocess.Popen[bytes]] = []
        self._front: subprocess.Popen[bytes] | None = None
        self._default_model = settings.default_model
        self._stopping = False

    def run(self) -> None:
        """Start everything, and look after it until the container is stopped."""
        signal.signal(signal.SIGTERM, self._stop)
        self._write_files()
        self._servers = [self._start_server(index) for index in range(len(self._ports))]
        for index in range(len(self._ports)):
            self._wait_for_model(index)
        if self._settings.has_python_service:
            self._install_requirements()
        self._front = self._start_front()
        self._wait_for_front(self._front)
        self._watch(self._front)

    def _write_files(self) -> None:
        self._settings.work_dir.mkdir(parents=True, exist_ok=True)
        models = model_server.find_models(self._settings.model_dir)
        if not models:
            raise ValueError("no SavedModel bundles found!")
        if not self._default_model:
            self._default_model = models[0].name
            log.info("using default model name: %s", self._default_model)
        config = model_server.model_config(models)
        log.info("tensorflow serving model config:\n%s", config)
        model_server.config_file(self._settings).write_text(config, encoding="utf-8")
        if self._settings.enable_batching:
            batching = model_server.batching_config()
            log.info("batching config:\n%s", batching)
            model_server.batching_file(self._settings).write_text(batching, encoding="utf-8")

    def _start_server(self, index: int) -> "subprocess.Popen[bytes]":
        command = model_server.command(self._settings, self._ports[index])
        log.info("tensorflow serving command: %s", " ".join(command))
        env = dict(os.environ)
        # It is a program of its own: what the image's Python lacks does not concern it.
        env.pop("LOCAL_AWS_IMAGE_FILE", None)
        return subprocess.Popen(command, env=env)

    def _wait_for_model(self, index: int) -> None:
        process, (_, port) = self._servers[index], self._ports[index]
        deadline = time.monotonic() + self._settings.wait_seconds
        while time.monotonic() < deadline:
            code = process.poll()
            if code is not None:
                raise StartError(f"tensorflow_model_server ended with exit code {code}")
            if _is_available(port, self._default_model):
                return
            time.sleep(_PAUSE)
        raise StartError(f"Timed out after {self._settings.wait_seconds} seconds")

    def _start_front(self) -> "subprocess.Popen[bytes]":
        module = "python_service" if self._settings.has_python_service else "front"
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
        done = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True)
        log.info("%s", done.stdout.strip())
        if done.returncode != 0:
            last = (done.stdout.strip().splitlines() or ["pip said nothing"])[-1]
            raise StartError(f"failed to install required packages. ({last})")

    def _wait_for_front(self, front: "subprocess.Popen[bytes]") -> None:
        deadline = time.monotonic() + _FRONT_SECONDS
        while time.monotonic() < deadline:
            code = front.poll()
            if code is not None:
                raise StartError(f"gunicorn exited during startup: rc={code}")
            try:
                socket.create_connection(("127.0.0.1", self._settings.port), 1).close()
                return
            except OSError:
                time.sleep(_PAUSE)
        raise StartError(f"gunicorn did not listen in {_FRONT_SECONDS} seconds")

    def _watch(self, front: "subprocess.Popen[bytes]") -> None:
        while not self._stopping:
            time.sleep(_PAUSE)
            if front.poll() is not None and not self._stopping:
                log.warning("unexpected gunicorn exit (status: %d). restarting.", front.returncode)
                front = self._front = self._start_front()
            for index, server in enumerate(self._servers):
                if server.poll() is not None and not self._stopping:
                    log.warning(
                        "unexpected tensorflow serving exit (status: %d). restarting.",
                        server.returncode,
                    )
                    self._servers[index] = self._start_server(index)
        front.wait()

    def _stop(self, *_: Any) -> None:
        self._stopping = True
        self.end()

    def end(self) -> None:
        """Ask every process to end."""
        for process in (self._front, *self._servers):
            if process is not None and process.poll() is None:
                process.terminate()


def _is_available(port: int, model: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.request("GET", f"/v1/models/{model}")
        answer = connection.getresponse()
        body = answer.read()
    except (OSError, http.client.HTTPException):  # it does not listen yet
        return False
    finally:
        connection.close()
    if answer.status != 200:
        raise StartError(f"the model server does not serve {model}: {body.decode('utf-8')}")
    states = json.loads(body)["model_version_status"]
    return all(item["state"] == "AVAILABLE" for item in states)


def main() -> int:
    """Run the container; 1 if it could not start."""
    logging.basicConfig(
        format="%(process)d %(asctime)s %(levelname)-8s %(message)s", level=logging.INFO
    )
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    services = Services(read_settings())
    try:
        services.run()
    except StartError as error:
        log.error("%s", error)
        services.end()
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
