"""The report on a user's texts: what was read and dropped, and what makes a model look too good.

It has numbers, column names, and labels, but no text.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from newsgroup_classifier.datasets.files.near_duplicates import clusters_of
from newsgroup_classifier.datasets.files.scanning import DUPLICATE, EMPTY, KEPT, NO_LABEL, Scan
from newsgroup_classifier.datasets.files.usual_names import TITLES, shown, shown_list
from newsgroup_classifier.errors import counted

Report = dict[str, Any]
_FEW_ROWS = 5  # to train on: a class with fewer is rare, whatever the folds of a recipe
_SHOWN = 10  # rows, classes, or scripts in a table or warning
_LEAST_SHARE = 0.001  # of a script in the table
_MANY_DROPPED = 0.2  # of the rows
_DROPPED = {"empty_text": EMPTY, "no_label": NO_LABEL, "duplicate": DUPLICATE}


def count_dropped(status: NDArray[np.uint8]) -> dict[str, int]:
    """Return the number of rows that were dropped for each reason."""
    return {reason: int((status == code).sum()) for reason, code in _DROPPED.items()}


def count_classes(
    names: Mapping[str, int], train: NDArray[np.int64], test: NDArray[np.int64]
) -> dict[str, dict[str, Any]]:
    """Return the rows of each class and its share; `train` and `test` count rows by label."""
    total = int(train.sum() + test.sum())
    return {
        name: {
            "train": int(train[number]),
            "test": int(test[number]),
            "share": round(float(train[number] + test[number]) / total, 4),
        }
        for name, number in sorted(names.items())
    }


def find_contradictions(scan: Scan) -> dict[str, Any]:
    """Return how many texts occur under two or more labels, and the first rows that have them."""
    numbers = np.flatnonzero(scan.status == KEPT)
    order = numbers[np.lexsort((scan.labels[numbers], scan.texts[numbers]))]
    texts, labels = scan.texts[order], scan.labels[order]
    several = np.unique(texts[1:][(texts[1:] == texts[:-1]) & (labels[1:] != labels[:-1])])
    rows = numbers[np.isin(scan.texts[numbers], several)] + 1
    return {"texts": len(several), "rows": rows[:_SHOWN].tolist()}


def count_on_both_sides(
    scan: Scan, train: NDArray[np.bool_], test: NDArray[np.bool_]
) -> dict[str, int]:
    """Return the number of test rows whose text is nearly or exactly that of a train row."""
    clusters, texts = clusters_of(scan.signatures, scan.keys), scan.texts
    similar = np.isin(clusters[test], clusters[train]) | np.isin(texts[test], texts[train])
    return {"test_rows": int(similar.sum())}


def measure_lengths(lengths: NDArray[np.uint32]) -> dict[str, int]:
    """Return quantiles of the number of characters per text."""
    points = {"shortest": 0, "median": 50, "95%": 95, "longest": 100}
    return {name: int(np.percentile(lengths, point)) for name, point in points.items()}


def measure_scripts(characters: NDArray[np.int64]) -> dict[str, float]:
    """Return the share of each script among the letters, most frequent first.

    A script is the first word of a letter's Unicode name, such as Latin, Cyrillic, or CJK.
    """
    scripts: Counter[str] = Counter()
    for code in np.flatnonzero(characters).tolist():
        if chr(code).isalpha():
            name = unicodedata.name(chr(code), "UNKNOWN").split()[0].split("-")[0]
            scripts[name if name == "CJK" else name.capitalize()] += int(characters[code])
    total = scripts.total()
    return {name: round(count / total, 4) for name, count in scripts.most_common()}


def with_warnings(report: Report) -> Report:
    """Return a report with the classes that lack rows, and with what a user should look at."""
    classes = report["classes"]
    report["rare_classes"] = [name for name, each in classes.items() if each["train"] < _FEW_ROWS]
    return report | {"warnings": [*_warnings_of_texts(report), *_warnings_of_classes(report)]}


def _warnings_of_texts(report: Report) -> Iterator[str]:
    read = report["rows"]["read"]
    source = "the file and its columns" if "columns" in report else "the images"
    for reason in _DROPPED:
        count = report["dropped"].get(reason, 0)
        if count > _MANY_DROPPED * read:
            yield (
                f"{count:,} of {read:,} rows ({count / read:.0%}) were dropped "
                f"({reason.replace('_', ' ')}); check {source}"
            )
    contradictions = report.get("contradictions", {"texts": 0})
    if contradictions["texts"]:
        count = counted(contradictions["texts"], "text occurs", "texts occur")
        rows = ", ".join(map(str, contradictions["rows"]))
        yield f"{count} under more than one label, such as in the rows {rows}"
    both = report.get("near_duplicates", {"test_rows": 0})["test_rows"]
    if both:
        advice = "pass --group with a column that such rows share"
        if report["grouped"]:
            advice = f"the groups of {shown(report['columns']['group'])} do not keep them together"
        if report["test_file"]:  # nothing is split
            advice = "remove such rows from one of the files"
        yield (
            f"{counted(both, 'test row is', 'test rows are')} nearly the same as a train row, so "
            f"the accuracy will look too good; {advice}"
        )


def _warnings_of_classes(report: Report) -> Iterator[str]:
    rare = report["rare_classes"]
    if rare:
        yield (
            f"{counted(len(rare), 'class has', 'classes have')} fewer than {_FEW_ROWS} train rows: "
            f"{shown_list(rare)}; add rows, or merge classes"
        )
    spellings = {name: " ".join(name.split()).casefold() for name in report["classes"]}
    counts = Counter(spellings.values())
    alike = [name for name, spelling in spellings.items() if counts[spelling] > 1]
    if alike:
        yield (
            f"{len(alike)} classes differ from another one in case or spaces only: "
            f"{shown_list(alike)}; write them in the same way if they are the same class"
        )
    untested = [name for name, each in report["classes"].items() if not each["test"]]
    if untested:
        count = counted(len(untested), "class has", "classes have")
        yield f"{count} no test rows: {shown_list(untested)}"


def table_of(report: Report) -> list[tuple[str, str]]:
    """Return the rows of the table for people."""
    rows, columns = report["rows"], report.get("columns", {})
    form = (report["form"], report.get("encoding"), report.get("delimiter"))
    dropped = {name.replace("_", " "): count for name, count in report["dropped"].items()}
    classes = sorted(report["classes"].items(), key=lambda each: -each[1]["share"])
    more = [f"and {len(classes) - _SHOWN:,} more"] if len(classes) > _SHOWN else []
    shares = [f"{shown(name)} {each['share']:.1%}" for name, each in classes[:_SHOWN]]
    scripts = [each for each in report.get("scripts", {}).items() if each[1] >= _LEAST_SHARE][
        :_SHOWN
    ]
    table = [
        ("format", ", ".join(filter(None, form))),
        ("columns", ", ".join(f"{name} {shown(of)}" for name, of in columns.items() if of)),
        ("unused", _unused(report)),
        ("rows", f"{rows['read']:,} read, {rows['train']:,} train, {rows['test']:,} test"),
        (
            "dropped",
            ", ".join(f"{count:,} {name}" for name, count in dropped.items() if count) or "none",
        ),
        (counted(len(classes), "class", "classes"), ", ".join([*shares, *more])),
        ("characters", ", ".join(f"{name} {n:,}" for name, n in report.get("lengths", {}).items())),
        ("letters", ", ".join(f"{name} {share:.1%}" for name, share in scripts)),
        *(("warning", warning) for warning in report["warnings"]),
    ]
    return [(name, value) for name, value in table if value]


def _unused(report: Report) -> str:
    """Return the columns that are not used, with what to pass to use a title."""
    unused, title = report.get("unused", ()), report.get("columns", {}).get("title")
    titles = [name for name in unused if name.strip().lower() in TITLES and not title]
    hint = f"; to put titles before the texts, pass --title {titles[0]!r}" if titles else ""
    return shown_list(unused) + hint
