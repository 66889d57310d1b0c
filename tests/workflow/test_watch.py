"""`make watch`: again after each saved change, pages that follow, and an end without anything left."""

import errno
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest

from disrupting_harm.running import watch

from .conftest import ROOT

SNAKEFILE = """
rule page:
    input:
        "notebooks/text.txt"
    output:
        "results/index.html"
    shell:
        "cp {input} {output}"
"""
CALL = "import pathlib; from disrupting_harm.running.watch import follow; follow(pathlib.Path.cwd(), 'all', 0, print)"


def asked(address, method="GET", **headers):
    with urllib.request.urlopen(urllib.request.Request(address, method=method, headers=headers)) as answer:
        return answer.headers, answer.read().decode()


@pytest.fixture
def page(tmp_path):
    file = tmp_path / "ken/page.html"
    file.parent.mkdir()
    file.write_text("<p>before</p>")
    return file


def test_a_run_follows_each_set_of_changes():
    runs = []
    watch.repeat(lambda: runs.append(1), [set(), set(), {"a notebook"}, set(), {"a setting", "a module"}])
    assert len(runs) == 3


def test_a_served_page_follows_its_file_which_stays_as_it_is(page, tmp_path):
    (tmp_path / "table.csv").write_text("a,b")
    with watch.serving(tmp_path, 0) as address:
        headers, text = asked(f"{address}ken/page.html")
        assert text == "<p>before</p>" + watch.FOLLOW.decode()
        assert asked(f"{address}ken/page.html", "HEAD")[0]["ETag"] == headers["ETag"]
        page.write_text("<p>after</p>")
        os.utime(page, (0, 0))
        assert asked(f"{address}ken/page.html", "HEAD")[0]["ETag"] != headers["ETag"]
        assert asked(f"{address}table.csv")[1] == "a,b"
    assert page.read_text() == "<p>after</p>"


def test_a_page_that_is_gone_for_a_moment_is_said_to_be_missing(page, tmp_path, monkeypatch):
    """The workflow removes a page before it makes it again: also between a look at the folder and the reading."""
    page.unlink()
    monkeypatch.setattr(watch.Path, "is_file", lambda path: True)
    with watch.serving(tmp_path, 0) as address, pytest.raises(urllib.error.HTTPError, match="404"):
        asked(f"{address}ken/page.html")


def test_a_page_of_another_site_gets_no_answer(page, tmp_path):
    with (
        watch.serving(tmp_path, 0) as address,
        pytest.raises(urllib.error.HTTPError, match="421"),
    ):
        asked(f"{address}ken/page.html", Host="elsewhere.example")


def test_a_port_that_is_in_use_is_one_line_with_a_way_out():
    with socket.create_server((watch.HERE, 0)) as taken:
        port = taken.getsockname()[1]
        run = subprocess.run(
            [sys.executable, "-m", "disrupting_harm", "watch", "bra", "--port", str(port)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "DISRUPTING_HARM_WARM": "off"},
            capture_output=True,
            text=True,
            check=False,
        )
    assert run.returncode == 1
    assert run.stdout == ""
    hint = "`--port 0` uses a free one."
    assert run.stderr == f"Port {port} is in use, perhaps by another `watch`. {hint}\n"


def test_a_port_of_the_system_is_said_to_be_one(monkeypatch):
    def refuse(*_):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(watch, "ThreadingHTTPServer", refuse)
    with pytest.raises(watch.WatchError, match="Port 80 is reserved for the system"):
        watch.listening(80, watch.Page)


def test_saving_a_source_makes_its_page_again_and_an_interrupt_ends_all(tmp_path):
    (tmp_path / "Snakefile").write_text(SNAKEFILE)
    (tmp_path / "notebooks").mkdir()
    source = tmp_path / "notebooks/text.txt"
    source.write_text("first")
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "TMPDIR": str(tmp_path / "temporary")}
    (tmp_path / "temporary").mkdir()
    process = subprocess.Popen(
        [sys.executable, "-u", "-c", CALL],
        cwd=tmp_path,
        env={**environment, "SNAKEMAKE_PROFILE": str(ROOT / "profiles/default")},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    try:
        address = process.stdout.readline().split()[1]

        def shown():
            try:
                return asked(address)[1].removesuffix(watch.FOLLOW.decode())
            except urllib.error.HTTPError:
                return ""

        assert waits_for(lambda: shown() == "first")
        source.write_text("second")
        assert waits_for(lambda: shown() == "second")
    finally:
        os.killpg(process.pid, signal.SIGINT)
    assert "Ended." in process.communicate(timeout=30)[0]
    assert process.returncode == 0
    assert list((tmp_path / "temporary").glob("dh-*")) == []
    assert list(tmp_path.glob(".snakemake/locks/*")) == []


def waits_for(what, seconds=60):
    """Whether something comes true in time."""
    end = time.monotonic() + seconds
    while not what() and time.monotonic() < end:
        time.sleep(0.1)
    return what()
