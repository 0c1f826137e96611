"""Reports of made-up models, and what a page consists of."""

from collections import Counter
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser

import numpy as np

from newsgroup_classifier.evaluation.metrics import Scores
from newsgroup_classifier.evaluation.report.comparison import METRICS, Run
from newsgroup_classifier.evaluation.report.evidence import Evidence
from newsgroup_classifier.evaluation.report.page import render_report, summarize

_FIGURES = {
    "recipe": "text-linear",
    "commit": "",
    "data": {"train": {"rows": 9, "sha256": "1"}, "test": {"rows": 4, "sha256": "2"}},
    "hyperparameters": {"alpha": 1},
    "versions": {"numpy": "2"},
    "format": 1,
    "texts": True,
}


def made_run(name, predicted, accuracy=0.5, alpha=1, test="2") -> Run:
    """Return a run whose rows all have the label a and these predictions."""
    metric = {"value": accuracy, "interval": [0.2, 0.8], "baseline": 0.4}
    data = {**_FIGURES["data"], "test": {"rows": len(predicted), "sha256": test}}
    figures = _FIGURES | {
        "metrics": dict.fromkeys(METRICS, metric),
        "hyperparameters": {"alpha": alpha},
        "data": data,
    }
    return Run(name, figures, {row: ("a", word) for row, word in enumerate(predicted, 1)})


def made_evidence(classes: int, examples: int, **more) -> Evidence:
    """Return the evidence of a model that is right three times out of four, or so."""
    random = np.random.default_rng(0)
    labels = random.integers(0, classes, examples)
    probabilities = random.dirichlet(np.ones(classes), examples)
    probabilities[np.arange(examples), labels] += random.choice([0, 0.6], examples, p=[0.3, 0.7])
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    names = tuple(f"class.{number:03}" for number in range(classes))
    predicted = probabilities.argmax(axis=1).tolist()
    scores = Scores(labels.tolist(), predicted, probabilities, names)
    texts = [f"text {number} of {names[label]}" for number, label in enumerate(labels)]
    return replace(Evidence(scores, Counter(labels.tolist()), texts=texts), **more)


def rendered(evidence: Evidence, warnings=()) -> str:
    """Return the page of evidence."""
    facts = {"Model": [("recipe", "made-up")]}
    return render_report("made-up", facts, summarize(evidence), warnings, evidence)


@dataclass
class Page(HTMLParser):
    """A parsed page: its elements with their attributes, and its visible text."""

    elements: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    text: str = ""

    def __post_init__(self) -> None:
        """Begin with an empty parser."""
        super().__init__()
        self._hidden = False

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self._hidden = tag in ("style", "script")

    def handle_endtag(self, tag):
        self._hidden = False

    def handle_data(self, data):
        self.text += "" if self._hidden else f" {data}"

    def count(self, tag: str) -> int:
        """Return the number of elements of a kind."""
        return sum(name == tag for name, _ in self.elements)


def parsed(html: str) -> Page:
    """Return the elements and the text of a page."""
    page = Page()
    page.feed(html)
    page.text = " ".join(page.text.split())
    return page
