# Run `make` without arguments to list the targets.

# `make install` also accepts the lower-case names of GNU makefiles on the command line.
ifeq ($(origin prefix),command line)
PREFIX = $(prefix)
endif
ifeq ($(origin libdir),command line)
LIBDIR = $(libdir)
endif
ifeq ($(origin includedir),command line)
INCLUDEDIR = $(includedir)
endif
ifeq ($(origin bindir),command line)
BINDIR = $(bindir)
endif
ifeq ($(origin docdir),command line)
DOCDIR = $(docdir)
endif
PREFIX ?= /usr/local
DESTDIR ?=
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
BINDIR ?= $(PREFIX)/bin
DOCDIR ?= $(PREFIX)/share/doc/libupscope
export PREFIX DESTDIR LIBDIR INCLUDEDIR BINDIR DOCDIR
SECONDS ?= 60

# rustup finds its toolchains through HOME. If HOME has changed since the installation, set the paths.
ifeq ($(RUSTUP_HOME)$(wildcard $(HOME)/.rustup),)
rustup_programs := $(dir $(shell command -v rustup 2> /dev/null || :))
ifneq ($(wildcard $(rustup_programs)../../.rustup/toolchains),)
export RUSTUP_HOME := $(abspath $(rustup_programs)../../.rustup)
CARGO_HOME ?= $(abspath $(rustup_programs)..)
export CARGO_HOME
endif
endif

.DEFAULT_GOAL := help
# Prerequisites run in order, also with -j.
.NOTPARALLEL:
.PHONY: help \
	build demo install uninstall clean \
	test ci test-all \
	generate record-abi fmt lint fault-matrix fuzz \
	test-rust test-dependencies test-c test-cpp test-python test-install test-scripts \
	test-cpp-more test-abi test-cmake test-leaks test-instructions test-python-more test-bindings \
	test-windows-quick test-eleventh-operation test-sandbox-browser test-sandbox-contract test-sandbox-contract-more \
	test-sandbox-packages \
	test-windows test-desktop test-proxies test-sanitizers test-programs test-history test-versions test-reproducible \
	test-conformance soak load-sandbox \
	bench bench-python \
	windows wheel npm docs-python dist \
	check-tools reset-skipped

help: # lists the targets
	@awk -F ':.*## ' '/^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  make %-23s %s\n", $$1, $$2 }' Makefile

check-tools: # checks for the tools that a build and the tests need
	@scripts/check-tools.sh rust c c++ python

reset-skipped: # forgets which tests earlier runs skipped
	@rm -rf "$${CARGO_TARGET_DIR:-target}/skipped"

##@ Build and install

build: ## Builds the libraries and the sandbox in target/release
	scripts/install.sh build

demo: check-tools build ## Runs a help desk workflow in C, with a sandbox, or with the service if UPSCOPE_API_KEY is set
	@scripts/demo.sh $(ARGS)

install: ## Installs to PREFIX (/usr/local), below DESTDIR; builds only what is missing
	scripts/install.sh

uninstall: ## Removes what `make install` with the same PREFIX and DESTDIR installed
	scripts/install.sh uninstall

clean: ## Removes everything that was built
	cargo clean

##@ Test

# .ci/run runs `test`, then `ci`, which does not repeat what `test` runs.
test: check-tools ## Tests Rust, C, C++, Python and the installation in minutes; installs nothing outside this folder
	@scripts/test.sh

ci: check-tools reset-skipped lint build test-cpp-more test-abi test-cmake test-leaks test-instructions test-python-more test-bindings test-windows-quick test-eleventh-operation test-sandbox-browser test-sandbox-contract test-sandbox-packages ## Runs the other tests of CI in about half an hour; installs Debian packages
	@. scripts/lib.sh && suites_passed 'make ci'

test-all: test ci test-windows test-desktop test-proxies test-sanitizers test-programs test-history test-sandbox-contract-more test-versions test-reproducible ## Runs all tests; takes hours
	@$(MAKE) --no-print-directory soak
	@$(MAKE) --no-print-directory load-sandbox SECONDS=300

##@ Develop

generate: ## Renews all files that are generated from the operation catalogue, and include/upscope.h
	cargo run -q -p upscope-codegen
	UPSCOPE_WRITE_HEADER=1 cargo build -q -p libupscope

record-abi: ## Adds new functions and constants to the recorded C ABI; fails if the ABI is not compatible
	scripts/test-abi.sh --record

fmt: ## Formats the Rust sources
	cargo fmt --all

# Not part of `make test`, which must pass with every version of Rust: each has other lints.
lint: ## Runs clippy and rustdoc
	cargo clippy --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS='-D warnings' cargo doc -p upscope --no-deps

fault-matrix: ## Prints the fault matrix: the result for each operation, fault and number of retries
	cargo test -q -p upscope --test fault_matrix -- --nocapture --test-threads=1

fuzz: ## Fuzzes each target for SECONDS (60)
	@for target in request_json config_json response_body webhook_body header_values json_get json_build; do \
		scripts/fuzz.sh $$target $(SECONDS) || exit 1; done

##@ Parts of `make test`

test-rust: ## Rust tests; format; generated files are current
	scripts/test-rust.sh

test-c: build ## Header, exports, C tests, examples
	scripts/test-c.sh

