"""The serving side of AWS's scikit-learn container, written anew for the local AWS."""
