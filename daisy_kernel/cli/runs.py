"""Commands on runs: start, list, follow, stop, note; say how a result was made."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import yaml


def add_to(commands: Any) -> None:
    """Add the commands to a parser."""
    run = commands.add_parser("run", help="run a workflow on a scan")
    run.add_argument("workflow", help="YAML file, or the name of a preview")
    run.add_argument("scan", help="a scan, or a path below the data folder")
    run.add_argument(
        "--set", action="append", default=[], metavar="STEP.PARAMETER=VALUE",
        dest="parameters", help="a parameter; may be given several times",
    )  # fmt: skip
    run.add_argument("--engine", default="local", help="local (default) or gateway")
    run.add_argument("--note", default="", help="is shown with the run")
    run.add_argument("--folder", type=Path, help="for the runs")
    run.add_argument("--again", action="store_true", help="also what was run before")
    run.add_argument(
        "--submit", action="store_true", help="in the background; come back at once"
    )
    run.set_defaults(run=_run)
    runs = commands.add_parser("runs", help="list runs, the newest first; tell of one")
    runs.add_argument(
        "of", nargs="?", help="a proposal, a scan, or a run's folder; all by default"
    )
    runs.add_argument(
        "--find", default="", metavar="WORDS",
        help="like 'tomography by:anna state:failed'; -word for what is not there",
    )  # fmt: skip
    runs.set_defaults(run=_runs)
    follow = commands.add_parser(
        "follow", help="show a run's progress until it ends, and what each step did"
    )
    follow.add_argument("folder", type=Path, help="folder of the run")
    follow.set_defaults(run=_follow)
    stop = commands.add_parser("stop", help="stop a run; it can be gone on with")
    stop.add_argument("folder", type=Path, help="folder of the run")
    stop.set_defaults(run=_stop)
    go_on = commands.add_parser(
        "go-on", help="start a stopped, lost or failed run again, in the background"
    )
    go_on.add_argument("folder", type=Path, help="folder of the run")
    go_on.set_defaults(run=_go_on)
    note = commands.add_parser("note", help="change the note of a run of one's own")
    note.add_argument("folder", type=Path, help="folder of the run")
    note.add_argument("text", help='one line; "" takes the note away')
    note.set_defaults(run=_note)
    history = commands.add_parser("history", help="say how a result was made")
    history.add_argument("file", help="file of a result")
    history.set_defaults(run=_history)
    rules = commands.add_parser("rules", help="check and show a proposal's rules")
    rules.add_argument("proposal", help="like B7/2026-0042, or a folder")
    rules.add_argument(
        "--write", action="store_true", help="write the usual ones where there are none"
    )
    rules.set_defaults(run=_rules)


def _run(options: argparse.Namespace) -> int:
    import daisy_kernel as daisy
    from daisy_kernel.apps.previews import PREVIEWS
    from daisy_kernel.model.errors import ParameterRefused
    from daisy_kernel.workflow.files import load_workflow

    parameters = {}
    for text in options.parameters:
        name, equals, value = text.partition("=")
        if not equals:
            raise ParameterRefused(f"--set {text}: write it like smooth.width=5")
        parameters[name] = yaml.safe_load(value)
    known = PREVIEWS.get(options.workflow)
    flow = known() if known else load_workflow(options.workflow)
    start = daisy.submit if options.submit else daisy.run
    found = start(
        flow,
        options.scan,
        engine=options.engine,
        parameters=parameters,
        note=options.note,
        folder=options.folder,
        again=options.again,
    )
    print(found.folder)
    for name, file in found.files.items():
        print(f"{name}: {file}")
    return 0


def _runs(options: argparse.Namespace) -> int:
    import daisy_kernel as daisy
    from daisy_kernel.workflow.runs.run import is_run

    if options.of and is_run(options.of):
        print(daisy.Run(options.of).text)
        return 0
    print(daisy.runs(options.of).find(options.find))
    return 0


def _follow(options: argparse.Namespace) -> int:
    import daisy_kernel as daisy
    from daisy_kernel.workflow.runs.table import STEPS, step_rows, text_table

    found = daisy.Run(options.folder)
    try:
        found.follow()
    finally:
        # also of one that failed: how far has each algorithm come?
        print("\n".join(text_table(STEPS, step_rows(found.progress))))
    return 0


def _stop(options: argparse.Namespace) -> int:
    import daisy_kernel as daisy

    daisy.Run(options.folder).stop()
    return 0


def _go_on(options: argparse.Namespace) -> int:
    import daisy_kernel as daisy

    daisy.Run(options.folder).go_on()
    return 0


def _note(options: argparse.Namespace) -> int:
    import daisy_kernel as daisy

    found = daisy.Run(options.folder)
    found.note = options.text
    print(found.note)
    return 0


def _history(options: argparse.Namespace) -> int:
    import daisy_kernel as daisy

    print(daisy.history(options.file))
    return 0


def _rules(options: argparse.Namespace) -> int:
    from daisy_kernel.apps.previews import PREVIEWS
    from daisy_kernel.io.open import locate
    from daisy_kernel.workflow.feed import default_rules, read_rules
    from daisy_kernel.workflow.feed.rules import rules_file, write_rules

    proposal = locate(options.proposal)
    if options.write:
        write_rules(proposal, default_rules(PREVIEWS))
    rules = read_rules(proposal)
    if rules is None:
        print(f"{rules_file(proposal)} is not there: nothing is run for new scans")
        return 0
    print(rules_file(proposal))
    print(yaml.safe_dump(rules.model_dump(mode="json"), sort_keys=False))
    return 0
