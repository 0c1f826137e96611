"""Tests of newsgroup_classifier/datasets."""
