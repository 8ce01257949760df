#!/usr/bin/env bash
# Builds, serves and tests Countersign, and installs what is missing for that.
#
# Tools go into .tools and www/node_modules, both ignored by git; the Rust target and, on Debian, the
# browser are installed for the whole machine. Written for bash 3.2, which macOS still has.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

readonly TOOLS=$PWD/.tools
readonly TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}
readonly WASM=wasm32-unknown-unknown
readonly MODULES=www/wasm
PATH=$TOOLS/bin:$PATH

usage() {
  cat <<'TEXT'
usage: ./build.sh setup | build | serve | server | test | docs | bench | size | package

  setup   install what is missing
  build   the two WebAssembly modules, and the model beside them
  serve   build, then serve the page on localhost
  server  build, then serve a form on localhost that the server checks again
  test    everything that the project tests
  docs    the reference of crate and npm package, in docs/
  bench   time per check on both backends, in a browser
  size    raw and compressed sizes of what a browser downloads, against their budgets
  package the npm package, tried in a fresh Vite and a fresh webpack app
TEXT
}

main() {
  case ${1:-} in
    setup) setup ;;
    build) build ;;
    serve) serve ;;
    server) server "${@:2}" ;;
    test) run_tests ;;
    docs) docs ;;
    bench) bench ;;
    size) size ;;
    package) package ;;
    *)
      usage
      [[ ${1:-} == "" || $1 == help || $1 == --help ]] || fail "there is no command $1"
      ;;
  esac
}

# --- what the commands do -------------------------------------------------------------------------

setup() {
  need_for_build
  need_browser
  say "everything is installed"
}

build() {
  need_for_build
  build_module cpu
  build_module gpu
  place_model
  generate
}

serve() {
  build
  in_www npx vite build
  say "open the address below; Ctrl-C ends it"
  in_www npx vite preview
}

server() {
  build
  in_www npx vite build
  step "the server" cargo build --locked --release --features server --example server
  "$TARGET_DIR/release/examples/server" "$@"
}

run_tests() {
  setup
  step "formatting" cargo fmt --check
  # The release profile throughout: the numerical tests need it, and everything is compiled once.
  step "clippy" cargo clippy --locked --release --all-targets --features train,remote,server -- -D warnings
  step "clippy for the browser" clippy_wasm
  # With remote, so that devices are borrowed over the loopback, and with server, whose example the page's tests start.
  step "cargo tests" cargo test --locked --release --features train,remote,server
  # Right after its module, the tests of a backend find all of its dependencies compiled.
  build_module cpu
  step "browser tests, CPU" wasm_tests cpu
  build_module gpu
  step "browser tests, WebGPU" wasm_tests gpu
  place_model
  generate
  step "types" in_www npm run --silent typecheck
  # These also run the ONNX files that the cargo tests made.
  step "unit tests of the page" in_www env EXPORTS="$TARGET_DIR/tmp/onnx" npx vitest run
  step "page" in_www npx vite build
  step "tests of the page" in_www npx playwright test --project=page
  step "tests of the server" in_www env SERVER="$TARGET_DIR/release/examples/server" npx playwright test --project=server
  test_firefox
  step "sizes" in_www node scripts/size.mjs
  step "npm package" in_www node scripts/apps.mjs
  if find_firefox >/dev/null; then say "all tests passed"; else say "all tests passed but those in Firefox, which is missing"; fi
}

docs() {
  build
  step "documentation of the crate" env RUSTDOCFLAGS="-D warnings" cargo doc --locked --release --no-deps --lib
  [[ -d www/docs/node_modules ]] || (cd www/docs && npm ci --no-fund --no-audit) || fail "typedoc could not be installed"
  # From the types that the package ships.
  in_www node scripts/package.mjs
  rm -rf docs
  step "documentation of the npm package" in_www_docs npx typedoc
  cp -R "$TARGET_DIR/doc" docs/rust
  cp www/docs/index.html docs/
  say "open docs/index.html"
}

bench() {
  build
  need_browser
  in_www npx vite build
  in_www npx playwright test --project=bench
}

size() {
  build
  in_www npx vite build >/dev/null
  in_www node scripts/size.mjs
}

package() {
  build
  need_browser
  in_www node scripts/apps.mjs
  in_www npm pack
}

# --- building -------------------------------------------------------------------------------------

# Both modules are compiled with the same flags, so that what they have in common is compiled once.
# Every browser that has WebGPU has SIMD, too.
with_wasm_flags() {
  RUSTFLAGS="-C target-feature=+simd128" "$@"
}

