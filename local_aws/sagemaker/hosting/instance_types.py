"""What an instance type computes with: its number of CPUs, and processors that are refused."""

import re

from local_aws.errors import not_reproduced

_SIZE = re.compile(r"ml\.[a-z0-9-]+\.(?:(?P<xlarges>[0-9]*)xlarge|[a-z0-9-]+)")
_CPUS = 2  # of the sizes medium and large
_XLARGE_CPUS = 4
_ACCELERATED = re.compile(r"ml\.(?:(?P<gpu>[gp])|inf|trn|dl)[0-9]")
_ARM = re.compile(r"ml\.[a-z]+[0-9]+[a-z]*g[a-z]*\.")  # Graviton: ml.c6gd.large


def check_processor(instance_type: str, operation: str) -> None:
    """Raise ValidationError for a type with a GPU or another accelerator, or with an arm64 CPU.

    The processes of a job would not use the accelerator, and no known image is for arm64.
    """
    match = _ACCELERATED.match(instance_type)
    if match is not None:
        processor = "GPU" if match["gpu"] else "accelerator"
        raise not_reproduced(f"the {processor} of {instance_type} in {operation}")
    if _ARM.match(instance_type):
        raise not_reproduced(f"the arm64 CPU of {instance_type} in {operation}")


def cpu_count(instance_type: str, limit: int) -> int:
    """Return the number of vCPUs of an instance type, up to a limit.

    As in AWS's tables of current generations, sizes up to large have 2, and n xlarge has 4 n.
    """
    match = _SIZE.fullmatch(instance_type)
    xlarges = match["xlarges"] if match else None
    count = _CPUS if xlarges is None else _XLARGE_CPUS * int(xlarges or 1)
    return min(count, limit)
