"""Print the lines of each package: `python -m tests.project.line_share` (make check)."""

from collections import Counter

from tests.project.sources import PACKAGES, ROOT, python_files, sources

_PAGES = (".html", ".js", ".css", ".j2")  # pages and their templates


def main() -> None:
    """Print the lines of each package without its tests, their share, and the totals."""
    counts: Counter[str] = Counter()
    for source in sources():
        counts[source.package] += len(source.text.splitlines())
    python = counts.total()
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*"):
            if path.suffix in _PAGES:
                counts[package] += len(path.read_text(encoding="utf-8").splitlines())
    total = counts.total()
    for name, count in sorted(counts.items(), key=lambda item: -item[1]):
        print(f"{count:6d} lines ({count / total:4.0%})  {name}")
    everything = sum(len(path.read_text(encoding="utf-8").splitlines()) for path in python_files())
    print(f"{total - counts['benchmarks']:6d} lines of product code, without tests and benchmarks")
    print(f"{everything - python:6d} lines of tests")


if __name__ == "__main__":
    main()
