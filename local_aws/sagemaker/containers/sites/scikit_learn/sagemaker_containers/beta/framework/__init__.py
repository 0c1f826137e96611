"""Content types, encoders, the worker, and the transformer of a serving container."""
