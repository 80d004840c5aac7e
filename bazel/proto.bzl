"""cc_proto: Debian's protoc and gRPC plugin as one Bazel rule.

Each `cc_proto(name = "x", srcs = ["x.proto"])` gives a cc_library `x` whose
headers are included by the path of the .proto file below proto/, and a
descriptor set `x.pb.bin` with all imports.
"""

ProtoSources = provider(fields = {"protos": "transitive .proto files"})

def _protoc_impl(ctx):
    protos = depset(
        ctx.files.srcs,
        transitive = [d[ProtoSources].protos for d in ctx.attr.deps],
    )
    headers = []
    sources = []
    for src in ctx.files.srcs:
        stem = src.basename[:-len(".proto")]
        kinds = [".pb"] + ([".grpc.pb"] if ctx.attr.grpc else [])
        for kind in kinds:
            headers.append(ctx.actions.declare_file(stem + kind + ".h"))
            sources.append(ctx.actions.declare_file(stem + kind + ".cc"))
    descriptor = ctx.actions.declare_file(ctx.label.name + ".bin")
    out = ctx.bin_dir.path + "/proto"
    args = ctx.actions.args()
    args.add_all(["-Iproto", "-I/usr/include"])
    args.add("--cpp_out=" + out)
    if ctx.attr.grpc:
        args.add("--plugin=protoc-gen-grpc=/usr/bin/grpc_cpp_plugin")
        args.add("--grpc_out=" + out)
    args.add_all(["--include_imports", "--descriptor_set_out=" + descriptor.path])
    args.add_all(ctx.files.srcs)
    ctx.actions.run(
        executable = "/usr/bin/protoc",
        arguments = [args],
        inputs = protos,
        outputs = headers + sources + [descriptor],
        mnemonic = "Protoc",
    )
    return [
        ProtoSources(protos = protos),
        DefaultInfo(files = depset([descriptor])),
        OutputGroupInfo(hdrs = depset(headers), srcs = depset(sources)),
    ]

_protoc = rule(
    implementation = _protoc_impl,
    attrs = {
        "srcs": attr.label_list(allow_files = [".proto"]),
        "deps": attr.label_list(providers = [ProtoSources]),
        "grpc": attr.bool(),
    },
)

def cc_proto(name, srcs, deps = [], grpc = False, visibility = None):
    """A C++ library of messages, and of services where grpc is set."""
    protos = name + ".pb"
    _protoc(
        name = protos,
        srcs = srcs,
        deps = [_sibling(d) for d in deps],
        grpc = grpc,
        visibility = visibility,
    )
    native.filegroup(name = name + "_hdrs", srcs = [":" + protos], output_group = "hdrs")
    native.filegroup(name = name + "_srcs", srcs = [":" + protos], output_group = "srcs")
    native.cc_library(
        name = name,
        srcs = [":" + name + "_srcs"],
        hdrs = [":" + name + "_hdrs"],
        deps = deps + [
            "//proto:include_root",
            "//bazel/deb:grpc" if grpc else "//bazel/deb:protobuf",
        ],
        visibility = visibility,
    )

def _sibling(label):
    """The protoc target that belongs to a cc_proto library."""
    if ":" not in label:
        label = label + ":" + label.split("/")[-1]
    return label + ".pb"
