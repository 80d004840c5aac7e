// Signed notes (C2SP signed-note v1.0.0) with Ed25519: a text, and below it one
// line for each signature. Checkpoints are such notes. Used by the server,
// which signs, and by the client, which checks. Pure but for the key that it
// holds.
#ifndef COUNTERSIGN_AUDIT_SIGNED_NOTE_H_
#define COUNTERSIGN_AUDIT_SIGNED_NOTE_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/openssl.h"

namespace countersign::audit {

// A public key with its name, as text "name+<key id>+<base64>" (a vkey).
class NoteVerifier {
 public:
  // `public_key` has 32 octets. INVALID_ARGUMENT, reason BAD_VERIFIER_KEY.
  static absl::StatusOr<NoteVerifier> Create(absl::string_view name,
                                             absl::string_view public_key);
  // The same for anything but an Ed25519 vkey (type 0x01) whose key id fits.
  static absl::StatusOr<NoteVerifier> Parse(absl::string_view vkey);

  std::string Format() const;
  const std::string& name() const { return name_; }
  uint32_t key_id() const { return key_id_; }
  const std::string& public_key() const { return public_key_; }

  // True where `signature` (64 octets) is good for `text`.
  bool Verify(absl::string_view text, absl::string_view signature) const;

 private:
  NoteVerifier(std::string name, std::string public_key);

  std::string name_;
  std::string public_key_;
  uint32_t key_id_;
};

// A private key with its name. Thread-compatible.
class NoteSigner {
 public:
  // INVALID_ARGUMENT where the key is no Ed25519 private key or the name is
  // none that a note can bear.
  static absl::StatusOr<NoteSigner> Create(absl::string_view name,
                                           base::EvpPkeyPtr key);

  // The whole note. INVALID_ARGUMENT, reason BAD_NOTE, where `text` cannot be
  // one: not UTF-8, control characters, no newline at the end.
  absl::StatusOr<std::string> Sign(absl::string_view text) const;

  const NoteVerifier& verifier() const { return verifier_; }

 private:
  NoteSigner(NoteVerifier verifier, base::EvpPkeyPtr key)
      : verifier_(std::move(verifier)), key_(std::move(key)) {}

  NoteVerifier verifier_;
  base::EvpPkeyPtr key_;
};

struct NoteSignature {
  std::string name;
  uint32_t key_id = 0;
  std::string signature;
};
struct Note {
  std::string text;
  std::vector<NoteSignature> signatures;
};

// The parts of a note, nothing verified. INVALID_ARGUMENT, reason BAD_NOTE. At
// most 1 MiB and 100 signatures.
absl::StatusOr<Note> ParseNote(absl::string_view note);

// The text of a note that `verifier` has signed; other signatures are skipped.
// INVALID_ARGUMENT: BAD_NOTE, NOTE_NOT_SIGNED (no signature of that key),
// NOTE_SIGNATURE_INVALID.
absl::StatusOr<std::string> OpenNote(absl::string_view note,
                                     const NoteVerifier& verifier);

}  // namespace countersign::audit

#endif  // COUNTERSIGN_AUDIT_SIGNED_NOTE_H_
