#include "core/event.h"

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "core/sample_values.h"
#include "gtest/gtest.h"

namespace countersign::core {
namespace {

TEST(EventTest, GivesEachTypeATextOfItsOwnAndReadsIt) {
  std::set<std::string> texts;
  const int last = static_cast<int>(EventType::kServerStarted);
  for (int i = 0; i <= last; ++i) {
    const EventType type = static_cast<EventType>(i);
    const std::string text(ToString(type));
    EXPECT_NE(text, "") << i;
    texts.insert(text);
    EventType parsed = type == EventType::kServerStarted
                           ? EventType::kProductCreated
                           : EventType::kServerStarted;
    EXPECT_TRUE(ParseEventType(text, &parsed)) << text;
    EXPECT_EQ(parsed, type);
  }
  EXPECT_EQ(texts.size(), static_cast<size_t>(last) + 1);
  EXPECT_EQ(ToString(EventType::kRequestSigned), "REQUEST_SIGNED");
}

TEST(EventTest, LeavesTheTypeAloneWhereTheTextIsUnknown) {
  for (const char* text : {"", "request_signed", "REQUEST_SIGNED ", "X"}) {
    EventType type = EventType::kCsrSigned;
    EXPECT_FALSE(ParseEventType(text, &type)) << text;
    EXPECT_EQ(type, EventType::kCsrSigned);
  }
}

TEST(EventTest, ComparesEachField) {
  const Event event = SampleEvent(EventType::kCallDenied, "ann", "r");
  const std::vector<std::function<void(Event&)>> changes = {
      [](Event& e) { e.type = EventType::kCsrSigned; },
      [](Event& e) { e.time += absl::Nanoseconds(1); },
      [](Event& e) { e.actor.subject += "x"; },
      [](Event& e) { e.resource += "x"; },
      [](Event& e) { e.operation += "x"; },
      [](Event& e) { e.key_version += "x"; },
      [](Event& e) { e.details.Set("x", 1); },
  };
  for (const auto& change : changes) {
    Event other = event;
    EXPECT_TRUE(other == event);
    change(other);
    EXPECT_FALSE(other == event);
  }
}

TEST(EventTest, NamesTheServerAsNoPerson) {
  EXPECT_EQ(ServerPrincipal().subject, "server");
  EXPECT_EQ(ServerPrincipal().issuer, "");
  EXPECT_TRUE(ServerPrincipal().groups.empty());
}

}  // namespace
}  // namespace countersign::core
