"""The container's `serve` command: install the bundle's requirements, start gunicorn.

Runs as `python -m sagemaker_sklearn_container.serve`. As in the real one there are as many workers
as the instance has CPUs, unless SAGEMAKER_MODEL_SERVER_WORKERS says otherwise; the real one puts
nginx in front of them.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from gunicorn.app.wsgiapp import run as run_gunicorn

from sagemaker_sklearn_container.serving import base_dir


def main() -> None:
    """Prepare the code folder and become gunicorn's master process."""
    code = Path(base_dir()) / "code"
    _copy_bundle(code)
    if (code / "requirements.txt").exists():
        command = [sys.executable, "-m", "pip", "install", "-r", "requirements.txt"]
        subprocess.run(command, cwd=code, check=True)
    sys.path.insert(0, str(code))
    cpus = os.environ.get("LOCAL_AWS_CPUS", str(os.cpu_count()))
    sys.argv = [
        "gunicorn",
        "--timeout", os.environ.get("SAGEMAKER_MODEL_SERVER_TIMEOUT", "60"),
        "--worker-class", "gevent",
        "--workers", os.environ.get("SAGEMAKER_MODEL_SERVER_WORKERS", cpus),
        "--worker-connections", "1000",
        "--keep-alive", "75",  # nginx, which is not here, keeps connections for 75 s
        "--bind", f"127.0.0.1:{os.environ.get('SAGEMAKER_BIND_TO_PORT', '8080')}",
        "--log-level", "warning",
        "--no-control-socket",
        "sagemaker_sklearn_container.serving:main",
    ]  # fmt: skip
    run_gunicorn()


def _copy_bundle(code: Path) -> None:
    """Copy SAGEMAKER_SUBMIT_DIRECTORY to the code folder, as the container does before it starts.

    It is a folder of the container (under /opt/ml) or an archive in S3.
    """
    submitted = os.environ.get("SAGEMAKER_SUBMIT_DIRECTORY", str(code))
    if submitted.startswith("s3://"):
        # Imported here because it is slow and looks for /opt/ml when imported.
        from sagemaker_training import files

        files.download_and_extract(submitted, str(code))
        return
    if submitted == "/opt/ml" or submitted.startswith("/opt/ml/"):
        submitted = base_dir() + submitted.removeprefix("/opt/ml")
    if Path(submitted) != code:
        if not Path(submitted).is_dir():
            sys.exit(f"SAGEMAKER_SUBMIT_DIRECTORY is no folder of the container: {submitted}")
        shutil.copytree(submitted, code, dirs_exist_ok=True)


if __name__ == "__main__":
    main()
