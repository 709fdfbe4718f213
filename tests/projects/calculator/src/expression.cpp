#include "calc/expression.hpp"

#include "calc/error.hpp"

namespace calc {

double Number::evaluate(const Scope&) const { return value_; }

double Variable::evaluate(const Scope& scope) const {
  const auto value = scope.variables.find(name_);
  CALC_EXPECT(value, "unknown variable " + name_, offset_);
  return *value;
}

double Call::evaluate(const Scope& scope) const {
  const auto function = scope.functions.find(name_);
  CALC_EXPECT(function, "unknown function " + name_, offset_);
  return (*function)(argument_->evaluate(scope));
}

double Binary::evaluate(const Scope& scope) const {
  const double left = left_->evaluate(scope);
  const double right = right_->evaluate(scope);
  switch (sign_) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    default:
      return left / right;
  }
}

}  // namespace calc
