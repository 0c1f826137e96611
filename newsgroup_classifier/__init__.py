"""The library: labelled data in, trained artifact out. It knows nothing of AWS."""
