// A list of PKCS#11 attributes that owns the values it points to: for finding
// and for making objects. Pure.
#ifndef COUNTERSIGN_HSM_OBJECT_TEMPLATE_H_
#define COUNTERSIGN_HSM_OBJECT_TEMPLATE_H_

#include <p11-kit-1/p11-kit/pkcs11.h>

#include <list>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace countersign::hsm {

// Thread-compatible.
class ObjectTemplate {
 public:
  ObjectTemplate() = default;
  // The attributes point into this object.
  ObjectTemplate(const ObjectTemplate&) = delete;
  ObjectTemplate& operator=(const ObjectTemplate&) = delete;

  ObjectTemplate& Bool(CK_ATTRIBUTE_TYPE type, bool value) {
    const CK_BBOOL octet = value ? CK_TRUE : CK_FALSE;
    return Octets(type, {reinterpret_cast<const char*>(&octet), sizeof octet});
  }
  ObjectTemplate& Number(CK_ATTRIBUTE_TYPE type, CK_ULONG value) {
    return Octets(type, {reinterpret_cast<const char*>(&value), sizeof value});
  }
  ObjectTemplate& Octets(CK_ATTRIBUTE_TYPE type, absl::string_view value) {
    std::string& kept = values_.emplace_back(value);
    attributes_.push_back({type, kept.data(), kept.size()});
    return *this;
  }

  // PKCS#11 takes them unconst and leaves them alone.
  CK_ATTRIBUTE* data() { return attributes_.data(); }
  CK_ULONG size() const { return attributes_.size(); }

 private:
  std::list<std::string> values_;  // a list: addresses stay
  std::vector<CK_ATTRIBUTE> attributes_;
};

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_OBJECT_TEMPLATE_H_
