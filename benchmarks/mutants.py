"""Which slips do the tests catch? Random mutants of a stage, judged by its tests. See README.md beside this file."""

from __future__ import annotations

import argparse
import compileall
import contextlib
import importlib
import multiprocessing
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from importlib.util import cache_from_source
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pandas as pd

try:
    import parso
    from cosmic_ray.ast import Visitor, get_ast
    from cosmic_ray.mutating import mutate_code
    from cosmic_ray.operators.operator import Operator
    from cosmic_ray.plugins import get_operator
except ImportError:
    sys.exit("cosmic-ray is not installed. Run: make mutants")

ROOT = Path(__file__).parents[1]
OUTPUT = ROOT / "docs" / "benchmarks" / "mutants.csv"
PACKAGE = "src/disrupting_harm"
STAGES = ("presentation", "insights", "protection", "estimation")
AUDIT = tuple(
    f"test_audit{part}" for part in ("_relations", "_pools", "_tables", "_example", "_report", "", "_referee")
)
TESTS = {
    "presentation": ("test_sentences", "test_differences", "test_paragraphs"),
    "presentation/displayed": ("test_figures", "test_insight"),
    "presentation/figures": ("test_figure_geometry", "test_figures", "test_figure_fonts"),
    "insights/claims": ("test_verdicts", "test_claims", "test_sentences"),
    "insights/comparison": ("test_sentences", "test_comparison"),
    "insights/one_country": ("test_sentences", "test_insight"),
    "insights/published": ("test_verdicts", "test_sentences", "test_published"),
    "protection": ("test_verdicts", "test_suppression"),
    "protection/audit": AUDIT,
    "estimation": ("test_estimates", "test_adjusted", "test_pingouin_door", "test_insight"),
    "estimation/number_format": ("test_sentences", "test_figures"),
    "estimation/rounding": ("test_rounding", "test_verdicts"),
    "estimation/tidy_table": ("test_rounding", "test_comparison"),
}
"""Tests in tests/library that judge mutants of a module or a folder, in the order in which they run."""

PRELOADED = (
    *("numpy", "pandas", "scipy.stats", "scipy.optimize", "statsmodels.api", "matplotlib.figure", "seaborn"),
    *("pyarrow.parquet", "pydantic", "yaml", "pingouin", "fontTools.ttLib"),
)
"""Libraries that are imported once; each mutant is tried in a fork of this process, which saves seconds."""

COSMIC_RAY = (
    *(
        f"ReplaceComparisonOperator_{pair}"
        for pair in ("Lt_LtE", "LtE_Lt", "Gt_GtE", "GtE_Gt", "Lt_Gt", "Gt_Lt")
    ),
    *(f"ReplaceComparisonOperator_{pair}" for pair in ("GtE_Lt", "LtE_Gt", "Eq_NotEq", "NotEq_Eq")),
    *(
        f"ReplaceBinaryOperator_{pair}"
        for pair in ("Add_Sub", "Sub_Add", "Mul_Div", "Div_Mul", "BitAnd_BitOr")
    ),
    *(
        "ReplaceUnaryOperator_Delete_USub",
        "ReplaceUnaryOperator_Delete_Not",
        "ReplaceUnaryOperator_Delete_Invert",
    ),
    *("AddNot", "ReplaceTrueWithFalse", "ReplaceFalseWithTrue", "ReplaceAndWithOr", "ReplaceOrWithAnd"),
    *("NumberReplacer", "ZeroIterationForLoop", "ReplaceBreakWithContinue", "ReplaceContinueWithBreak"),
)
"""Operators of Cosmic Ray that make a slip somebody might make; shifting bits in place of adding is none."""

PAIRS = (
    *(
        ("min", "max"),
        ("idxmin", "idxmax"),
        ("any", "all"),
        ("floor", "ceil"),
        ("head", "tail"),
        ("ci_low", "ci_high"),
    ),
    *(
        ("low", "high"),
        ("first", "second"),
        ("top", "bottom"),
        ("left", "right"),
        ("shown", "low_n"),
        ("x0", "x1"),
    ),
    *(("yes", "no"), ("n_yes", "n_no")),
)
SWAPPED = {one: other for pair in PAIRS for one, other in (pair, pair[::-1])}
"""Names and texts that are mistaken for each other."""


LETTER = re.compile(r"\w|[,;.:()]")


