# Everything a developer does. `make help` lists the targets.
#
# The tools come from PyPI into .tools/venv, the versions pinned in local/requirements.txt; what has to be there before is
# Rust (cargo), Python 3.11 or newer with venv, and ffmpeg (installed with apt-get where that is possible).

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules
.NOTPARALLEL:

PYTHON ?= python3
VENV := .tools/venv
TOOLS := $(VENV)/.installed
PLAYERS := .tools/players/.installed
BIN := $(CURDIR)/$(VENV)/bin
WEB := crates/api/web
PROVIDER := tests/web/provider/node_modules/.installed
LIGHTHOUSE := tests/web/lighthouse/node_modules/.installed

# cargo finds cargo-lambda on the PATH, and cargo-lambda finds zig there.
export PATH := $(BIN):$(PATH)
export SAM_CLI_TELEMETRY := 0
export PYTHONUNBUFFERED := 1

##@ Use it

.PHONY: help
help: ## List these targets
	@awk 'BEGIN {FS = ":.*## "} \
	  /^##@ / {printf "\n%s\n", substr($$0, 5)} \
	  /^[a-z0-9-]+:.*## / {printf "  %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo

.PHONY: demo
demo: build ## Send a video through the local stack and play the result; VIDEO=path for one of your own
	@$(BIN)/python -m local demo $(if $(VIDEO),"$(VIDEO)")

.PHONY: up
up: build ## Build, start the local stack, or redeploy to it
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
invoke: $(TOOLS) ## Invoke a function of the local stack: make invoke FUNCTION=submit EVENT=events/s3-object-created.json
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
build: $(TOOLS) ffmpeg web ## Build the web app, the functions as they are deployed, and the local MediaConvert
	@command -v cargo >/dev/null || { echo 'error: cargo is missing; install Rust, see https://rustup.rs'; exit 1; }
	@# Development profile: quick to compile, the same binary as in the tests, and the time goes into ffmpeg anyway.
	@[ -x target/debug/mediaconvert-local ] && [ -d .aws-sam/build ] || echo 'Building; the first time takes ten minutes or so …'
	@cargo build --quiet --package mediaconvert-local
	@sam build >.tools/build.log 2>&1 || { cat .tools/build.log; echo 'error: sam build failed'; exit 1; }

.PHONY: web
web: $(WEB)/dist/index.html ## Build the web app

.PHONY: check
check: $(TOOLS) $(WEB)/node_modules/.installed ## Format, lints, documentation and template, warnings denied
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --quiet -- -D warnings
	RUSTDOCFLAGS='-D warnings' cargo doc --workspace --no-deps --document-private-items --quiet
	sam validate --lint --region us-east-1
	cfn-lint
	ruff format --check
	ruff check
	npm --prefix $(WEB) run check

.PHONY: test
test: test-unit test-python test-mediaconvert test-e2e test-web ## All tests

.PHONY: test-unit
test-unit: ## Unit, fixture, snapshot and property tests
	INSTA_UPDATE=no cargo test --workspace

.PHONY: test-python
test-python: $(TOOLS) ## What template.yaml promises, and the tools of the local stack
	pytest tests/template tests/local tests/profiles

.PHONY: test-mediaconvert
test-mediaconvert: $(TOOLS) $(PLAYERS) ffmpeg chromium ## The local MediaConvert, driven by SDKs, its outputs by players
	cargo build --quiet --package mediaconvert-local --bins --examples
	export MINISTACK=$(BIN)/ministack MEDIACONVERT_LOCAL_BIN=$(CURDIR)/target/debug/mediaconvert-local \
	  PLAYERS=$(CURDIR)/.tools/players/node_modules; \
	pytest crates/mediaconvert-local/tests/sdk && pytest crates/mediaconvert-local/tests/players

.PHONY: test-e2e
test-e2e: build ## Videos through a local stack of the tests' own
	cargo build --quiet --package cli
	pytest tests/e2e

.PHONY: chaos
chaos: build ## Many videos while everything goes wrong that can: make chaos N=200 SEED=7
	@$(BIN)/python -m local chaos $(if $(N),--videos "$(N)") $(if $(SEED),--seed "$(SEED)")

.PHONY: test-web
test-web: build chromium $(PROVIDER) $(LIGHTHOUSE) $(PLAYERS) ## The web app, by itself and in a browser on a local stack
	npm --prefix $(WEB) test
	pytest tests/web

