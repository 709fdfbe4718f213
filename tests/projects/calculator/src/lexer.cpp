#include "calc/lexer.hpp"

#include <cctype>
#include <utility>

#include "calc/error.hpp"

namespace calc {

namespace {

bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0 || c == '.'; }
bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool is_space(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

}  // namespace

Lexer::Lexer(std::string line) : line_(std::move(line)) {}

std::vector<Token> Lexer::tokens() {
  std::vector<Token> found;
  do {
    found.push_back(next());
  } while (!found.back().is(TokenKind::end));
  return found;
}

Token Lexer::next() {
  take_while(is_space);
  if (at_ == line_.size()) return {TokenKind::end, "", at_};
  const std::size_t offset = at_;
  if (is_digit(line_[at_])) return {TokenKind::number, take_while(is_digit), offset};
  if (is_letter(line_[at_])) return {TokenKind::name, take_while(is_letter), offset};
  const char symbol = line_[at_++];
  CALC_EXPECT(std::string("+-*/()").find(symbol) != std::string::npos, "unknown symbol", offset);
  return {TokenKind::symbol, std::string(1, symbol), offset};
}

template <typename Predicate>
std::string Lexer::take_while(Predicate belongs) {
  const std::size_t begin = at_;
  while (at_ < line_.size() && belongs(line_[at_])) ++at_;
  return line_.substr(begin, at_ - begin);
}

}  // namespace calc
