#include "audit/signed_note.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/encoding.h"
#include "base/error.h"
#include "base/status_macros.h"

namespace countersign::audit {
namespace {

constexpr char kEd25519 = 0x01;
constexpr size_t kPublicKeySize = 32;
constexpr size_t kSignatureSize = 64;
constexpr size_t kKeyIdSize = 4;
constexpr size_t kMaxNoteSize = 1 << 20;
constexpr size_t kMaxSignatures = 100;
constexpr char kDash[] = "\xe2\x80\x94 ";  // U+2014 and a blank

absl::Status BadNote(absl::string_view why) {
  return base::MakeError(absl::StatusCode::kInvalidArgument,
                         absl::StrCat("this is no signed note: ", why),
                         {"BAD_NOTE", {}, {}, {}, {}});
}

absl::Status BadKey(absl::string_view why) {
  return base::MakeError(
      absl::StatusCode::kInvalidArgument,
      absl::StrCat("this is no verifier key \"name+<8 hex digits>+<base64>\" "
                   "with Ed25519: ",
                   why),
      {"BAD_VERIFIER_KEY", {}, {}, {}, {}});
}

// Unicode White_Space beyond ASCII, in UTF-8.
bool HasUnicodeSpace(absl::string_view text) {
  static constexpr absl::string_view kSpaces[] = {
      "\xc2\x85",     "\xc2\xa0",     "\xe1\x9a\x80", "\xe2\x80\x80",
      "\xe2\x80\x81", "\xe2\x80\x82", "\xe2\x80\x83", "\xe2\x80\x84",
      "\xe2\x80\x85", "\xe2\x80\x86", "\xe2\x80\x87", "\xe2\x80\x88",
      "\xe2\x80\x89", "\xe2\x80\x8a", "\xe2\x80\xa8", "\xe2\x80\xa9",
      "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80"};
  return std::any_of(std::begin(kSpaces), std::end(kSpaces),
                     [&](absl::string_view space) {
                       return text.find(space) != absl::string_view::npos;
                     });
}

bool IsName(absl::string_view name) {
  const bool plain = std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return c > 0x20 && c != 0x7f && c != '+';
  });
  return !name.empty() && plain && base::IsValidUtf8(name) &&
         !HasUnicodeSpace(name);
}

bool IsText(absl::string_view text) {
  const bool plain = std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return c >= 0x20 || c == '\n';
  });
  return plain && base::IsValidUtf8(text) && absl::EndsWith(text, "\n");
}

uint32_t ReadBigEndian(absl::string_view octets) {
  uint32_t value = 0;
  for (const unsigned char c : octets) value = value << 8 | c;
  return value;
}

std::string BigEndian(uint32_t value) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(value >> shift));
  }
  return out;
}

const unsigned char* Octets(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

absl::StatusOr<std::string> SignEd25519(EVP_PKEY* key, absl::string_view text) {
  base::EvpMdCtxPtr ctx(EVP_MD_CTX_new());
  std::string signature(kSignatureSize, '\0');
  size_t size = signature.size();
  if (ctx == nullptr ||
      EVP_DigestSignInit(ctx.get(), nullptr, nullptr, nullptr, key) != 1 ||
      EVP_DigestSign(ctx.get(),
                     reinterpret_cast<unsigned char*>(signature.data()), &size,
                     Octets(text), text.size()) != 1 ||
      size != kSignatureSize) {
    return base::OpensslError(absl::StatusCode::kInternal, "sign a note");
  }
  return signature;
}

absl::StatusOr<NoteSignature> ParseSignatureLine(absl::string_view line) {
  if (!absl::ConsumePrefix(&line, kDash)) {
    return BadNote("a signature line must begin with an em dash and a blank");
  }
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(line, absl::MaxSplits(' ', 1));
  if (!IsName(parts.first)) return BadNote("the name of a key is malformed");
  absl::StatusOr<std::string> octets = base::Base64Decode(parts.second);
  if (!octets.ok() || octets->size() <= kKeyIdSize) {
    return BadNote("a signature is not base64 of a key id and a signature");
  }
  return NoteSignature{
      std::string(parts.first),
      ReadBigEndian(absl::string_view(*octets).substr(0, kKeyIdSize)),
      octets->substr(kKeyIdSize)};
}

}  // namespace

NoteVerifier::NoteVerifier(std::string name, std::string public_key)
    : name_(std::move(name)),
      public_key_(std::move(public_key)),
      // C2SP signed-note: SHA-256(name || 0x0A || type || public key)[0:4].
      key_id_(ReadBigEndian(
          base::Sha256(
              absl::StrCat(name_, "\n", std::string(1, kEd25519), public_key_))
              .substr(0, kKeyIdSize))) {}

absl::StatusOr<NoteVerifier> NoteVerifier::Create(
    absl::string_view name, absl::string_view public_key) {
  if (!IsName(name)) {
    return BadKey("the name must be UTF-8 without blanks and \"+\"");
  }
  if (public_key.size() != kPublicKeySize) {
    return BadKey("the key must have 32 octets");
  }
  return NoteVerifier(std::string(name), std::string(public_key));
}

