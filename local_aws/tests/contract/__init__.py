"""The contract of the containers as a table of observations, each with the tests that show it."""
