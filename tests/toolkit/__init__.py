"""Tests with large optional packages of AWS, each in its own environment."""
