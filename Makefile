# Everything this checkout is for. `make` alone lists it.

# For `make install`; on the command line also spelled as in GNU's makefiles.
ifeq ($(origin prefix),command line)
PREFIX = $(prefix)
endif
ifeq ($(origin libdir),command line)
LIBDIR = $(libdir)
endif
ifeq ($(origin includedir),command line)
INCLUDEDIR = $(includedir)
endif
PREFIX ?= /usr/local
DESTDIR ?=
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
export PREFIX DESTDIR LIBDIR INCLUDEDIR
SECONDS ?= 60

# With another HOME than it was installed with, rustup's programs find neither their toolchains nor cargo's packages.
ifeq ($(RUSTUP_HOME)$(wildcard $(HOME)/.rustup),)
rustup_programs := $(dir $(shell command -v rustup 2> /dev/null || :))
ifneq ($(wildcard $(rustup_programs)../../.rustup/toolchains),)
export RUSTUP_HOME := $(abspath $(rustup_programs)../../.rustup)
CARGO_HOME ?= $(abspath $(rustup_programs)..)
export CARGO_HOME
endif
endif

.DEFAULT_GOAL := help
# The order of what follows a colon counts, also with -j.
.NOTPARALLEL:
.PHONY: help build windows generate demo test ci test-all check test-rust lint test-dependencies test-c test-cpp \
	test-cpp-examples test-leaks test-eleventh-operation test-install test-scripts test-python test-python-more test-programs test-bindings \
	test-windows-quick test-windows test-desktop vectors fire soak test-ways-out test-sanitizers test-versions \
	test-reproducible fuzz test-instructions bench bench-python docs-python wheel dist build-install install uninstall \
	fmt clean

help: ## lists these targets
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' Makefile | while IFS='|' read -r name text; do \
		printf '  make %-18s %s\n' "$$name" "$$text"; done

check: # whether the machine has what the tests need
	@scripts/check-tools.sh rust c c++ python

build: ## builds the libraries and the sandbox, into target/release
	scripts/install.sh build

windows: ## the library for Windows, 32 and 64 bit, and a zip of each, into target/windows
	scripts/windows.sh $(ARGS)

generate: ## renews every file that follows from the catalogue of operations, and include/upscope.h
	cargo run -q -p upscope-codegen
	UPSCOPE_WRITE_HEADER=1 cargo build -q -p libupscope

demo: check build ## runs the story of a helpdesk in C; beside a sandbox, or with the service of UPSCOPE_API_KEY
	@scripts/demo.sh $(ARGS)

# What `ci` runs is not what `test` runs: .ci/run runs one after the other.
test: check ## Rust, C, C++, Python, installing: minutes; installs nothing outside this folder
	@scripts/test.sh

ci: check skips-begin lint build test-cpp-examples test-leaks test-instructions test-python-more test-bindings test-windows-quick ## what CI runs besides, half an hour; installs Debian packages
	@scripts/skipped.sh 'make ci'

test-all: test ci test-windows test-desktop test-ways-out test-sanitizers test-programs test-versions test-reproducible test-eleventh-operation ## all that is tested, which takes hours
	@$(MAKE) --no-print-directory soak

.PHONY: skips-begin
skips-begin:
	@rm -rf "$${CARGO_TARGET_DIR:-target}/skipped"

test-rust: ## format and the tests in Rust
	scripts/test-rust.sh

lint: ## clippy
	scripts/lint.sh

test-dependencies: ## a reason for each dependency; licences and duplicates where cargo-deny is installed
	scripts/check-dependencies.sh

test-c: build ## header, exports, tests in C, examples
	scripts/test-c.sh

test-cpp: build ## upscope.hpp: tests, vectors, compilers
	scripts/test-cpp.sh

test-cpp-examples: build ## the helpdesk in C++, and the documents
	scripts/test-cpp.sh --examples

test-leaks: build ## the demo and tests in C under valgrind
	scripts/test-leaks.sh

