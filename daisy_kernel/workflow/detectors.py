"""What a workflow takes from a scan that none of its algorithms opens.

One object is the scan's default plot. Several are its detectors, called as in the file,
on the points that all of them have.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from daisy_kernel.model import DataObject, Scan, data_object
from daisy_kernel.model.errors import InputMissing
from daisy_kernel.store import align
from daisy_kernel.store.of_scan import objects_of
from daisy_kernel.workflow.check import check_inputs
from daisy_kernel.workflow.workflow import Workflow


def objects_for(
    workflow: Workflow, scan: Scan, given: Collection[str] = ()
) -> dict[str, DataObject]:
    """Give the objects of a scan that a workflow wants.

    Its inputs are called like an entry, a group of data, or the end of its path.

    Parameters
    ----------
    given
        Names of objects that are there already.

    Returns
    -------
    :
        By the names that are wanted. Where the scan has none of them, its default plot
        is the first.

    Raises
    ------
    InputMissing
        All objects are given, the scan has nothing to draw, does not have one that is
        needed, or has several that may be meant.
    NotAligned
        It is not clear which points of two detectors are the same.
    """
    names = [name for name in workflow.inputs if name not in given]
    there = objects_of(scan) if names else {}
    found = {name: _those_called(name, there) for name in names}
    for name, several in found.items():
        if len(several) > 1:
            raise InputMissing(
                f"{workflow.name} takes {name!r}, which may be {' or '.join(several)} "
                f"of {scan.path}. Give it as {name}=scan[...]"
            )
    chosen = {name: there[own[0]] for name, own in found.items() if own}
    if chosen:
        check_inputs(workflow, {*given, *chosen}, there)
        return align(chosen)
    if names and scan.signal is not None:
        return {names[0]: data_object(scan.signal)}
    what = "there is nothing to draw in it" if names else "all objects are given"
    raise InputMissing(
        f"{workflow.name} opens no scan, and {scan.path} cannot be one of its objects "
        f"({', '.join(workflow.inputs)}): {what}"
    )


def _those_called(name: str, there: Mapping[str, DataObject]) -> list[str]:
    """Give the objects of a scan that a name may mean."""
    if name in there:
        return [name]
    return [own for own in there if own.endswith(f"/{name}")]
