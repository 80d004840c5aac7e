// Trees whose hashes are known from another implementation: the eight leaves of
// RFC 6962's reference tree, and a tree of leaves "entry <n>\n". For tests.
#ifndef COUNTERSIGN_AUDIT_TREE_VECTORS_H_
#define COUNTERSIGN_AUDIT_TREE_VECTORS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "audit/merkle_tree.h"

namespace countersign::audit {

// Hexadecimal.
inline constexpr const char* kReferenceLeaves[] = {
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
};
// Of the first n leaves.
inline constexpr const char* kReferenceRoots[] = {
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
};

struct SizeAndRoot {
  uint64_t size;
  const char* root;  // hexadecimal
};
inline constexpr SizeAndRoot kEntryRoots[] = {
    {0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {1, "1621ce7da8b254a4a5258c908c7003736cfc346f2482abe60a60651fbc116791"},
    {2, "fe1fb6b3d8e74bee2eed1c87c6474cc42eb38a1caa85c9aefd8a3c3501313925"},
    {3, "26e7a908b11e0e0b5ac9dcb53010014cb5ef4af3976d5ea3595d48a4c0fb718b"},
    {255, "b81d25ee593489ab70e19282ecea766d82aa5727f6dd27b9e69c0bb14fe7b890"},
    {256, "4e8b3bded694dcf1936346c5cc7fc4712c1333cedbda602789d6e3b83c3ac205"},
    {257, "07adb6e064fa4292183642fad51e8c0a7ac6885ce550c077c9343de62b57adc0"},
    {511, "5fa085b409bdbae4c20d92e801bf9e7b7ea650478136a5f7c7a88c3a436acfad"},
    {512, "251256c4a3e447125cb2635afa027c273d05a200b1ea43e120100a3150c1ad8d"},
    {513, "6b8dcde65917ed444a3f6b1c6981867726d22af91f68ff4a1af56c39d5c5f290"},
    {65535, "9831dff25acdd2fb4d17092d05c66e41373f44de6106d4a90aebcb71386d12f7"},
    {65536, "a4a77746eb6491c862514c1037a1a6c56a5acb1cf67222f7a95c516518e8ad3b"},
    {65537, "c19f165eb3bbfd6724aff964c0059905193fb2600bd6d5090dee917d24f7f3b9"},
    {70000, "3f246524734d4d3856875ac2164044e1a75a7c872de76acfd4b26dac09b5bdc0"},
};

// Tiles of the tree of 70,000 entries.
struct TileVector {
  int level;
  uint64_t index;
  size_t hashes;
  const char* sha256;  // of its octets, hexadecimal
};
inline constexpr TileVector kEntryTiles[] = {
    {0, 0, 256,
     "f2728f07da41df6e7162e102f024bc7ca9281c63b468971acb9e9990e5062eaa"},
    {0, 272, 256,
     "9c217ac1f572b79410e4f705e319588f0fa9e3ca73d816fd5fd11ab93b3d1327"},
    {0, 273, 112,
     "eada800bf8613678ae998d0e43d8653d3e97024ca16a49896a6c05f5601294d2"},
    {1, 0, 256,
     "769433c551f08f713cfd350fc025eedb6cbf832c4cf7fe724d76dffed4c38368"},
    {1, 1, 17,
     "007dcb2fe917865fffad88449692806f9e70f4958e6765235ceaf8eca6d98c13"},
    {2, 0, 1,
     "b54be19c2df68f47aba313d3e14f2f9732bf70d1bf12c5b6fd3c1a22f1e816a3"},
};

inline std::string EntryHash(uint64_t n) {
  return HashLeaf(absl::StrCat("entry ", n, "\n"));
}
inline std::vector<std::string> EntryHashes(uint64_t begin, uint64_t end) {
  std::vector<std::string> hashes;
  for (uint64_t n = begin; n < end; ++n) hashes.push_back(EntryHash(n));
  return hashes;
}

// RFC 6962 2.1 as it is written there, for comparison: MTH(D[begin:end]).
inline std::string DefinedRoot(const std::vector<std::string>& hashes,
                               uint64_t begin, uint64_t end) {
  if (begin == end) return EmptyRoot();
  if (end - begin == 1) return hashes[begin];
  uint64_t k = 1;
  while (2 * k < end - begin) k *= 2;
  return HashChildren(DefinedRoot(hashes, begin, begin + k),
                      DefinedRoot(hashes, begin + k, end));
}

}  // namespace countersign::audit

#endif  // COUNTERSIGN_AUDIT_TREE_VECTORS_H_
