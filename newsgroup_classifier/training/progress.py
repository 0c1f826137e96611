"""The progress of a fit: its epochs, the best of them, and when to stop."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

Epoch = dict[str, float]


@dataclass(frozen=True)
class FitPlan:
    """The hyperparameters of a fit.

    `keep` selects the weights of the best or of the last epoch. With "last", patience is ignored.
    """

    batch_size: int
    epochs: int
    patience: int
    min_delta: float
    seed: int
    keep: str = "best"

    @classmethod
    def from_hyperparameters(cls, hyperparameters: Mapping[str, Any]) -> "FitPlan":
        """Return the plan with these hyperparameters; ignore additional ones."""
        return cls(**{name: hyperparameters[name] for name in cls.__dataclass_fields__})


@dataclass
class Progress:
    """The metrics of each epoch, and the epoch with the lowest validation loss."""

    history: list[Epoch] = field(default_factory=list)
    best_epoch: int = 0
    best_loss: float = math.inf

    @property
    def epoch(self) -> int:
        """The number of finished epochs."""
        return len(self.history)

    def add(self, epoch: Epoch, min_delta: float) -> bool:
        """Add an epoch; return whether it lowered the best loss by more than `min_delta`."""
        self.history.append(epoch)
        better = epoch["validation:loss"] < self.best_loss - min_delta
        if better:
            self.best_epoch, self.best_loss = self.epoch, epoch["validation:loss"]
        return better

    def finished(self, plan: FitPlan) -> bool:
        """Return whether all epochs are done, or `patience` epochs brought no improvement."""
        stopped = plan.keep == "best" and self.epoch - self.best_epoch >= plan.patience
        return self.epoch >= plan.epochs or stopped

    def saved_epoch(self, plan: FitPlan) -> int:
        """Return the number of the epoch whose weights are saved."""
        return self.best_epoch if plan.keep == "best" else self.epoch

    def as_json(self) -> dict[str, Any]:
        """Return the fields as a JSON object."""
        # JSON has no infinity, which is the value before an epoch has a finite loss.
        best = self.best_loss if math.isfinite(self.best_loss) else None
        return asdict(self) | {"best_loss": best}

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> "Progress":
        """Return the progress from the result of `as_json`."""
        loss = math.inf if fields["best_loss"] is None else float(fields["best_loss"])
        return cls(list(fields["history"]), int(fields["best_epoch"]), loss)
