"""Jobs on the user's own submitted runs, which outlive pages and kernels."""

from daisy_lab.jobs.values import Result


def runs_alive() -> Result:
    """Say whether a submitted run waits or runs: its server must not end."""
    # imported when it is needed: readers that draw pictures start without it
    from daisy_kernel.workflow.runs.register import is_any_alive

    return {"alive": is_any_alive()}, b""


def runs_go_on() -> Result:
    """Start runs again that were lost with the server before this one."""
    from daisy_kernel.workflow.runs.register import go_on

    return {"begun": [str(folder) for folder in go_on()]}, b""
