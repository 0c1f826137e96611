"""A general linear text classifier: members that vote, folded into one small matrix."""
