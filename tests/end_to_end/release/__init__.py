"""The path of a release, from upload to removal, and what interrupts it."""
