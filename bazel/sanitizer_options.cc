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

// c-ares keeps ten bytes. SoftHSM 2.6.1 forgets the name of the curve at each
// C_SignInit with an Ed25519 key; a stack shows that only where it is unwound
// slowly: ASAN_OPTIONS=fast_unwind_on_malloc=0, for the tests that need it.
const char* __lsan_default_suppressions() {
  return "leak:libcares.so\n"
         "leak:libsofthsm2.so\n";
}
}
