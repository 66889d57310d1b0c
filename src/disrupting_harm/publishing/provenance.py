"""What a product was made from: the commit of the checkout, digests of files, versions of packages."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

_SHORT = 12
"""Characters of a digest or commit where people read it."""

_BEHIND_PRODUCTS = ("src", "config", "notebooks", "resources", "workflow", "Snakefile", "requirements.lock")


def commit(root: Path) -> str:
    """Commit of the checkout at `root`, " with changes" added if files behind the products differ from it.

    Returns "not known" where there is no git or no repository.
    """
    head = _git(root, "rev-parse", "HEAD")
    if head is None:
        return "not known"
    changes = _git(root, "status", "--porcelain", "--", *_BEHIND_PRODUCTS)
    return f"{head[:_SHORT]} with changes" if changes else head[:_SHORT]


def commit_date(root: Path) -> str:
    """Date of that commit, as YYYY-MM-DD; empty where there is no git or no repository."""
    return _git(root, "show", "--no-patch", "--format=%cs", "HEAD") or ""


def _git(root: Path, *words: str) -> str | None:
    try:
        run = subprocess.run(
            ["git", "-C", str(root), *words], capture_output=True, text=True, check=True, timeout=60
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return run.stdout.strip()


def versions(packages: Iterable[str]) -> dict[str, str]:
    """Installed versions of `packages`; those that are not installed are left out."""
    installed = {}
    for name in packages:
        try:
            about = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue
        stated = re.search(r"^Version: *(\S+)", about.read_text("METADATA") or "", re.MULTILINE)
        installed[name] = stated[1] if stated else about.version  # which reads all of it as an e-mail
    return installed
