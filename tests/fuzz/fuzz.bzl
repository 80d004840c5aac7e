"""fuzz_test: a fuzz target as an ordinary test, and as a libFuzzer binary."""

def fuzz_test(name, srcs, deps, size = "small", iterations = 20000, **kwargs):
    """A target (fuzz_target.h) with seeds and a fixed number of mutations.

    NAME is the test. NAME_libfuzzer is for people, with coverage:
      bazel run --config=fuzz //room:NAME_libfuzzer -- CORPUS_FOLDER

    Args:
      name: x_fuzz_test.
      srcs: the file that defines LLVMFuzzerTestOneInput and Seeds.
      deps: of srcs; fuzz_target is added.
      size: of the test.
      iterations: mutated inputs of the test.
      **kwargs: as of cc_test (data, tags).
    """
    native.cc_library(
        name = name + "_target",
        testonly = True,
        srcs = srcs,
        alwayslink = True,
        deps = deps + ["//tests/fuzz:fuzz_target"],
    )
    native.cc_test(
        name = name,
        size = size,
        args = [str(iterations)],
        deps = [
            ":" + name + "_target",
            "//tests/fuzz:fuzz_main",
        ],
        **kwargs
    )
    native.cc_binary(
        name = name + "_libfuzzer",
        testonly = True,
        linkopts = ["-fsanitize=fuzzer"],
        tags = ["manual"],
        deps = [":" + name + "_target"],
    )
