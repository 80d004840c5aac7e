#include "hsm/pin_latch.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "base/file.h"
#include "base/json.h"
#include "base/openssl.h"
#include "base/status_macros.h"
#include "hsm/errors.h"

namespace countersign::hsm {
namespace {

using base::Json;

constexpr int kVersion = 1;
// OWASP's figure for PBKDF2-HMAC-SHA256. A PIN of few digits falls to a search
// all the same; the mode of the file is what protects it.
constexpr int kIterations = 600000;
constexpr size_t kSaltSize = 16;
constexpr size_t kHashSize = 32;
constexpr size_t kMaxFile = 4096;

struct Latch {
  LatchRecord record;
  std::string salt;
  std::string hash;
};

std::string HashPin(const base::SecretBytes& pin, const std::string& salt) {
  const absl::string_view octets = pin.DangerouslyExpose();
  std::string hash(kHashSize, '\0');
  PKCS5_PBKDF2_HMAC(octets.data(), static_cast<int>(octets.size()),
                    reinterpret_cast<const unsigned char*>(salt.data()),
                    static_cast<int>(salt.size()), kIterations, EVP_sha256(),
                    static_cast<int>(hash.size()),
                    reinterpret_cast<unsigned char*>(hash.data()));
  return hash;
}

std::string StringOf(const Json& object, absl::string_view name) {
  const Json* member = object.Find(name);
  return member != nullptr && member->is_string() ? member->string() : "";
}

absl::StatusOr<Latch> Parse(const std::string& text, const std::string& path) {
  const auto bad = [&path](absl::string_view why) {
    return error::LatchUnusable(path, why);
  };
  const absl::StatusOr<Json> json = base::ParseJson(text);
  if (!json.ok()) return bad(json.status().message());
  const Json* version = json->Find("version");
  if (version == nullptr || !(*version == Json(kVersion))) {
    return bad("it is no latch of a version that is known here");
  }
  Latch latch;
  latch.record.token_label = StringOf(*json, "token_label");
  latch.record.token_serial = StringOf(*json, "token_serial");
  latch.record.ckr = StringOf(*json, "ckr");
  std::string ignored;
  if (!absl::ParseTime(absl::RFC3339_full, StringOf(*json, "time"),
                       &latch.record.set_at, &ignored)) {
    return bad("its time is none");
  }
  ASSIGN_OR_RETURN(latch.salt, base::HexDecode(StringOf(*json, "salt")));
  ASSIGN_OR_RETURN(latch.hash, base::HexDecode(StringOf(*json, "hash")));
  if (latch.salt.size() != kSaltSize || latch.hash.size() != kHashSize) {
    return bad("its hash is none");
  }
  return latch;
}

// nullopt where there is no file.
absl::StatusOr<std::optional<Latch>> Load(const std::string& path) {
  const absl::StatusOr<std::string> text = base::ReadFile(path, kMaxFile);
  if (absl::IsNotFound(text.status())) return std::optional<Latch>();
  if (!text.ok()) return error::LatchUnusable(path, text.status().message());
  absl::StatusOr<Latch> latch = Parse(*text, path);
  if (!latch.ok()) {
    return error::LatchUnusable(path, latch.status().message());
  }
  return std::optional<Latch>(*std::move(latch));
}

}  // namespace

std::string LatchRecord::Text() const {
  return absl::StrCat(
      ckr, " at ",
      absl::FormatTime(absl::RFC3339_sec, set_at, absl::UTCTimeZone()),
      ", token \"", base::EscapeForDisplay(token_label),
      "\" with serial number ", base::EscapeForDisplay(token_serial));
}

std::string PinLatch::PathFor(const std::string& pin_file,
                              const std::string& latch_file) {
  return latch_file.empty() ? absl::StrCat(pin_file, ".latch") : latch_file;
}

absl::Status PinLatch::Check(absl::string_view token_label,
                             const base::SecretBytes& pin) const {
  ASSIGN_OR_RETURN(const auto latch, Load(path_));
  if (!latch.has_value()) return absl::OkStatus();
  // Another token of the same PIN file counts as well: too much caution costs
  // an operator a minute, too little a token.
  if (!base::ConstantTimeEquals(HashPin(pin, latch->salt), latch->hash)) {
    return absl::OkStatus();
  }
  return error::PinLatched(token_label, path_, latch->record.Text());
}

absl::Status PinLatch::CheckWritable() const {
  std::string probe = absl::StrCat(path_, ".XXXXXX");
  const int fd = mkostemp(probe.data(), O_CLOEXEC);
  if (fd < 0) return error::LatchUnusable(path_, strerror(errno));
  const absl::Cleanup remove = [&] {
    close(fd);
    unlink(probe.c_str());
  };
  // A full disk shows here.
  if (write(fd, "{}\n", 3) != 3 || fsync(fd) != 0) {
    return error::LatchUnusable(path_, strerror(errno));
  }
  return absl::OkStatus();
}

absl::Status PinLatch::Set(const LatchRecord& record,
                           const base::SecretBytes& pin,
                           base::Random& random) const {
  const std::string salt = random.Bytes(kSaltSize);
  const Json json(Json::Object{
      {"version", kVersion},
      {"token_label", base::EscapeForDisplay(record.token_label)},
      {"token_serial", base::EscapeForDisplay(record.token_serial)},
      {"ckr", record.ckr},
      {"time", absl::FormatTime(absl::RFC3339_full, record.set_at,
                                absl::UTCTimeZone())},
      {"kdf", "PBKDF2-HMAC-SHA256"},
      {"iterations", kIterations},
      {"salt", base::HexEncode(salt)},
      {"hash", base::HexEncode(HashPin(pin, salt))}});
  return base::WriteFileAtomically(
      path_, absl::StrCat(base::PrettyJson(json), "\n"), 0600);
}

absl::StatusOr<std::optional<LatchRecord>> PinLatch::Describe() const {
  ASSIGN_OR_RETURN(const auto latch, Load(path_));
  if (!latch.has_value()) return std::optional<LatchRecord>();
  return std::optional<LatchRecord>(latch->record);
}

absl::StatusOr<bool> PinLatch::Clear() const {
  if (unlink(path_.c_str()) == 0) return true;
  if (errno == ENOENT) return false;
  return error::LatchUnusable(path_, strerror(errno));
}

}  // namespace countersign::hsm
