"""The fleets that answer the calls of an endpoint, and the share of each."""

from dataclasses import dataclass, field

from local_aws.monitoring.shares import Shares
from local_aws.sagemaker.hosting.fleet import Fleet


@dataclass(frozen=True)
class Traffic:
    """The fleet of an endpoint and, during an update, the fleet that may replace it."""

    fleet: Fleet
    incoming: Fleet | None = None
    share: float = 0.0  # of the calls that the incoming fleet answers
    is_updated: bool = False  # from the first update on, metrics name the configuration
    _shares: Shares = field(default_factory=Shares)

    def draw(self) -> Fleet:
        """Return the fleet for one call, so that of any n calls in a row the share is exact."""
        chosen = self._shares.choose("", self.share)
        return self.incoming if self.incoming is not None and chosen else self.fleet
