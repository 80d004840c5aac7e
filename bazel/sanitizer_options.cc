// What the sanitizer runtimes must know about Debian's uninstrumented
// libraries. TSAN sees no lock inside gRPC, so it reports memory that gRPC
// hands over; only frames of gRPC itself at the top of a stack are silenced,
// never "any frame": each handler of ours runs below such a frame.

extern "C" {

const char* __tsan_default_options();
const char* __tsan_default_suppressions();
const char* __lsan_default_suppressions();

const char* __tsan_default_options() {
  return "ignore_noninstrumented_modules=1:"
         "external_symbolizer_path=/usr/bin/llvm-symbolizer-14";
}

const char* __tsan_default_suppressions() {
  return "race_top:^grpc::\n"
         "race:grpc::internal::CallOpSet<\n"
         "race:grpc::internal::InterceptorBatchMethodsImpl\n";
}

// c-ares keeps ten bytes.
const char* __lsan_default_suppressions() { return "leak:libcares.so\n"; }
}
