# packages.sh - sourced by the scripts: installs what a fresh Debian 12 lacks, and nothing else.

# Debian packages that the build needs, ...
BUILD_PACKAGES="gcc libc6-dev cmake ninja-build pkg-config libuv1-dev android-libboringssl-dev
    libyajl-dev libhttp-parser-dev libcrypt-dev libsodium-dev"
# ... the tests of the release and sanitizer builds (g++ compiles public headers; python3 runs
# tools/tidy, and with python3-venv the conformance suite), ...
TEST_PACKAGES="g++ clang clang-format libcmocka-dev python3 python3-venv ca-certificates"
# ... and the fuzz targets.
FUZZ_PACKAGES="clang llvm libclang-rt-14-dev libcmocka-dev"

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

# install_packages PACKAGE...: those that are missing; apt is not touched when none is.
install_packages() {
    local missing=() name
    for name in "$@"; do
        dpkg-query -W -f '${Status}' "$name" 2>/dev/null | grep -q 'ok installed' || missing+=("$name")
    done
    if [ ${#missing[@]} -gt 0 ]; then
        echo "Installing: ${missing[*]}"
        as_root apt-get update -qq
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
    fi
}

# install_go: a go command that builds what tests/interop/go/go.mod asks for. Debian 12 has Go 1.19, which
# cannot yet switch to a newer one by itself, but can get it as a module: checked against Go's checksum database
# like any other.
install_go() {
    local version dir
    command -v go >/dev/null || install_packages golang-go ca-certificates
    case $(go env GOVERSION) in
        "" | go1.1* | go1.20*)
            version=$(sed -n 's/^go //p' tests/interop/go/go.mod)
            dir=$(cd / && go mod download -json "golang.org/toolchain@v0.0.1-go$version.linux-$(go env GOARCH)" |
                sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')
            chmod a+x "$dir"/bin/* "$dir"/pkg/tool/*/* # a module's files are not executable
            export PATH="$dir/bin:$PATH"
            ;;
    esac
}

# reference_server: the path of the reference, which is built when it is not there in the version natsd answers to.
reference_server() {
    local version path
    version=v$(sed -n 's/^#define NSERVER_REFERENCE_VERSION "\(.*\)"$/\1/p' libs/server/include/natsd/server.h)
    for path in "$(command -v nats-server)" build/reference/nats-server; do
        if [ -x "$path" ] && [ "$("$path" --version)" = "nats-server: $version" ]; then
            realpath -e "$path"
            return
        fi
    done
    install_go >&2
    GOBIN=$PWD/build/reference go install "github.com/nats-io/nats-server/v2@$version" >&2
    realpath -e build/reference/nats-server
}

# build PRESET [TARGET...]: configures when needed, then builds.
build() {
    local preset=$1
    shift
    cmake --preset "$preset" >/dev/null
    cmake --build --preset "$preset" ${1:+--target "$@"}
}
