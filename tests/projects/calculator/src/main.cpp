#include <iostream>
#include <string>

#include "calc/error.hpp"
#include "calc/parser.hpp"

namespace {

/// Answers one line: its value, or what is wrong with it under the place.
void answer(const std::string& line, const calc::Scope& scope) {
  try {
    const auto expression = calc::Parser(line).parse();
    std::cout << "→ " << expression->evaluate(scope) << '\n';
  } catch (const calc::Error& error) {
    std::cout << std::string(error.offset(), ' ') << "^ " << error.what() << '\n';
  }
}

}  // namespace

int main() {
  const auto scope = calc::Scope::standard();
  for (std::string line; std::getline(std::cin, line);) answer(line, scope);
}
