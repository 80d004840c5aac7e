// Products and operations as people read them. Pure; safe to show.
#ifndef COUNTERSIGN_CLIENT_CLI_RENDER_PRODUCT_H_
#define COUNTERSIGN_CLIENT_CLI_RENDER_PRODUCT_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "countersign/v1/resources.pb.h"

namespace countersign::client {

std::string RenderProduct(const v1::Product& product, absl::Time now);
std::string RenderProductList(const std::vector<v1::Product>& products,
                              absl::Time now);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_CLI_RENDER_PRODUCT_H_
