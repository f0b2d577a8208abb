# Everything a developer does. `make help` lists the targets.
#
# Tools come from PyPI into .tools/venv, with the versions that the files in requirements name. Rust (cargo), Python 3.11 or newer with
# venv, and Node.js 20 or newer have to be there before; ffmpeg and Chromium are installed with apt-get where that is possible.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules
.NOTPARALLEL:

PYTHON ?= python3
VENV := .tools/venv
TOOLS := $(VENV)/.local
DEPLOY_TOOLS := $(VENV)/.deploy
TEST_TOOLS := $(VENV)/.tests
PLAYERS := .tools/players/.installed
BIN := $(CURDIR)/$(VENV)/bin
WEB := crates/api/web
PROVIDER := tests/web/provider/node_modules/.installed
LIGHTHOUSE := tests/web/lighthouse/node_modules/.installed

# The functions that template.yaml deploys.
FUNCTIONS = $(shell sed -n 's/^ *BuildProperties: {Binary: \([a-z-]*\)}.*/\1/p' template.yaml)

# The processor that the functions are built for is the one that they are deployed for.
ARCHITECTURE ?= $(patsubst Architecture=%,%,$(filter Architecture=%,$(PARAMETERS)))

# One sentence for each thing that is missing, before anything long begins.
NEEDS = $(PYTHON) -m local.needs python
STEPS = $(PYTHON) -m local.steps

# cargo finds cargo-lambda on the PATH, and cargo-lambda finds zig there.
export PATH := $(BIN):$(PATH)
export MAKE
export RELEASE
export SAM_CLI_TELEMETRY := 0
export PYTHONUNBUFFERED := 1

##@ Use it

.PHONY: help
help: ## List these targets
	@echo 'To see a video go through the whole pipeline, on this machine:     make demo'
	@echo 'To use it, with a page to sign in to:                              make up'
	@echo 'To deploy it to your AWS account, and to work on it:               make deploy, make test'
	@awk 'BEGIN {FS = ":.*## "} \
	  /^##@ / {printf "\n%s\n", substr($$0, 5)} \
	  /^[a-z0-9-]+:.*## / {printf "  %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo

.PHONY: demo
demo: build ## Send a video through the local stack and play the result; VIDEO=path for one of your own
	@$(BIN)/python -m local demo $(if $(VIDEO),"$(VIDEO)")

.PHONY: up
up: build ## Build, start the local stack, or redeploy to it; RELEASE=1 with the functions as they run on AWS
	@$(BIN)/python -m local up

.PHONY: down
down: $(TOOLS) ## Stop the local stack; its videos stay
	@$(BIN)/python -m local down

.PHONY: reset
reset: $(TOOLS) ## Stop the local stack and empty it
	@$(BIN)/python -m local reset

.PHONY: logs
logs: $(TOOLS) ## Follow all logs of the local stack
	@$(BIN)/python -m local logs

.PHONY: invoke
invoke: $(DEPLOY_TOOLS) ## Invoke a function of the local stack: make invoke FUNCTION=submit EVENT=events/s3-object-created.json
	@test -n "$(FUNCTION)" && test -n "$(EVENT)" || { echo 'usage: make invoke FUNCTION=submit EVENT=events/FILE.json'; exit 2; }
	@test -f .local/env || { echo 'error: The local stack is not up; start it with: make up'; exit 1; }
	@. .local/env && cargo lambda invoke --remote --data-file "$(EVENT)" "vod-$(FUNCTION)"

.PHONY: failures
failures: $(TOOLS) ## List what the functions gave up on; STACK=name for a stack on AWS
	@$(BIN)/python -m local failures $(if $(STACK),--stack "$(STACK)")

.PHONY: replay
replay: $(TOOLS) ## Do again what the functions gave up on; STACK=name for a stack on AWS
	@$(BIN)/python -m local replay $(if $(STACK),--stack "$(STACK)")

.PHONY: rebuild
rebuild: $(TOOLS) ## Make lost video records again, from the buckets; STACK=name for a stack on AWS
	@$(BIN)/python -m local rebuild $(if $(STACK),--stack "$(STACK)")

##@ Work on it

