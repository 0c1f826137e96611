"""Tests of newsgroup_classifier.explanations."""
