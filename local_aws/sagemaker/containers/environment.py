"""The environment of a local container: its variables, its hidden modules, and its /opt/ml."""

import json
import os
import re
from collections.abc import Sequence
from pathlib import Path

from local_aws.cloud import CREDENTIALS
from local_aws.processes import BASE_VARIABLE, LIFELINE, namespaces_are_used, with_folder
from local_aws.sagemaker.containers.images import Image, hidden_modules
from local_aws.sagemaker.containers.images.environments import is_installed, lacking, python_of
from local_aws.sagemaker.region import Region
from local_aws.settings import Settings

PATH = "/opt/ml"
_NAMED = re.compile(r"(?<![\w./}-])/opt/ml(?![\w.-])")
REPORT_VARIABLE = "LOCAL_AWS_OPT_ML_REPORT"
_SITES = Path(__file__).parent / "sites"
CONTAINER_SITE = _SITES / "container"
SCIKIT_LEARN_SITE = _SITES / "scikit_learn"
TENSORFLOW_SERVING_SITE = _SITES / "tensorflow_serving"


class OptMl:
    """/opt/ml for one process, whose files are in the folder `ml`."""

    def __init__(self, settings: Settings, ml: Path) -> None:
        self._ml, self._is_own = ml, namespaces_are_used(settings)
        self._before = 0 if self._is_own else _last_change()

    def command(self, command: Sequence[str], has_network: bool = True) -> list[str]:
        """Return the command that runs another one with this folder, and maybe no network."""
        if not self._is_own:
            return list(command)
        return with_folder(command, self._ml, PATH, has_network)

    def located(self, text: str) -> str:
        """Return a text in which /opt/ml is the folder `ml`, unless the process has its own."""
        return text if self._is_own else _NAMED.sub(str(self._ml), text)

    def fault(self) -> str:
        """Return how the process used the computer's /opt/ml, or an empty string."""
        if self._is_own:
            return ""
        report = _report(self._ml)
        if report.exists():
            return report.read_text(encoding="utf-8").partition("\n")[0]
        if _last_change() != self._before:
            return (
                f"{PATH} of this computer was changed while the job ran, and its model is not in "
                "the archive. Use the variables SM_MODEL_DIR, SM_OUTPUT_DATA_DIR, and "
                "SM_CHANNEL_..., which name the job's folders."
            )
        return ""


def report_variables(settings: Settings, ml: Path) -> dict[str, str]:
    """Return the variable that makes a container refuse the computer's /opt/ml, if it must."""
    return {} if namespaces_are_used(settings) else {REPORT_VARIABLE: str(_report(ml))}


def _report(ml: Path) -> Path:
    return ml.parent / "opt-ml.txt"


def _last_change() -> int:
    """Return the time of the last change below the computer's /opt/ml in ns, 0 without one."""
    folders = (Path(folder) for folder, _, _ in os.walk(PATH))
    files = (Path(folder, name) for folder, _, names in os.walk(PATH) for name in names)
    return max((path.lstat().st_mtime_ns for path in (*folders, *files)), default=0)


def container_env(
    region: Region, image: Image, base: Path, declared: dict[str, str], sites: list[Path]
) -> dict[str, str]:
    """Return the complete environment of a container whose /opt/ml is the folder `base`.

    The container inherits nothing from this computer's environment and reaches the local AWS at
    AWS_ENDPOINT_URL. Its own PATH and PYTHONPATH come after the local AWS's, which contain the
    launchers, the lifeline, and the import check.
    """
    temporary = base.parent / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    programs = [str(CONTAINER_SITE / "programs"), str(python_of(image).parent)]
    modules = [str(site) for site in (CONTAINER_SITE, LIFELINE, *sites)]
    return {
        "HOME": str(temporary),
        "TMPDIR": str(temporary),
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        "PYTHONIOENCODING": "utf-8",
        "AWS_REGION": region.name,
        "AWS_DEFAULT_REGION": region.name,
        "AWS_ENDPOINT_URL": region.settings.endpoint_url,
        "AWS_ACCESS_KEY_ID": CREDENTIALS["aws_access_key_id"],
        "AWS_SECRET_ACCESS_KEY": CREDENTIALS["aws_secret_access_key"],
        **_thread_variables(region.instance_cpus),
        **declared,
        "PATH": os.pathsep.join([*programs, *_folders(declared, "PATH", base), os.defpath]),
        "PYTHONPATH": os.pathsep.join([*modules, *_folders(declared, "PYTHONPATH", base)]),
        "SAGEMAKER_BASE_DIR": str(base),
        BASE_VARIABLE: str(base),
        **report_variables(region.settings, base),
        "LOCAL_AWS_IMAGE_FILE": str(_image_file(image, base)),
        "LOCAL_AWS_INSTALLED_FILE": str(base.parent / "installed.txt"),
    }


def _thread_variables(cpus: int) -> dict[str, str]:
    """Return variables that limit the threads of numeric libraries to CPUs of an instance.

    Without a limit, the libraries see all CPUs of this computer.
    """
    if cpus >= (os.cpu_count() or 1):
        return {}
    return {"OMP_NUM_THREADS": str(cpus), "OPENBLAS_NUM_THREADS": str(cpus)}


def _folders(declared: dict[str, str], name: str, base: Path) -> list[str]:
    """Return the folders in a declared variable, with /opt/ml replaced by `base`."""
    return [
        str(base) + folder.removeprefix("/opt/ml")
        if f"{folder}/".startswith("/opt/ml/")
        else folder
        for folder in declared.get(name, "").split(os.pathsep)
        if folder
    ]


def _image_file(image: Image, base: Path) -> Path:
    path = base.parent / "image.json"
    content = {
        "image": image.name,
        "hidden": {} if is_installed(image) else hidden_modules(image.name),
        "lacking": lacking(image),
    }
    path.write_text(json.dumps(content), encoding="utf-8")
    return path