class SwapName(Operator):
    """Puts the other name of a pair in the place of one: idxmin for idxmax, "ci_low" for "ci_high"."""

    def mutation_positions(self, node: Any) -> Iterator[tuple]:
        """The names, attributes and whole texts that have another."""
        if node.type in ("name", "string") and node.value.strip("\"'") in SWAPPED and not is_a_target(node):
            yield node.start_pos, node.end_pos

    def mutate(self, node: Any, index: int) -> Any:  # noqa: ARG002 (one mutation for each name)
        """The same node with the other name."""
        name = node.value.strip("\"'")
        node.value = node.value.replace(name, SWAPPED[name])
        return node

    @classmethod
    def examples(cls) -> tuple:
        """None: they are for the tests of Cosmic Ray."""
        return ()


class ChangeText(SwapName):
    """Changes words that somebody reads: texts with a space, and the parts of f-strings."""

    def mutation_positions(self, node: Any) -> Iterator[tuple]:
        """The texts that are no docstrings."""
        is_docstring = node.parent is None or node.parent.type in ("simple_stmt", "file_input")
        is_prose = node.type == "string" and " " in node.value and not is_docstring
        if (is_prose or node.type == "fstring_string") and LETTER.search(node.value):
            yield node.start_pos, node.end_pos

    def mutate(self, node: Any, index: int) -> Any:  # noqa: ARG002
        """The same node without its last letter or sign."""
        last = max(match.start() for match in LETTER.finditer(node.value))
        node.value = f"{node.value[:last]}{node.value[last + 1 :]}"
        return node


def is_a_target(node: Any) -> bool:
    """Whether a name is a parameter, a keyword or assigned to: changing it alone would be an error of the language."""
    following = node.get_next_leaf()
    return node.type == "name" and (
        node.is_definition() or (following is not None and following.value == "=")
    )


@dataclass(frozen=True)
class Mutant:
    """One slip: an occurrence of an operator in a file."""

    stage: str
    file: str
    line: int
    operator: str
    occurrence: int

    def code(self) -> str | None:
        """The file with the slip; None where nothing changes."""
        before = (ROOT / self.file).read_text(encoding="utf-8")
        after = mutate_code(before, operators()[self.operator](), self.occurrence)
        return after if after != before and compiles(after) else None


@dataclass(frozen=True)
class Judged:
    """What became of a mutant: killed, survived or timeout; and the line before and after."""

    stage: str
    file: str
    line: int
    operator: str
    outcome: str
    seconds: float
    before: str
    after: str


def operators() -> dict[str, Callable[[], Operator]]:
    """All operators by name."""
    ours = {operator.__name__: operator for operator in (SwapName, ChangeText)}
    return {name: get_operator(f"core/{name}") for name in COSMIC_RAY} | ours


def compiles(code: str) -> bool:
    """Whether a text is Python."""
    with contextlib.suppress(SyntaxError):
        compile(code, "mutant", "exec")
        return True
    return False


class Counter(Visitor):
    """Lines of all positions of an operator in a file."""

    def __init__(self, operator: Operator) -> None:
        self.operator = operator
        self.lines: list[int] = []

    def visit(self, node: parso.tree.NodeOrLeaf) -> parso.tree.NodeOrLeaf:
        """Note the line of each position of this node."""
        self.lines += [start[0] for start, _ in self.operator.mutation_positions(node)]
        return node


def mutants(stage: str, only: tuple[str, ...] = ()) -> Iterator[Mutant]:
    """All mutants of a stage, or only of modules that begin with these names."""
    for path in sorted((ROOT / PACKAGE / stage).rglob("*.py")):
        if only and not str(path.relative_to(ROOT / PACKAGE)).startswith(only):
            continue
        tree = get_ast(path.read_text(encoding="utf-8"))
        for name, operator in operators().items():
            counter = Counter(operator())
            counter.walk(tree)
            file = str(path.relative_to(ROOT))
            yield from (Mutant(stage, file, line, name, i) for i, line in enumerate(counter.lines))


def sample(stage: str, size: int, seed: int, only: tuple[str, ...]) -> list[Mutant]:
    """Random mutants of a stage that change something."""
    everything = list(mutants(stage, only))
    print(f"{stage}: {len(everything):,} mutants", flush=True)  # noqa: T201
    random.Random(seed).shuffle(everything)
    chosen = []
    for mutant in everything:
        if len(chosen) == size:
            break
        if mutant.code():
            chosen.append(mutant)
    return chosen


def project_copy(folder: Path) -> Path:
    """A copy of what git knows of the project, with compiled modules."""
    files = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\n")
    for file in filter(None, files):
        if (ROOT / file).is_file():
            target = folder / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / file, target)
    compileall.compile_dir(folder / "src", quiet=2)
    return folder


