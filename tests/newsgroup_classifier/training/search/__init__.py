"""Tests of newsgroup_classifier/training/search."""
