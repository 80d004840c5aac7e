#include "hsm/visible_key.h"

#include <string>

#include "base/status_macros.h"
#include "hsm/errors.h"
#include "hsm/key_pair.h"
#include "hsm/object_template.h"

namespace countersign::hsm {

absl::Status CheckVisibleKey(Session& session, const core::KeyRef& key) {
  ASSIGN_OR_RETURN(const KeyHalves halves, FindHalves(session, key));
  if (!halves.public_key.has_value()) {
    ObjectTemplate any;
    any.Number(CKA_CLASS, CKO_PUBLIC_KEY);
    ASSIGN_OR_RETURN(const auto found, session.FindObjects(any, 1));
    return found.empty() ? error::KeyNotVisible(key.label, key.key_id)
                         : error::KeyMissing(key.label, key.key_id);
  }
  ASSIGN_OR_RETURN(const std::string spki,
                   ReadSpki(session, *halves.public_key, key));
  if (spki != key.spki) return error::KeyNotPinned(key.label, key.key_id);
  return absl::OkStatus();
}

}  // namespace countersign::hsm
