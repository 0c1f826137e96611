"""Tests of newsgroup_classifier/datasets/sources."""
