"""The report of a training job: one HTML file that opens offline."""
