"""The number of CPUs of an instance type, and so the default number of workers of a container."""

import re

_SIZE = re.compile(r"ml\.[a-z0-9-]+\.(?:(?P<xlarges>[0-9]*)xlarge|[a-z0-9-]+)")
_CPUS = 2  # of the sizes medium and large
_XLARGE_CPUS = 4


def cpu_count(instance_type: str, limit: int) -> int:
    """Return the number of vCPUs of an instance type, up to a limit.

    As in AWS's tables of current generations, sizes up to large have 2, and n xlarge has 4 n.
    """
    match = _SIZE.fullmatch(instance_type)
    xlarges = match["xlarges"] if match else None
    count = _CPUS if xlarges is None else _XLARGE_CPUS * int(xlarges or 1)
    return min(count, limit)
