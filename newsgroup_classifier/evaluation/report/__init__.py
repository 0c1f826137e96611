"""The report of a training job: one HTML file that opens offline, its figures, and predictions."""

REPORT_PAGE, REPORT_FIGURES, PREDICTIONS = "report.html", "report.json", "predictions.csv"
