"""Tests of newsgroup_classifier/hashed_text."""
