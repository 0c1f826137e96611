"""Training jobs like those of SDK v3's ModelTrainer, with the drivers that AWS publishes.

The drivers and the template of sm_train.sh come from the installed sagemaker-core; the two lines
that it does not contain are those of sagemaker-train 1.27.0.
"""

import json
import runpy
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from local_aws.tests.account import IMAGE, Account, unique

ENTRY_POINT = ["/bin/bash"]
_DRIVERS = "/opt/ml/input/data/sm_drivers"
ARGUMENTS = ["-c", f"chmod +x {_DRIVERS}/sm_train.sh && {_DRIVERS}/sm_train.sh"]
_WORKING_DIR = "cd /opt/ml/input/data/code \n"
_INSTALL = (
    f'echo "Installing requirements"\n$SM_PYTHON_CMD {_DRIVERS}/scripts/{{}} requirements.txt'
)
_INSTALLER = "install_requirements.py"


def _core() -> Path:
    """Return the folder of sagemaker.core, which takes seconds to import."""
    spec = find_spec("sagemaker.core")
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0])


def driver_files(entry_script: str, requirements: bool) -> dict[str, bytes]:
    """Return the files of the channel sm_drivers."""
    core = _core()
    folder = core / "modules" / "train" / "container_drivers"
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.py")
    }
    files[f"scripts/{_INSTALLER}"] = (core / "utils" / _INSTALLER).read_bytes()
    templates = runpy.run_path(str(core / "modules" / "templates.py"))
    script = templates["TRAIN_SCRIPT_TEMPLATE"].format(
        working_dir=_WORKING_DIR,
        install_requirements=_INSTALL.format(_INSTALLER) if requirements else "",
        execute_driver=templates["EXECUTE_BASIC_SCRIPT_DRIVER"],
    )
    source_code = {"source_dir": "src", "entry_script": entry_script}
    return files | {
        "sm_train.sh": script.encode(),
        "sourcecode.json": json.dumps(source_code).encode(),
        "distributed.json": b"{}",
    }


def encode(hyperparameters: Mapping[str, Any]) -> dict[str, str]:
    """Return hyperparameters as the ModelTrainer sends them: strings unchanged, others as JSON."""
    return {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in hyperparameters.items()
    }


def upload_channel(account: Account, name: str, files: Mapping[str, str | bytes]) -> dict[str, Any]:
    """Upload the files of a channel; return the channel."""
    prefix = f"{unique('v3')}/input/{name}"
    for path, content in files.items():
        account.upload(f"{prefix}/{path}", content)
    return channel(name, f"s3://{account.bucket}/{prefix}")


def channel(name: str, uri: str) -> dict[str, Any]:
    """Return a channel with the objects under an address."""
    source = {"S3DataType": "S3Prefix", "S3Uri": uri, "S3DataDistributionType": "FullyReplicated"}
    return {"ChannelName": name, "DataSource": {"S3DataSource": source}, "InputMode": "File"}


def job_request(
    account: Account,
    files: Mapping[str, str | bytes],
    hyperparameters: Mapping[str, Any],
    entry_script: str = "train.py",
    requirements: bool = False,
) -> dict[str, Any]:
    """Return the request for a job that runs one of some files."""
    return account.job_request(
        {},
        AlgorithmSpecification={
            "TrainingImage": IMAGE,
            "TrainingInputMode": "File",
            "ContainerEntrypoint": ENTRY_POINT,
            "ContainerArguments": ARGUMENTS,
        },
        HyperParameters=encode(hyperparameters),
        InputDataConfig=[
            upload_channel(account, "code", files),
            upload_channel(account, "sm_drivers", driver_files(entry_script, requirements)),
        ],
    )


def run_job(
    account: Account,
    script: str,
    hyperparameters: Mapping[str, Any] | None = None,
    more: Mapping[str, str] | None = None,
    requirements: bool = False,
) -> dict[str, Any]:
    """Run a script together with more files to its end; return the job's description."""
    files = {"train.py": script, **(more or {})}
    request = job_request(account, files, hyperparameters or {}, requirements=requirements)
    account.sagemaker.create_training_job(**request)
    return account.finished_job(request["TrainingJobName"])
