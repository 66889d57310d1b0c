"""No core dumps: when a process crashes, the system would write its memory to a file, rows of children included.

Such a file is outside data/: in the working directory, or where a program that the kernel starts (systemd-coredump,
apport) keeps it. Two locks are used, as each has a gap that the other closes.

* The soft limit RLIMIT_CORE of 1 byte. A core file is not begun where the limit is below one page, and a kernel that
  hands cores to a program ("|" in /proc/sys/kernel/core_pattern) ignores every limit but 1, which stops it
  (fs/coredump.c, core(5)); a limit of 0 would not. The limit passes to every process that is started from here, shells
  and other programs too. Its gaps: an administrator may have fixed the limit at 0, which cannot be raised to 1; and
  newer kernels can hand cores to a socket ("@"), which is not known to heed the limit.
* prctl(PR_SET_DUMPABLE, 0). The kernel looks at it before anything else, whichever way the core would take. Its gap: it
  passes to forks, but not to another program that is executed. Besides, other programs of the same user can no longer
  attach to the process or read its memory; a debugger or profiler needs the administrator's rights.

The hard limit is left as it is, so that whoever looks for a fault can allow core dumps again on purpose. Where the
system has no such limits (Windows), nothing is done.
"""

from __future__ import annotations

import sys

LIMIT = 1 if sys.platform == "linux" else 0
"""The soft limit in bytes; elsewhere 1 has no special meaning, and a file of one byte is not wanted."""

_PR_SET_DUMPABLE = 4


def switch_off() -> None:
    """Let neither this process and its forks leave a core dump, nor any process started from here."""
    limit()
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def limit() -> None:
    """Set the limit alone: enough for a process that holds no rows, but starts some that do."""
    try:
        import resource
    except ImportError:
        return
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    soft = LIMIT if hard == resource.RLIM_INFINITY else min(LIMIT, hard)
    resource.setrlimit(resource.RLIMIT_CORE, (soft, hard))
