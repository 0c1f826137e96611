"""Print the lines of each package: `python -m tests.project.line_share` (make check)."""

from tests.project.sources import sources


def main() -> None:
    """Print the number of lines of each package without its tests, and their share."""
    counts: dict[str, int] = {}
    for source in sources():
        counts[source.package] = counts.get(source.package, 0) + len(source.text.splitlines())
    total = sum(counts.values())
    for name, count in sorted(counts.items(), key=lambda item: -item[1]):
        print(f"{count:6d} lines ({count / total:4.0%})  {name}")


if __name__ == "__main__":
    main()
