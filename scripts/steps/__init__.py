"""The whole path from data to a model that answers, as the steps of `demo` and `ship`."""
