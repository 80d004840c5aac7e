// What was found out about callers lately, by the SHA-256 of what they sent:
// the one unused for longest goes first. It keeps no time and judges nothing;
// Authenticator does.
#ifndef COUNTERSIGN_AUTH_REMEMBERED_H_
#define COUNTERSIGN_AUTH_REMEMBERED_H_

#include <cstddef>
#include <iterator>
#include <list>
#include <string>
#include <unordered_map>
#include <utility>

namespace countersign::auth {

// Thread-compatible.
template <typename T>
class Remembered {
 public:
  // At most `most` are kept.
  explicit Remembered(size_t most) : most_(most) {}

  // nullptr where it is not there; valid until the next Put or Forget.
  const T* Find(const std::string& key) {
    const auto found = index_.find(key);
    if (found == index_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, found->second);
    return &entries_.front().second;
  }

  // Replaces what was there.
  void Put(std::string key, T value) {
    if (most_ == 0) return;
    Forget(key);
    if (entries_.size() >= most_) {
      Forget(std::string(std::prev(entries_.end())->first));
    }
    entries_.emplace_front(std::move(key), std::move(value));
    index_[entries_.front().first] = entries_.begin();
  }

  void Forget(const std::string& key) {
    const auto found = index_.find(key);
    if (found == index_.end()) return;
    entries_.erase(found->second);
    index_.erase(found);
  }

  size_t size() const { return entries_.size(); }

 private:
  using Entries = std::list<std::pair<std::string, T>>;

  const size_t most_;
  Entries entries_;  // last used first
  std::unordered_map<std::string, typename Entries::iterator> index_;
};

}  // namespace countersign::auth

#endif  // COUNTERSIGN_AUTH_REMEMBERED_H_