test-cpp: build ## upscope.hpp: tests, conformance vectors, compilers
	scripts/test-cpp.sh

test-python: build ## Python package: types, tests, conformance vectors
	bindings/python/test.sh

test-install: build ## Installation; programs that use it with pkg-config and CMake
	scripts/test-install.sh

test-scripts: build ## Messages of the scripts if a tool is missing
	scripts/test-scripts.sh

test-dependencies: ## Reasons, features, licences and duplicates of the dependencies
	scripts/check-dependencies.sh

##@ Parts of `make ci`

test-cpp-more: build ## Every C++ compiler and mode; helpdesk example; code in the documents
	scripts/test-cpp.sh --more

test-abi: build ## C ABI compared with the recorded one
	scripts/test-abi.sh

test-cmake: build ## Programs that build the library as part of their CMake project
	scripts/test-cmake.sh

test-leaks: build ## Demo and C tests under valgrind
	scripts/test-leaks.sh

test-instructions: build ## Instructions of a call compared with the recorded ones
	scripts/test-instructions.sh
	python3 -B bench/report.py --check

test-python-more: build ## Python package: lints, pyright, the reference, every interpreter, FastAPI example
	bindings/python/test.sh --more

test-bindings: build ## C# and Pascal bindings on this system
	bindings/csharp/test.sh
	bindings/pascal/test.sh

test-windows-quick: build ## 32-bit Windows under Wine: asynchronous calls, conformance vectors, VB6
	scripts/test-windows.sh --quick

test-eleventh-operation: ## Adds an operation to a copy of this tree and calls it from every language
	scripts/test-eleventh-operation.sh

test-sandbox-browser: build ## Pages of the sandbox in Chromium: a session between two browsers, tools, access
	scripts/test-sandbox-browser.sh

test-sandbox-contract: build ## Sandbox and OpenAPI document against each other: schemathesis, Prism; lints the document
	scripts/test-sandbox-contract.sh

test-sandbox-packages: build ## npm package and container of the sandbox; recipes for test frameworks
	scripts/test-sandbox-packages.sh

##@ Parts of `make test-all`

test-windows: build ## 32-bit and 64-bit Windows under Wine: C, C++, C#, Pascal, VB6
	scripts/test-windows.sh
	sh tests/cpp/windows.sh i686
	sh tests/cpp/windows.sh x86_64
	bindings/csharp/test.sh --core --windows
	bindings/pascal/test.sh --windows
	bindings/vb6/test.sh --office

test-desktop: build ## Desktop programs on a virtual screen; Windows needs `make windows`
	scripts/test-desktop.sh

test-proxies: build ## Proxies and certificates with tinyproxy, microsocks and OpenSSL
	scripts/test-proxies.sh

test-sanitizers: build ## C tests under AddressSanitizer and ThreadSanitizer
	scripts/test-sanitizers.sh

test-programs: test-python ## Whole Python programs, many times, with every interpreter
	bindings/python/test-programs.sh

test-history: test-python ## upscope.history: 10,000 histories from hypothesis, 500 kills
	bindings/python/test-history.sh

test-sandbox-contract-more: build ## As test-sandbox-contract, with twenty times as many requests
	scripts/test-sandbox-contract.sh --more

test-versions: ## Core with the oldest and the newest ureq that Cargo.toml allows
	scripts/test-versions.sh

test-reproducible: ## Two builds in two folders give the same bytes, also for Windows
	scripts/test-reproducible.sh --windows

soak: build ## 32 threads and a sandbox that injects faults, for SECONDS (60)
	@cargo test --release -q -p upscope --test soak --no-run
	@# With one arena and no thread caches, allocated memory is memory in use, so growth is a leak.
	@MALLOC_ARENA_MAX=1 GLIBC_TUNABLES=glibc.malloc.tcache_count=0 SOAK_SECONDS=$(SECONDS) \
		scripts/with-sandbox --limit $$(($(SECONDS) + 120)) cargo test --release -q -p upscope --test soak

load-sandbox: ## 200 connections to a sandbox with faults, for SECONDS (60): state and memory; Linux only
	@LOAD_SECONDS=$(SECONDS) cargo test --release -q -p upscope-sandbox --test sandbox -- --ignored --nocapture load::

test-conformance: build windows ## Conformance vectors in every language and on every platform, as a table
	scripts/test-conformance.sh

##@ Measure

bench: ## Measures calls and compares other clients; renews docs/bench.svg and the tables
	scripts/bench.sh $(ARGS)

bench-python: ## Measures only Python
	scripts/bench.sh --only python

##@ Release

windows: ## Builds the library for 32-bit and 64-bit Windows in target/windows, with a zip file of each
	scripts/build-windows.sh $(ARGS)

wheel: ## Builds the Python package, a manylinux wheel and a source distribution, and a wheel of the sandbox
	bindings/python/wheel.sh

npm: wheel ## Builds the npm package of the sandbox in target/npm-dist, with the program of the wheel
	packaging/npm/pack-wheel.sh

docs-python: ## Builds the reference of the Python package in target/python-docs
	bindings/python/docs.sh target/python-docs

docs-cpp: ## Builds the reference of upscope.hpp in target/cpp-docs with doxygen
	doxygen docs/Doxyfile

dist: ## Builds the release in target/dist: sources, library, list of components, checksums
	scripts/dist.sh
