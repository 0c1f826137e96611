"""What the studies share: candidates, and rows that are measured and stored one by one."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from newsgroup_classifier.hyperparameters import Value
from newsgroup_classifier.recipes.catalogue import find_recipe, preset_values


@dataclass(frozen=True)
class Candidate:
    """A recipe with its defaults or a preset, and the values that differ from them."""

    recipe: str
    changed: Mapping[str, Value] = field(default_factory=dict)
    preset: str = ""

    @property
    def title(self) -> str:
        """The recipe and its changes in one line."""
        return " ".join([self.recipe, *(f"{name}={value}" for name, value in self.changed.items())])

    @property
    def changes(self) -> str:
        """The changes as a cell of a table."""
        return ", ".join(f"`{name}` {value}" for name, value in self.changed.items())

    def values(self) -> dict[str, Value]:
        """Return all hyperparameters."""
        recipe = find_recipe(self.recipe)
        values = preset_values(recipe, self.preset) if self.preset else recipe.defaults
        return values | dict(self.changed)


def run_study(
    program: str,
    measurements: Mapping[str, Callable[[], Any]],
    table: Callable[[dict[str, Any]], str],
    part: str = "",
) -> dict[str, Any]:
    """Measure what the JSON file next to a program lacks; write its table, and return all rows.

    Each row is printed and stored when it is ready, so an interrupted study resumes. With a `part`,
    the rows are in an object of that name.
    """
    stored = Path(program).with_suffix(".json")
    done = json.loads(stored.read_text(encoding="utf-8")) if stored.exists() else {}
    rows = done.setdefault(part, {}) if part else done
    for title, measure in measurements.items():
        if title not in rows:
            rows[title] = measure()
            print(title, rows[title], flush=True)
            stored.write_text(json.dumps(done, indent=1) + "\n", encoding="utf-8")
    stored.with_suffix(".md").write_text(table(done), encoding="utf-8")
    return done
