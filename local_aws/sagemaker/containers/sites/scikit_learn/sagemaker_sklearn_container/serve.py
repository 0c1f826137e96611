"""The container's `serve` command: install the bundle's requirements and start gunicorn.

Run it as `python -m sagemaker_sklearn_container.serve`. As in the real container, there is one
worker per CPU of the instance unless SAGEMAKER_MODEL_SERVER_WORKERS is set. The real container also
puts nginx in front of the workers.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from gunicorn.app.wsgiapp import run as run_gunicorn

from sagemaker_sklearn_container.serving import base_dir


def main() -> None:
    """Prepare the code folder and turn into gunicorn's master process."""
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
        "--keep-alive", "75",  # the real container's nginx keeps connections open for 75 s
        "--bind", f"127.0.0.1:{os.environ.get('SAGEMAKER_BIND_TO_PORT', '8080')}",
        "--log-level", "warning",
        "--no-control-socket",
        "sagemaker_sklearn_container.serving:main",
    ]  # fmt: skip
    run_gunicorn()


def _copy_bundle(code: Path) -> None:
    """Copy SAGEMAKER_SUBMIT_DIRECTORY to the code folder, as the container does before it starts.

    It is a folder in the container (under /opt/ml) or an archive in S3.
    """
    submitted = os.environ.get("SAGEMAKER_SUBMIT_DIRECTORY", str(code))
    if submitted.startswith("s3://"):
        # Imported here because the import is slow and looks for /opt/ml.
        from sagemaker_training import files

        files.download_and_extract(submitted, str(code))
        return
    if submitted == "/opt/ml" or submitted.startswith("/opt/ml/"):
        submitted = base_dir() + submitted.removeprefix("/opt/ml")
    if Path(submitted) != code:
        if not Path(submitted).is_dir():
            sys.exit(f"SAGEMAKER_SUBMIT_DIRECTORY is not a folder in the container: {submitted}")
        shutil.copytree(submitted, code, dirs_exist_ok=True)


if __name__ == "__main__":
    main()
