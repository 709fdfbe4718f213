#pragma once

#include <string>
#include <vector>

#include "calc/token.hpp"

namespace calc {

/// Cuts a line into tokens; the last one has the kind `end`.
class Lexer {
 public:
  explicit Lexer(std::string line);

  std::vector<Token> tokens();

 private:
  Token next();
  template <typename Predicate>
  std::string take_while(Predicate belongs);

  std::string line_;
  std::size_t at_ = 0;
};

}  // namespace calc
