// countersign verify blob|digest|component-descriptor: offline, without the
// service.
#include <CLI/CLI.hpp>
#include <memory>
#include <optional>

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "client/api/client_error.h"
#include "client/artifact/certificate_chain.h"
#include "client/artifact/component_descriptor.h"
#include "client/artifact/file_digest.h"
#include "client/artifact/public_key.h"
#include "client/artifact/verify_descriptor.h"
#include "client/cli/algorithm_text.h"
#include "client/cli/command_tree.h"
#include "client/cli/commands/commands.h"
#include "client/cli/commands/sigstore_commands.h"
#include "client/cli/digest_text.h"
#include "client/cli/file_progress.h"
#include "client/cli/signature_input.h"
#include "client/cli/text_table.h"

namespace countersign::client {
namespace {

struct Options {
  std::string target;  // file, or digest
  std::string signature;
  std::string public_key;
  std::string root;
  std::string algorithm;
  std::string hash;
  std::string bundle;
  std::string identity;
};

absl::StatusOr<Trust> ReadTrust(Session& session, const Options& options) {
  Trust trust;
  trust.now = session.now();
  if (options.public_key.empty() && options.root.empty()) {
    return base::MakeError(
        absl::StatusCode::kInvalidArgument,
        "nothing to verify with: give --public-key or --root",
        Because("TRUST_MISSING"));
  }
  if (!options.public_key.empty()) {
    ASSIGN_OR_RETURN(trust.public_key_pem,
                     ReadInput(session, options.public_key, 1 << 20));
    // Looked at here so that an error names this file, not the one it is for.
    const auto spki = ReadPublicKey(trust.public_key_pem);
    if (!spki.ok()) {
      return base::Annotate(spki.status(), options.public_key);
    }
  }
  if (!options.root.empty()) {
    ASSIGN_OR_RETURN(trust.roots_pem,
                     ReadInput(session, options.root, 1 << 20));
    const auto roots = ReadCertificates(trust.roots_pem);
    if (!roots.ok()) return base::Annotate(roots.status(), options.root);
  }
  if (!options.algorithm.empty()) {
    ASSIGN_OR_RETURN(const v1::SignatureAlgorithm algorithm,
                     ReadAlgorithm(options.algorithm));
    trust.scheme = SchemeOf(algorithm);
  }
  return trust;
}

absl::StatusOr<std::optional<HashAlgorithm>> ReadHashOption(
    const Options& options) {
  if (options.hash.empty()) return std::optional<HashAlgorithm>();
  ASSIGN_OR_RETURN(const v1::HashAlgorithm hash, ReadHash(options.hash));
  return std::optional(FromWire(hash));
}

absl::Status Report(Session& session, const std::string& what,
                    const std::string& signer) {
  if (session.json()) {
    session.PrintJson(base::Json::Object{
        {"verified", true}, {"what", what}, {"signer", signer}});
    return absl::OkStatus();
  }
  session.Print(EscapeLines(absl::StrCat(
                    what, ": the signature is good",
                    signer.empty() ? "" : absl::StrCat(", by ", signer))) +
                "\n");
  return absl::OkStatus();
}

absl::StatusOr<SignatureInput> ReadSignatureFile(Session& session,
                                                 const Options& options) {
  ASSIGN_OR_RETURN(const std::string octets,
                   ReadInput(session, options.signature, 1 << 20));
  return ReadSignature(octets);
}

absl::Status Verify(Session& session, const std::string& what,
                    const SignatureInput& signature,
                    const SignedContent& content, const Trust& trust) {
  const auto signer = VerifySignature(signature, content, trust);
  if (!signer.ok()) return base::Annotate(signer.status(), what);
  return Report(session, what, *signer);
}

// The file's digest, or the file itself where that was signed.
absl::StatusOr<SignedContent> ReadBlob(Session& session, const Options& options,
                                       std::optional<HashAlgorithm> hash,
                                       base::SignatureScheme scheme) {
  SignedContent content;
  if (scheme == base::SignatureScheme::kEd25519) {
    if (hash.has_value()) {
      return base::MakeError(absl::StatusCode::kInvalidArgument,
                             "--hash does not go with ED25519, which signs the "
                             "message itself",
                             Because("HASH_NOT_POSSIBLE"));
    }
    content.message = true;
    ASSIGN_OR_RETURN(content.octets, ReadInput(session, options.target));
    return content;
  }
  content.hash = hash.value_or(HashAlgorithm::kSha256);
  FileProgress progress(session, options.target);
  const auto digest =
      DigestFile(options.target, content.hash, progress.Callback());
  if (!digest.ok()) return AsBadInput(digest.status());
  content.octets = digest->octets;
  return content;
}

absl::Status Blob(Session& session, const Options& options) {
  if (options.signature.empty() == options.bundle.empty()) {
    return base::MakeError(absl::StatusCode::kInvalidArgument,
                           "give one of --signature and --bundle",
                           Because("SIGNATURE_MISSING"));
  }
  if (!options.bundle.empty()) {
    return VerifyBlobBundle(
        session, {options.target,
                  options.bundle,
                  {options.public_key, options.root, options.identity}});
  }
  ASSIGN_OR_RETURN(const auto hash, ReadHashOption(options));
  ASSIGN_OR_RETURN(const Trust trust, ReadTrust(session, options));
  ASSIGN_OR_RETURN(const SignatureInput signature,
                   ReadSignatureFile(session, options));
  ASSIGN_OR_RETURN(const base::SignatureScheme scheme,
                   SchemeToVerify(signature, trust));
  ASSIGN_OR_RETURN(const SignedContent content,
                   ReadBlob(session, options, hash, scheme));
  return Verify(session, options.target, signature, content, trust);
}

absl::Status Digest(Session& session, const Options& options) {
  ASSIGN_OR_RETURN(const auto hash, ReadHashOption(options));
  ASSIGN_OR_RETURN(const ParsedDigest digest,
                   ParseDigest(options.target, hash));
  ASSIGN_OR_RETURN(const Trust trust, ReadTrust(session, options));
  ASSIGN_OR_RETURN(const SignatureInput signature,
                   ReadSignatureFile(session, options));
  return Verify(session, options.target, signature,
                {digest.octets, digest.hash, false}, trust);
}

absl::Status Descriptor(Session& session, const Options& options) {
  ASSIGN_OR_RETURN(const Trust trust, ReadTrust(session, options));
  ASSIGN_OR_RETURN(const std::string text, ReadInput(session, options.target));
  const auto descriptor = ComponentDescriptor::Parse(text);
  if (!descriptor.ok()) {
    return base::Annotate(descriptor.status(), options.target);
  }
  VerifyOptions verify;
  if (!options.signature.empty()) verify.name = options.signature;
  verify.public_key_pem = trust.public_key_pem;
  verify.roots_pem = trust.roots_pem;
  verify.now = trust.now;
  const auto verified = VerifyDescriptor(*descriptor, verify);
  if (!verified.ok()) return base::Annotate(verified.status(), options.target);
  if (!session.json()) {
    for (const VerifiedSignature& one : *verified) {
      RETURN_IF_ERROR(
          Report(session,
                 absl::StrCat(options.target, " (", descriptor->name(), ":",
                              descriptor->version(), "), signature \"",
                              one.name, "\", ", one.algorithm),
                 one.signer));
    }
    return absl::OkStatus();
  }
  base::Json::Array signatures;
  for (const VerifiedSignature& one : *verified) {
    signatures.push_back(base::Json::Object{{"name", one.name},
                                            {"algorithm", one.algorithm},
                                            {"digest", one.digest.value},
                                            {"signer", one.signer}});
  }
  session.PrintJson(base::Json::Object{{"verified", true},
                                       {"component", descriptor->name()},
                                       {"version", descriptor->version()},
                                       {"signatures", std::move(signatures)}});
  return absl::OkStatus();
}

void AddTrust(CLI::App& leaf, Options& options) {
  leaf.add_option("--public-key", options.public_key,
                  "public key or certificate, PEM")
      ->type_name("FILE");
  leaf.add_option("--root", options.root,
                  "trusted root certificates, PEM, for signatures with "
                  "certificates")
      ->type_name("FILE");
}

void AddRaw(CLI::App& leaf, Options& options, bool required) {
  leaf.add_option("--signature", options.signature, "raw, base64 or PEM")
      ->required(required)
      ->type_name("FILE");
  AddTrust(leaf, options);
  leaf.add_option("--algorithm", options.algorithm,
                  "RSASSA-PKCS1-V1_5 (default for RSA), RSASSA-PSS, ECDSA or "
                  "ED25519")
      ->type_name("NAME");
  leaf.add_option("--hash", options.hash, "sha256 (default), sha384 or sha512")
      ->type_name("NAME");
}

}  // namespace

void AddVerifyCommands(CLI::App& root, Session& session) {
  CLI::App& group =
      AddGroup(root, "verify", "Verify signatures, without the service");
  const auto blob = std::make_shared<Options>();
  CLI::App& blob_leaf = AddCommand(
      group, session, Needs::kNothing, "blob", "Verify the signature of a file",
      "countersign verify blob firmware.bin --signature firmware.bin.sig "
      "--public-key firmware.pub.pem\n"
      "countersign verify blob image.tar --signature image.tar.pem "
      "--root root.pem\n"
      "countersign verify blob firmware.bin --bundle "
      "firmware.bin.sigstore.json --public-key firmware.pub.pem");
  blob_leaf.add_option("file", blob->target, "- is standard input")
      ->required()
      ->type_name("FILE");
  AddRaw(blob_leaf, *blob, /*required=*/false);
  blob_leaf
      .add_option("--bundle", blob->bundle,
                  "a sigstore bundle instead of --signature")
      ->type_name("FILE");
  blob_leaf
      .add_option("--identity", blob->identity,
                  "with --bundle and --root: the name that the certificate "
                  "must bear")
      ->type_name("NAME");
  SetAction(blob_leaf, session,
            [&session, blob] { return Blob(session, *blob); });

  const auto digest = std::make_shared<Options>();
  CLI::App& digest_leaf =
      AddCommand(group, session, Needs::kNothing, "digest",
                 "Verify the signature of a digest",
                 "countersign verify digest \"$DIGEST\" --signature image.sig "
                 "--public-key router.pub.pem");
  digest_leaf.add_option("digest", digest->target, "base64 or hexadecimal")
      ->required()
      ->type_name("DIGEST");
  AddRaw(digest_leaf, *digest, /*required=*/true);
  SetAction(digest_leaf, session,
            [&session, digest] { return Digest(session, *digest); });

  const auto cd = std::make_shared<Options>();
  CLI::App& cd_leaf = AddCommand(
      group, session, Needs::kNothing, "component-descriptor",
      "Verify the signatures of an OCM component descriptor",
      "countersign verify component-descriptor component-descriptor.yaml "
      "--signature release --public-key component.pub.pem\n"
      "countersign verify component-descriptor cd.yaml --root root.pem");
  cd_leaf.add_option("file", cd->target, "YAML or JSON")
      ->required()
      ->type_name("FILE");
  cd_leaf
      .add_option("--signature", cd->signature,
                  "only the one of this name; otherwise all")
      ->type_name("NAME");
  AddTrust(cd_leaf, *cd);
  SetAction(cd_leaf, session,
            [&session, cd] { return Descriptor(session, *cd); });
  AddVerifyComponentVersion(group, session);
  AddVerifyImage(group, session);
  AddVerifyAttestation(group, session);
}

}  // namespace countersign::client
