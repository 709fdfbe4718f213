#pragma once

#include <string>

namespace calc {

enum class TokenKind { number, name, symbol, end };

/// A piece of the input, and where it stood: for messages.
struct Token {
  TokenKind kind = TokenKind::end;
  std::string text;
  std::size_t offset = 0;

  bool is(TokenKind wanted) const { return kind == wanted; }
  bool is(char wanted) const { return kind == TokenKind::symbol && text[0] == wanted; }
};

}  // namespace calc
