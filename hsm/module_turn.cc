#include "hsm/module_turn.h"

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/mutex.h"

namespace countersign::hsm {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(1);

struct Turns {
  base::Mutex mutex;
  base::CondVar changed;
  uint64_t last ABSL_GUARDED_BY(mutex) = 0;
  uint64_t holder ABSL_GUARDED_BY(mutex) = 0;  // 0: nobody
};

// Never destroyed: threads that a module keeps may outlive main.
Turns& AllTurns() {
  static Turns* const turns = new Turns;
  return *turns;
}

uint64_t Take() {
  Turns& turns = AllTurns();
  const absl::Duration until = base::SteadyNow() + kPatience;
  base::MutexLock lock(turns.mutex);
  while (turns.holder != 0) {
    const absl::Duration rest = until - base::SteadyNow();
    if (rest <= absl::ZeroDuration()) break;
    turns.changed.WaitFor(turns.mutex, rest);
  }
  turns.holder = ++turns.last;
  return turns.holder;
}

}  // namespace

ModuleTurn::ModuleTurn() : number_(Take()) {}

ModuleTurn::~ModuleTurn() {
  Turns& turns = AllTurns();
  base::MutexLock lock(turns.mutex);
  if (turns.holder != number_) return;  // lost
  turns.holder = 0;
  turns.changed.Signal();
}

}  // namespace countersign::hsm
