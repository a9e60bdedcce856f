"""What a workflow would do, as text: objects, blocks, memory; nothing is computed."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

from daisy_kernel.model import Scan
from daisy_kernel.model.text import format_bytes
from daisy_kernel.workflow.blocks import blocks_of, memory_of
from daisy_kernel.workflow.describing import Call
from daisy_kernel.workflow.opening import scan_of
from daisy_kernel.workflow.runs.prepare import prepare
from daisy_kernel.workflow.spec import Spec
from daisy_kernel.workflow.stages import Stage, stages_of
from daisy_kernel.workflow.turning import with_turns
from daisy_kernel.workflow.workflow import Workflow


def checked_text(
    workflow: Workflow,
    scan: Scan | str | os.PathLike[str] | None,
    objects: Mapping[str, Any],
) -> str:
    """Check a workflow, and say what it would do."""
    with scan_of(scan) as opened:
        ready = prepare(workflow, opened, objects)
        given = {name: Spec.of(found) for name, found in ready.objects.items()}
        known = [c for c in ready.calls if all(b.spec.shape is not None
                                               for b in c.bounds)]  # fmt: skip
        stages = stages_of(with_turns(known, given))
        lines = [line for number, stage in enumerate(stages, 1)
                 for line in _stage(number, stage)]  # fmt: skip
        later = [call.name for call in ready.calls if call not in known]
        if later:
            lines.append(f"then, known only when these have run: {', '.join(later)}")
        return "\n".join(lines)


def _stage(number: int, stage: Stage) -> Iterator[str]:
    blocks = blocks_of(stage)
    memory = format_bytes(memory_of(stage, blocks, tuple(stage.makes)))
    yield f"{number}. {blocks.count} block(s), {memory} each at most"
    for call in stage.calls:
        yield from _call(call)


def _call(call: Call) -> Iterator[str]:
    taken = ", ".join(bound.name for bound in call.bounds)
    yield f"   {call.name}({taken})"
    for name, spec in zip(call.step.into, call.specs, strict=True):
        yield f"      -> {name}: {spec}"
