"""Runs: every execution of a workflow, with its results, progress and provenance."""

from daisy_kernel.workflow.runs.history import History, history, rerun
from daisy_kernel.workflow.runs.listing import Runs, runs
from daisy_kernel.workflow.runs.run import Run
from daisy_kernel.workflow.runs.start import run
from daisy_kernel.workflow.runs.submit import submit

__all__ = ["History", "Run", "Runs", "history", "rerun", "run", "runs", "submit"]
