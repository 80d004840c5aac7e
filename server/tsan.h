// Two notes for ThreadSanitizer about completion queues. A call object passes
// from the thread that starts an operation to the thread that takes its tag
// from the queue, through gRPC, which is not instrumented; without these notes
// each such passage looks like a race. In other builds they are nothing.
#ifndef COUNTERSIGN_SERVER_TSAN_H_
#define COUNTERSIGN_SERVER_TSAN_H_

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define COUNTERSIGN_TSAN 1
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define COUNTERSIGN_TSAN 1
#endif

#ifdef COUNTERSIGN_TSAN
extern "C" {
void __tsan_acquire(void* address);
void __tsan_release(void* address);
}
#endif

namespace countersign::server {

// Right before an operation with this tag is started; nothing of the call
// object may be touched between.
inline void BeforeOperation(void* tag) {
#ifdef COUNTERSIGN_TSAN
  __tsan_release(tag);
#else
  (void)tag;
#endif
}

// Right after the queue returned the tag.
inline void AfterOperation(void* tag) {
#ifdef COUNTERSIGN_TSAN
  __tsan_acquire(tag);
#else
  (void)tag;
#endif
}

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_TSAN_H_
