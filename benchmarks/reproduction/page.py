"""Write the page of results from the measured figures."""

from pathlib import Path

from benchmarks.reproduction.figures import environment, read_figures
from benchmarks.reproduction.ledger import Ledger
from benchmarks.reproduction.steps import ROOT, STEPS

PAGE = ROOT / "docs" / "explanation" / "results.md"
LEDGER = Path(__file__).with_name("ledger.json")
_TEMPLATE = Path(__file__).with_name("results.md.j2")


def render_page() -> str:
    """Return the page of results."""
    template = environment().from_string(_TEMPLATE.read_text(encoding="utf-8"))
    ledger = Ledger.read(LEDGER)
    done = [step.name for step in STEPS if ledger.is_done(step.name)]
    return template.render(read_figures(), ledger=ledger, steps=STEPS, done=done)
