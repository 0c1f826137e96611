"""How many CPUs an instance type has: a container starts as many workers."""

import re

_SIZE = re.compile(r"ml\.[a-z0-9-]+\.(?:(?P<xlarges>[0-9]*)xlarge|[a-z0-9-]+)")
_CPUS = 2  # of the sizes medium and large
_CPUS_OF_XLARGE = 4


def cpus(instance_type: str, most: int) -> int:
    """Return the vCPUs of an instance type by its size, but not more than there may be here.

    That is 2 up to large, 4 for xlarge, and 4 n for n xlarge, as in AWS's tables of the present
    generations.
    """
    found = _SIZE.fullmatch(instance_type)
    xlarges = found["xlarges"] if found else None
    count = _CPUS if xlarges is None else _CPUS_OF_XLARGE * int(xlarges or 1)
    return min(count, most)
