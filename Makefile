# make run            set up .venv, then run the workflow for all countries; open results/index.html
# make run COUNTRY=ken         one country, by code or name; phase_two, southeast_asia, ken,uga ...
# make watch          run again whenever a file is saved, and reload the open page; COUNTRY=ken as above
# make check          set up .venv with the test tools, then check style and run the quick tests; for while you edit: under four minutes
# make test           the same and the rest: the workflow, its products, and every test; before you commit
# make test-slurm     run the workflow on a Slurm cluster of three simulated nodes; takes minutes, needs Debian's slurm-wlm and munge
# make mutants        try random slips in four stages and count those that the tests catch; takes hours; OPTIONS="--stages insights"
# make lock           rewrite the locks from the .in files
# make hooks          make git refuse microdata, notebook outputs and results in this checkout
# make clean          remove results and logs; keep data/

PYTHON ?= python3.11
COUNTRY ?= all

BIN := .venv/bin
INSTALL = $(BIN)/uv pip install --python $(BIN)/python --compile-bytecode --quiet
LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-annotate --custom-compile-command "make lock"

# Recipes take COUNTRY from their environment: a name may hold a quote, as in "Cote d'Ivoire".
export COUNTRY
# The tools of .venv come first, for the commands that rules call too; Python keeps compiled modules.
export PATH := $(CURDIR)/$(BIN):$(PATH)
unexport PYTHONDONTWRITEBYTECODE PYTHONPATH PYTHONHOME

.PHONY: run watch check style test test-slurm mutants lock hooks clean
.DELETE_ON_ERROR:

run: .venv/ready
	snakemake --config country="$$COUNTRY" $(if $(MAKE_TERMOUT),--logger rich)
	@echo 'Open results/index.html in a browser.'

watch: .venv/ready
	disrupting-harm watch "$$COUNTRY"

# What may be in the quick ring is decided by the marker `slow`, and kept by tests/conftest.py.
check: style
	pytest -n auto --dist worksteal -m "not slow and not slurm"

style: .venv/ready-to-test
	ruff check
	ruff format --check
	pyrefly check
	snakefmt --check Snakefile workflow

test: style
	snakemake --lint
	pytest -n 2 --dist loadfile --no-loadscope-reorder

test-slurm: .venv/ready-to-test .venv/ready-for-slurm
	pytest -m slurm tests/workflow/test_slurm.py

mutants: .venv/ready-to-test .venv/ready-for-mutants
	python benchmarks/mutants.py $(OPTIONS)

# Each lock is installed only when it has changed. uv refuses a file whose hash is not in the lock.
.venv/uv: requirements-uv.lock
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 is needed: make $(MAKECMDGOALS) PYTHON=path/to/python3.11"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-uv.lock
	@touch $@

.venv/ready: .venv/uv requirements.lock pyproject.toml
	$(INSTALL) --require-hashes -r requirements.lock
	$(INSTALL) --no-deps --editable .
	@touch $@

.venv/ready-to-test: .venv/ready requirements-dev.lock
	$(INSTALL) --require-hashes -r requirements-dev.lock
	@touch $@

# The executor makes each start of Snakemake half a second longer, so it is here only where it is asked for.
.venv/ready-for-slurm: .venv/ready requirements-slurm.lock
	$(INSTALL) --require-hashes -r requirements-slurm.lock
	@touch $@

.venv/ready-for-mutants: .venv/ready requirements-mutants.lock
	$(INSTALL) --require-hashes -r requirements-mutants.lock
	@touch $@

lock: .venv/uv
	$(LOCK) requirements-uv.in -o requirements-uv.lock
	$(LOCK) requirements.in -o requirements.lock
	$(LOCK) -c requirements.lock requirements-dev.in -o requirements-dev.lock
	$(LOCK) -c requirements.lock requirements-slurm.in -o requirements-slurm.lock
	$(LOCK) -c requirements.lock -c requirements-dev.lock requirements-mutants.in -o requirements-mutants.lock

hooks:
	git config core.hooksPath .githooks

clean:
	rm -rf logs
	find results -mindepth 1 -not -name README.md -delete
