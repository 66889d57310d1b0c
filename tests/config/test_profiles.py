"""Profiles are settings that Snakemake knows, and that of the cluster says something about every rule."""

import re
from itertools import pairwise
from types import SimpleNamespace

import pytest
import yaml
from snakemake.cli import get_argument_parser

PER_MACHINE = {"cores", "jobs", "executor"}
"""What a cluster has otherwise than a computer."""


@pytest.fixture(scope="module")
def profiles(root):
    """The settings of both profiles."""
    files = {name: root / "profiles" / name / "config.yaml" for name in ("default", "slurm")}
    return SimpleNamespace(**{name: yaml.safe_load(file.read_text()) for name, file in files.items()})


@pytest.fixture(scope="module")
def rules(root):
    """The rules with a name of their own; those of the synthetic survey are made from the settings."""
    files = (root / "workflow/rules").glob("*.smk")
    return {name for file in files for name in re.findall(r"^rule (\w+):", file.read_text(), re.MULTILINE)}


def test_every_setting_is_one_of_snakemake(profiles):
    actions = get_argument_parser()._actions
    known = {option.lstrip("-") for action in actions for option in action.option_strings}
    assert {*profiles.default, *profiles.slurm} <= known


def test_the_cluster_behaves_as_the_computer_does(profiles):
    shared = {key: value for key, value in profiles.default.items() if key not in PER_MACHINE}
    assert {key: profiles.slurm.get(key) for key in shared} == shared


def test_every_rule_has_a_group_and_resources(profiles, rules):
    assert profiles.slurm["groups"].keys() == rules
    assert profiles.slurm["set-resources"].keys() == rules
    assert {*profiles.slurm["groups"].values()} == profiles.slurm["group-components"].keys()


def test_rules_of_one_country_are_one_job(root, profiles):
    """The group of a rule is told by whether its log has the country in its name."""
    for file in (root / "workflow/rules").glob("*.smk"):
        for name, log in re.findall(r"^rule (\w+):.*?log:\s+\"(.+?)\"", file.read_text(), re.M | re.S):
            of_country = "{country}" in log
            assert profiles.slurm["groups"][name] == ("{country}" if of_country else "comparisons"), name


def test_more_of_memory_and_time_at_each_attempt(profiles):
    slurm = profiles.slurm
    for resources in (*slurm["set-resources"].values(), slurm["default-resources"]):
        assert resources.keys() == {"mem_mb", "runtime"}
        for expression in resources.values():
            asked = [eval(expression, {"attempt": attempt}) for attempt in range(1, slurm["retries"] + 2)]
            assert [later / first for first, later in pairwise(asked)] == [2, 2]
