"""The three ways to install agree: names in requirements.in, versions in the locks, environment.yml for conda.

This shows agreement. It does not show that conda can solve the environment: that needs conda's channels.
"""

import re
import subprocess
from pathlib import Path

import pytest
import yaml
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.version import Version
from rattler import MatchSpec

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements-uv", "requirements", "requirements-dev", "requirements-slurm", "requirements-mutants")
# The same software under conda's name; the smaller build where conda offers one.
CONDA_NAMES = {
    "snakemake-minimal": "snakemake",
    "nbconvert-core": "nbconvert",
    "seaborn-base": "seaborn",
    "matplotlib-base": "matplotlib",
}
THE_INTERPRETER = {"python_full_version": "3.11.9", "python_version": "3.11"}


def wanted(name: str) -> dict[str, Requirement]:
    """Requirements of a .in file by name."""
    lines = (ROOT / f"{name}.in").read_text().splitlines()
    requirements = [Requirement(line) for line in lines if line.strip() and not line.startswith(("#", "-"))]
    return {requirement.name: requirement for requirement in requirements}


def locked(name: str) -> dict[str, Version]:
    """Versions of a lock by name, for the Python that the project runs on."""
    versions = {}
    for line in (ROOT / f"{name}.lock").read_text().splitlines():
        match = re.match(r"(\S+)==(\S+?)(?: ; (.+?))? \\$", line)
        if match and (match[3] is None or Marker(match[3]).evaluate(THE_INTERPRETER)):
            versions[match[1]] = Version(match[2])
    return versions


@pytest.fixture(scope="module")
def conda() -> dict:
    return yaml.safe_load((ROOT / "environment.yml").read_text())


def conda_specs(conda: dict) -> dict[str, MatchSpec]:
    """Each spec, read strictly, by the name that the software has on PyPI."""
    texts = [entry for entry in conda["dependencies"] if isinstance(entry, str)]
    specs = {text.split()[0]: MatchSpec(text, strict=True) for text in texts}
    return {CONDA_NAMES.get(name, name): spec for name, spec in specs.items()}


def pip_section(conda: dict) -> dict[str, Requirement]:
    sections = [entry["pip"] for entry in conda["dependencies"] if isinstance(entry, dict)]
    return {Requirement(text).name: Requirement(text) for section in sections for text in section}


def test_conda_file_has_the_usual_keys_and_channels(conda):
    assert set(conda) == {"name", "channels", "dependencies"}
    assert conda["channels"] == ["conda-forge", "bioconda", "nodefaults"]


def test_conda_installs_what_requirements_name(conda):
    names = conda_specs(conda).keys() - {"python", "pip"}
    assert names | pip_section(conda).keys() == wanted("requirements").keys()
    assert not names & pip_section(conda).keys()


def test_conda_versions_are_the_locked_ones(conda):
    versions = locked("requirements") | {"python": Version("3.11")}
    for name, spec in conda_specs(conda).items():
        if name == "pip":
            continue
        exact = re.fullmatch(r"=?(\d+\.\d+)(\.\*)?", str(spec.version))
        assert exact, f"{name}: say one version, as in '{name} =1.2'"
        assert versions[name].release[:2] == Version(exact[1]).release, name


def test_pip_section_pins_the_locked_versions(conda):
    versions = locked("requirements")
    for name, requirement in pip_section(conda).items():
        assert str(requirement.specifier) == f"=={versions[name]}"


@pytest.mark.parametrize("name", LOCKS)
def test_lock_holds_what_is_wanted(name):
    versions = locked(name)
    for package, requirement in wanted(name).items():
        assert package in versions, f"{package} is not in {name}.lock: run `make lock`"
        assert requirement.specifier.contains(versions[package]), f"{package}: run `make lock`"


@pytest.mark.parametrize("name", LOCKS)
def test_lock_has_a_hash_for_each_entry_and_no_address(name):
    text = (ROOT / f"{name}.lock").read_text()
    entries = re.split(r"\n(?=\S)", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).strip())
    assert entries
    for entry in entries:
        assert "--hash=sha256:" in entry, entry.splitlines()[0]
    assert "://" not in text
    assert not re.search(r"^\s*(-i|-{2}(extra-)?index-url|-{2}find-links|-f)\b", text, re.MULTILINE)


@pytest.mark.parametrize("name", ["requirements-dev", "requirements-slurm", "requirements-mutants"])
def test_lock_with_more_in_it_agrees_with_the_lock(name):
    more, analysis = locked(name), locked("requirements")
    assert {package: more.get(package) for package in analysis} == analysis


def test_executor_of_the_cluster_is_installed_only_where_it_is_asked_for():
    """Installed, it would make every start of Snakemake half a second longer."""
    added = locked("requirements-slurm").keys() - locked("requirements").keys()
    assert added == {"snakemake-executor-plugin-slurm", "snakemake-executor-plugin-slurm-jobstep"}
    assert not added & locked("requirements-dev").keys()


def tracked_files() -> list[Path]:
    """Text files of the project, without the tests, which may speak of what is forbidden."""
    names = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    kinds = {
        "",
        ".py",
        ".smk",
        ".yml",
        ".yaml",
        ".toml",
        ".in",
        ".lock",
        ".md",
        ".ipynb",
        ".j2",
        ".css",
        ".js",
        ".html",
    }
    paths = (ROOT / name for name in names.split("\0") if name and not name.startswith("tests/"))
    return [path for path in paths if path.suffix in kinds and path.is_file()]


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="git tells which files belong to the project")
def test_no_file_names_a_package_index_or_a_place_on_a_machine():
    hosts = r"pypi\.org|pythonhosted|npmjs\.|deb\.debian|conda\.anaconda|repo\.anaconda"
    places = r"(?<![\w.])/(?:home|root|Users|work|workspace|mnt|opt)/\w"
    for path in tracked_files():
        match = re.search(f"{hosts}|{places}", path.read_text(encoding="utf-8"))
        assert not match, f"{path.relative_to(ROOT)}: {match and match[0]}"
