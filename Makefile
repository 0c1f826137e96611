# Every target installs what it needs. `make help` lists the targets.
SHELL := /bin/bash
PYTHON_RANGE := >=3.11,<3.13
VENV := .venv
SDK := $(VENV)-sdk
# Large checkers run as separate tools, outside the project's environment.
SAM := aws-sam-cli==1.164.0
CHECKOV := checkov==3.3.30
AWS_CLI := awscli==1.46.2
# Clients that tests run in an environment of their own.
CLIENTS := sagemaker==2.257.7 sagemaker-core==2.27.0 aws-cdk-lib==2.275.0
CDK_CLI := aws-cdk@2.1148.1
# Three workers keep two cores busy while one waits. The tests of a file stay in one worker with
# their fixtures (tests/workers.py). The files run in alphabetical order, so that the long ones
# (end_to_end, infra) start early. WORKERS=4 starts another one.
WORKERS := 3
IN_PARALLEL := -n $(WORKERS) --dist loadfile --no-loadscope-reorder
PYTHON := $(VENV)/bin/python
# Tests start a thousand processes, so all modules are compiled once before them. pytest keeps what
# it compiles itself: without that, each worker spends a third more time on collecting the tests.
export PYTHONDONTWRITEBYTECODE :=
COMPILE = $(PYTHON) -m compileall -q $(SOURCES)
# uv.lock has the hashes of all packages; --inexact keeps the extras that other targets installed.
SYNC = UV_PROJECT_ENVIRONMENT=$(VENV) $(UV) sync --quiet --frozen --inexact --compile-bytecode --python '$(PYTHON_RANGE)'
UV := $(shell command -v uv 2>/dev/null || echo ".venv-uv/bin/uv")
SOURCES := newsgroup_classifier inference_pipeline lambda_handler scripts local_aws tests benchmarks

.DEFAULT_GOAL := help
.PHONY: help demo local-aws tensorflow spacy check templates test test-sample test-all sdk bench results conformance reference format lock clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: $(VENV)/.core ## upload, train, register, deploy, and invoke locally (DEMO_ARGS=--keep)
	@exec $(VENV)/bin/newsgroup-classifier demo $(DEMO_ARGS)

local-aws: $(VENV)/.core ## start the local AWS in the foreground (LOCAL_AWS_PORT=4566)
	@PATH="$$PATH:$(CURDIR)/.venv-uv/bin" exec $(PYTHON) -m local_aws

tensorflow: $(VENV)/.tensorflow ## install TensorFlow for the recipes that need it

spacy: $(VENV)/.spacy ## install spaCy for `upload-data --vectors`

