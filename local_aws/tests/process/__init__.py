"""The local AWS as a process: its endings, its memory, and long runs."""