test-eleventh-operation: ## adds a made-up operation to a copy of this tree, and calls it in every language
	scripts/test-eleventh-operation.sh

test-install: build ## installs, and builds programs against that with pkg-config and CMake
	scripts/test-install.sh

test-scripts: build ## what the scripts say on machines that lack something
	scripts/test-scripts.sh

test-python: build ## the Python package: types, tests, vectors
	bindings/python/test.sh

test-python-more: build ## the Python package: lints, pyright, the reference, every interpreter
	bindings/python/test.sh --more

test-programs: test-python ## whole Python programs, many times, on every interpreter
	bindings/python/test-programs.sh

test-bindings: build ## the bindings for C# and Pascal, on this system
	bindings/csharp/test.sh
	bindings/pascal/test.sh

test-windows-quick: build ## the library on 32-bit Windows, under Wine: started calls, vectors, VB6's entry points
	scripts/test-windows.sh --quick

test-windows: build ## the library on Windows, under Wine: C, C++, C#, Pascal, VB6's entry points; 32 and 64 bit
	scripts/test-windows.sh
	sh tests/cpp/windows.sh i686
	sh tests/cpp/windows.sh x86_64
	bindings/csharp/test.sh --core --windows
	bindings/pascal/test.sh --windows
	bindings/vb6/test.sh --office

test-desktop: build ## the two desktop programs on a screen of their own; Windows after `make windows`
	scripts/test-desktop.sh

vectors: build windows ## the vectors in every language and on every platform, as one table
	scripts/vectors.sh

fire: ## prints the fault matrix: what comes back for each operation, fault and number of retries
	cargo test -q -p upscope --test fault_matrix -- --nocapture --test-threads=1

soak: build ## 32 threads against a sandbox full of faults, for SECONDS (60)
	@cargo test --release -q -p upscope --test soak --no-run
	@# One arena and no thread caches: what is allocated is then what is in use, and growth would be a leak.
	@MALLOC_ARENA_MAX=1 GLIBC_TUNABLES=glibc.malloc.tcache_count=0 SOAK_SECONDS=$(SECONDS) \
		scripts/with-sandbox --limit $$(($(SECONDS) + 120)) cargo test --release -q -p upscope --test soak

test-ways-out: build ## proxies and certificates, with tinyproxy, microsocks and OpenSSL on loopback
	scripts/test-ways-out.sh

test-sanitizers: build ## the tests in C under AddressSanitizer and ThreadSanitizer; takes some minutes
	scripts/test-sanitizers.sh

test-versions: ## the core with the oldest and the newest versions of its pinned dependencies
	scripts/test-versions.sh

test-reproducible: ## builds the libraries twice, in two folders, and compares the bytes; the Windows DLL, too
	scripts/test-reproducible.sh --windows

fuzz: ## fuzzes each target for SECONDS (60)
	@for target in request_json config_json response_body webhook_body header_values; do \
		scripts/fuzz.sh $$target $(SECONDS) || exit 1; done

test-instructions: build ## instructions of a call, held against those recorded
	scripts/test-instructions.sh
	python3 -B bench/report.py --check

bench: ## what calls cost, beside other clients; renews docs/bench.svg and the tables
	scripts/bench.sh $(ARGS)

bench-python: ## the same, in Python alone
	scripts/bench.sh --only python

docs-python: ## the reference of the Python package, into target/python-docs
	target/python-venv/bin/python bindings/python/docs.py target/python-docs

wheel: ## the Python package as it is published: a manylinux wheel and a source distribution
	bindings/python/wheel.sh

dist: ## the release: sources, library, list of components, checksums, into target/dist
	scripts/dist.sh

build-install: build ## builds what `make install` installs, for those who then need sudo

install: ## installs to PREFIX (/usr/local), below DESTDIR, what is built; builds if need be
	scripts/install.sh

uninstall: ## removes what `make install` with the same PREFIX and DESTDIR has installed
	scripts/install.sh uninstall

fmt: ## formats the sources in Rust
	cargo fmt --all

clean: ## removes all that was built
	cargo clean
