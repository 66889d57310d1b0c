"""The whole workflow on a cluster, with profiles/slurm: `make test-slurm`. Minutes, and so not part of `make test`."""

import re
import shutil
import subprocess
import tempfile
import threading
from importlib.util import find_spec
from pathlib import Path

import pytest

from . import cluster as slurm

COUNTRIES = "ken,uga,tha,bra,srb,col"
"""Three that share the file of phase one, and three with files of their own."""
PROFILE = (
    *("--workflow-profile", "slurm", "--slurm-no-account", "--slurm-status-command", "squeue"),
    *("--slurm-init-seconds-before-status-checks", "2", "--seconds-between-status-checks", "2"),
)
"""The profile, and what a cluster without accounts and accounting needs besides; more looks, for the test's sake."""

pytestmark = [
    pytest.mark.slurm,
    pytest.mark.skipif(
        bool(slurm.missing()), reason=f"{', '.join(slurm.missing())} not installed: {slurm.INSTALL}"
    ),
    pytest.mark.skipif(
        not find_spec("snakemake_executor_plugin_slurm"),
        reason="snakemake-executor-plugin-slurm not installed: make .venv/ready-for-slurm",
    ),
]


@pytest.fixture
def cluster():
    """Three nodes, in a folder whose name is short enough for a socket's."""
    folder = Path(tempfile.mkdtemp(prefix="slurm-"))
    try:
        with slurm.Cluster(folder) as up:
            yield up
    finally:
        shutil.rmtree(folder)


def made(root: Path) -> dict[Path, bytes]:
    """Everything that a run leaves for people and for the next step."""
    files = [path for top in ("data", "results") for path in (root / top).rglob("*") if path.is_file()]
    return {path.relative_to(root): path.read_bytes() for path in files}


def test_six_countries_on_three_nodes_of_which_one_is_lost(copy_project, cluster):
    """The node goes when the first page is there; its countries run again elsewhere, and nothing differs in the end."""
    here, there = copy_project("computer"), copy_project("cluster")
    there.environment |= cluster.environment
    lost: list[str] = []

    def lose_a_node() -> None:
        """The one with most to do, while somebody waits for it."""
        slurm.wait_for(lambda: [*there.root.glob("results/???/*.html")], 1200)
        busiest = max(cluster.nodes, key=lambda node: len(cluster.jobs(node)))
        lost.extend(cluster.jobs(busiest))
        cluster.lose(busiest)

    trouble = threading.Thread(target=lose_a_node)
    trouble.start()
    run = there.snakemake(*PROFILE, country=COUNTRIES)
    trouble.join()
    assert run.code == 0, run.out
    assert "down*" in cluster.states().values()
    assert lost
    for job in lost:
        assert "Restarts=1" in cluster.call("scontrol", "show", "job", job)
    assert {*re.findall(r"Group job (\w+)", run.out)} == {*COUNTRIES.split(","), "comparisons"}

    run = here.snakemake("--cores", "2", country=COUNTRIES)
    assert run.code == 0, run.out
    on_cluster, on_computer = made(there.root), made(here.root)
    assert on_cluster.keys() == on_computer.keys()
    assert [file for file, content in on_cluster.items() if content != on_computer[file]] == []


def test_a_country_that_runs_out_of_memory_gets_more(copy_project, cluster):
    project = copy_project("memory")
    project.environment |= cluster.environment
    too_little = "harmonise:mem_mb=250 * 2 ** (attempt - 1)"
    target = "data/harmonised/bra/children.parquet"
    run = project.snakemake(target, *PROFILE, "--set-resources", too_little, country="bra")
    assert run.code == 0, run.out
    assert "Trying to restart" in run.out


def test_nothing_is_left_of_a_cluster(cluster):
    folder = cluster.folder
    daemons = [daemon.pid for daemon in cluster.daemons.values()]
    subprocess.run(["sbatch", "--wrap", "srun sleep 600"], env=cluster.environment, cwd=folder, check=True)
    slurm.wait_for(lambda: cluster.processes(*cluster.nodes))
    jobs = cluster.processes(*cluster.nodes)
    cluster.down()
    slurm.wait_for(lambda: not any(Path(f"/proc/{process_id}").exists() for process_id in (*daemons, *jobs)))
