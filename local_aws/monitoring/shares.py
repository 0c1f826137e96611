"""How the calls of a release are shared between two versions."""

import itertools
from collections import defaultdict
from collections.abc import Hashable, Iterator


def is_chosen(number: int, share: float) -> bool:
    """Return whether the call with a number, from 0, belongs to a share of all calls.

    Of any n calls in a row, the share is exact to one call.
    """
    return int((number + 1) * share) > int(number * share)


class Shares:
    """The numbers of the calls of several aliases."""

    def __init__(self) -> None:
        self._numbers: dict[Hashable, Iterator[int]] = defaultdict(itertools.count)

    def choose(self, alias: Hashable, share: float) -> bool:
        """Return whether the next call of an alias belongs to a share of its calls."""
        return is_chosen(next(self._numbers[alias]), share)
