#pragma once

#include <stdexcept>
#include <string>

namespace calc {

/// What is wrong with an input, and where.
class Error : public std::runtime_error {
 public:
  Error(const std::string& message, std::size_t offset) : std::runtime_error(message), offset_(offset) {}

  std::size_t offset() const { return offset_; }

 private:
  std::size_t offset_;
};

}  // namespace calc

/// Stop with a message unless `condition` holds.
#define CALC_EXPECT(condition, message, offset)  \
  do {                                           \
    if (!(condition)) throw ::calc::Error((message), (offset)); \
  } while (false)
