"""Tests of the project as a whole: documents, boundaries, style. Run by `make check`."""
