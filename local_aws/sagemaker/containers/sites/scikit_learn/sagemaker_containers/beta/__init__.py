"""The namespace of the framework in the real package."""
