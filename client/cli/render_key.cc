#include "client/cli/render_key.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/algorithm_text.h"
#include "client/cli/key_verdict.h"
#include "client/cli/render_authority.h"
#include "client/cli/text_table.h"
#include "client/cli/time_text.h"

namespace countersign::client {
namespace {

std::string TimeOrNothing(const google::protobuf::Timestamp& time, bool there,
                          absl::Time now) {
  return there ? TimeTextFrom(FromProto(time), now) : "";
}

// "3 of 1000"; nothing is counted without a limit.
std::string Signatures(const v1::KeyVersion& key) {
  if (key.max_signatures() == 0) return "";
  return absl::StrCat(key.signature_count(), " of ", key.max_signatures());
}

// The map of the wire has no order; people want one.
std::map<std::string, std::string> Sorted(const v1::TokenFindings& findings) {
  return {findings.attributes().begin(), findings.attributes().end()};
}

std::string OriginText(v1::KeyVersion::Origin origin) {
  switch (origin) {
    case v1::KeyVersion::GENERATED:
      return "made in the token for this version";
    case v1::KeyVersion::REGISTERED:
      return "registered: it was in the HSM already";
    default:
      return "";
  }
}

// "by email:ann@example.org, 2026-05-01 12:00:00Z (2h 5m ago)".
std::string RenewalText(const v1::KeyVersion& key, absl::Time now) {
  if (!key.has_pending_renewal()) return "";
  const v1::PendingRenewal& pending = key.pending_renewal();
  return absl::StrCat("by ", pending.requester().subject(), ", ",
                      TimeTextFrom(FromProto(pending.request_time()), now));
}

std::string RenderFindings(const v1::TokenFindings& findings) {
  const std::map<std::string, std::string> attributes = Sorted(findings);
  TextBlock block;
  block.Add("Token", findings.token());
  block.Add("  Label", findings.token_label());
  block.AddIf("  Model", findings.token_model());
  block.AddIf("  Serial", findings.token_serial());
  block.Add("  Verdict", JudgeKey(attributes));
  std::string text = block.Format();
  if (attributes.empty()) return text;
  TextTable table({"ATTRIBUTE", "VALUE", "VERDICT", "A GOOD KEY"});
  for (const auto& [attribute, value] : attributes) {
    const KeyVerdict verdict = JudgeAttribute(attribute, value);
    table.AddRow({attribute, value, verdict.verdict, verdict.meaning});
  }
  return absl::StrCat(text, "\n", table.Format());
}

}  // namespace

std::string RenderKey(const v1::KeyVersion& key, absl::Time now) {
  TextBlock block;
  block.Add("Key version", key.name());
  block.Add("State", v1::KeyVersion::State_Name(key.state()));
  block.Add("Type", Format(key.key_type()));
  block.AddIf("Origin", OriginText(key.origin()));
  block.AddIf("Tokens", absl::StrJoin(key.tokens(), ", "));
  block.AddIf("CKA_ID", key.key_id());
  block.AddIf("CKA_LABEL", key.label());
  block.AddIf("SPKI SHA-256", key.spki_sha256());
  block.AddIf("Signatures", Signatures(key));
  block.Add("Certificate chain",
            key.certificate_chain_pem().empty() ? "none" : "set");
  block.AddIf("Certificate expires",
              TimeOrNothing(key.certificate_expire_time(),
                            key.has_certificate_expire_time(), now));
  block.AddIf("Renewal asked for", RenewalText(key, now));
  block.AddIf("Created",
              TimeOrNothing(key.create_time(), key.has_create_time(), now));
  block.AddIf("Signs from",
              TimeOrNothing(key.start_time(), key.has_start_time(), now));
  block.AddIf(
      key.state() == v1::KeyVersion::DESTROYED ? "Destroyed" : "Is destroyed",
      TimeOrNothing(key.destroy_time(), key.has_destroy_time(), now));
  return block.Format();
}

std::string RenderKeyAndCertificates(const v1::KeyVersion& key,
                                     absl::Time now) {
  std::string text = RenderKey(key, now);
  const std::string issued = RenderIssued(key, now);
  if (!issued.empty()) absl::StrAppend(&text, "\n", issued);
  return text;
}

std::string RenderKeyAndFindings(const v1::KeyVersion& key, absl::Time now) {
  std::string text = RenderKeyAndCertificates(key, now);
  for (const v1::TokenFindings& findings : key.findings()) {
    absl::StrAppend(&text, "\n", RenderFindings(findings));
  }
  return text;
}

std::string RenderKeyList(const std::vector<v1::KeyVersion>& keys,
                          absl::Time now) {
  if (keys.empty()) return "no key versions\n";
  TextTable table({"STATE", "TYPE", "SIGNS FROM", "IS DESTROYED", "TOKENS",
                   "SIGNATURES", "CERTIFICATE EXPIRES", "SPKI SHA-256",
                   "NAME"});
  for (const v1::KeyVersion& key : keys) {
    table.AddRow(
        {v1::KeyVersion::State_Name(key.state()), Format(key.key_type()),
         TimeOrNothing(key.start_time(), key.has_start_time(), now),
         TimeOrNothing(key.destroy_time(), key.has_destroy_time(), now),
         absl::StrJoin(key.tokens(), ","), Signatures(key),
         TimeOrNothing(key.certificate_expire_time(),
                       key.has_certificate_expire_time(), now),
         // Enough to tell keys apart; the whole stands in `key show`.
         key.spki_sha256().substr(0, 16), key.name()});
  }
  return table.Format();
}

}  // namespace countersign::client
