#include "calc/scope.hpp"

#include <cmath>

namespace calc {

Scope Scope::standard() {
  Scope scope;
  scope.variables.set("pi", std::acos(-1.0));
  scope.variables.set("e", std::exp(1.0));
  scope.functions.set("sqrt", [](double x) { return std::sqrt(x); });
  scope.functions.set("sin", [](double x) { return std::sin(x); });
  scope.functions.set("cos", [](double x) { return std::cos(x); });
  return scope;
}

}  // namespace calc
