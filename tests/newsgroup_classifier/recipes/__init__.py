"""Tests of newsgroup_classifier/recipes."""
