"""What the rules share: the countries of this run, the insights, and what each job depends on.

A job depends on its data (input files), on its settings (those of one country, so that a country's file touches that
country only) and on the library's modules behind it, as Snakemake does not see edits in imported modules. Products carry
a record of all three (`files/records.py`): one that was made from something else is made again (`again_if_stale`), also
by another checkout that shares data/, and after `.snakemake` was deleted. What Snakemake remembers by itself is the
rules' code and the names and times of files.
"""

import os
import sys
from pathlib import Path

ROOT = Path(workflow.basedir)
sys.path.insert(0, str(ROOT / "src"))

from disrupting_harm.running import core_dumps, memo, plan
from disrupting_harm.running.jobs import SITE, TEXTS, WORKBOOK, Jobs
from disrupting_harm.running.warm.start import start as start_warm

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