.PHONY: bench
bench: build bench-peers ## Measure the functions beside others, what a video costs, a transcode and the pipeline; half an hour
	@cargo build --quiet --profile bench-tool --package bench --package mediaconvert-local
	@export MINISTACK=$(BIN)/ministack MEDIACONVERT_LOCAL_BIN=$(CURDIR)/target/bench-tool/mediaconvert-local; \
	echo 'The pipeline …'; \
	PYTHONPATH=. $(BIN)/python crates/bench/pipeline.py target/bench-pipeline.json; \
	echo 'mediaconvert-local beside ffmpeg …'; \
	$(BIN)/python crates/mediaconvert-local/bench/side_by_side.py --seconds 20 --rounds 4 \
	  --figures target/bench-transcode.json >/dev/null; \
	echo 'The functions …'
	@target/bench-tool/bench run --processes $(or $(PROCESSES),20) --warm $(or $(WARM),100) \
	  --figures target/bench-pipeline.json --figures target/bench-transcode.json --json target/bench.json

.PHONY: bench-readme
bench-readme: ## Put the last run of make bench into README.md
	@target/bench-tool/bench readme target/bench.json README.md

.PHONY: bench-paths
bench-paths: ## Time the pure paths
	cargo bench --package bench

.PHONY: bench-compare
bench-compare: $(TOOLS) web ## Measure another commit and this tree in turn, and print the ratios: make bench-compare BASE=origin/main
	@test -n "$(BASE)" || { echo 'usage: make bench-compare BASE=<commit>'; exit 2; }
	@crates/bench/compare.sh "$(BASE)" "$(FUNCTIONS)" $(or $(PROCESSES),20) $(or $(WARM),100)

.PHONY: format
format: $(TOOLS) $(WEB)/node_modules/.installed ## Format Rust, Python and TypeScript
	cargo fmt --all
	ruff format
	ruff check --fix
	npm --prefix $(WEB) run format

.PHONY: requirements
requirements: ## Resolve local/requirements.in anew
	rm -rf .tools/resolve
	$(PYTHON) -m venv .tools/resolve
	.tools/resolve/bin/pip install --quiet --requirement local/requirements.in
	{ echo '# Resolved from requirements.in by: make requirements'; .tools/resolve/bin/pip freeze; } >local/requirements.txt
	rm -rf .tools/resolve

.PHONY: clean
clean: ## Stop the local stack and remove all that was built or installed here
	@if [ -x $(BIN)/python ]; then $(BIN)/python -m local reset; fi
	rm -rf .local .tools .aws-sam target $(WEB)/dist $(WEB)/node_modules

##@ On AWS

# The stack's name, where nothing else is said; samconfig.toml says the same.
AWS_STACK = $(or $(STACK),vod)

.PHONY: preflight
preflight: $(TOOLS) ## Look whether an account can take the stack; STACK=name, PARAMETERS='Name=value …'; changes nothing
	@$(BIN)/python -m local preflight --stack "$(AWS_STACK)" $(PARAMETERS)

.PHONY: deploy
deploy: preflight web ## Check, build and deploy to your AWS account; STACK=name, PARAMETERS='Name=value …'; asks before it changes anything
	sam build $(if $(PARAMETERS),--parameter-overrides $(PARAMETERS))
	sam deploy --guided --stack-name "$(AWS_STACK)" $(if $(PARAMETERS),--parameter-overrides $(PARAMETERS))

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

$(TOOLS): local/requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	  || { echo 'error: Python 3.11 or newer is needed; name one with: make PYTHON=…'; exit 1; }
	@echo 'Installing the tools into $(VENV) (once, a minute or so) …'
	@rm -rf $(VENV)
	@$(PYTHON) -m venv $(VENV) || { echo 'error: python3 -m venv failed; on Debian: apt-get install python3-venv'; exit 1; }
	@$(VENV)/bin/pip install --quiet --disable-pip-version-check --requirement local/requirements.txt
	@touch $@

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

# The functions that template.yaml deploys.
FUNCTIONS = $(shell sed -n 's/^ *BuildProperties: {Binary: \([a-z]*\)}.*/\1/p' template.yaml)

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
	@command -v npm >/dev/null && node -e 'process.exit(process.versions.node.split(".")[0] < 20 ? 1 : 0)' \
	  || { echo 'error: Node.js 20 or newer with npm is missing; see https://nodejs.org/en/download'; exit 1; }
	@echo 'Installing the packages of the web app …'
	@npm --prefix $(WEB) ci --no-audit --no-fund --loglevel error
	@touch $@

$(WEB)/dist/index.html: $(WEB)/node_modules/.installed $(WEB)/index.html $(WEB)/vite.config.ts \
  $(shell find crates/api/web/src crates/api/web/public -type f 2>/dev/null)
	@npm --prefix $(WEB) run --silent build -- --logLevel warn
	@touch $@
