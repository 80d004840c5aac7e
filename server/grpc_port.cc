#include "server/grpc_port.h"

#include "grpc/grpc.h"

namespace countersign::server {
namespace {

// Of a request; answers may be longer.
constexpr int kMaxMessageOctets = 4 << 20;
// The largest token (auth/json_web_token.h) and room beside it.
constexpr int kMaxMetadataOctets = 24 << 10;

}  // namespace

void TunePort(grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(kMaxMessageOctets);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMaxMetadataOctets);
  // Two servers on one port would share callers without a word.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  // No bandwidth probes: messages are small (measured: 5 us for each request).
  builder.AddChannelArgument(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  // Buffers of a connection as small as most messages: a thousand pipelines
  // wait here. Larger messages grow them.
  builder.AddChannelArgument(GRPC_ARG_TCP_READ_CHUNK_SIZE, 1024);
  builder.AddChannelArgument(GRPC_ARG_TCP_MIN_READ_CHUNK_SIZE, 1024);
  builder.AddChannelArgument(GRPC_ARG_TSI_MAX_FRAME_SIZE, 4096);
  // A watch whose client vanished without a word ends within minutes.
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 120000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20000);
  // Handlers that block: few queues, many pollers, or each blocked call makes
  // and ends a thread.
  builder.SetSyncServerOption(grpc::ServerBuilder::NUM_CQS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::MIN_POLLERS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::MAX_POLLERS, 128);
}

}  // namespace countersign::server
