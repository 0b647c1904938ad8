# Two commands matter: `make demo` trains a network from nothing, `make test` runs the tests.
# Both make their own virtual environment in .venv; PYTHON=... chooses the interpreter for it.

PYTHON ?=
export PYTHON
BIN := .venv/bin
INSTALLS := pyproject.toml constraints.txt scripts/setup

.DEFAULT_GOAL := help
.PHONY: help demo test test-all check bench bench-setup study clean

help: ## Shows these lines.
	@sed -n 's/^\([a-z-]*\):.*## /make \1\t/p' $(MAKEFILE_LIST) | expand -t 18

demo: .venv/runtime.stamp ## Trains a network on Fashion-MNIST, or on digits where it cannot be had.
	@scripts/fashion-mnist
	@$(BIN)/lamina demo

test: .venv/dev.stamp ## Runs the tests, without the slow ones.
	@scripts/test

test-all: .venv/dev.stamp ## Runs all tests; those for a GPU skip themselves where there is none.
	@scripts/test -m ""

check: .venv/dev.stamp ## Format, lint, types and fast tests, stopping at the first failure.
	@scripts/check

bench-setup: .venv/dev.stamp ## Installs the libraries that the benchmarks compare with.
	@$(BIN)/python -m benchmarks.setup_peers

bench: .venv/dev.stamp ## Runs the benchmarks.
	@$(BIN)/python -m benchmarks.run

study: .venv/dev.stamp ## Measures what each kind of net reaches, hours long, and writes the docs' tables.
	@$(BIN)/python -m benchmarks.what_does_a_convolution_keep
	@$(BIN)/python -m benchmarks.how_far_can_it_go
	@$(BIN)/python -m benchmarks.how_far_can_it_go --by-hand --recipe cnn_fast
	@$(BIN)/python -m benchmarks.pages

clean: ## Removes the virtual environment and everything that was built.
	rm -rf .venv build dist *.egg-info .pytest_cache .ruff_cache .mypy_cache .hypothesis

.venv/runtime.stamp: $(INSTALLS)
	@scripts/setup runtime

.venv/dev.stamp: $(INSTALLS)
	@scripts/setup dev
