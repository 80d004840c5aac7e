"""The server's own link: gRPC, Protobuf, Abseil, SQLite and yaml-cpp inside the
binary (docs/adr/0004). What remains shared: OpenSSL, because the PKCS#11 module
uses it too and its repairs should not wait for a build of ours, and what Debian
has no archive of."""

_ARCHIVES = [
    "grpc++_reflection",
    "grpc++",
    "grpc",
    "gpr",
    "protobuf",
    "upb",
    "address_sorting",
    "re2",
    "cares",
    "sqlite3",
    "yaml-cpp",
] + ["absl_" + name for name in [
    "bad_optional_access",
    "bad_variant_access",
    "base",
    "city",
    "civil_time",
    "cord",
    "cord_internal",
    "cordz_functions",
    "cordz_handle",
    "cordz_info",
    "cordz_sample_token",
    "debugging_internal",
    "demangle_internal",
    "exponential_biased",
    "graphcycles_internal",
    "hash",
    "hashtablez_sampler",
    "int128",
    "log_severity",
    "low_level_hash",
    "malloc_internal",
    "raw_hash_set",
    "raw_logging_internal",
    "spinlock_wait",
    "stacktrace",
    "status",
    "statusor",
    "str_format_internal",
    "strerror",
    "strings",
    "strings_internal",
    "symbolize",
    "synchronization",
    "throw_delegate",
    "time",
    "time_zone",
]]

# First among the linker's options: what the rooms name after it (-lgrpc++ and
# so on, //bazel/deb) is then no longer needed.
MOSTLY_STATIC = [
    "-Wl,--gc-sections",
    "-Wl,--as-needed",
    "-Wl,-Bstatic",
    "-Wl,--start-group",
] + ["-l" + name for name in _ARCHIVES] + [
    "-Wl,--end-group",
    "-Wl,-Bdynamic",
]