.PHONY: cost
cost: ffmpeg ## Explain what a file becomes, and its price: make cost VIDEO=path, with PROFILE=name or file, REGION=name, PRICES=file
	@cargo run --quiet --package common --example cost -- '$(VIDEO)' '$(PROFILE)' '$(REGION)' '$(PRICES)'

.PHONY: build
build: ## Build all that the local stack runs
	@$(NEEDS) rust node ffmpeg space
	@$(STEPS) crates tools web ffmpeg --then programs

# The local stack and the tests run a development build: the same code, features and template, compiled for building fast. All
# in one go, so that each dependency is compiled once.
.PHONY: programs
programs: $(TOOLS) web $(if $(RELEASE),package)
	@cargo build --locked $(addprefix --package ,$(FUNCTIONS) mediaconvert-local)
	@$(if $(RELEASE),:,$(BIN)/python -m local.package debug)

.PHONY: package
package: $(TOOLS) $(DEPLOY_TOOLS) web ## Build the functions for AWS; ARCHITECTURE=arm64 for that
	@cargo lambda build --release --locked $(if $(filter arm64,$(ARCHITECTURE)),--arm64) $(addprefix --package ,$(FUNCTIONS))
	@$(BIN)/python -m local.package release

.PHONY: web
web: $(WEB)/dist/index.html ## Build the web app

.PHONY: check
check: $(TOOLS) $(TEST_TOOLS) $(WEB)/node_modules/.installed ## Format, lints, documentation and template, warnings denied
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets --quiet -- -D warnings
	RUSTDOCFLAGS='-D warnings' cargo doc --locked --workspace --no-deps --document-private-items --quiet
	sam validate --lint --region us-east-1
	cfn-lint
	ruff format --check
	ruff check
	npm --prefix $(WEB) run check
	pytest --quiet tests/docs

# On two cores, end-to-end tests wait for about half of their time, so another suite runs beside them.
.PHONY: test
test: ## All tests
	@$(NEEDS) rust node ffmpeg chromium space
	@$(STEPS) crates tools,test-tools,deploy-tools web ffmpeg,chromium node-tools --then programs,test-programs
	@$(STEPS) --show suite-e2e,suite-unit suite-web,suite-python,suite-mediaconvert

.PHONY: test-unit
test-unit: suite-unit ## Unit, fixture, snapshot and property tests

.PHONY: test-python
test-python: build test-programs suite-python ## What template.yaml promises, and the tools of the local stack

.PHONY: test-mediaconvert
test-mediaconvert: build test-programs suite-mediaconvert ## The local MediaConvert, driven by SDKs, its outputs by players

.PHONY: test-e2e
test-e2e: build test-programs suite-e2e ## Videos through a local stack of the tests' own

.PHONY: test-web
test-web: build suite-web ## The web app, by itself and in a browser on a local stack

.PHONY: test-packages
test-packages: build package $(TEST_TOOLS) ## The functions as they run on AWS: their size, and that each starts; ten minutes to build
	@pytest tests/packages

# The tests, the examples that some of them run, and vod. Tests turn on features of the SDK that no program has, so that they are
# a build of their own.
.PHONY: test-programs
test-programs: web
	@cargo test --locked --workspace --no-run --quiet
	@cargo build --locked --package cli --quiet

.PHONY: suite-unit suite-python suite-mediaconvert suite-e2e suite-web
suite-unit: web
	@INSTA_UPDATE=no cargo test --locked --workspace --quiet

suite-python: $(TEST_TOOLS)
	@pytest tests/template tests/local tests/profiles

suite-mediaconvert: $(TEST_TOOLS) $(PLAYERS) chromium
	@export MINISTACK=$(BIN)/ministack MEDIACONVERT_LOCAL_BIN=$(CURDIR)/target/debug/mediaconvert-local \
	  PLAYERS=$(CURDIR)/.tools/players/node_modules; \
	pytest crates/mediaconvert-local/tests/sdk && pytest crates/mediaconvert-local/tests/players

suite-e2e: $(TEST_TOOLS)
	@pytest tests/e2e

suite-web: $(TEST_TOOLS) chromium node-tools
	@npm --prefix $(WEB) test
	@pytest tests/web

.PHONY: chaos
chaos: build ## Many videos while everything goes wrong that can: make chaos N=200 SEED=7
	@$(BIN)/python -m local chaos $(if $(N),--videos "$(N)") $(if $(SEED),--seed "$(SEED)")

