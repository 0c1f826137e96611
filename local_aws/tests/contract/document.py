"""A contract: observations, the tests that show them, and the document that lists both."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from local_aws.tests.contract.marks import MarkedTest, marked_tests
from local_aws.tests.contract.observation import HOW_KNOWN, Observation, Section


@dataclass(frozen=True)
class Contract:
    """Sections of observations, the folder of their tests, and the document's path and head."""

    sections: tuple[Section, ...]
    folder: Path
    path: Path
    head: str  # {known}, {count}, {tested}, and {untested} are filled in

    @property
    def observations(self) -> list[Observation]:
        """All observations in the order of the document."""
        return [item for section in self.sections for item in section.observations]

    @cached_property
    def tests(self) -> list[MarkedTest]:
        """The tests that carry a mark, ordered by path and position in the file."""
        return marked_tests(self.folder)

    @property
    def shown(self) -> set[str]:
        """The ids that the marks name."""
        return {name for test in self.tests for name in test.observes}

    def fault(self, observation: Observation) -> str:
        """Return why an observation is not accounted for, or an empty string if it is."""
        is_shown = observation.id in self.shown
        if is_shown and observation.untested:
            return (
                f"{observation.id} has a test and a reason why none can show it: remove the reason"
            )
        if not is_shown and not observation.untested:
            return (
                f"no test has @pytest.mark.observes({observation.id!r}): mark the test that shows "
                "it, write one, or set `untested` to the reason why none can"
            )
        return ""

    def document(self) -> str:
        """Return the text of the document."""
        known = {item.known for item in self.observations}
        head = self.head.format(
            known="\n".join(f"- **{k}**: {text}" for k, text in HOW_KNOWN.items() if k in known),
            count=len(self.observations),
            tested=sum(item.id in self.shown for item in self.observations),
            untested=sum(bool(item.untested) for item in self.observations),
        )
        return "\n".join([head, *(self._section(section) for section in self.sections)])

    def write(self) -> None:
        """Write the document."""
        self.path.write_text(self.document(), encoding="utf-8")

    def _section(self, section: Section) -> str:
        rows = (
            f"| `{item.id}` | {_cell(item.text)} | {item.known} | {self._tests_of(item)} |"
            for item in section.observations
        )
        head = ["| id | observation | known | tests |", "|---|---|---|---|"]
        return "\n".join([f"## {section.title}", "", *head, *rows, ""])

    def _tests_of(self, observation: Observation) -> str:
        names = [_name(test) for test in self.tests if observation.id in test.observes]
        if observation.untested:
            names.append(f"none: {_cell(observation.untested)}")
        return "<br>".join(names) or "**none yet**"


def _name(test: MarkedTest) -> str:
    return f"`{test.path}::{test.name}`" + "".join(f" ({mark})" for mark in test.long)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")
