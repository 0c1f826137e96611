"""The commands people type; the only place that calls AWS for them, on AWS and locally alike."""