.PHONY: bench
bench: build package bench-peers ## Measure the functions beside others, what a video costs, a transcode and the pipeline; half an hour
	@cargo build --quiet --profile bench-tool --package bench --package mediaconvert-local
	@export MINISTACK=$(BIN)/ministack MEDIACONVERT_LOCAL_BIN=$(CURDIR)/target/bench-tool/mediaconvert-local; \
	echo 'The pipeline …'; \
	RELEASE=1 PYTHONPATH=. $(BIN)/python crates/bench/pipeline.py target/bench-pipeline.json; \
	echo 'mediaconvert-local beside ffmpeg …'; \
	$(BIN)/python crates/mediaconvert-local/bench/side_by_side.py --seconds 20 --rounds 4 \
	  --figures target/bench-transcode.json >/dev/null; \
	echo 'The functions …'
	@target/bench-tool/bench run --processes $(or $(PROCESSES),20) \
	  --figures target/bench-pipeline.json --figures target/bench-transcode.json --json target/bench.json

.PHONY: bench-docs
bench-docs: ## Put the last run of make bench into docs/performance.md
	@target/bench-tool/bench insert target/bench.json docs/performance.md

.PHONY: format
format: $(TEST_TOOLS) $(WEB)/node_modules/.installed ## Format Rust, Python and TypeScript
	cargo fmt --all
	ruff format
	ruff check --fix
	npm --prefix $(WEB) run format

.PHONY: requirements
requirements: $(BIN)/uv ## Resolve requirements/*.in anew
	cd requirements && set -- --quiet --upgrade --universal --no-annotate --python-version 3.11 --custom-compile-command 'make requirements' && \
	uv pip compile "$$@" local.in --output-file local.txt && \
	uv pip compile "$$@" deploy.in --constraints local.txt --output-file deploy.txt && \
	uv pip compile "$$@" tests.in --constraints local.txt --constraints deploy.txt --output-file tests.txt

.PHONY: clean
clean: ## Stop the local stack and remove all that was built or installed here
	@if [ -x $(BIN)/python ]; then $(BIN)/python -m local reset; fi
	rm -rf .local .tools .aws-sam target $(WEB)/dist $(WEB)/node_modules

##@ On AWS

# The stack's name, where nothing else is said; samconfig.toml says the same.
AWS_STACK = $(or $(STACK),vod)

PREFLIGHT = $(BIN)/python -m local preflight --stack "$(AWS_STACK)" $(PARAMETERS)

.PHONY: preflight
preflight: $(TOOLS) ## Look whether an account can take the stack; STACK=name, PARAMETERS='Name=value …'; changes nothing
	@$(PREFLIGHT)

.PHONY: deploy
deploy: ## Check, build and deploy to your AWS account; STACK=name, PARAMETERS='Name=value …'; asks before it changes anything
	@$(NEEDS) rust node space
	@$(STEPS) tools
	@$(PREFLIGHT)
	@$(STEPS) crates deploy-tools web --then package
	sam deploy --guided --template-file target/package/release/template.json --stack-name "$(AWS_STACK)" \
	  --parameter-overrides Architecture=$(or $(ARCHITECTURE),x86_64) $(filter-out Architecture=%,$(PARAMETERS))

.PHONY: adopt
adopt: $(TOOLS) ## Bring what outlived a deleted stack into a new one: make adopt STACK=name, with POOL=id
	@test -n "$(STACK)" || { echo 'usage: make adopt STACK=name [POOL=id]'; exit 2; }
	@$(BIN)/python -m local adopt --stack "$(STACK)" $(if $(POOL),--pool "$(POOL)") $(PARAMETERS)

.PHONY: user
user: $(TOOLS) ## Add a user: make user NAME=anna EMAIL=anna@example.com, with ADMIN=1; STACK=name for a stack on AWS
	@test -n "$(NAME)" || { echo 'usage: make user NAME=anna [EMAIL=anna@example.com] [ADMIN=1] [STACK=name]'; exit 2; }
	@$(BIN)/python -m local user "$(NAME)" $(if $(EMAIL),--email "$(EMAIL)") $(if $(ADMIN),--admin) \
	  $(if $(STACK),--stack "$(STACK)")

