"""The seam between datasets and files: a plan, and the pieces that carry it out."""

from daisy_kernel.io.reading.plan import Piece, Plan, explain, plan

__all__ = ["Piece", "Plan", "explain", "plan"]
