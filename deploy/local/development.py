"""What development and tests need, and the checks that gate them."""

import shutil
from pathlib import Path

import places
import tools
from steps import Failed, follow, run, step

CORE = places.ROOT / "daisy_kernel" / "native" / "Cargo.toml"
EXTENSION = places.ROOT / "extension"
NODE_FOLDERS = EXTENSION, places.ROOT / "tests" / "services" / "oidc"

# Debian packages of the tests: program -> packages
TEST_PACKAGES = {
    "chromium": ["chromium", "fonts-dejavu-core"],
    "mmdebstrap": ["mmdebstrap"],
    "dockerd": ["docker.io"],
    "iptables": ["iptables"],
    "psql": ["postgresql"],
}


def setup() -> None:
    """Install tools, the development environment, node packages, Chromium."""
    places.make()
    tools.install(build=True)
    missing = [
        n for p, names in TEST_PACKAGES.items() if not shutil.which(p) for n in names
    ]
    if missing:
        tools.install_packages(missing, why="The tests need more programs")
    env = tools.environment()
    with step("development environment (uv sync)"):
        run([tools.uv(), "sync", "--locked"], env=env, cwd=places.ROOT, log=places.LOG)
    for folder in NODE_FOLDERS:
        _install_node_packages(folder, env)


def _install_node_packages(folder: Path, env: dict[str, str]) -> None:
    """Install what a lock file names, where that has not been done since it changed."""
    installed = folder / "node_modules" / ".package-lock.json"
    lock = folder / "package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        with step(f"node packages of {folder.name} (npm ci)"):
            run(["npm", "ci", "--ignore-scripts"], env=env, cwd=folder, log=places.LOG)


def check() -> None:
    """Run every static check; say at the end which failed."""
    env = tools.environment()
    python: list[str | Path] = [tools.uv(), "run", "--locked", "--no-sync"]
    cargo: list[str | Path] = ["--manifest-path", CORE]
    checks: dict[str, list[str | Path]] = {
        "lock": [tools.uv(), "lock", "--check"],
        "ruff": [*python, "ruff", "check"],
        "format": [*python, "ruff", "format", "--check"],
        "mypy": [*python, "mypy"],
        "imports": [*python, "lint-imports"],
        "rustfmt": ["cargo", "fmt", *cargo, "--check"],
        "clippy": ["cargo", "clippy", *cargo, "--locked", "--all-targets",
                   "--", "-D", "warnings"],
        "rust tests": ["cargo", "test", *cargo, "--locked", "--quiet",
                       "--no-default-features"],
        "typescript": ["npm", "run", "--silent", "lint"],
        "vitest": ["npm", "run", "--silent", "test"],
    }  # fmt: skip
    failed = []
    for name, command in checks.items():
        print(f"--- {name}", flush=True)
        cwd = EXTENSION if command[0] == "npm" else places.ROOT
        if follow(command, env=env, cwd=cwd) != 0:
            failed.append(name)
    if failed:
        raise Failed(f"{', '.join(failed)}. make fix mends formatting.")
