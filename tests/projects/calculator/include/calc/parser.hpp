#pragma once

#include <string>
#include <vector>

#include "calc/expression.hpp"
#include "calc/token.hpp"

namespace calc {

/// Turns a line into an expression: sums of products of numbers, names, calls and brackets.
class Parser {
 public:
  explicit Parser(const std::string& line);

  ExpressionPtr parse();

 private:
  ExpressionPtr sum();
  ExpressionPtr product();
  ExpressionPtr operand();
  bool accept(char symbol);
  void expect(char symbol);
  const Token& current() const { return tokens_[at_]; }

  std::vector<Token> tokens_;
  std::size_t at_ = 0;
};

}  // namespace calc
