#include "client/ocm/stored_component.h"

#include <functional>
#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/status_matchers.h"
#include "client/ocm/sample_ctf.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

const SampleVersion kVersion{{"acme.org/app", "1"}, "{\"old\":1}", {"hello"}};

// Blobs and manifests by digest.
class Parts {
 public:
  void Add(const std::string& octets) {
    octets_[Sha256Reference(octets)] = octets;
  }
  ComponentParts Get() const {
    const auto get =
        [this](const std::string& digest) -> absl::StatusOr<std::string> {
      const auto found = octets_.find(digest);
      if (found == octets_.end()) return absl::NotFoundError(digest);
      return found->second;
    };
    return {get,
            [get](const std::string& digest, size_t) { return get(digest); }};
  }

 private:
  std::map<std::string, std::string> octets_;
};

Parts PartsOf(const SampleParts& sample) {
  Parts parts;
  for (const std::string& octets : sample.blobs) parts.Add(octets);
  for (const std::string& octets : sample.manifests) parts.Add(octets);
  return parts;
}

absl::StatusOr<StoredComponent> Load(const SampleParts& sample) {
  return LoadStoredComponent(sample.top, sample.top_type,
                             PartsOf(sample).Get());
}

TEST(StoredComponent, ReadsEveryForm) {
  const std::string old = "application/vnd.gardener.cloud.cnudie.";
  for (const SampleForm& form : {
           SampleForm{},
           SampleForm{kJsonLayer},
           SampleForm{kJsonLayer, kComponentConfig, true},
           SampleForm{"application/vnd.ocm.software.component-descriptor.v2"
                      "+yaml"},
           SampleForm{old + "component-descriptor.v2+json"},
           SampleForm{old + "component-descriptor.v2+yaml",
                      old + "component.config.v1+json"},
       }) {
    ASSERT_OK_AND_ASSIGN(const StoredComponent stored,
                         Load(MakeSampleParts(kVersion, form)));
    EXPECT_EQ(stored.text, kVersion.text) << form.layer_type;
    EXPECT_EQ(stored.layers.size(), 2u);
  }
}

TEST(StoredComponent, ChangesOnlyWhatNamesTheDescriptor) {
  for (const bool wrapped : {false, true}) {
    const SampleForm form{kJsonLayer, kComponentConfig, wrapped};
    SampleVersion version = kVersion;
    version.text = "{\"new\":true}";
    const SampleParts want = MakeSampleParts(version, form);
    ASSERT_OK_AND_ASSIGN(const StoredComponent stored,
                         Load(MakeSampleParts(kVersion, form)));
    ASSERT_OK_AND_ASSIGN(const RewrittenComponent rewritten,
                         RewriteStoredComponent(stored, version.text));
    EXPECT_EQ(rewritten.layer, want.blobs[0]);
    EXPECT_EQ(rewritten.config, want.blobs[1]);
    EXPECT_EQ(rewritten.manifest, wrapped ? want.manifests[0] : want.top);
    if (!wrapped) {
      EXPECT_EQ(rewritten.index, "");
      continue;
    }
    // The other image's config is the component's of the sample: only its own
    // entry differs.
    EXPECT_THAT(rewritten.index,
                testing::HasSubstr(
                    absl::StrCat(Sha256Reference(rewritten.manifest),
                                 "\",\"size\":", rewritten.manifest.size())));
    EXPECT_THAT(rewritten.index,
                testing::HasSubstr("\"annotations\":{\"a\":\"b\"}"));
  }
}

TEST(StoredComponent, FindsTheLayerThatTheConfigNames) {
  SampleParts sample = MakeSampleParts(kVersion, {kJsonLayer});
  // The descriptor's layer is put last.
  const size_t begin = sample.top.find("\"layers\":[") + 10;
  const size_t comma = sample.top.find("},{", begin) + 1;
  const size_t end = sample.top.find("],\"annotations\":{\"software", begin);
  const std::string first = sample.top.substr(begin, comma - begin);
  const std::string second = sample.top.substr(comma + 1, end - comma - 1);
  sample.top.replace(begin, end - begin, absl::StrCat(second, ",", first));
  ASSERT_OK_AND_ASSIGN(const StoredComponent stored, Load(sample));
  EXPECT_EQ(stored.layer, 1u);
  EXPECT_EQ(stored.text, kVersion.text);
}

