"""Algorithms, workflows of them, and their runs."""

from daisy_kernel.workflow.algorithm import Algorithm, algorithm
from daisy_kernel.workflow.declare import Data, Parameter
from daisy_kernel.workflow.workflow import Step, Workflow

__all__ = [
    "Algorithm",
    "Data",
    "Parameter",
    "Step",
    "Workflow",
    "algorithm",
]