# $1: cpu or gpu, the feature that the module is built with.
build_module() {
  local name=countersign_$1 made=$TARGET_DIR/bindgen
  if up_to_date "$MODULES/${name}_bg.wasm"; then
    say "the $1 module is up to date"
    return
  fi
  step "the $1 module" with_wasm_flags cargo build --locked --lib --profile web --target "$WASM" \
    --no-default-features --features "$1"
  wasm-bindgen --target web --omit-default-module-path --out-dir "$made" --out-name "$name" "$TARGET_DIR/$WASM/web/countersign.wasm"
  step "wasm-opt on the $1 module" optimise "$made/${name}_bg.wasm" "$made/$name.opt"
  # The file that tells whether the module is up to date comes last.
  mkdir -p "$MODULES"
  cp "$made/$name.js" "$made/$name.d.ts" "$MODULES/"
  cp "$made/$name.opt" "$MODULES/${name}_bg.wasm"
}

# Nothing that a module is made of is newer than it.
up_to_date() {
  [[ -f $1 ]] && [[ -z $(find Cargo.toml Cargo.lock build.sh src -type f -newer "$1" -print) ]]
}

# $1: what wasm-bindgen wrote, $2: where the smaller module goes.
# The features are named one by one: with --all-features Chromium refuses the file.
optimise() {
  www/node_modules/.bin/wasm-opt "$1" -o "$2" -Oz \
    --enable-bulk-memory --enable-bulk-memory-opt --enable-nontrapping-float-to-int --enable-sign-ext \
    --enable-mutable-globals --enable-reference-types --enable-multivalue --enable-simd \
    --strip-debug --strip-producers
}

# The page and the npm package see only www: what else they hold is copied there.
place_model() {
  [[ -f models/countersign/manifest.json ]] || fail "models/countersign is missing; fetch the whole repository"
  rm -rf www/model
  mkdir -p www/model
  cp models/countersign/{manifest.json,weights.bpk,golden.json} www/model/
  # its links lead on from where it lies in the repository
  local home
  home=$(sed -n 's/^repository = "\(.*\)"/\1/p' Cargo.toml)/blob/main
  sed -E "s#\]\(\.\./\.\./#](${home}/#g; s#\]\(\.\./#](${home}/models/#g; s#\]\(report/#](${home}/models/countersign/report/#g" \
    models/countersign/README.md > www/model/README.md
  cp www/model/README.md www/public/model.md
  cp tests/fixtures/strokes.json www/public/examples.json
  # What the page's playground of symbols knows characters by.
  rm -rf www/public/characters
  mkdir -p www/public/characters
  cp models/omniglot/{manifest.json,weights.bpk,golden.json} www/public/characters/
  cp LICENSE LICENSE-APACHE LICENSE-MIT www/
}

# What JavaScript has to know of the Rust side and of the modules.
generate() {
  in_www node scripts/generate.mjs
}

# --- testing --------------------------------------------------------------------------------------

clippy_wasm() {
  with_wasm_flags cargo clippy --locked --profile web --target "$WASM" \
    --no-default-features --features cpu,gpu --lib --test browser -- -D warnings
}

# $1: cpu or gpu. The runner comes with wasm-bindgen.
wasm_tests() {
  CHROMEDRIVER=$(find_driver) \
    WASM_BINDGEN_TEST_TIMEOUT=600 \
    WASM_BINDGEN_TEST_WEBDRIVER_JSON=$TOOLS/webdriver.json \
    CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER=wasm-bindgen-test-runner \
    with_wasm_flags cargo test --locked --profile web --target "$WASM" \
    --no-default-features --features "$1" --test browser
}

# Firefox is tested where there is one: Debian's is installed, elsewhere it is up to whoever tests.
test_firefox() {
  if ! find_firefox >/dev/null && on_debian; then
    say "installing firefox-esr with apt-get"
    as_root apt-get update -qq
    as_root apt-get install -qq --yes --no-install-recommends firefox-esr >/dev/null
  fi
  local firefox
  if firefox=$(find_firefox); then
    step "tests in Firefox" in_www env FIREFOX="$firefox" npx playwright test --project=firefox
  else
    say "NOT TESTED IN FIREFOX: there is none; install it, or set FIREFOX to its path"
  fi
}

# --- what must be there ---------------------------------------------------------------------------

need_for_build() {
  need_rust
  need_wasm_bindgen
  need_npm_packages
}

need_rust() {
  command -v cargo >/dev/null || fail "Rust is missing; install it from https://rustup.rs"
  if ! ls "$(rustc --print sysroot)/lib/rustlib/$WASM" >/dev/null 2>&1; then
    command -v rustup >/dev/null || fail "the Rust target $WASM is missing; install Rust with rustup (https://rustup.rs)"
    say "installing the Rust target $WASM"
    rustup target add "$WASM"
  fi
  if ! cargo fmt --version >/dev/null 2>&1 || ! cargo clippy --version >/dev/null 2>&1; then
    command -v rustup >/dev/null || fail "rustfmt or clippy is missing; install Rust with rustup (https://rustup.rs)"
    say "installing rustfmt and clippy"
    rustup component add rustfmt clippy
  fi
}

