"""Tests of newsgroup_classifier/estimators."""