.PHONY: smoke
smoke: $(TOOLS) ffmpeg ## Prove a deployed stack with a few short videos, and write a report; STACK=name for one on AWS
	@$(BIN)/python -m local smoke $(if $(STACK),--stack "$(STACK)")

# --- What the targets need --------------------------------------------------------------------------------------------------

.PHONY: crates
crates:
	@cargo fetch --locked --quiet || { echo 'error: The crates could not be downloaded; is there a network?'; exit 1; }

.PHONY: tools deploy-tools test-tools
tools: $(TOOLS)
deploy-tools: $(DEPLOY_TOOLS)
test-tools: $(TEST_TOOLS)

$(BIN)/uv: requirements/uv.txt
	@$(NEEDS)
	@$(PYTHON) -m venv $(VENV)
	@$(VENV)/bin/pip install --quiet --disable-pip-version-check --requirement $< \
	  || { echo 'error: The tools could not be downloaded; is there a network?'; exit 1; }
	@touch $@

# The sets hold the same versions of what they share, so that one adds to the other.
$(TOOLS) $(DEPLOY_TOOLS) $(TEST_TOOLS): $(VENV)/.%: requirements/%.txt $(BIN)/uv
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --requirement $< \
	  || { echo 'error: The tools could not be installed; is there a network?'; exit 1; }
	@touch $@

.PHONY: node-tools
node-tools: $(PLAYERS) $(PROVIDER) $(LIGHTHOUSE)

$(PLAYERS): crates/mediaconvert-local/tests/players/package-lock.json
	@command -v npm >/dev/null || { echo 'error: npm is missing; install Node.js 20 or newer'; exit 1; }
	@mkdir -p $(@D)
	@cp $(<D)/package.json $(<D)/package-lock.json $(@D)
	@npm ci --prefix $(@D) --ignore-scripts --no-audit --no-fund --silent
	@touch $@

$(PROVIDER) $(LIGHTHOUSE): tests/web/%/node_modules/.installed: tests/web/%/package.json tests/web/%/package-lock.json
	@command -v npm >/dev/null || { echo 'error: npm is missing; install Node.js 20 or newer'; exit 1; }
	@npm ci --prefix $(dir $(<)) --ignore-scripts --no-audit --no-fund --silent
	@touch $@

.PHONY: chromium
chromium:
	@command -v chromium >/dev/null && exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo 'Installing Chromium …'; \
	  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium; } >/dev/null; \
	else \
	  echo 'error: chromium is missing; install it with the package manager of your system and try again'; exit 1; \
	fi

# What there is to compare with depends on the machine: Node.js and a C compiler with OpenSSL's static libraries.
.PHONY: bench-peers
bench-peers:
	@cd crates/bench/peers; \
	if command -v npm >/dev/null && [ ! -d node_modules/aws-sdk ]; then npm ci --silent --no-audit --no-fund; fi; \
	[ floor -nt floor.c ] || cc -O2 -static -o floor floor.c -lssl -lcrypto 2>/dev/null || echo 'No floor: static OpenSSL is missing.'

.PHONY: ffmpeg
ffmpeg:
	@# Captions that are drawn into the picture need a font, which comes without ffmpeg.
	@command -v ffmpeg >/dev/null && command -v ffprobe >/dev/null && { [ -d /usr/share/fonts/truetype/dejavu ] \
	  || [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; } && exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo 'Installing ffmpeg …'; \
	  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends ffmpeg fonts-dejavu-core; } >/dev/null; \
	else \
	  echo 'error: ffmpeg is missing; install it with the package manager of your system and try again'; exit 1; \
	fi

# What npm ci leaves out of date, it removes first.
$(WEB)/node_modules/.installed: $(WEB)/package.json $(WEB)/package-lock.json
	@$(NEEDS) node
	@npm --prefix $(WEB) ci --no-audit --no-fund --loglevel error
	@touch $@

$(WEB)/dist/index.html: $(WEB)/node_modules/.installed $(WEB)/index.html $(WEB)/vite.config.ts \
  $(shell find crates/api/web/src crates/api/web/public -type f 2>/dev/null)
	@npm --prefix $(WEB) run --silent build -- --logLevel warn
	@touch $@