check: $(VENV)/.dev ## check format, lint, types, templates, documents, and imports
	$(PYTHON) -m ruff format --check $(SOURCES)
	$(PYTHON) -m ruff check $(SOURCES)
	$(PYTHON) -m mypy newsgroup_classifier inference_pipeline lambda_handler scripts local_aws benchmarks
	$(VENV)/bin/cfn-lint infra/*.yaml
	$(PYTHON) -m pytest -q tests/project local_aws/tests/contract
	@$(PYTHON) -m tests.project.line_share

templates: $(VENV)/.dev ## check the templates with cfn-lint, sam validate and checkov
	$(VENV)/bin/cfn-lint infra/*.yaml
	for template in infra/*.yaml; do SAM_CLI_TELEMETRY=0 $(UV) tool run --python '$(PYTHON_RANGE)' --from $(SAM) \
	  sam validate --lint --region us-east-1 --template "$$template" || exit 1; done
	$(UV) tool run --python '$(PYTHON_RANGE)' --from $(CHECKOV) checkov --quiet --compact \
	  --skip-download --framework cloudformation --file infra/*.yaml

test: $(VENV)/.dev ## run the fast tests, without a network (7 to 12 minutes on 2 cores)
	@$(COMPILE)
	$(PYTHON) -m pytest $(IN_PARALLEL) -m "not slow and not toolkit" --ignore=tests/project \
	  --ignore=local_aws/tests/contract

test-sample: $(VENV)/.dev ## run the tests that use DATASETS_DIR without it
	@$(COMPILE)
	env -u DATASETS_DIR $(PYTHON) -m pytest $(IN_PARALLEL) -m "datasets_dir and not slow and not toolkit"

test-all: $(VENV)/.dev $(SDK)/.installed ## run all tests (40 to 70 minutes on 2 cores)
	@$(COMPILE)
	@$(UV) tool run --quiet --from $(SAM) python -V >/dev/null
	@for client in $(CLIENTS); do \
	  $(UV) tool run --quiet --python $(PYTHON) --from $$client python -V >/dev/null || exit; done
	@if command -v npx >/dev/null; then npx --yes $(CDK_CLI) --version >/dev/null; fi
	PATH="$$PATH:$$(dirname "$$($(UV) tool run --quiet --python '$(PYTHON_RANGE)' --from $(AWS_CLI) which aws)")" \
	  $(PYTHON) -m pytest $(IN_PARALLEL)

sdk: $(SDK)/.installed ## install the SageMaker SDK v3 for test-all

bench: $(VENV)/.dev ## measure against baselines
	$(PYTHON) -m benchmarks

results: $(VENV)/.dev ## measure every figure of the documents (about three hours; RESULTS_ARGS=--list)
	$(PYTHON) -m benchmarks.reproduction $(RESULTS_ARGS)

conformance: $(VENV)/.dev ## write the conformance page and the page of promises
	@$(PYTHON) -m local_aws.tests.contract.conformance
	@$(PYTHON) -m tests.project.promises

reference: $(VENV)/.dev ## write the generated pages of docs/
	@$(PYTHON) -m tests.project.reference

format: $(VENV)/.dev ## format the code and fix lint errors
	$(PYTHON) -m ruff format $(SOURCES)
	$(PYTHON) -m ruff check --fix $(SOURCES)

lock: | $(UV) ## write uv.lock from pyproject.toml, and requirements.txt from uv.lock
	$(UV) lock --quiet
	$(UV) export --quiet --frozen --no-emit-workspace --no-annotate -o requirements.txt >/dev/null

clean: ## remove all files that the targets created
	rm -rf .venv .venv-* .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Debian's python3 lacks venv and others lack pip; either is enough.
.venv-uv/bin/uv:
	@command -v python3 >/dev/null || { echo "error: no python3 found; install Python 3.11 or 3.12" >&2; exit 1; }
	@echo "Installing uv into .venv-uv ..." >&2
	@python3 -m pip install --quiet --target .venv-uv uv 2>/dev/null \
	  || { python3 -m venv .venv-uv && .venv-uv/bin/pip install --quiet uv; } \
	  || { echo "error: uv could not be installed with pip; install it (https://docs.astral.sh/uv) and try again" >&2; exit 1; }

# Rebuild from scratch, since an interrupted installation cannot be repaired in place.
$(VENV)/.core: pyproject.toml uv.lock | $(UV)
	@command -v cc >/dev/null || { echo "error: no C compiler (cc) found; sagemaker-training compiles a small C file. Install one: 'apt-get install gcc libc6-dev' on Debian and Ubuntu, 'xcode-select --install' on macOS." >&2; exit 1; }
	@echo "Installing the locked packages into $(VENV) ..." >&2
	@rm -rf $(VENV)
	@$(SYNC)
	@touch $@

$(VENV)/.tensorflow: $(VENV)/.core
	@echo "Installing TensorFlow (1.2 GB) into $(VENV) ..." >&2
	@$(SYNC) --extra tensorflow
	@touch $@

$(VENV)/.spacy: $(VENV)/.core
	@echo "Installing spaCy (0.2 GB) into $(VENV) ..." >&2
	@$(SYNC) --extra spacy
	@touch $@

$(VENV)/.dev: $(VENV)/.core $(VENV)/.tensorflow $(VENV)/.spacy
	@$(SYNC) --extra dev
	@touch $@

# The SDK has a separate environment, since it installs packages that the images do not have.
$(SDK)/.installed: pyproject.toml uv.lock | $(UV)
	@echo "Installing the SageMaker SDK (0.7 GB) into $(SDK) ..." >&2
	@rm -rf $(SDK)
	@UV_PROJECT_ENVIRONMENT=$(SDK) $(UV) sync --quiet --frozen --no-install-workspace --extra sdk --python '$(PYTHON_RANGE)'
	@touch $@
