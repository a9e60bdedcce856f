"""Read the frames of area detectors: EDF, CBF, MAR and what else fabio knows."""