# wasm-bindgen writes the glue for exactly one version of the library: the locked one.
need_wasm_bindgen() {
  local version
  version=$(awk '/^name = "wasm-bindgen"$/ { getline; gsub(/[^0-9.]/, ""); print }' Cargo.lock)
  [[ $version ]] || fail "Cargo.lock names no version of wasm-bindgen"
  # Without --locked: the lock file inside this package names a version that was withdrawn.
  [[ $(wasm-bindgen --version 2>/dev/null) == "wasm-bindgen $version" ]] || install wasm-bindgen-cli "$version"
}

# $1: package, $2: version, then further arguments for cargo.
install() {
  local package=$1 version=$2
  shift 2
  say "installing $package $version into .tools (compiles for a few minutes)"
  cargo install "$package" --version "$version" --root "$TOOLS" "$@" ||
    fail "$package $version could not be installed; see the messages above"
}

need_npm_packages() {
  command -v npm >/dev/null || fail "Node is missing; install Node 20.19 or newer from https://nodejs.org"
  node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' ||
    fail "Node $(node --version) is too old; install 20.19 or newer from https://nodejs.org"
  # npm keeps a copy of the lock file: it tells what is installed.
  if [[ ! www/node_modules/.package-lock.json -nt www/package-lock.json ]]; then
    say "installing npm packages into www/node_modules"
    (cd www && npm ci --no-fund --no-audit) || fail "the npm packages could not be installed; see the messages above"
    touch www/node_modules/.package-lock.json
  fi
}

# A browser, its driver, and the driver's settings with the path of the browser in them.
need_browser() {
  if { ! find_chrome || ! find_driver; } >/dev/null && on_debian; then
    say "installing chromium and chromium-driver with apt-get"
    as_root apt-get update -qq
    as_root apt-get install -qq --yes --no-install-recommends chromium chromium-driver >/dev/null
  fi
  local chrome driver
  chrome=$(find_chrome) || fail "there is no Chrome or Chromium; install one, or set CHROME to its path"
  driver=$(find_driver) || fail "there is no chromedriver; $(driver_advice "$chrome")"
  [[ $(major "$chrome") == "$(major "$driver")" ]] ||
    fail "chromedriver $(major "$driver") does not fit the browser's version $(major "$chrome"); $(driver_advice "$chrome")"
  export CHROME=$chrome
  mkdir -p "$TOOLS"
  node -e '
    const settings = JSON.parse(require("fs").readFileSync("webdriver.json", "utf8"));
    settings["goog:chromeOptions"].binary = process.argv[1];
    require("fs").writeFileSync(process.argv[2], JSON.stringify(settings, null, 2));
  ' "$chrome" "$TOOLS/webdriver.json"
}

find_firefox() {
  local name
  for name in "${FIREFOX:-}" firefox-esr firefox /Applications/Firefox.app/Contents/MacOS/firefox; do
    if [[ $name ]] && command -v "$name"; then return; fi
  done
  return 1
}

find_chrome() {
  local name
  for name in "${CHROME:-}" chromium chromium-browser google-chrome google-chrome-stable \
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" "/Applications/Chromium.app/Contents/MacOS/Chromium"; do
    if [[ $name ]] && command -v "$name"; then return; fi
  done
  return 1
}

find_driver() {
  local name
  for name in "${CHROMEDRIVER:-}" chromedriver /usr/lib/chromium-browser/chromedriver; do
    if [[ $name ]] && command -v "$name"; then return; fi
  done
  return 1
}

driver_advice() {
  if [[ $(uname) == Darwin ]]; then
    echo "run: brew install --cask chromedriver"
  else
    echo "install version $(major "$1") from your distribution or https://googlechromelabs.github.io/chrome-for-testing, or set CHROMEDRIVER to its path"
  fi
}

# The first number of a program's version.
major() {
  "$1" --version 2>/dev/null | grep -Eo '[0-9]+\.' | head -n 1 | tr -d .
}

# --- small helpers --------------------------------------------------------------------------------

say() {
  echo "build.sh: $*"
}

fail() {
  echo "build.sh: $*" >&2
  exit 1
}

# $1: what it is, then the command; says how long it took.
step() {
  local what=$1 start=$SECONDS
  shift
  say "$what"
  "$@" || fail "$what: failed"
  say "$what: $((SECONDS - start)) s"
}

in_www() {
  (cd www && "$@")
}

in_www_docs() {
  (cd www/docs && "$@")
}

on_debian() {
  [[ -f /etc/os-release ]] && grep -qx 'ID=debian' /etc/os-release
}

as_root() {
  if [[ $(id -u) == 0 ]]; then
    "$@"
  else
    command -v sudo >/dev/null || fail "this needs root rights; run as root: $*"
    sudo "$@"
  fi
}

main "$@"
