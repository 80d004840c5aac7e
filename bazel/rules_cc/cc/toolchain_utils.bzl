"""Found by rule sets that ask for the C++ toolchain through rules_cc."""

load("@bazel_tools//tools/cpp:toolchain_utils.bzl", _find = "find_cpp_toolchain", _use = "use_cpp_toolchain")

find_cpp_toolchain = _find
use_cpp_toolchain = _use
