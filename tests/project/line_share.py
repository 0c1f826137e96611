"""Print the lines of each package: `python -m tests.project.line_share` (make check)."""

from tests.project.sources import python_files, sources


def main() -> None:
    """Print the lines of each package without its tests, their share, and the totals."""
    counts: dict[str, int] = {}
    for source in sources():
        counts[source.package] = counts.get(source.package, 0) + len(source.text.splitlines())
    total = sum(counts.values())
    for name, count in sorted(counts.items(), key=lambda item: -item[1]):
        print(f"{count:6d} lines ({count / total:4.0%})  {name}")
    everything = sum(len(path.read_text(encoding="utf-8").splitlines()) for path in python_files())
    print(f"{total - counts['benchmarks']:6d} lines of product code, without tests and benchmarks")
    print(f"{everything - total:6d} lines of tests")


if __name__ == "__main__":
    main()
