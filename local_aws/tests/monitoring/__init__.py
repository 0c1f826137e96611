"""Tests of metrics and alarms."""
