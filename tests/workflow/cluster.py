"""A Slurm cluster of made-up nodes on this machine, with its own folder, key and ports.

Needs Debian's slurm-wlm and munge; no systemd, no cgroups, no accounting. The daemons are children of this process and
end with it, whatever happens to it.
"""

import contextlib
import getpass
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

DAEMONS = ("munged", "slurmctld", "slurmd")
INSTALL = "apt-get install --no-install-recommends slurm-wlm munge"
PLACES = os.pathsep.join([os.environ["PATH"], "/usr/sbin", "/usr/local/sbin"])
PATIENCE = 60
"""Seconds until the nodes have to be there."""

SETTINGS = """
ClusterName=made-up
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={port}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket,cred_expire=20
CryptoType=crypto/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/%n.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=1
JobAcctGatherParams=OverMemoryKill
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SlurmdParameters=config_overrides
SchedulerParameters=sched_interval=2,batch_sched_delay=0
MinJobAge=300
KillWait=5
SlurmdTimeout=10
ReturnToService=2
PartitionName=main Nodes=ALL LLN=YES Default=YES MaxTime=INFINITE State=UP
"""
NODE = "NodeName={node} NodeHostname={host} NodeAddr=127.0.0.1 Port={port} CPUs=4 RealMemory=6000\n"


def missing() -> list[str]:
    """Programs that are not installed."""
    return [daemon for daemon in DAEMONS if not shutil.which(daemon, path=PLACES)]


class Cluster:
    """A cluster, up inside a `with`. `environment`: what programs need that talk to it."""

    def __init__(self, folder: Path, nodes: int = 3) -> None:
        self.folder, self.settings = folder, folder / "slurm.conf"
        self.nodes = [f"node{number}" for number in range(1, nodes + 1)]
        self.daemons: dict[str, subprocess.Popen] = {}
        self.environment = {
            "SLURM_CONF": str(self.settings),
            "PATH": os.pathsep.join([str(folder / "bin"), PLACES]),
        }

    def __enter__(self) -> "Cluster":
        try:
            self.configure()
            self.up()
        except BaseException:
            self.down()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.down()

    def configure(self) -> None:
        """Write settings and key. Executor plugins drop SLURM_CONF before they call srun: ours brings it back."""
        for folder in ("state", "bin", *self.nodes):
            (self.folder / folder).mkdir(mode=0o700)
        key = self.folder / "munge.key"
        key.write_bytes(os.urandom(1024))
        key.chmod(0o400)
        host = socket.gethostname().partition(".")[0]
        ports = free_ports(len(self.nodes) + 1)
        text = SETTINGS.format(host=host, port=ports.pop(), user=getpass.getuser(), folder=self.folder)
        text += "".join(NODE.format(node=node, host=host, port=ports.pop()) for node in self.nodes)
        self.settings.write_text(text)
        srun = self.folder / "bin/srun"
        srun.write_text(
            f'#!/bin/sh\nSLURM_CONF={self.settings} exec {shutil.which("srun", path=PLACES)} "$@"\n'
        )
        srun.chmod(0o700)

    def up(self) -> None:
        """Start the daemons and wait until all nodes are there."""
        options = [
            f"--{name}={self.folder}/munge.{name}" for name in ("socket", "pid-file", "log-file", "seed-file")
        ]
        # Root's key and a temporary folder are not what munged would like to see: --force makes that a warning.
        self.start("munged", "--foreground", "--force", f"--key-file={self.folder}/munge.key", *options)
        wait_for((self.folder / "munge.socket").exists)
        self.start("slurmctld", "-D", "-c")
        for node in self.nodes:
            self.start("slurmd", "-D", "-N", node, name=node)
        wait_for(lambda: self.states() == dict.fromkeys(self.nodes, "idle"))

    def start(self, *words: str, name: str = "") -> None:
        """Start a daemon that ends when this process does."""
        with (self.folder / f"{name or words[0]}.log").open("ab") as log:
            self.daemons[name or words[0]] = subprocess.Popen(
                ["setpriv", "--pdeathsig", "TERM", *words],
                env=os.environ | self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def call(self, *words: str) -> str:
        """What a program of Slurm answers; nothing, if it fails."""
        environment = os.environ | self.environment
        return subprocess.run(words, env=environment, capture_output=True, text=True, check=False).stdout

    def states(self) -> dict[str, str]:
        """The state of each node: idle, mixed, allocated, down* ..."""
        return dict(line.split() for line in self.call("sinfo", "-hN", "-o", "%N %T").splitlines())

    def jobs(self, node: str) -> list[str]:
        """Numbers of the jobs that run on a node."""
        return self.call("squeue", "-h", "-w", node, "-t", "RUNNING", "-o", "%A").split()

    def lose(self, node: str) -> None:
        """A node loses its power: its daemon and everything that runs on it end at once, and nobody is told."""
        self.daemons.pop(node).kill()
        kill(self.processes(node))

    def processes(self, *nodes: str) -> list[int]:
        """Processes of the jobs on some nodes of this cluster, those of Slurm that watch over them first."""
        marks = [f"SLURMD_NODENAME={node}".encode() for node in nodes]
        setting = f"SLURM_CONF={self.settings}".encode()
        processes = {}
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                variables = (folder / "environ").read_bytes().split(b"\0")
                if setting in variables and any(mark in variables for mark in marks):
                    processes[int(folder.name)] = int(
                        (folder / "stat").read_text().rpartition(")")[2].split()[1]
                    )
        return [*{parent for parent in processes.values() if is_watching(parent)}, *processes]

    def down(self) -> None:
        """End jobs, then daemons."""
        if {"slurmctld", "munged"} <= {*self.daemons}:
            self.call("scancel", "--full", "--signal=KILL", f"--user={getpass.getuser()}")
        kill(self.processes(*self.nodes))
        for daemon in reversed([*self.daemons.values()]):
            daemon.terminate()
            try:
                daemon.wait(timeout=10)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()
        self.daemons.clear()


def is_watching(process: int) -> bool:
    """Whether a process is Slurm's own, which watches over the processes of a job and tells how they end."""
    try:
        return Path(f"/proc/{process}/comm").read_text().startswith("slurmstepd")
    except OSError:
        return False


def kill(processes: list[int]) -> None:
    """End processes at once."""
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)


def free_ports(count: int) -> list[int]:
    """Ports of this machine that nobody listens to."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for listener in sockets:
            listener.bind(("127.0.0.1", 0))
        return [listener.getsockname()[1] for listener in sockets]


def wait_for(happened, seconds: float = PATIENCE) -> None:
    """Wait until something is true. Raises TimeoutError."""
    end = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.2)
