"""The execution environments of functions: their processes, Pythons, Runtime API, and logs."""
