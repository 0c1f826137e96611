"""Find the files that data sets are published in, and read them."""
