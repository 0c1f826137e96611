"""Big optional packages of AWS drive the local AWS, each from an environment of its own."""
