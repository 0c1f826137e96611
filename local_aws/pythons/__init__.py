"""Other Pythons, and packages, than those that the local AWS runs with."""
