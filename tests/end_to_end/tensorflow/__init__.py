"""The path of TensorFlow recipes: jobs, endpoints, and batch transform."""
