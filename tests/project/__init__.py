"""Tests of the whole project, such as its documents, imports and style (`make check`)."""
