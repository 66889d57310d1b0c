"""What the rules share: the countries of this run, the insights, and what each job depends on.

A job depends on three kinds of things, and runs again when one of them changes: its data (input files), its settings
(a digest under `params`, so that a country's file touches that country only) and the library's modules behind it (a
digest of what they do, as Snakemake does not see edits in imported modules).

Snakemake remembers this in `.snakemake`, for this checkout. Products also carry it themselves: one that was made from
something else, by another checkout that shares data/ or before `.snakemake` was deleted, is made again (`again_if_stale`).
"""

import os
import sys
from pathlib import Path

ROOT = Path(workflow.basedir)
sys.path.insert(0, str(ROOT / "src"))

from snakemake.persistence import PersistenceBase

from disrupting_harm.running import core_dumps, memo, plan
from disrupting_harm.running.jobs import SITE, TEXTS, WORKBOOK, Jobs
from disrupting_harm.running.warm.start import start as start_warm

# Parameters of these rules are texts. To see that none of them is a data frame, Snakemake would import pandas at each
# start: an eighth of a run that finds nothing to do. It has no setting for this.
if hasattr(PersistenceBase, "_serialize_param_builtin"):
    PersistenceBase._serialize_param_pandas = PersistenceBase._serialize_param_builtin

core_dumps.limit()  # for all that is started from here
plan.use_checkout(ROOT)
try:
    plan.check_folder(ROOT)
    plan.date_back(ROOT)
    PLAN = plan.make(ROOT, config)
    DATED = plan.date_inputs(PLAN) if workflow.is_main_process else ""
except plan.StopError as error:
    sys.exit(str(error))  # what is wrong, in words, without a traceback

if workflow.is_main_process:
    for notice in filter(None, (DATED, PLAN.warning_if_open)):
        print(notice, file=sys.stderr)

JOBS = Jobs(PLAN)
COUNTRIES = PLAN.countries
INSIGHTS = PLAN.insights
COMPARISONS = PLAN.comparisons


wildcard_constraints:
    country="[a-z]{3}",
    insight="[a-z][a-z0-9_]*",


def again_if_stale(kind, **patterns):
    """An input function that names no file: a job runs again if its products were made from something else.

    They are forced, which leaves them in place until the job begins, and is seen by a dry run.
    patterns: what the job is known by, if not by its wildcards.
    """

    def look(wildcards):
        known = {name: text.format(**wildcards) for name, text in patterns.items()} or dict(wildcards.items())
        job = JOBS.job(kind, **known)
        if workflow.is_main_process and job.problem():
            workflow.dag.forcefiles.update(job.products)
        return []

    return look


def country_settings(wildcards):
    """Fingerprint of all settings behind one country's results."""
    return PLAN.country_settings(wildcards.country)


def insight_settings(wildcards):
    """Fingerprint of the settings behind one insight, for every country."""
    return PLAN.insight_settings(wildcards.insight)


def comparison_settings(wildcards):
    """Fingerprint of the settings behind one comparison of the countries of this run."""
    return PLAN.comparison_settings(wildcards.insight)


def harmonise_settings(wildcards):
    """Fingerprint of the settings behind one country's harmonised tables."""
    return PLAN.harmonise_settings(wildcards.country)


def quality_settings(wildcards):
    """Fingerprint of the settings behind the remarks on one country's data."""
    return PLAN.quality_settings(wildcards.country)


def suppression_settings(wildcards):
    """Fingerprint of the settings that decide what may be shown of one country."""
    return PLAN.suppression_settings(wildcards.country)


def delivered(wildcards):
    """The files that one country is read from."""
    return PLAN.delivered(wildcards.country)


def estimates_of(folder):
    """Estimates of one insight, or of all for a comparison that is not about one, for all countries of the run."""

    def tables(wildcards):
        insights = [wildcards.insight] if wildcards.insight in INSIGHTS else INSIGHTS
        return collect(f"{folder}/{{country}}/{{insight}}.csv", country=COUNTRIES, insight=insights)

    return tables


def comparison_children(wildcards):
    """Harmonised children and what has been decided about them, for a comparison that goes back to the answers."""
    if wildcards.insight in INSIGHTS:
        return []
    files = ("children.parquet", "suppression.parquet", "alternatives.npz")
    return collect("data/harmonised/{country}/{file}", country=COUNTRIES, file=files)


onstart:
    # What is forced is made, and not written again from what an earlier run has kept.
    chosen = workflow.dag_settings
    if chosen.forceall or chosen.forcerun or chosen.forcetargets:
        os.environ[memo.SWITCH] = memo.OFF
    # Jobs on this machine are forked from one process that has imported everything; it ends with this one.
    if workflow.local_exec:
        start_warm()
        # There is no limit to jobs a second to be kept here. With one, Snakemake looks for jobs anew each second, once
        # for every job that has ended: after hundreds it does little else, and it waits a second before it ends.
        # Its setting (max-jobs-per-timespan) knows no "unlimited".
        workflow.scheduler.job_rate_limiter = None


# On a node of a cluster no hook is called. The first Snakemake there names the place to those that it starts for single jobs.
if workflow.remote_exec:
    start_warm()
