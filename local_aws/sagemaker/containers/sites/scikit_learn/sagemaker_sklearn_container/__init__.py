"""The serving side of AWS's scikit-learn container, reimplemented for the local AWS."""
