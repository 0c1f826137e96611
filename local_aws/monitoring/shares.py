"""How the calls of a release are shared between two versions."""

import itertools
from collections import defaultdict
from collections.abc import Hashable, Iterator


class Shares:
    """The numbers of the calls of several aliases."""

    def __init__(self) -> None:
        self._numbers: dict[Hashable, Iterator[int]] = defaultdict(itertools.count)

    def choose(self, alias: Hashable, share: float) -> bool:
        """Return whether the next call of an alias belongs to a share of its calls.

        Of any n calls in a row, the share is exact to one call.
        """
        number = next(self._numbers[alias])
        return int((number + 1) * share) > int(number * share)
