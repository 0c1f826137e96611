"""What a release is made from and checked with: lineage, example, smoke request."""
