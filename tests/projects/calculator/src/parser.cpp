#include "calc/parser.hpp"

#include "calc/error.hpp"
#include "calc/lexer.hpp"

namespace calc {

Parser::Parser(const std::string& line) : tokens_(Lexer(line).tokens()) {}

ExpressionPtr Parser::parse() {
  auto whole = sum();
  CALC_EXPECT(current().is(TokenKind::end), "expected an operator", current().offset);
  return whole;
}

ExpressionPtr Parser::sum() {
  auto left = product();
  for (;;) {
    if (accept('+')) {
      left = std::make_unique<Binary>('+', std::move(left), product());
    } else if (accept('-')) {
      left = std::make_unique<Binary>('-', std::move(left), product());
    } else {
      return left;
    }
  }
}

ExpressionPtr Parser::product() {
  auto left = operand();
  for (;;) {
    if (accept('*')) {
      left = std::make_unique<Binary>('*', std::move(left), operand());
    } else if (accept('/')) {
      left = std::make_unique<Binary>('/', std::move(left), operand());
    } else {
      return left;
    }
  }
}

ExpressionPtr Parser::operand() {
  if (accept('(')) {
    auto inner = sum();
    expect(')');
    return inner;
  }
  const Token token = current();
  CALC_EXPECT(token.is(TokenKind::number) || token.is(TokenKind::name), "expected a number or a name", token.offset);
  ++at_;
  if (token.is(TokenKind::number)) return std::make_unique<Number>(std::stod(token.text));
  if (!accept('(')) return std::make_unique<Variable>(token.text, token.offset);
  auto argument = sum();
  expect(')');
  return std::make_unique<Call>(token.text, std::move(argument), token.offset);
}

bool Parser::accept(char symbol) {
  if (!current().is(symbol)) return false;
  ++at_;
  return true;
}

void Parser::expect(char symbol) {
  CALC_EXPECT(accept(symbol), std::string("expected ") + symbol, current().offset);
}

}  // namespace calc