absl::StatusOr<NoteVerifier> NoteVerifier::Parse(absl::string_view vkey) {
  // Base64 may contain "+": only the first two divide.
  const std::vector<absl::string_view> parts =
      absl::StrSplit(vkey, absl::MaxSplits('+', 2));
  if (parts.size() != 3) return BadKey("it must have three parts");
  const absl::StatusOr<std::string> id = base::HexDecode(parts[1]);
  if (!id.ok() || id->size() != kKeyIdSize) {
    return BadKey("the key id must be 8 hex digits");
  }
  const absl::StatusOr<std::string> key = base::Base64Decode(parts[2]);
  if (!key.ok() || key->empty()) return BadKey("the key must be base64");
  if ((*key)[0] != kEd25519) return BadKey("it is of another type than 0x01");
  ASSIGN_OR_RETURN(NoteVerifier verifier, Create(parts[0], key->substr(1)));
  if (verifier.key_id() != ReadBigEndian(*id)) {
    return BadKey("the key id does not fit the key");
  }
  return verifier;
}

std::string NoteVerifier::Format() const {
  return absl::StrCat(
      name_, "+", base::HexEncode(BigEndian(key_id_)), "+",
      base::Base64Encode(absl::StrCat(std::string(1, kEd25519), public_key_)));
}

bool NoteVerifier::Verify(absl::string_view text,
                          absl::string_view signature) const {
  if (signature.size() != kSignatureSize) return false;
  const base::EvpPkeyPtr key(EVP_PKEY_new_raw_public_key(
      EVP_PKEY_ED25519, nullptr, Octets(public_key_), public_key_.size()));
  const base::EvpMdCtxPtr ctx(EVP_MD_CTX_new());
  const bool good =
      key != nullptr && ctx != nullptr &&
      EVP_DigestVerifyInit(ctx.get(), nullptr, nullptr, nullptr, key.get()) ==
          1 &&
      EVP_DigestVerify(ctx.get(), Octets(signature), signature.size(),
                       Octets(text), text.size()) == 1;
  if (!good) ERR_clear_error();
  return good;
}

absl::StatusOr<NoteSigner> NoteSigner::Create(absl::string_view name,
                                              base::EvpPkeyPtr key) {
  if (key == nullptr || EVP_PKEY_get_id(key.get()) != EVP_PKEY_ED25519) {
    return absl::InvalidArgumentError("the key must be an Ed25519 key");
  }
  std::string public_key(kPublicKeySize, '\0');
  size_t size = public_key.size();
  if (EVP_PKEY_get_raw_public_key(
          key.get(), reinterpret_cast<unsigned char*>(public_key.data()),
          &size) != 1 ||
      size != kPublicKeySize) {
    return base::OpensslError(absl::StatusCode::kInvalidArgument,
                              "read the public key");
  }
  // A public key alone is found out here and not at the first checkpoint.
  RETURN_IF_ERROR(SignEd25519(key.get(), "probe").status());
  ASSIGN_OR_RETURN(NoteVerifier verifier,
                   NoteVerifier::Create(name, public_key));
  return NoteSigner(std::move(verifier), std::move(key));
}

absl::StatusOr<std::string> NoteSigner::Sign(absl::string_view text) const {
  if (!IsText(text)) {
    return BadNote(
        "its text must be UTF-8 without control characters and end with a "
        "newline");
  }
  ASSIGN_OR_RETURN(const std::string signature, SignEd25519(key_.get(), text));
  return absl::StrCat(text, "\n", kDash, verifier_.name(), " ",
                      base::Base64Encode(absl::StrCat(
                          BigEndian(verifier_.key_id()), signature)),
                      "\n");
}

absl::StatusOr<Note> ParseNote(absl::string_view note) {
  if (note.size() > kMaxNoteSize) return BadNote("it has more than 1 MiB");
  // The text may hold empty lines: the last one divides.
  const size_t divide = note.rfind("\n\n");
  if (!IsText(note) || divide == absl::string_view::npos) {
    return BadNote(
        "it must be UTF-8 text, an empty line, and lines of signatures");
  }
  Note out;
  out.text = std::string(note.substr(0, divide + 1));
  absl::string_view lines = note.substr(divide + 2);
  if (lines.empty()) return BadNote("it has no signature");
  absl::ConsumeSuffix(&lines, "\n");
  for (const absl::string_view line : absl::StrSplit(lines, '\n')) {
    if (out.signatures.size() == kMaxSignatures) {
      return BadNote("it has more than 100 signatures");
    }
    ASSIGN_OR_RETURN(NoteSignature signature, ParseSignatureLine(line));
    out.signatures.push_back(std::move(signature));
  }
  return out;
}

absl::StatusOr<std::string> OpenNote(absl::string_view note,
                                     const NoteVerifier& verifier) {
  ASSIGN_OR_RETURN(Note parsed, ParseNote(note));
  bool verified = false;
  for (const NoteSignature& s : parsed.signatures) {
    if (s.name != verifier.name() || s.key_id != verifier.key_id()) continue;
    if (!verifier.Verify(parsed.text, s.signature)) {
      return base::MakeError(absl::StatusCode::kInvalidArgument,
                             absl::StrCat("the signature of ", verifier.name(),
                                          " does not fit the note's text"),
                             {"NOTE_SIGNATURE_INVALID", {}, {}, {}, {}});
    }
    verified = true;
  }
  if (!verified) {
    return base::MakeError(
        absl::StatusCode::kInvalidArgument,
        absl::StrCat("the note bears no signature of ", verifier.Format()),
        {"NOTE_NOT_SIGNED", {}, {}, {}, {}});
  }
  return std::move(parsed.text);
}

}  // namespace countersign::audit