struct Row {
  const char* name;
  const char* from;
  const char* to;
  const char* reason;
  const char* message;
};

class BadManifest : public testing::TestWithParam<Row> {};

TEST_P(BadManifest, IsRefused) {
  SampleParts sample = MakeSampleParts(kVersion, {kJsonLayer});
  const std::string spoilt =
      absl::StrReplaceAll(sample.top, {{GetParam().from, GetParam().to}});
  ASSERT_NE(spoilt, sample.top);
  sample.top = spoilt;
  const auto loaded = Load(sample);
  EXPECT_THAT(loaded, base::HasReason(GetParam().reason));
  EXPECT_THAT(std::string(loaded.status().message()),
              testing::HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Rows, BadManifest,
    testing::Values(
        Row{"NoJson", "{\"schemaVersion\"", "{schemaVersion",
            "COMPONENT_MANIFEST", "line 1"},
        Row{"AnotherType", "\"mediaType\":\"application/vnd.oci.image.manifest",
            "\"mediaType\":\"application/vnd.oci.image.index",
            "COMPONENT_MANIFEST", "says that it is"},
        Row{"Image", "vnd.ocm.software.component.config.v1",
            "vnd.oci.image.config.v1", "COMPONENT_MANIFEST",
            "may be an image or a chart"},
        Row{"NoConfig", "\"config\":", "\"other\":", "COMPONENT_MANIFEST",
            "no config"},
        Row{"NoLayers", "\"layers\":[", "\"layers\":[],\"other\":[",
            "COMPONENT_MANIFEST", "no layers"},
        Row{"LayerOfAnotherType", "component-descriptor.v2+json\",\"digest",
            "component-descriptor.v9+json\",\"digest", "COMPONENT_MANIFEST",
            "v9+json"},
        Row{"WrongLayerSize", "\"size\":9}", "\"size\":10}", "SIZE_MISMATCH",
            "9 octets, and 10"},
        Row{"NegativeSize", "\"size\":9}", "\"size\":-9}", "COMPONENT_MANIFEST",
            "layers[0]"},
        Row{"DigestAsPath", "sha256:", "../sha256:", "COMPONENT_MANIFEST",
            "config"}),
    [](const auto& info) { return info.param.name; });

TEST(StoredComponent, RefusesAConfigThatNamesALayerItHasNot) {
  const SampleParts other =
      MakeSampleParts({kVersion.id, "{\"other\":1}", {}}, {kJsonLayer});
  SampleParts sample = MakeSampleParts(kVersion, {kJsonLayer});
  const std::string config = Sha256Reference(sample.blobs[1]);
  sample.top = absl::StrReplaceAll(
      sample.top, {{config, Sha256Reference(other.blobs[1])},
                   {absl::StrCat("\"size\":", sample.blobs[1].size()),
                    absl::StrCat("\"size\":", other.blobs[1].size())}});
  sample.blobs.push_back(other.blobs[1]);
  EXPECT_THAT(Load(sample),
              testing::AllOf(base::HasReason("COMPONENT_MANIFEST"),
                             base::StatusIs(absl::StatusCode::kInvalidArgument,
                                            testing::HasSubstr("has not"))));
}

TEST(StoredComponent, RefusesAnIndexInAnIndex) {
  SampleParts sample =
      MakeSampleParts(kVersion, {kJsonLayer, kComponentConfig, true});
  SampleParts outer = sample;
  outer.manifests.push_back(sample.top);
  outer.top = absl::StrCat(
      "{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"", sample.top_type,
      "\",\"digest\":\"", Sha256Reference(sample.top),
      "\",\"size\":", sample.top.size(), "}]}");
  EXPECT_THAT(Load(outer), base::HasReason("COMPONENT_MANIFEST"));
}

TEST(StoredComponent, RefusesYamlForAJsonLayer) {
  ASSERT_OK_AND_ASSIGN(const StoredComponent stored,
                       Load(MakeSampleParts(kVersion, {kJsonLayer})));
  EXPECT_THAT(RewriteStoredComponent(stored, "a: b"),
              base::HasReason("DESCRIPTOR_LAYER"));
}

}  // namespace
}  // namespace countersign::client