def tests_of(file: str) -> tuple[str, ...]:
    """The tests that judge mutants of a file: those of the longest name in `TESTS` that it begins with."""
    module = file.removeprefix(f"{PACKAGE}/")
    return TESTS[max(filter(module.startswith, TESTS), key=len)]


def run_tests(folder: Path, tests: tuple[str, ...]) -> None:
    """Run tests in a copy of the project, in this process, which is a fork, and end it with pytest's exit code."""
    import pytest

    os.chdir(folder)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(folder / "src"))
    files = [f"tests/library/{name}.py" for name in tests]
    os._exit(pytest.main(["-x", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", *files]))


def outcome(folder: Path, tests: tuple[str, ...], seconds: float) -> str:
    """Whether tests fail in a copy of the project: killed, survived or timeout."""
    process = multiprocessing.get_context("fork").Process(target=run_tests, args=(folder, tests))
    process.start()
    process.join(seconds)
    if process.is_alive():
        process.kill()
        process.join()
        return "timeout"
    return "survived" if process.exitcode == 0 else "killed"


def judge(mutant: Mutant, folder: Path, seconds: float) -> Judged:
    """Try one mutant in a copy of the project, and mend the copy."""
    path, code = folder / mutant.file, mutant.code()
    before = path.read_text(encoding="utf-8")
    Path(cache_from_source(str(path))).unlink(missing_ok=True)
    path.write_text(code, encoding="utf-8")
    start = time.perf_counter()
    try:
        result = outcome(folder, tests_of(mutant.file), seconds)
    finally:
        path.write_text(before, encoding="utf-8")
    took = round(time.perf_counter() - start, 1)
    pairs = zip(before.splitlines(), code.splitlines(), strict=False)
    old, new = next(((old.strip(), new.strip()) for old, new in pairs if old != new), ("", ""))
    print(f"{result:9}{took:6.1f} s  {mutant.file}:{mutant.line}  {new}", flush=True)  # noqa: T201
    return Judged(mutant.stage, mutant.file, mutant.line, mutant.operator, result, took, old, new)


def judged(chosen: list[Mutant], folders: list[Path], seconds: float) -> Iterator[Judged]:
    """Try mutants, one in each copy of the project at a time. Ends where tests fail without a mutant."""
    for tests in dict.fromkeys(tests_of(mutant.file) for mutant in chosen):
        if outcome(folders[0], tests, 4 * seconds) != "survived":
            sys.exit(f"These tests fail without a mutant: {', '.join(tests)}")
    free: SimpleQueue[Path] = SimpleQueue()
    for folder in folders:
        free.put(folder)

    def one(mutant: Mutant) -> Judged:
        folder = free.get()
        try:
            return judge(mutant, folder, seconds)
        finally:
            free.put(folder)

    with ThreadPoolExecutor(len(folders)) as pool:
        yield from pool.map(one, chosen)


def write(rows: list[Judged], path: Path) -> None:
    """Write a table of mutants; those of stages that were not tried this time stay."""
    table = pd.DataFrame([asdict(row) for row in rows])
    if path.is_file():
        known = pd.read_csv(path, keep_default_na=False)
        table = pd.concat([known[~known["stage"].isin(table["stage"])], table], ignore_index=True)
    table.to_csv(path, index=False, lineterminator="\n")


def main() -> None:
    """Try mutants as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stages", nargs="+", choices=STAGES, default=list(STAGES))
    parser.add_argument("--only", nargs="+", default=(), help="modules and folders, such as insights/claims")
    parser.add_argument("--sample", type=int, default=40, help="mutants of each stage")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2, help="mutants tried at the same time")
    parser.add_argument(
        "--timeout", type=float, default=300, help="seconds after which a mutant counts as killed"
    )
    parser.add_argument("--output", type=Path, default=OUTPUT)
    options = parser.parse_args()
    os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"))
    for name in PRELOADED:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    with tempfile.TemporaryDirectory() as scratch:
        folders = [project_copy(Path(scratch, str(i))) for i in range(options.workers)]
        for stage in options.stages:
            rows: list[Judged] = []
            for row in judged(
                sample(stage, options.sample, options.seed, tuple(options.only)), folders, options.timeout
            ):
                rows.append(row)
                write(rows, options.output)
    table = pd.read_csv(options.output)
    print(pd.crosstab(table["stage"], table["outcome"]).to_string())  # noqa: T201


if __name__ == "__main__":
    main()
