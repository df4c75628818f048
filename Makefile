# Every command of the repository; continuous integration runs the same targets.
# A bare machine needs make and Python 3.11 or newer.  With another one: make run PYTHON=python3.13

PYTHON ?= python3
UV := uv==0.13.9
BIN := .venv/bin

# Bytecode is kept: without it every start compiles again what it imports.
unexport PYTHONDONTWRITEBYTECODE PYTHONHOME PYTHONPATH VIRTUAL_ENV
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore
# Trust what the machine trusts: offices often have a certificate of their own.
export UV_SYSTEM_CERTS ?= 1

# An environment that was moved, half made, made with another uv, or whose Python is gone, is made anew.
MADE := .venv/.made
HERE := $(CURDIR) $(UV)
ifneq ($(shell $(BIN)/python -c '' 2>/dev/null && cat $(MADE) 2>/dev/null),$(HERE))
$(shell rm -f $(MADE))
endif

.PHONY: run test install install-dev lint types layers dependencies content drawings tests compat soak bench train eval draw lock upgrade clean

run: install
	@exec $(BIN)/hamroh run

# Each check takes one core: they run beside the tests.
test: tests lint types layers dependencies content drawings compat
ifneq ($(filter test,$(MAKECMDGOALS)),)
MAKEFLAGS += -j2
endif

# --- what is installed -------------------------------------------------------------------------

install: .venv/.installed
install-dev: .venv/.installed-dev

$(MADE):
	@echo 'Installing into .venv; the first time this takes a minute or two.' >&2
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Hamroh needs Python 3.11 or newer: make PYTHON=python3.x")'
	@$(PYTHON) -m venv --clear .venv
	@$(BIN)/python -m pip install --quiet '$(UV)'
	@echo '$(HERE)' > $@

.venv/.installed: requirements.lock pyproject.toml $(MADE)
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode --require-hashes -r $<
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps -e .
	@touch $@

.venv/.installed-dev: requirements-dev.lock .venv/.installed
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r $<
	@touch $@

# --- the checks, each by itself ----------------------------------------------------------------

lint: install-dev
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .

types: install-dev
	@$(BIN)/mypy

layers: install-dev
	@$(BIN)/lint-imports --no-logo

dependencies: install-dev
	@$(BIN)/deptry bot storage

content: install-dev
	@$(BIN)/hamroh content check

drawings: install-dev
	@$(BIN)/hamroh draw --check

# Databases of tests are many, small and soon thrown away: in memory where there is enough of it, no disk is waited for.
ROOMY := $(shell test "$$(df -Pm /dev/shm 2>/dev/null | awk 'END { print $$4 }')" -gt 4000 2>/dev/null && echo /dev/shm)
tests compat soak: export TMPDIR := $(or $(TMPDIR),$(ROOMY),/tmp)

tests: install-dev
	@command -v chromium >/dev/null || echo 'Not tested here: the stage in a browser (apt-get install chromium).'
	@$(BIN)/python -m pytest -q -n 3 --dist worksteal -m 'not soak' --ignore=tests/compat

# In one process of their own: importing aiogram takes eight seconds, and every process imports all that it may run.
compat: install-dev
	@$(BIN)/python -m pytest -q -m 'not soak' tests/compat

# --- longer runs -------------------------------------------------------------------------------

soak: install-dev
	@$(BIN)/python -m pytest -q -n 2 --dist worksteal -m soak --hypothesis-profile=soak

# Standard output is JSON lines alone.
bench: install-dev
	@$(BIN)/python -m benchmarks

# The model of screening: learned anew (a worse one is refused) · its figures and curves written into docs/reference.
train: install-dev
	@OMP_NUM_THREADS=1 $(BIN)/python -m training.fit

eval: install-dev
	@$(BIN)/python -m training.measure

draw: install
	@$(BIN)/hamroh draw

# --- what is locked ----------------------------------------------------------------------------
# Two locks: what runs, and what checks it.  They hold versions and hashes, no address and no path.

COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header --no-annotate $(UPGRADE)

lock: $(MADE)
	@$(COMPILE) --output-file requirements.lock pyproject.toml
	@$(COMPILE) --output-file requirements-dev.lock --extra dev --constraints requirements.lock pyproject.toml

upgrade: UPGRADE = --upgrade
upgrade: lock

# Databases and keys are never touched.
clean:
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
	@find bot storage tests -name __pycache__ -type d -prune -exec rm -rf {} +
