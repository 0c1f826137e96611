"""Run steps in order, time each of them, and show what they did in a table."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from scripts.account.command import Result, say, stop_if_interrupted, table


@dataclass(frozen=True)
class Step:
    """A step: its name, a function that runs it, and the command line that does the same.

    The function returns a sentence for the table and the result.
    """

    name: str
    run: Callable[[], tuple[str, Result]]
    command: str = ""


class Progress:
    """The steps that have been run, with their sentences, results, and seconds."""

    def __init__(self) -> None:
        self.results: dict[str, Result] = {}
        self._start = time.perf_counter()
        self._rows = [("step", "result", "seconds")]

    @property
    def seconds(self) -> float:
        """The seconds since the start."""
        return time.perf_counter() - self._start

    def run(self, step: Step) -> None:
        """Run a step; raise KeyboardInterrupt instead if Ctrl-C was pressed before it."""
        stop_if_interrupted()
        say(f"--- {step.name}")
        before = self.seconds
        sentence, result = step.run()
        self.record(step.name, sentence, result, self.seconds - before)

    def record(self, name: str, sentence: str, result: Result, seconds: float) -> None:
        """Add a step that has been run."""
        self._rows.append((name, sentence, f"{seconds:.1f}"))
        key = name.lower().replace(" ", "_")
        self.results[key] = result | {"seconds": round(seconds, 2)}

    def show(self, sentence: str) -> float:
        """Print the table with a sentence about all steps; return their seconds."""
        total = self.seconds
        say("\n" + table([*self._rows, ("total", sentence, f"{total:.1f}")]))
        return round(total, 2)
