"""End-to-end tests of TensorFlow recipes: jobs, endpoints, and batch transform."""
